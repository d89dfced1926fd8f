"""Our own pages: files of a fixed table, as they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

import sheetfed
from sheetfed.server.guard.door import DOOR
from sheetfed.server.guard.headers import PAGE
from sheetfed.server.ranges import matches
from sheetfed.server.routes.docs import errors_page

if TYPE_CHECKING:
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
    """Add our pages; a path of the network is looked up, and never becomes a path of the disk."""
    assets = Assets()
    _add(app, "/", assets.page)
    _add(app, "/at/{version}{path:/.+}", assets.kept)
    _add(app, "/docs/errors", _errors)
    for path in (*_ENTRIES, *(f"{place}/{{name:.+}}" for place, _ in _TREES)):
        _add(app, path, assets.fresh)


class Assets:
    """The files that browsers load, looked for once the first of them asks."""

    @cached_property
    def table(self) -> Mapping[str, Asset]:
        """Every file by its path."""
        found = {f"{place}/{name}": asset for place, root in _TREES for name, asset in _files(root)}
        return found | {path: found[name] for path, name in _ENTRIES.items() if name in found}

    @cached_property
    def shell(self) -> Shell:
        """The page that loads them."""
        from sheetfed.server.routes.shell import Shell  # noqa: PLC0415 - no start needs it

        return Shell(_PACKAGE / "web", {each.file for each in self.table.values()})

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Answer our page."""
        front = self.shell.page(request.headers.get("Accept-Language", ""))
        headers = {"Content-Security-Policy": front.policy, "Vary": "Accept-Language"}
        return _fresh(request, front.body, "text/html", **headers)

    async def fresh(self, request: web.Request) -> web.StreamResponse:
        """Answer a file by its own name."""
        asset = self._asked(request.path)
        return _fresh(request, asset.file.read_bytes(), asset.media_type)

    async def kept(self, request: web.Request) -> web.StreamResponse:
        """Answer what the page loads: a browser may keep it for as long as it is called so."""
        asset = self._asked(request.match_info["path"])
        data = asset.file.read_bytes()
        if request.match_info["version"] != self.shell.version:
            return _fresh(request, data, asset.media_type)
        return _response(data, asset.media_type, _FOR_EVER)

    def _asked(self, path: str) -> Asset:
        asset = self.table.get(path)
        if asset is None:
            raise web.HTTPNotFound
        return asset


def _add(app: web.Application, path: str, handler: Handler) -> None:
    for method in ("GET", "HEAD"):
        app[DOOR].rule(app.router.add_route(method, path, handler), "open", rate="reading")


def _files(root: Path) -> Iterator[tuple[str, Asset]]:
    for file in root.rglob("*"):
        if media_type := _TYPES.get(file.suffix):
            yield file.relative_to(root).as_posix(), Asset(file=file, media_type=media_type)


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
