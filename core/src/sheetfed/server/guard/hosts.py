"""Which names this service is called by."""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web

from sheetfed.api.errors import NotAllowed
from sheetfed.server.guard import peers
from sheetfed.server.problems import Refusal

TOOL_HOSTS = frozenset({"localhost", "sheetfed"})
"""What a local tool may call us through the socket."""


def check(request: web.Request) -> None:
    """Refuse a target that is no path, and any Host but one of ours, once. Raises Refusal."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not request.raw_path.startswith("/") or hosts[0] not in _names(request):
        raise Refusal(421, NotAllowed("This is not the address of this service"))


def own_origin(request: web.Request) -> str:
    """Return the origin of our own page at the address that was asked."""
    return f"{'https' if request.secure else 'http'}://{request.headers['Host']}"


def is_tool(request: web.Request) -> bool:
    """Tell whether the request came through the local socket."""
    return request.transport is not None and peers.is_local(request.transport)


def _names(request: web.Request) -> frozenset[str]:
    if request.transport is None:
        return frozenset()
    if is_tool(request):
        return TOOL_HOSTS
    return _names_at(request.transport.get_extra_info("sockname")[1])


@lru_cache(maxsize=8)
def _names_at(port: int) -> frozenset[str]:
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"})
