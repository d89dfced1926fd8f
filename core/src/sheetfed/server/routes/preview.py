"""What a camera sees, now."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import BadSettings, Conflict, NotFound
from sheetfed.api.model import View
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, options_json
from sheetfed.server.guard import connections
from sheetfed.server.guard.door import DOOR
from sheetfed.server.live import facts, play
from sheetfed.server.routes.devices import DEVICE_ERRORS
from sheetfed.server.stream import left_to
from sheetfed.server.table import Call, Op


async def get_preview(call: Call) -> web.StreamResponse:
    """Send live pictures until the client leaves."""
    query: shapes.devices.PreviewQuery = call.query
    view = View(width=query.width, height=query.height, sheet=query.sheet)
    devices = call.service.devices
    with call.request.app[DOOR].visits.stream(call.caller), connections.waiting(call.request):
        async with devices.look(call.part("device_id"), view, owner=call.owner) as look:
            frames = look.frames(query.fps)
            return await play(call.request, frames, owner=call.owner, left=left_to(call))


async def get_frame(call: Call) -> web.StreamResponse:
    """Send one live picture."""
    query: shapes.devices.FrameQuery = call.query
    view = View(width=query.width, height=query.height, sheet=query.sheet)
    devices = call.service.devices
    with connections.waiting(call.request):
        async with devices.look(call.part("device_id"), view, owner=call.owner) as look:
            frame = await look.frame()
    return web.Response(
        body=frame.data,
        content_type="image/jpeg",
        headers={"Cache-Control": "no-store", **facts(frame)},
    )


async def tune_device(call: Call) -> web.StreamResponse:
    """Set options of a device while somebody looks through it."""
    body: shapes.devices.Adjust = call.body
    options = await call.service.devices.tune(
        call.part("device_id"), body.settings, owner=call.owner
    )
    return json_answer({"options": options_json(options)})


OPS = (
    Op(
        method="GET",
        path="/v1/devices/{device_id:[^/]+}/preview",
        id="preview",
        summary="Live pictures of a camera, until the client leaves",
        handler=get_preview,
        rate="control",
        query=lambda: shapes.devices.PreviewQuery,
        media=("multipart/x-mixed-replace",),
        errors=(*DEVICE_ERRORS, NotFound),
        head=False,
    ),
    Op(
        method="GET",
        path="/v1/devices/{device_id:[^/]+}/frame",
        id="frame",
        summary="One live picture of a camera",
        handler=get_frame,
        query=lambda: shapes.devices.FrameQuery,
        media=("image/jpeg",),
        errors=(*DEVICE_ERRORS, NotFound),
        head=False,
    ),
    Op(
        method="PATCH",
        path="/v1/devices/{device_id:[^/]+}/options",
        id="tune_device",
        summary="Set options of a device while one looks through it",
        handler=tune_device,
        body=lambda: shapes.devices.Adjust,
        answer=lambda: shapes.devices.Options,
        errors=(*DEVICE_ERRORS, BadSettings, Conflict),
    ),
)
