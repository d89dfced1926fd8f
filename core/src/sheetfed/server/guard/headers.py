"""What every answer carries for browsers to heed."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable

from aiohttp import web

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


def page_policy(sheets: Iterable[str]) -> str:
    """Return the content security policy of a page of ours in which these style sheets stand."""
    digests = (b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in sheets)
    own = "".join(f" 'sha256-{each}'" for each in digests)
    return PAGE.replace("style-src 'self'", f"style-src 'self'{own}")


def put(response: web.StreamResponse) -> None:
    """Put our headers on an answer that is about to leave; a cookie never does."""
    response.headers.popall("Set-Cookie", None)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "sheetfed"
