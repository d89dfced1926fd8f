"""Pages in: devices and what can be asked of them."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    BadSettings,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DriverCrashed,
    DriverLied,
    DriverTimeout,
    Exhausted,
    SheetfedError,
)
from sheetfed.events import LOCAL
from sheetfed.server import shapes
from sheetfed.server.answers import device_json, json_answer, options_json
from sheetfed.server.problems import problem_json
from sheetfed.server.table import Call, Op

DEVICE_ERRORS: tuple[type[SheetfedError], ...] = (
    DeviceGone,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DriverCrashed,
    DriverTimeout,
    DriverLied,
    Exhausted,
    AddonMissing,
    AddonBroken,
)
"""What opening a device may raise."""


async def list_devices(call: Call) -> web.StreamResponse:
    """List the devices that are there."""
    query: shapes.devices.DevicesQuery = call.query
    listing = await call.service.devices.list(refresh=query.refresh)
    return json_answer(
        {
            "items": [device_json(device, _held(call, device.id)) for device in listing.devices],
            "problems": [
                {"source": problem.source, "error": problem_json(problem.error, owner=call.owner)}
                for problem in listing.problems
            ],
        }
    )


async def get_device(call: Call) -> web.StreamResponse:
    """Open a device and say what can be asked of it."""
    wanted = call.part("device_id")
    options = await call.service.devices.options(wanted, owner=call.owner)
    device = call.service.devices.known(wanted)
    told = device_json(device, _held(call, wanted))
    return json_answer({**told, "options": options_json(options)})


async def adjust_device(call: Call) -> web.StreamResponse:
    """Say what the options look like once some settings are made."""
    body: shapes.devices.Adjust = call.body
    options = await call.service.devices.adjust(
        call.part("device_id"), body.settings, owner=call.owner, hold=body.hold or ""
    )
    return json_answer({"options": options_json(options)})


async def hold_device(call: Call) -> web.StreamResponse:
    """Keep a device for a job that its owner will start soon."""
    body: shapes.devices.HoldWish = call.body
    device = call.part("device_id")
    hold = await call.service.devices.hold(
        device, owner=call.owner, seconds=body.seconds, named=body.hold or ""
    )
    return json_answer({"id": hold.id, "device": device, "seconds": body.seconds})


async def free_device(call: Call) -> web.StreamResponse:
    """Let others have a device that is kept."""
    query: shapes.devices.FreeQuery = call.query
    call.service.devices.holds.end(call.part("device_id"), call.owner, query.hold or "")
    return web.Response(status=204)


def _held(call: Call, device: str) -> tuple[str, int] | None:
    """Return for whom a device is kept, for the person to see."""
    return call.service.devices.holds.on(device) if call.owner == LOCAL else None


OPS = (
    Op(
        method="GET",
        path="/v1/devices",
        id="list_devices",
        summary="The devices that are there",
        handler=list_devices,
        query=lambda: shapes.devices.DevicesQuery,
        answer=lambda: shapes.devices.Devices,
    ),
    Op(
        method="GET",
        path="/v1/devices/{device_id:[^/]+}",
        id="get_device",
        summary="A device and what can be asked of it",
        handler=get_device,
        rate="control",
        answer=lambda: shapes.devices.OpenDevice,
        errors=DEVICE_ERRORS,
    ),
    Op(
        method="POST",
        path="/v1/devices/{device_id:[^/]+}/options",
        id="adjust_device",
        summary="What can be asked once these settings are made",
        handler=adjust_device,
        body=lambda: shapes.devices.Adjust,
        answer=lambda: shapes.devices.Options,
        errors=(*DEVICE_ERRORS, BadSettings),
    ),
    Op(
        method="POST",
        path="/v1/devices/{device_id:[^/]+}/hold",
        id="hold_device",
        summary="Keep a device for a job that starts soon",
        handler=hold_device,
        body=lambda: shapes.devices.HoldWish,
        answer=lambda: shapes.devices.Hold,
        errors=(DeviceGone, DeviceBusy, AddonMissing),
    ),
    Op(
        method="DELETE",
        path="/v1/devices/{device_id:[^/]+}/hold",
        id="free_device",
        summary="Let others have a device that is kept",
        handler=free_device,
        query=lambda: shapes.devices.FreeQuery,
        status=204,
    ),
)
