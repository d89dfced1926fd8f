"""Which page a request comes from."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import NotAllowed
from sheetfed.origins import is_web_origin
from sheetfed.server.guard import hosts
from sheetfed.server.problems import Refusal


def foreign(request: web.Request) -> str:
    """Return the Origin of another site's page, "" where there is none or it is ours.

    Raises Refusal for two of them, and for what is no origin that a site may have: `null` too.
    """
    origins = request.headers.getall("Origin", None)
    if origins is None:
        return ""
    if len(origins) == 1:
        if origins[0] == hosts.own_origin(request):
            return ""
        if is_web_origin(origins[0]):
            return origins[0]
    raise unapproved()


def is_own(request: web.Request) -> bool:
    """Tell whether a page of ours says that it sent this."""
    return request.headers.get("Origin") == hosts.own_origin(request)


def unapproved() -> Refusal:
    """Return what a site hears that nobody approved."""
    return Refusal(403, NotAllowed("This origin is not approved"))
