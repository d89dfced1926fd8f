"""A child's life: born when it is needed, asked, buried."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

from sheetfed.api import errors
from sheetfed.api.errors import (
    Cancelled,
    DriverCrashed,
    DriverLied,
    DriverTimeout,
    Exhausted,
    ServiceGone,
    SheetfedError,
)
from sheetfed.disk import NO_MORE
from sheetfed.worker import process as processes
from sheetfed.worker.account import unprivileged
from sheetfed.worker.confinement import FREE, Confinement
from sheetfed.worker.deaths import Deaths
from sheetfed.worker.frames import Head
from sheetfed.worker.process import Ended, Process
from sheetfed.worker.wire import Deadlines, Recipe, from_json, to_json

log = logging.getLogger(__name__)

T = TypeVar("T")

OPERATIONS = {
    "start": "start",
    "devices": "devices",
    "open": "open",
    "set": "set",
    "scan": "first-row",
    "frame": "frame",
    "blink": "set",
    "release": "close",
    "info": "codec",
    "about": "codec",
    "marks": "codec",
    "draw": "codec",
    "encode": "codec",
    "apply": "step",
    "measure": "edit",
    "render": "edit",
    "send": "target",
    "test": "target",
    "abandon": "target",
}
"""What a child does first when it is asked; it says itself what comes next."""

WHOLE = frozenset({"info", "about", "marks", "draw", "apply", "measure", "render"})
"""Questions whose answer must be whole in time, whatever is said before it."""

BOXED = frozenset({"step", "edit"})
"""Operations that may take as long as a codec's."""

LAST_WORDS = ("done", "error")


