"""Who is there, and how it is."""

from __future__ import annotations

from importlib.metadata import version

from aiohttp import web

from sheetfed.api.errors import DiskFull, ServiceGone, StoreDamaged, StoreGone
from sheetfed.catalogue import packages
from sheetfed.events import LOCAL
from sheetfed.server import shapes
from sheetfed.server.answers import addon_json, json_answer
from sheetfed.server.table import Call, Op


async def hello(call: Call) -> web.StreamResponse:
    """Say who is there, and nothing more."""
    del call
    return json_answer({"product": "sheetfed", "api": 1})


async def health(call: Call) -> web.StreamResponse:
    """Say that requests are answered; that is only so once every part is there."""
    del call
    return json_answer({"status": "ok"})


async def readiness(call: Call) -> web.StreamResponse:
    """Say whether pages can be kept, and what hinders it. Raises ServiceGone where nothing can."""
    try:
        free = await call.service.documents.free()
        await call.service.documents.usage()
    except (StoreGone, StoreDamaged) as error:
        raise ServiceGone(error.message, advice=error.advice) from error
    reasons = [DiskFull.code] if free.bytes < free.least else []
    answer: shapes.about.Readiness = {
        "status": "limited" if reasons else "ok",
        "reasons": reasons,
    }
    return json_answer(answer)


async def service(call: Call) -> web.StreamResponse:
    """Say how the service is."""
    usage = await call.service.documents.usage(call.owner)
    keeping = call.service.config.keeping
    free = await call.service.documents.free()
    status: shapes.about.ServiceStatus = {
        "version": version("sheetfed"),
        "home": str(call.service.config.home) if call.owner == LOCAL else "",
        "addons_not_ready": sum(row.state != "ready" for row in call.service.addons.rows),
        "pages": usage.pages,
        "bytes": usage.bytes,
        "quota": {"pages": keeping.quota.pages, "bytes": keeping.quota.bytes},
        "retention": keeping.retention,
        "free_bytes": free.bytes,
        "low_disk": free.low,
    }
    return json_answer(status)


async def addons(call: Call) -> web.StreamResponse:
    """List every installed addon and how it fared."""
    rows = call.service.addons.rows
    items = [addon_json(row, owner=call.owner) for row in rows]
    there = {row.name for row in rows}
    absent = [
        {"package": package, "brings": {kind: brings[kind] for kind in brings if kind != "addon"}}
        for package, brings in packages().items()
        if there.isdisjoint(brings.get("addon", ()))
    ]
    return json_answer({"items": items, "absent": absent})


OPS = (
    Op(
        method="GET",
        path="/.well-known/sheetfed",
        id="hello",
        summary="Who is there",
        handler=hello,
        access="hello",
        answer=lambda: shapes.about.Hello,
    ),
    Op(
        method="GET",
        path="/livez",
        id="livez",
        summary="Whether the process answers",
        handler=health,
        access="open",
        answer=lambda: shapes.about.Health,
    ),
    Op(
        method="GET",
        path="/readyz",
        id="readyz",
        summary="Whether the service is ready",
        handler=readiness,
        access="open",
        answer=lambda: shapes.about.Readiness,
        errors=(ServiceGone,),
    ),
    Op(
        method="GET",
        path="/v1/service",
        id="service",
        summary="How the service is",
        handler=service,
        answer=lambda: shapes.about.ServiceStatus,
        errors=(StoreGone,),
    ),
    Op(
        method="GET",
        path="/v1/addons",
        id="addons",
        summary="Every installed addon and how it fared",
        handler=addons,
        answer=lambda: shapes.about.Addons,
    ),
)
