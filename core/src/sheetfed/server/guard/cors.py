"""What lets a site's page read our answers."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

READABLE = web.RequestKey("READABLE", str)
"""The origin whose page may read the answer."""

CREDENTIALS = web.RequestKey("CREDENTIALS", bool)
"""Whether that page may ask with credentials: there are none that we look at."""

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Range, "
    "Last-Event-ID"
)
SHOWN = (
    "Content-Disposition, Content-Range, ETag, Location, Retry-After, Sheetfed-Marks, "
    "Sheetfed-Pages, Sheetfed-Size, Sheetfed-Time, WWW-Authenticate"
)


def is_preflight(request: web.Request) -> bool:
    """Tell whether a browser asks what a page of another site may send."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def preflight(more: Iterable[str] = ()) -> web.Response:
    """Return what a page may send that may send anything, and which headers `more` than ours."""
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": ", ".join((SENT, *more)),
            "Access-Control-Max-Age": "600",
        },
    )


def put(request: web.Request, response: web.StreamResponse) -> None:
    """Let the one page read the answer that asked, and no other."""
    response.headers.popall("Access-Control-Allow-Origin", None)  # what an addon's app said
    response.headers.popall("Access-Control-Allow-Credentials", None)
    origin = request.get(READABLE)
    if origin is None:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    if request.get(CREDENTIALS):
        response.headers["Access-Control-Allow-Credentials"] = "true"
    if response.status != 204 or request.method != "OPTIONS":
        response.headers["Access-Control-Expose-Headers"] = SHOWN
