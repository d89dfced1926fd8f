"""Nonces: each opens our own page once."""

from __future__ import annotations

import asyncio
import hashlib
import html
import os
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web

from sheetfed.disk import PLAIN, room
from sheetfed.server.fleeting import Fleeting
from sheetfed.store.clock import running

_PAGE = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>sheetfed</title>
<a href="{url}">Open sheetfed</a>
"""


class Nonces:
    """The nonces that are good now, and the files that take a browser to our page with one.

    A file, because a program's arguments can be read by every account of the computer.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = running) -> None:
        self._folder = folder
        self._good: Fleeting[bytes, tuple[Path, ...]] = Fleeting(clock)
        self._ends: dict[Path, asyncio.TimerHandle] = {}

    def issue(self, *, seconds: float) -> str:
        """Return a nonce that lives so long."""
        nonce = secrets.token_urlsafe(32)
        self._good.put(_digest(nonce), (), seconds=seconds)
        return nonce

    def issue_file(self, address: str, *, seconds: float) -> tuple[str, Path]:
        """Return a nonce and a file that leads to our page with it. Raises DiskFull."""
        nonce = self.issue(seconds=seconds)
        file = self._folder / f"open-{secrets.token_hex(16)}.html"
        url = html.escape(f"{address}/open#nonce={nonce}")
        with room():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN
            with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8") as stream:
                stream.write(_PAGE.format(url=url))
        self._good.put(_digest(nonce), (file,), seconds=seconds)
        self._ends[file] = asyncio.get_running_loop().call_later(seconds, self._delete, file)
        return nonce, file

    def take(self, nonce: str) -> bool:
        """Use a nonce up; tell whether it was good."""
        files = self._good.take(_digest(nonce))
        for file in files or ():
            self._delete(file)
        return files is not None

    def close(self) -> None:
        """Delete the files that are left."""
        for file in tuple(self._ends):
            self._delete(file)

    def sweep(self) -> None:
        """Delete the files of a service that was killed; their nonces opened nothing any more."""
        for file in self._folder.glob("open-*.html"):
            file.unlink(missing_ok=True)

    def _delete(self, file: Path) -> None:
        self._ends.pop(file).cancel()
        file.unlink(missing_ok=True)


NONCES = web.AppKey("NONCES", Nonces)


async def sweep_nonces(app: web.Application) -> AsyncIterator[None]:
    """Leave no file of ours behind: aiohttp runs this around an application's life."""
    app[NONCES].sweep()
    yield
    app[NONCES].close()


def _digest(nonce: str) -> bytes:
    return hashlib.sha256(nonce.encode(errors="surrogatepass")).digest()
