"""A document to a WebDAV server, as clouds and NAS have it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

from yarl import URL

from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.api.model import Settings
from sheetfed_uploader import web
from sheetfed_uploader.shelving import Note, Shelf, Shelved

T = TypeVar("T")

AFTERWARDS = (0.1, 0.4)
"""Seconds until half a file is looked for again: some servers keep it once its line has broken."""


class WebDav(Shelved):
    """Puts files there by PUT and MOVE."""

    def shelf(self) -> Shelf:
        """Return the place, reached."""
        return _Remote(self.settings)


class _Remote(Shelf):
    """One session, used by one thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._base = URL(str(settings["url"]).rstrip("/"), encoded=True)
        web.check_address(self._base, settings)
        self._broke = False
        self._stack = AsyncExitStack()
        self._runner = asyncio.Runner()
        try:
            self._web = self._run(self._stack.enter_async_context(web.opened(settings, thin=True)))
        except BaseException:
            self._runner.close()
            raise

    def size(self, path: str) -> int | None:
        answer = self._ask("HEAD", path)
        if answer.status == 404:
            return None
        _check(answer)
        length = answer.headers.get("Content-Length", "")
        return int(length) if length.isascii() and length.isdigit() else None

    def make(self, folder: str) -> None:
        parts = folder.split("/")
        for depth in range(1, len(parts) + 1):
            answer = self._ask("MKCOL", "/".join(parts[:depth]))
            if answer.status not in (405, 409):  # it is there; 409 is told by what follows
                _check(answer)

    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            sent = 0
            while piece := await asyncio.to_thread(stream.read, web.PIECE):
                yield piece
                self._web.moved()
                sent += len(piece)
                await asyncio.to_thread(note, sent)
            self._web.moved(float(str(self._settings["timeout"])))

        size = stream.seek(0, 2) if stream.seekable() else None
        if size is not None:
            stream.seek(0)
        headers = {} if size is None else {"Content-Length": str(size)}
        try:
            _check(self._ask("PUT", path, headers=headers, data=pieces()))
        except TargetUnreachable:
            self._broke = True
            raise

    def read(self, path: str) -> Iterator[bytes]:
        """Yield it in ranges, so that no answer is larger than what is read of one."""
        size, at = self.size(path) or 0, 0
        while at < size:
            asked = {"Range": f"bytes={at}-{at + web.MOST_ANSWER - 1}"}
            answer = self._ask("GET", path, headers=asked)
            _check(answer)
            if answer.status != 206 and len(answer.body) < size:
                raise TargetRefused("The server cannot say whether it has the file already")
            yield answer.body
            at += len(answer.body) or size

    def place(self, part: str, path: str, *, over: bool) -> None:
        headers = {"Destination": str(self._at(path)), "Overwrite": "T" if over else "F"}
        answer = self._ask("MOVE", part, headers=headers)
        if answer.status == 412 and not over:
            raise FileExistsError(path)
        _check(answer)

    def remove(self, path: str) -> None:
        for rest in (0.0, *(AFTERWARDS if self._broke else ())):
            time.sleep(rest)
            answer = self._ask("DELETE", path)
            if answer.status != 404:
                _check(answer)
                return

    def where(self, path: str) -> str:
        return web.place_of(self._at(path))

    def close(self) -> None:
        self._run(self._stack.aclose())
        self._runner.close()

    def _ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, data: Any = None
    ) -> web.Answer:
        return self._run(self._web.ask(method, self._at(path), headers=headers, data=data))

    def _at(self, path: str) -> URL:
        return URL(f"{self._base}/{quote(path)}", encoded=True)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)


def _check(answer: web.Answer) -> None:
    if answer.status == 409:
        raise TargetRefused("The server has no folder to put it in")
    if error := web.failure(answer, twice=True):
        raise error
