"""Our own pages: files of a fixed table, as they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

import sheetfed
from sheetfed.server.guard.door import DOOR
from sheetfed.server.guard.headers import PAGE
from sheetfed.server.ranges import matches
from sheetfed.server.routes.docs import errors_page
from sheetfed.server.routes.shell import Shell

_PACKAGE = Path(sheetfed.__file__).parent
_TREES = (
    ("/app", _PACKAGE / "web" / "app"),
    ("/client", _PACKAGE / "web" / "client"),
    ("/docs", _PACKAGE / "server" / "docs"),
)
_FOR_EVER = {
    "Cache-Control": "max-age=31536000, immutable",
    "Content-Security-Policy": PAGE,
}
_ENTRIES = {"/open": "/app/open.html", "/docs": "/docs/index.html"}
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
    shell = Shell(_PACKAGE / "web", {each.file for each in table.values()})
    for path, asset in table.items():
        _add(app, path, _answering(asset))
    _add(app, "/", _page(shell))
    _add(app, "/at/{version}{path:/.+}", _kept(shell, table))
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
        return _fresh(request, asset.file.read_bytes(), asset.media_type)

    return answer


def _page(shell: Shell) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        front = shell.page(request.headers.get("Accept-Language", ""))
        headers = {"Content-Security-Policy": front.policy, "Vary": "Accept-Language"}
        return _fresh(request, front.body, "text/html", **headers)

    return answer


def _kept(shell: Shell, table: Mapping[str, Asset]) -> Handler:
    """Answer what the page loads: a browser may keep it for as long as it is called so."""

    async def answer(request: web.Request) -> web.StreamResponse:
        asset = table.get(request.match_info["path"])
        if asset is None:
            raise web.HTTPNotFound
        data = asset.file.read_bytes()
        if request.match_info["version"] != shell.version:
            return _fresh(request, data, asset.media_type)
        return _response(data, asset.media_type, _FOR_EVER)

    return answer


def _fresh(
    request: web.Request, data: bytes, media_type: str, **headers: str
) -> web.StreamResponse:
    """Answer what a browser has to ask for each time, and mostly hears that nothing changed."""
    etag = hashlib.sha256(data).hexdigest()[:32]
    headers = {"Content-Security-Policy": PAGE, **headers}
    headers |= {"Cache-Control": "no-cache", "ETag": f'"{etag}"'}
    if matches(request, etag):
        return web.Response(status=304, headers=headers)
    return _response(data, media_type, headers)


def _response(data: bytes, media_type: str, headers: Mapping[str, str]) -> web.StreamResponse:
    charset = "utf-8" if media_type.startswith("text/") else None
    return web.Response(body=data, content_type=media_type, charset=charset, headers=headers)


async def _errors(request: web.Request) -> web.StreamResponse:
    del request
    return errors_page()
