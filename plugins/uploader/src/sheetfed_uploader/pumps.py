"""Threads that open a document and send it.

The service's loop has nothing to do meanwhile.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import BinaryIO

from sheetfed_uploader.pieces import Pieces, Task

TOLD_EVERY = 0.1
"""Seconds between two notes of progress."""

LOOKS_UP = 0.2
"""Seconds after which a thread that waits looks whether it is still wanted."""

SHORT = OSError("The document ended before its end")

Opened = Callable[[int], BinaryIO]
"""Gives a document's bytes from an offset on."""

Told = Callable[[int, bool], Awaitable[None]]
"""Called with bytes sent, and whether the rest is the last that goes: before it does."""


Sealed = Callable[[memoryview], memoryview]
"""Gives what is to be sent for some bytes; called once more with none, after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes of a piece, how many pieces are in memory at most, and how many bytes go at a time."""

    piece: int
    ahead: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How pieces get away: by a socket that does not block, and what TLS makes of them before."""

    line: socket.socket
    sealed: Sealed
    sizes: Sizes
    pumps: int


class Pumps:
    """One document on its way."""

    def __init__(self, opened: Opened, length: int, way: Way, told: Told) -> None:
        self._opened = opened
        self._length = length
        self._way = way
        self._told = told
        self._size = way.sizes.piece
        count = max(1, -(-length // self._size))
        self._pieces = Pieces(count, way.sizes.ahead)
        self._buffers = [
            memoryview(bytearray(min(self._size, length)))
            for _ in range(min(way.sizes.ahead, count))
        ]
        self._sent = 0
        self._last = False
        self._noted = 0.0
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()

    async def run(self) -> None:
        """Send all of it. Raises OSError."""
        # Threads of its own: those of the loop are for what is short.
        threads = ThreadPoolExecutor(self._way.pumps, thread_name_prefix="upload")
        pumps = [self._loop.run_in_executor(threads, self._pump) for _ in range(self._way.pumps)]
        try:
            await asyncio.wait(pumps)
        finally:
            self._pieces.end()
            await asyncio.wait(pumps)
            threads.shutdown(wait=False)
            faults = [fault for pump in pumps if (fault := pump.exception())]
        if faults:
            raise faults[0]

    def _pump(self) -> None:
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(self._way.line, selectors.EVENT_WRITE)
                task = self._pieces.next()
                while task:
                    if task.sends:
                        self._send(self._buffer(task.number), ready)
                        task = self._gone(task.number, ready)
                    else:
                        task = self._open(task.number, ready)
                    task = task or self._pieces.next()
        except BaseException:
            self._pieces.end()
            raise

    def _buffer(self, number: int) -> memoryview:
        buffer = self._buffers[number % len(self._buffers)]
        return buffer[: self._length - number * self._size]

    def _open(self, number: int, ready: selectors.BaseSelector) -> Task | None:
        """Open a piece. Where the pace of the target lets less through at a time, it goes too."""
        rest, goes = self._buffer(number), False
        with self._opened(number * self._size) as stream:
            while rest:
                size = stream.readinto1(rest)  # type: ignore[attr-defined]
                if not size:
                    raise SHORT
                if size < len(rest) and not goes:
                    goes = self._pieces.turn(number)
                if self._pieces.over:
                    return None
                if goes:
                    self._send(rest[:size], ready)
                rest = rest[size:]
        if goes:
            return self._gone(number, ready)
        self._pieces.opened(number)
        return None

    def _gone(self, number: int, ready: selectors.BaseSelector) -> Task | None:
        """End a piece that was sent; return the next one where that can be sent."""
        if (number + 1) * self._size >= self._length:
            self._write(self._way.sealed(memoryview(b"")), ready)
        return self._pieces.sent()

    def _send(self, piece: memoryview, ready: selectors.BaseSelector) -> None:
        """Send bytes, and tell now and then how far it is."""
        for at in range(0, len(piece), self._way.sizes.step):
            step = piece[at : at + self._way.sizes.step]
            self._last = self._sent + len(step) >= self._length
            if self._last:
                self._tell()
            else:
                self._tell_now_and_then()
            self._write(self._way.sealed(step), ready)
            if self._pieces.over:  # what is left of the piece went nowhere
                return
            self._sent += len(step)
            if self._last:
                self._tell()

    def _write(self, rest: memoryview, ready: selectors.BaseSelector) -> None:
        """Send bytes. Some of them take long on a slow line, and whoever has a clock is told."""
        while rest and not self._pieces.over:
            try:
                rest = rest[self._way.line.send(rest) :]
            except (BlockingIOError, InterruptedError):
                ready.select(LOOKS_UP)
            else:
                self._tell_now_and_then()

    def _tell_now_and_then(self) -> None:
        if time.monotonic() - self._noted > TOLD_EVERY:
            self._tell()

    def _tell(self) -> None:
        """Have the loop note it; return once that is safe, or nobody wants it any more."""
        self._noted = time.monotonic()
        note = self._note(self._last)
        try:
            noted = asyncio.run_coroutine_threadsafe(note, self._loop)
        except RuntimeError:  # the loop is closed
            note.close()
            raise
        seen = threading.Event()
        noted.add_done_callback(lambda _: seen.set())
        while not seen.wait(LOOKS_UP):
            if self._pieces.over:
                noted.cancel()
                return
        noted.result()

    async def _note(self, last: bool) -> None:  # noqa: FBT001
        """Note it as the request would: it knows its clock by its context."""

        async def note() -> None:
            await self._told(self._sent, last)

        await asyncio.create_task(note(), context=self._context)