class Life:
    """The child of one worker, and a fresh one after each death.

    Whoever asks holds `lock`, so that there is one question at a time.
    """

    def __init__(self, recipe: Recipe, *, crashes: Path, deadlines: Deadlines) -> None:
        self.lock = asyncio.Lock()
        self.confinement: Confinement | None = None
        self._recipe = recipe
        self._crashes = crashes
        self._deadlines = deadlines
        self._process: Process | None = None
        self._deaths = Deaths(recipe.name, crashes)
        self._number = 0
        self._operation = ""
        self._device = ""
        self._ends: float | None = None
        self._asked = False
        self._cancelled = False
        self._closed = False
        self._killer: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        return self._process.pid if self._process is not None else None

    @property
    def alive(self) -> bool:
        """Whether there is a child that can be asked."""
        return self._process is not None and self._process.alive

    async def ensure(self) -> None:
        """Have a child that can be asked; start one where there is none."""
        if self._closed:
            raise ServiceGone("the worker was closed")
        if self.alive:
            return
        if self._process is not None:
            await self._notice(self._process)
        if self._recipe.kind == "source":  # what kills a codec or a step is a file
            self._deaths.check(self._deadlines.rest)
        await self._start()

    async def question(self, ask: Head, body: bytes = b"") -> AsyncGenerator[Head | bytes, None]:
        """Yield what the living child says to a question, its last word included."""
        process = self._process
        if process is None:
            raise Cancelled("the worker was closed")
        self._number += 1
        self._operation = OPERATIONS[ask["ask"]]
        self._device = str(ask.get("device", self._device))
        self._asked, self._cancelled, self._ends, finished = True, False, None, False
        process.narrow()
        try:
            await self._send(process, {**ask, "number": self._number}, body)
            if ask["ask"] in WHOLE:
                self._ends = self._due()
            while not finished:
                item = await self._receive(process)
                if isinstance(item, dict):
                    finished = self._is_last(item)
                    self._heed(item)
                    if item["say"] == "doing":
                        continue
                yield item
        finally:
            if not finished:
                await self._stop(process)
            self._asked = False
            if self._killer is not None:
                self._killer.cancel()
                self._killer = None

    async def last(self, conversation: AsyncGenerator[Head | bytes, None]) -> Head:
        """Return the answer where nothing else is expected before it."""
        async with aclosing(conversation) as items:
            async for item in items:
                if isinstance(item, dict) and item["say"] == "done":
                    return item
                raise self.lie("something was said that is no answer")
        raise self.lie("there was no answer")

    async def tell(self, head: Head, body: bytes | memoryview = b"") -> None:
        """Tell the child something that belongs to the question in hand."""
        if self._process is None:
            raise Cancelled("the worker was closed")
        await self._send(self._process, head, body)

    def lie(self, fact: str) -> DriverLied:
        """Return the error for nonsense; who talks nonsense is not asked again."""
        if self._process is not None:
            self._process.kill()
        return DriverLied(f"{self._recipe.name}: {fact}", operation=self._operation)

    def value(self, kind: type[T], head: Any, data: bytes | None = None) -> T:
        """Return a value that the child told; a lie where it is none."""
        try:
            return from_json(kind, head, data)
        except ValueError as error:
            raise self.lie(f"no {kind.__name__}: {error}") from error

    def values(self, kind: type[T], items: Any) -> list[T]:
        """Return several of them."""
        if not isinstance(items, list):
            raise self.lie(f"a list of {kind.__name__} was expected")
        return [self.value(kind, item) for item in items]

    def cancel(self) -> None:
        """Stop what runs: it ends by raising Cancelled, obeying or not. Safe twice."""
        if self._asked and not self._cancelled and self._process is not None:
            self._tell_cancel(self._process)

    def shut(self) -> None:
        """Start no child any more."""
        self._closed = True

    async def leave(self) -> None:
        """Ask the child to go, and wait a moment."""
        if self._process is not None and self._process.alive:
            await self._process.leave()

    async def bury(self) -> None:
        """End the child, whatever it does."""
        process, self._process = self._process, None
        self.confinement = None
        if process is not None:
            await process.end()

    async def _start(self) -> None:
        name, python = self._recipe.name, self._recipe.python
        user = None if self._recipe.kind in FREE else unprivileged(python[0])
        try:
            self._process = await processes.start(name, python, self._crashes, user=user)
        except OSError as error:
            fact = f"No process for {name}: {error.strerror or error}"
            if error.errno in (*NO_MORE, errno.EAGAIN):  # files, memory; processes
                raise Exhausted(fact) from error
            raise DriverCrashed(fact, operation="start") from error
        ask = {"ask": "start", "recipe": to_json(self._recipe)}
        try:
            answer = await self.last(self.question(ask))
            self.confinement = self.value(Confinement, answer.get("confinement"))
        except BaseException:
            await self.bury()  # half a child is none
            raise

    async def _send(self, process: Process, head: Head, body: bytes | memoryview) -> None:
        try:
            async with asyncio.timeout(self._limit()) as deadline:
                await process.send(head, body, lambda: deadline.reschedule(self._due()))
        except TimeoutError:
            raise await self._silent(process) from None
        except Ended:
            raise await self._died(process) from None

    async def _receive(self, process: Process) -> Head | bytes:
        try:
            if process.has_news() and self._ends is None:
                return await process.receive()
            async with asyncio.timeout_at(self._ends or self._due()):
                return await process.receive()
        except TimeoutError:
            raise await self._silent(process) from None
        except Ended:
            raise await self._died(process) from None
        except ValueError as error:
            raise self.lie(f"garbage instead of an answer: {error}") from error

    def _heed(self, item: Head) -> None:
        """Note what the child does now; raise what it failed with, or that it talks nonsense."""
        say = item.get("say")
        if not isinstance(say, str):
            raise self.lie("a head that says nothing")
        if say in LAST_WORDS and self._cancelled:
            raise Cancelled
        if say in LAST_WORDS and not self._is_last(item):
            raise self.lie("an answer to another question")
        if say == "error":
            raise errors.from_json(item)
        if say == "doing":
            self._operation = str(item.get("operation"))[:20]

    def _limit(self) -> float:
        name = "codec" if self._operation in BOXED else self._operation.replace("-", "_")
        limit = getattr(self._deadlines, name, None)
        return limit if isinstance(limit, float | int) else self._deadlines.row

    def _due(self) -> float:
        return asyncio.get_running_loop().time() + self._limit()

    def _is_last(self, item: Head) -> bool:
        """Say whether this ends the question in hand; a driver's slip into the pipe does not."""
        return item.get("say") in LAST_WORDS and item.get("number") == self._number

    async def _silent(self, process: Process) -> SheetfedError:
        await process.dump()
        await process.last_words()
        crash = process.record(self._operation)
        await self.bury()
        if self._cancelled or self._closed:
            return Cancelled()
        self._deaths.add(crash, self._device)
        did = "said nothing" if self._ends is None else "did not finish"
        return DriverTimeout(
            f"{self._recipe.name} {did} for {self._limit():g} seconds ({self._operation})",
            operation=self._operation,
            crash=crash,
        )

    async def _died(self, process: Process) -> SheetfedError:
        if not self._cancelled:
            await process.last_words()
        crash = process.record(self._operation)
        await self.bury()
        if self._cancelled or self._closed:
            return Cancelled()
        self._deaths.add(crash, self._device)
        how = crash["signal"] or f"exit status {crash['exit']}"
        if crash["exit"] is crash["signal"] is None:
            how = "its pipe closed"
        return DriverCrashed(
            f"{self._recipe.name} died with {how} ({self._operation})",
            operation=self._operation,
            crash=crash,
        )

    async def _notice(self, process: Process) -> None:
        """Bury a child that died while nobody asked it."""
        if not process.killed:
            log.warning("%s [%d] died between questions", process.name, process.pid)
            await process.last_words()
            self._deaths.add(process.record("idle"), self._device)
        await self.bury()

    async def _stop(self, process: Process) -> None:
        """Have the child stop what it does, or end it."""
        if self._process is not process:
            return
        try:
            if not self._cancelled:
                self._tell_cancel(process)
            async with asyncio.timeout(self._deadlines.grace + 1):
                item: Head | bytes = b""
                while isinstance(item, bytes) or not self._is_last(item):
                    item = await process.receive()
        except (Ended, ValueError, TimeoutError):
            await self.bury()
        except BaseException:
            process.kill()
            raise

    def _tell_cancel(self, process: Process) -> None:
        self._cancelled = True
        process.widen()
        process.tell({"tell": "cancel", "number": self._number})
        loop = asyncio.get_running_loop()
        self._killer = loop.call_later(self._deadlines.grace, self._kill_deaf, process)

    def _kill_deaf(self, process: Process) -> None:
        """End a child that does not stop; who stopped may wait until somebody reads that."""
        newest = process.newest()
        if not (isinstance(newest, dict) and self._is_last(newest)):
            process.kill()
