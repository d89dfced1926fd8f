"""Who may talk to us: local tools and our own page."""

from __future__ import annotations

import logging
import socket

from aiohttp import web
from aiohttp.typedefs import Handler

from sheetfed.api.errors import NotAllowed, SheetfedError
from sheetfed.server import problems
from sheetfed.server.problems import Refusal
from sheetfed.service import LOCAL

log = logging.getLogger(__name__)

TOOL_HOSTS = frozenset({"localhost", "sheetfed"})
"""What a local tool may call us through the socket."""

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The content security policy of all that is no page."""

PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The content security policy of our own pages."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer carries, unless the answer says otherwise."""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who may not talk to us; turn every error into a problem."""
    try:
        admit(request)
        return await handler(request)
    except Refusal as refusal:
        log.info("refused with %d: %s", refusal.status, refusal.error.code)
        return problems.answer(refusal.error, status=refusal.status, headers=refusal.headers)
    except SheetfedError as error:
        return problems.answer(error)
    except web.HTTPException as error:
        return problems.of_http(error)


def admit(request: web.Request) -> None:
    """Check target, Host, Origin and Fetch Metadata. Raises Refusal."""
    hosts = request.headers.getall("Host", [])
    if not request.raw_path.startswith("/") or len(hosts) != 1 or hosts[0] not in _names(request):
        raise Refusal(421, NotAllowed("This is not the address of this service"))
    origins = request.headers.getall("Origin", [])
    if origins and origins != [f"http://{hosts[0]}"]:
        raise Refusal(403, NotAllowed("This origin is not approved"))
    sites = request.headers.getall("Sec-Fetch-Site", [])
    if sites and sites not in (["same-origin"], ["none"]):
        raise Refusal(403, NotAllowed("Another site sent this request"))


def owner(request: web.Request) -> str:
    """Return whose documents the one who asks may see."""
    del request  # until approvals come, only the person at this computer gets so far
    return LOCAL


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Put our headers on an answer that is about to leave."""
    del request
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "sheetfed"


def _names(request: web.Request) -> frozenset[str]:
    transport = request.transport
    if transport is None:
        return frozenset()
    listener = transport.get_extra_info("socket")
    if listener.family not in (socket.AF_INET, socket.AF_INET6):
        return TOOL_HOSTS
    port = transport.get_extra_info("sockname")[1]
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"})
