"""What the guard refuses, in their numbers and their shape."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed_dwt import telling
from sheetfed_dwt.faults import BUSY, KEY, ORIGIN, UNKNOWN, Fault

LICENSED = frozenset(
    {
        ("POST", "/api/device/scanners/jobs"),
        ("POST", "/api/process/read-barcode"),
        ("POST", "/DWTAPI/ScanJobs"),
    }
)
"""What needs a key with them: it is good for one site, as our approval is."""

_PROGRAM = (
    "Programs are not let in. They are on Linux, which tells this account's from others', where"
    " [addons.dwt] in sheetfed.toml says programs = true."
)


def told(request: web.Request, error: SheetfedError, status: int) -> web.Response:
    """Return the answer to somebody who was not let in."""
    said = _PROGRAM if status == 401 else f"{error.message.rstrip('.')}. {error.advice}"
    return telling.answer(request, Fault(status, _number(request, status), said, cause=error.code))


def _number(request: web.Request, status: int) -> int:
    if status in (401, 403) and (request.method, f"/{request.path.strip('/')}") in LICENSED:
        return KEY
    return {403: ORIGIN, 429: BUSY}.get(status, UNKNOWN)
