"""Codecs and steps at work for a command, without a service."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sheetfed.addons import Addons
from sheetfed.api.errors import NotFound, Unreadable, UnsupportedType
from sheetfed.api.model import Page, Settings
from sheetfed.catalogue import package_for
from sheetfed.config import Config
from sheetfed.imaging import Imaging
from sheetfed.recipes import recipes
from sheetfed.steps import Steps, Walk

AT_ONCE = max(2, os.cpu_count() or 2)
"""Pages that one step looks at at the same time."""

ONE_PERSON = "command"
"""Whose files a command's children see: they were all named by one person, for one purpose."""

AS_THEY_STAND = frozenset({"image/jpeg", "image/png", "image/tiff"})
"""Types whose only page is passed on as the file that it is."""

_SIGNS: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"BM": "image/bmp",
    b"GIF8": "image/gif",
    b"%PDF-": "application/pdf",
}


class Bench:
    """The children of one command; they end with it."""

    def __init__(self, config: Config, addons: Addons) -> None:
        self._imaging = Imaging(
            recipes("codec", addons, config),
            specs=addons.codecs,
            crashes=config.crashes,
            package_for=package_for,
        )
        self._steps = Steps(
            recipes("step", addons, config),
            specs=addons.steps,
            crashes=config.crashes,
            package_for=package_for,
            look=self._imaging.info,
        )
        self._teams: dict[str, _Team] = {}

    async def read(self, path: Path, options: Settings) -> AsyncGenerator[Page, None]:
        """Yield the pages of a file."""
        del options
        data = await asyncio.to_thread(_contents, path)
        media_type = _media_type(data, path)
        infos = await self._imaging.info(data, media_type, document=ONE_PERSON)
        for index, info in enumerate(infos):
            if len(infos) == 1 and media_type in AS_THEY_STAND:
                yield Page(
                    data=data,
                    media_type=media_type,
                    width=info.width,
                    height=info.height,
                    dpi=info.dpi,
                )
            else:
                yield await self._imaging.draw(
                    data,
                    media_type,
                    index,
                    width=None,
                    height=None,
                    as_type="image/png",
                    document=ONE_PERSON,
                )

    async def take(self, page: Page, step: str, options: Settings) -> list[Page]:
        """Return what a step makes of a page. Raises AddonMissing, BadSettings."""
        wishes = self._steps.checked([{"name": step, "options": dict(options)}])
        name = repr(wishes)
        if name not in self._teams:
            self._teams[name] = _Team(lambda: self._steps.walk(wishes, ONE_PERSON))
        async with self._teams[name].member() as walk:
            return await walk.take(page)

    async def write(
        self, pages: AsyncIterator[Page], media_type: str, options: Settings
    ) -> AsyncGenerator[bytes, None]:
        """Yield a file made of pages."""
        async for piece in self._imaging.export(pages, media_type, options):
            yield piece

    async def close(self) -> None:
        """End every child."""
        async with AsyncExitStack() as parts:
            parts.push_async_callback(self._imaging.close)
            for team in self._teams.values():
                parts.push_async_callback(team.close)


def _contents(path: Path) -> bytes:
    """Return what is in a file. Raises NotFound, Unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error


def _media_type(data: bytes, path: Path) -> str:
    """Tell by its first bytes what a file is. Raises UnsupportedType."""
    for sign, media_type in _SIGNS.items():
        if data.startswith(sign):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise UnsupportedType(f"{path} is of no type that is known here")


class _Team:
    """Children that take the same step, each with one page at a time."""

    def __init__(self, hire: Callable[[], Walk]) -> None:
        self._hire = hire
        self._places = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Walk] = []
        self._all: list[Walk] = []

    @asynccontextmanager
    async def member(self) -> AsyncIterator[Walk]:
        """Give a child to one page until the block ends."""
        async with self._places:
            if not self._idle:
                self._idle.append(self._hire())
                self._all.append(self._idle[-1])
            walk = self._idle.pop()
            try:
                yield walk
            finally:
                self._idle.append(walk)

    async def close(self) -> None:
        """End them all."""
        await asyncio.gather(*(walk.close() for walk in self._all))
