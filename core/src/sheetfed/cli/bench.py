"""Codecs and steps at work for a command, without a service."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sheetfed.addons import Addons
from sheetfed.api.errors import NotFound, Unreadable
from sheetfed.api.model import Page, Settings
from sheetfed.catalogue import package_for
from sheetfed.config import Config
from sheetfed.imaging import BEGINNING, Imaging
from sheetfed.recipes import recipes
from sheetfed.steps import Steps, Walk
from sheetfed.worker.files import OnDisk

AT_ONCE = max(2, os.cpu_count() or 2)
"""Pages that one step looks at at the same time."""

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
        file = await asyncio.to_thread(_opened, path)
        try:
            media_type = self._imaging.type_of(await file.read(0, BEGINNING))
            name = secrets.token_hex(8)
            infos = await self._imaging.info(
                file, media_type, name=name, options=options, document=ONE_PERSON
            )
            for index in range(len(infos)):
                yield await self._imaging.draw(
                    file,
                    media_type,
                    index,
                    as_type=None,
                    name=name,
                    options=options,
                    document=ONE_PERSON,
                )
        finally:
            file.close()

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
