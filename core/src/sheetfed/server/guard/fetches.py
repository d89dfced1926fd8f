"""What browsers tell of a request by Fetch Metadata."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import NotAllowed
from sheetfed.server.problems import Refusal

LANDING = "/open"
"""The one page that another page, a file of ours, may lead to."""

TOLD = ("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User")
ABROAD = frozenset({"cross-site", "same-site"})
HOME = frozenset({"same-origin", "none"})
ASKING = frozenset({"cors", "websocket"})
"""The modes in which a browser sends the Origin, and keeps the answer from the page unless we
allow it."""


def check(request: web.Request, foreign: str) -> None:
    """Refuse pictures, frames, forms and links of other sites: they carry no Origin, but this.

    `foreign` is the Origin where it is not ours. Raises Refusal.
    """
    sites = request.headers.getall("Sec-Fetch-Site", [])
    if not sites or (len(sites) == 1 and sites[0] in HOME and not foreign):
        return
    mode = request.headers.get("Sec-Fetch-Mode", "")
    if len(sites) == 1 and sites[0] in ABROAD:
        if foreign and mode in ASKING:
            return
        if _lands(request, mode) and not foreign:
            return
    raise Refusal(403, NotAllowed("Another site sent this request"))


def is_told(request: web.Request) -> bool:
    """Tell whether a browser sent this: a program does not say where it fetches from."""
    return any(name in request.headers for name in TOLD)


def is_same_origin(request: web.Request) -> bool:
    """Tell whether our own page sent this."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def _lands(request: web.Request, mode: str) -> bool:
    return (
        request.method == "GET"
        and request.path == LANDING
        and mode == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
