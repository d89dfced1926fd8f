"""Children of one kind, warm for the document they know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from sheetfed.api.errors import SheetfedError
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Pictures, and files, that the children of one kind make at the same time."""

QUIET = 1.0
"""Seconds without work after which a spare child starts: a single command needs none."""

IDLE = 60.0
"""Seconds after which a child without work ends."""


class Bench:
    """The children of one codec: at work, acquainted with a document, and one that knows nothing.

    The last is started once nobody waits, for a fresh child takes half a second of a processor.
    """

    def __init__(self, recipe: Recipe, crashes: Path, at_once: int = AT_ONCE) -> None:
        self.recipe = recipe
        self._at_once = at_once
        self._crashes = crashes
        self._pictures = asyncio.Semaphore(at_once)
        self._files = asyncio.Semaphore(at_once)
        self._acquainted: list[tuple[str, Worker]] = []
        self._spare: Worker | None = None
        self._busy: set[Worker] = set()
        self._later: list[asyncio.TimerHandle] = []
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
        self._forget_later()
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
        return worker or Worker(self.recipe, crashes=self._crashes)

    def _return(self, worker: Worker, document: str | None) -> None:
        if document is None or self._closed:
            self._begin(worker.close())
        else:
            self._acquainted.append((document, worker))
        while len(self._acquainted) > self._at_once:
            self._begin(self._acquainted.pop(0)[1].close())
        if self._closed:
            return
        self._forget_later()
        loop = asyncio.get_running_loop()
        self._later = [loop.call_later(QUIET, self._prepare), loop.call_later(IDLE, self._rest)]

    def _forget_later(self) -> None:
        for timer in self._later:
            timer.cancel()

    def _prepare(self) -> None:
        if self._spare is None:
            self._spare = self._fresh()
            self._begin(_warm(self._spare))

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
