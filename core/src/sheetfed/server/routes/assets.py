"""Our own pages: files of a fixed table, as they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

import sheetfed
from sheetfed.server.guard.door import DOOR
from sheetfed.server.guard.headers import PAGE
from sheetfed.server.ranges import matches
from sheetfed.server.routes.docs import errors_page

_PACKAGE = Path(sheetfed.__file__).parent
_TREES = (
    ("/app", _PACKAGE / "web" / "app"),
    ("/client", _PACKAGE / "web" / "client"),
    ("/docs", _PACKAGE / "server" / "docs"),
)
_ENTRIES = {"/": "/app/index.html", "/open": "/app/open.html", "/docs": "/docs/index.html"}
_TYPES = {
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".html": "text/html",
}
"""What browsers load; other files there are for those who develop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of ours."""

    file: Path
    media_type: str


def mount(app: web.Application) -> None:
    """Add a route for each file; a path of the network never becomes a path of the disk."""
    table = {f"{place}/{name}": asset for place, root in _TREES for name, asset in _files(root)}
    for path, name in _ENTRIES.items():
        if name in table:
            table[path] = table[name]
    for path, asset in table.items():
        _add(app, path, _answering(asset))
    _add(app, "/docs/errors", _errors)


def _add(app: web.Application, path: str, handler: Handler) -> None:
    for method in ("GET", "HEAD"):
        app[DOOR].rule(app.router.add_route(method, path, handler), "open", rate="reading")


def _files(root: Path) -> Iterator[tuple[str, Asset]]:
    for file in sorted(root.rglob("*")):
        if media_type := _TYPES.get(file.suffix):
            yield file.relative_to(root).as_posix(), Asset(file=file, media_type=media_type)


def _answering(asset: Asset) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        data = asset.file.read_bytes()
        etag = hashlib.sha256(data).hexdigest()[:32]
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": PAGE,
            "ETag": f'"{etag}"',
        }
        if matches(request, etag):
            return web.Response(status=304, headers=headers)
        charset = "utf-8" if asset.media_type.startswith("text/") else None
        return web.Response(
            body=data, content_type=asset.media_type, charset=charset, headers=headers
        )

    return answer


async def _errors(request: web.Request) -> web.StreamResponse:
    del request
    return errors_page()
