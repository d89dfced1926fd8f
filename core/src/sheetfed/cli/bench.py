"""Codecs and steps at work for a command, without a service."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sheetfed.addons import Addons
from sheetfed.api.errors import NotFound, Unreadable
from sheetfed.api.model import Mark, Page, PageInfo, Settings, Value
from sheetfed.catalogue import package_for
from sheetfed.config import Config
from sheetfed.imaging import BEGINNING, Imaging
from sheetfed.recipes import recipes
from sheetfed.steps import Steps, Walk
from sheetfed.worker.files import OnDisk

AT_ONCE = max(2, os.cpu_count() or 2)
"""Pages that one step looks at, or one codec draws, at the same time."""

ONE_PERSON = "command"
"""Whose files a command's children see: they were all named by one person, for one purpose."""


class Bench:
    """The children of one command; they end with it."""

    def __init__(self, config: Config, addons: Addons) -> None:
        self._imaging = Imaging(
            recipes("codec", addons, config),
            specs=addons.codecs,
            crashes=config.crashes,
            package_for=package_for,
            chosen=config.codecs,
            at_once=AT_ONCE,
        )
        self._steps = Steps(
            recipes("step", addons, config),
            specs=addons.steps,
            crashes=config.crashes,
            package_for=package_for,
            look=self._imaging.info,
        )
        self._teams: dict[str, _Team] = {}

    @asynccontextmanager
    async def look(self, path: Path, options: Settings) -> AsyncIterator[Opened]:
        """Open a file until the block ends."""
        file = await asyncio.to_thread(_opened, path)
        try:
            media_type = self._imaging.type_of(await file.read(0, BEGINNING))
            opened = Opened(self._imaging, file, media_type, options)
            await opened.begin()
            yield opened
        finally:
            file.close()

    async def read(self, path: Path, options: Settings) -> AsyncGenerator[Page, None]:
        """Yield the pages of a file."""
        async with self.look(path, options) as opened:
            for index in range(len(opened.pages)):
                yield await opened.page(index)

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
        opened: list[OnDisk] = []

        async def open_(file: str) -> OnDisk:
            opened.append(await asyncio.to_thread(_opened, Path(file)))
            return opened[-1]

        try:
            async for piece in self._imaging.export(pages, media_type, options, open_):
                yield bytes(piece)  # as it is, where it is that already
        finally:
            for file in opened:
                file.close()

    async def close(self) -> None:
        """End every child."""
        async with AsyncExitStack() as parts:
            parts.push_async_callback(self._imaging.close)
            for team in self._teams.values():
                parts.push_async_callback(team.close)


class Opened:
    """A file that a command looks at."""

    def __init__(self, imaging: Imaging, file: OnDisk, media_type: str, options: Settings) -> None:
        self.media_type = media_type
        self.about: Mapping[str, Value] = {}
        self.pages: Sequence[PageInfo] = ()
        self._imaging = imaging
        self._file = file
        self._options = options
        self._name = secrets.token_hex(8)

    async def begin(self) -> None:
        """Ask the file what it is."""
        imaging, file, kind = self._imaging, self._file, self.media_type
        self.pages = await imaging.info(
            file, kind, name=self._name, options=self._options, document=ONE_PERSON
        )
        self.about = await imaging.about(
            file, kind, name=self._name, options=self._options, document=ONE_PERSON
        )

    async def marks(self, index: int) -> Sequence[Mark]:
        """Return what the file knows of a page."""
        return await self._imaging.marks(
            self._file,
            self.media_type,
            index,
            name=self._name,
            options=self._options,
            document=ONE_PERSON,
        )

    async def page(self, index: int, *, as_type: str | None = None) -> Page:
        """Return a page drawn."""
        return await self._imaging.draw(
            self._file,
            self.media_type,
            index,
            as_type=as_type,
            name=self._name,
            options=self._options,
            document=ONE_PERSON,
        )


def _opened(path: Path) -> OnDisk:
    """Open a file. Raises NotFound, Unreadable."""
    try:
        return OnDisk(path)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error


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
