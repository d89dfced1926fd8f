"""Faults as answers: JSON, and text for the older calls."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from sheetfed_dwt.faults import Fault

OLDER = "DWTAPI/"
"""Where the calls are that clients expect text of."""


def answer(
    request: web.Request, fault: Fault, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return what tells a fault to who asked."""
    if request.path.lstrip("/").startswith(OLDER):
        return web.Response(text=fault.message, status=fault.status, headers=headers)
    return web.json_response(fault.data(), status=fault.status, headers=headers)
