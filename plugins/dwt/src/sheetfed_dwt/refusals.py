"""What the guard refuses, in their numbers and their shape."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed_dwt.faults import BUSY, KEY, ORIGIN, UNKNOWN, Fault

LICENSED = frozenset(
    {
        ("POST", "/api/device/scanners/jobs"),
        ("POST", "/api/process/read-barcode"),
        ("POST", "/DWTAPI/ScanJobs"),
    }
)
"""What needs a key with them: it is good for one site, as our approval is."""

_ADVICE = (
    "Pages of approved sites are let in: the person at this computer can approve this one."
    " Programs are, where [addons.dwt] says programs = true."
)


def told(request: web.Request, error: SheetfedError, status: int) -> web.Response:
    """Return the answer to somebody who was not let in; the older calls tell it as text."""
    advice = _ADVICE if status in (401, 403) else error.advice
    said = "A program that is not let in asks" if status == 401 else error.message.rstrip(".")
    message = f"{said}. {advice}"
    if request.path.startswith("/DWTAPI/"):
        return web.Response(text=message)
    fault = Fault(status, _number(request, status), message, cause=error.code)
    return web.json_response(fault.data())


def _number(request: web.Request, status: int) -> int:
    if status in (401, 403) and (request.method, request.path) in LICENSED:
        return KEY
    return {403: ORIGIN, 429: BUSY}.get(status, UNKNOWN)
