"""Targets, and documents on their way there."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    BadRequest,
    BadSettings,
    Conflict,
    DiskFull,
    NotFound,
    QuotaReached,
    TargetRefused,
    TargetUnreachable,
    UnsupportedType,
)
from sheetfed.api.model import Value
from sheetfed.events import LOCAL
from sheetfed.ledger import problem_data
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, options_json
from sheetfed.server.requests import idempotency_key, upload_of
from sheetfed.server.table import ORDERS, Answering, Call, Op


async def list_targets(call: Call) -> web.StreamResponse:
    """List the targets that the caller may use."""
    targets = call.service.deliveries.targets
    items: list[dict[str, Any]] = []
    for place in targets.offered(call.owner):
        missing = targets.missing(place)
        items.append(
            {
                "name": place.name,
                "title": place.title,
                "protocol": place.protocol,
                "type": place.type,
                "fields": options_json(targets.fields_of(place)),
                "error": None if missing is None else problem_data(missing, owner=call.owner),
            }
        )
    return json_answer({"items": items})


async def test_target(call: Call) -> web.StreamResponse:
    """Find out whether a target would take a document."""
    receipt = await call.service.deliveries.test(call.owner, call.part("name"))
    return json_answer({"place": receipt.place if call.owner == LOCAL else ""})


async def send_document(call: Call) -> web.StreamResponse:
    """Queue a document."""
    body: shapes.deliveries.NewDelivery = call.body
    asked = {name: value for name, value in asdict(body).items() if value is not None}
    deliveries = call.service.deliveries
    row = await deliveries.send(call.owner, asked, key=idempotency_key(call.request))
    headers = {"Location": f"/v1/deliveries/{row.id}"}
    return json_answer(deliveries.data(row), status=201, headers=headers)


async def send_file(call: Call) -> web.StreamResponse:
    """Queue a file as it stands, once all of it is here."""
    query: shapes.deliveries.FileQuery = call.query
    asked = {**asdict(query), "fields": _fields(query.fields)}
    deliveries = call.service.deliveries
    key = idempotency_key(call.request)
    async with aclosing(upload_of(call.request)) as pieces:
        row = await deliveries.send_file(call.owner, asked, pieces, key=key)
    headers = {"Location": f"/v1/deliveries/{row.id}"}
    return json_answer(deliveries.data(row), status=201, headers=headers)


async def list_deliveries(call: Call) -> web.StreamResponse:
    """List deliveries, the newest first."""
    query: shapes.parts.ListQuery = call.query
    items, rest = await call.service.deliveries.list(
        call.owner, limit=query.limit, after=query.cursor
    )
    return json_answer({"items": items, "next": rest})


async def get_delivery(call: Call) -> web.StreamResponse:
    """Return a delivery."""
    return await _tell(call.service.deliveries.get(call.owner, call.part("delivery_id")))


async def cancel_delivery(call: Call) -> web.StreamResponse:
    """Give a delivery up."""
    return await _tell(call.service.deliveries.cancel(call.owner, call.part("delivery_id")))


async def retry_delivery(call: Call) -> web.StreamResponse:
    """Try again now."""
    return await _tell(call.service.deliveries.retry(call.owner, call.part("delivery_id")))


def _fields(text: str) -> dict[str, Value]:
    """Return the fields that a query holds as JSON. Raises BadRequest."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadRequest("`fields` is not JSON") from error
    plain = (bool, int, float, str)
    if not isinstance(found, dict) or not all(isinstance(one, plain) for one in found.values()):
        raise BadRequest("`fields` is no object of names and plain values")
    return found


async def _tell(done: Awaitable[dict[str, Any]]) -> web.StreamResponse:
    return json_answer(await done)


def _verb(word: str, summary: str, handler: Answering) -> Op:
    return Op(
        method="POST",
        path=f"/v1/deliveries/{{delivery_id}}/{word}",
        id=f"{word}_delivery",
        summary=summary,
        handler=handler,
        answer=lambda: shapes.deliveries.Delivery,
        errors=(NotFound, Conflict, DiskFull),
    )


OPS = (
    Op(
        method="GET",
        path="/v1/targets",
        id="list_targets",
        summary="The places that documents can go to",
        handler=list_targets,
        answer=lambda: shapes.deliveries.Targets,
    ),
    Op(
        method="POST",
        path="/v1/targets/{name}/test",
        id="test_target",
        summary="Whether a target would take a document",
        handler=test_target,
        answer=lambda: shapes.deliveries.Trial,
        errors=(TargetRefused, TargetUnreachable, AddonMissing, AddonBroken),
    ),
    Op(
        method="POST",
        path="/v1/deliveries",
        id="send_document",
        summary="Send a document, or some of its pages, to a target",
        handler=send_document,
        body=lambda: shapes.deliveries.NewDelivery,
        limit=ORDERS,
        headers=("Idempotency-Key",),
        status=201,
        answer=lambda: shapes.deliveries.Delivery,
        errors=(
            NotFound,
            Conflict,
            BadSettings,
            UnsupportedType,
            AddonMissing,
            DiskFull,
            QuotaReached,
        ),
    ),
    Op(
        method="POST",
        path="/v1/deliveries/files",
        id="send_file",
        summary="Send any file, as it stands, to a target",
        handler=send_file,
        access="person",
        query=lambda: shapes.deliveries.FileQuery,
        upload=True,
        headers=("Idempotency-Key",),
        status=201,
        answer=lambda: shapes.deliveries.Delivery,
        errors=(Conflict, BadSettings, AddonMissing, DiskFull, QuotaReached),
    ),
    Op(
        method="GET",
        path="/v1/deliveries",
        id="list_deliveries",
        summary="Deliveries, the newest first",
        handler=list_deliveries,
        query=lambda: shapes.parts.ListQuery,
        answer=lambda: shapes.deliveries.Deliveries,
    ),
    Op(
        method="GET",
        path="/v1/deliveries/{delivery_id}",
        id="get_delivery",
        summary="A delivery",
        handler=get_delivery,
        answer=lambda: shapes.deliveries.Delivery,
        errors=(NotFound,),
    ),
    _verb("cancel", "Give a delivery up; its file is destroyed", cancel_delivery),
    _verb("retry", "Try a delivery again now, also one that failed", retry_delivery),
)
