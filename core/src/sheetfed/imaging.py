"""Pages through: codecs, found by media type.

What a codec reads was made by strangers. It sits in a box, and a child that has seen one document
never sees another: a file that takes it over finds nobody else's pages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sheetfed.api.errors import AddonMissing, SheetfedError, UnsupportedType
from sheetfed.api.hooks import CodecSpec
from sheetfed.api.model import Page, PageInfo, Settings
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Pictures, and files, that one codec makes at the same time."""

IDLE = 60.0
"""Seconds after which a child without work ends."""


class Imaging:
    """Reads, draws and writes pages in children.

    `document` says whose pages a child may see: the same words, the same child while it is warm.
    Without it, and for every file that is written, there is a child that ends with the question.
    """

    def __init__(
        self,
        recipes: Mapping[str, Recipe],
        *,
        specs: Mapping[str, CodecSpec],
        crashes: Path,
        package_for: Callable[[str, str], str | None],
    ) -> None:
        self._specs = specs
        self._package_for = package_for
        self._benches = {name: _Bench(recipe, crashes) for name, recipe in recipes.items()}

    def reads(self) -> frozenset[str]:
        """Return the media types that can be read."""
        return frozenset[str]().union(*(spec.reads for spec in self._specs.values()))

    def writes(self) -> frozenset[str]:
        """Return the media types that can be written."""
        return frozenset[str]().union(*(spec.writes for spec in self._specs.values()))

    async def info(
        self, data: bytes, media_type: str, *, document: str | None = None
    ) -> list[PageInfo]:
        """Return what a file says of its pages. Raises Unreadable, UnsupportedType."""
        async with self._reader(media_type).worker(document) as worker:
            return await worker.info(data)

    async def draw(
        self,
        data: bytes,
        media_type: str,
        index: int,
        *,
        width: int | None,
        height: int | None,
        as_type: str,
        document: str | None = None,
    ) -> Page:
        """Draw a page of a file, no larger than `width` by `height`, its shape kept."""
        writer, reader = self._writer(as_type), self._reader(media_type)
        wanted = as_type if reader is writer else None
        async with reader.worker(document) as worker:
            page = await worker.draw(data, index, width=width, height=height, media_type=wanted)
        if page.media_type == as_type:
            return page
        pieces = [piece async for piece in self.export(_alone(page), as_type, {})]
        return replace(page, data=b"".join(pieces), media_type=as_type)

    async def export(
        self, pages: AsyncIterator[Page], media_type: str, options: Settings
    ) -> AsyncGenerator[bytes, None]:
        """Yield a file made of the pages; one page is in memory at a time."""
        async with (
            self._writer(media_type).worker(None, slow=True) as worker,
            aclosing(worker.encode(pages, media_type, options)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """End every child."""
        await asyncio.gather(*(bench.close() for bench in self._benches.values()))

    def _reader(self, media_type: str) -> _Bench:
        for name, spec in self._specs.items():
            if media_type in spec.reads:
                return self._benches[name]
        raise self._missing("reads", media_type)

    def _writer(self, media_type: str) -> _Bench:
        for name, spec in self._specs.items():
            if media_type in spec.writes:
                return self._benches[name]
        raise self._missing("writes", media_type)

    def _missing(self, kind: str, media_type: str) -> AddonMissing | UnsupportedType:
        package = self._package_for(kind, media_type)
        if package is None:
            return UnsupportedType(f"Nothing here {kind} {media_type}")
        return AddonMissing(f"{media_type} comes with {package}", package=package)


async def _alone(page: Page) -> AsyncGenerator[Page, None]:
    yield page


class _Bench:
    """The children of one codec: at work, acquainted with a document, and one that knows nothing.

    The last is started while nobody waits, for a fresh child takes a quarter of a second.
    """

    def __init__(self, recipe: Recipe, crashes: Path) -> None:
        self._recipe = recipe
        self._crashes = crashes
        self._pictures = asyncio.Semaphore(AT_ONCE)
        self._files = asyncio.Semaphore(AT_ONCE)
        self._acquainted: list[tuple[str, Worker]] = []
        self._spare: Worker | None = None
        self._busy: set[Worker] = set()
        self._ends: asyncio.TimerHandle | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def worker(self, document: str | None, *, slow: bool = False) -> AsyncIterator[Worker]:
        """Give a child to one user until the block ends; a slow one has a place of its own kind.

        A file is made no faster than it is read, and a picture must not wait for that.
        """
        async with self._files if slow else self._pictures:
            worker = self._found(document) or self._fresh()
            self._busy.add(worker)
            try:
                yield worker
            finally:
                self._busy.discard(worker)
                self._return(worker, document)

    async def close(self) -> None:
        """End every child."""
        self._closed = True
        if self._ends:
            self._ends.cancel()
        workers = [*self._busy, *self._idle()]
        await asyncio.gather(*(worker.close() for worker in workers))
        while self._chores:
            await asyncio.gather(*self._chores)

    def _found(self, document: str | None) -> Worker | None:
        for place, (known, worker) in enumerate(self._acquainted):
            if known == document:
                del self._acquainted[place]
                return worker
        return None

    def _fresh(self) -> Worker:
        worker, self._spare = self._spare, None
        return worker or Worker(self._recipe, crashes=self._crashes)

    def _return(self, worker: Worker, document: str | None) -> None:
        if document is None or self._closed:
            self._begin(worker.close())
        else:
            self._acquainted.append((document, worker))
        while len(self._acquainted) > AT_ONCE:
            self._begin(self._acquainted.pop(0)[1].close())
        if self._closed:
            return
        if self._spare is None:
            self._spare = self._fresh()
            self._begin(_warm(self._spare))
        if self._ends:
            self._ends.cancel()
        self._ends = asyncio.get_running_loop().call_later(IDLE, self._rest)

    def _rest(self) -> None:
        for worker in self._idle():
            self._begin(worker.close())

    def _idle(self) -> list[Worker]:
        """Take out every child that has no work."""
        idle = [worker for _, worker in self._acquainted]
        idle += [self._spare] if self._spare else []
        self._acquainted, self._spare = [], None
        return idle

    def _begin(self, chore: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


async def _warm(worker: Worker) -> None:
    try:
        await worker.warm()
    except SheetfedError as error:  # whoever needs it is told then
        log.info("no spare child: %s", error)
