"""What each kind of caller may do."""

from __future__ import annotations

from typing import Literal

from aiohttp import web

from sheetfed.api.errors import NotAllowed, NotFound
from sheetfed.server.guard import fetches, origins
from sheetfed.server.guard.callers import Caller
from sheetfed.server.problems import Refusal

Access = Literal[
    "open", "hello", "pairing", "own", "owner", "person", "tool", "socket", "origin", "program"
]
"""Who may use a route.

open: everybody, but no page of another site. hello: every page too. pairing: pages of other sites
only, approved or not. own: our own page, without a token. owner: who has a token; they see what is
theirs. person: the person at this computer, through a tool or our page. tool: a local tool.
socket: pages; the token comes as the first message. origin: owner, and pages of approved sites
without a token. program: origin, and programs of this account without one, as the person.
"""

FOREIGN: frozenset[Access] = frozenset({"hello", "pairing"})
"""What a site may use that nobody approved."""

TOKENLESS: frozenset[Access] = frozenset({"origin", "program"})
"""What protocols answer whose clients cannot carry a token."""


def check(request: web.Request, caller: Caller, access: Access, *, approved: bool) -> None:
    """Refuse a caller what is not for them. Raises Refusal, NotFound."""
    if caller.origin:
        _check_site(caller, access, approved=approved)
    else:
        _check_home(request, caller, access)


def _check_site(caller: Caller, access: Access, *, approved: bool) -> None:
    if access in FOREIGN:
        return
    if access in ("open", "own") or not approved:
        raise origins.unapproved()
    if access == "tool":
        raise NotFound("There is nothing at this path")
    if access == "socket":
        return
    if caller.kind == "stranger":
        raise unknown()
    if access == "person":
        raise Refusal(403, NotAllowed("Only the person at this computer can do this"))


def _check_home(request: web.Request, caller: Caller, access: Access) -> None:
    if access == "tool" and caller.kind != "tool":
        raise NotFound("There is nothing at this path")
    if access in ("pairing", "own", "socket") and not _is_for(request, access):
        raise Refusal(403, NotAllowed("Only a page can ask for this"))
    if access in ("owner", "person", *TOKENLESS) and caller.kind == "stranger":
        raise unknown()
    if access == "person" and caller.kind == "script":
        raise Refusal(403, NotAllowed("Only the person at this computer can do this"))


def _is_for(request: web.Request, access: Access) -> bool:
    """Tell whether our own page asks for what is its own. Browsers tell less of a WebSocket."""
    if access == "own":
        return origins.is_own(request) and fetches.is_same_origin(request)
    return access == "socket" and origins.is_own(request)


def unknown() -> Refusal:
    """Return what hears who has no token, an old one or somebody else's: always the same."""
    return Refusal(
        401, NotAllowed("A valid token is needed"), headers={"WWW-Authenticate": "Bearer"}
    )
