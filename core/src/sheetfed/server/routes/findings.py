"""What the service finds out about its own machine."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

from aiohttp import web

from sheetfed.server import means, shapes
from sheetfed.server.answers import device_json, json_answer
from sheetfed.server.ports import PORTS
from sheetfed.server.ranges import attachment
from sheetfed.server.table import Call, Op
from sheetfed.service import Service
from sheetfed.system.findings import Finding


async def findings(call: Call) -> web.StreamResponse:
    """Look at the machine as this service sees it, which takes some seconds."""
    found = [each async for each in _all(call.service)]
    items: list[shapes.findings.MachineFinding] = [
        {"name": each.name, "state": each.state, "text": each.text, "advice": each.advice}
        for each in found
    ]
    answer: shapes.findings.MachineFindings = {"items": items}
    return json_answer(answer)


async def bundle(call: Call) -> web.StreamResponse:
    """Pack what somebody who helps needs to know, as the command line does."""
    from sheetfed.system.bundle import pack  # noqa: PLC0415 - seldom asked, and slow

    found = [each async for each in _all(call.service)]
    listing = await call.service.devices.list()
    devices = [device_json(device) for device in listing.devices]
    packed = io.BytesIO()
    await asyncio.to_thread(pack, packed, call.service.config, found, {"items": devices})
    return web.Response(
        body=packed.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": attachment("sheetfed-help.zip")},
    )


async def _all(service: Service) -> AsyncIterator[Finding]:
    from sheetfed.system import doctor, scanners  # noqa: PLC0415 - seldom asked: no start waits

    listing = await service.devices.list()
    async for found in doctor.findings(service.config, service.addons.rows, PORTS, runs=True):
        yield found
    for found in await asyncio.to_thread(lambda: [*means.findings()]):
        yield found
    for found in scanners.findings(listing):
        yield found


OPS = (
    Op(
        method="GET",
        path="/v1/findings",
        id="findings",
        summary="What holds on this machine, what does not, and what to do",
        handler=findings,
        access="person",
        answer=lambda: shapes.findings.MachineFindings,
    ),
    Op(
        method="GET",
        path="/v1/findings/bundle",
        id="save_findings",
        summary="One zip of plain text for somebody who helps: findings, settings, logs",
        handler=bundle,
        access="person",
        media=("application/zip",),
        head=False,
    ),
)
