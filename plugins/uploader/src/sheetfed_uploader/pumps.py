"""Threads that open a document and send it.

Each opens a piece beside the other, and sends it itself when its turn has come: its processor still
has it at hand. The service's loop has nothing to do meanwhile.
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

TOLD_EVERY = 0.1
"""Seconds between two notes of progress."""

LOOKS_UP = 0.2
"""Seconds after which a thread that waits looks whether it is still wanted."""

SHORT = OSError("The document ended before its end")

Opened = Callable[[int], BinaryIO]
"""Gives a document's bytes from an offset on."""

Told = Callable[[int, bool], Awaitable[None]]
"""Called with bytes sent, and whether the rest is the last that goes: before it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How pieces get away: by a socket that does not block, and what TLS makes of them before.

    `sealed` is called once more with nothing, after the last.
    """

    line: socket.socket
    sealed: Callable[[memoryview], memoryview]
    piece: int
    pumps: int


class Pumps:
    """One document on its way. Each pump has one piece of it in memory."""

    def __init__(self, opened: Opened, length: int, way: Way, told: Told) -> None:
        self._opened = opened
        self._length = length
        self._way = way
        self._told = told
        self._next = 0
        self._turn = 0
        self._sent = 0
        self._noted = 0.0
        self._over = False
        self._changed = threading.Condition()
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
            self._end()
            await asyncio.wait(pumps)
            threads.shutdown(wait=False)
            faults = [fault for pump in pumps if (fault := pump.exception())]
        if faults:
            raise faults[0]

    def _pump(self) -> None:
        buffer = memoryview(bytearray(min(self._way.piece, self._length)))
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(self._way.line, selectors.EVENT_WRITE)
                while (at := self._taken()) < max(1, self._length) and not self._over:
                    self._piece(at, buffer[: self._length - at], ready)
        except BaseException:
            self._end()
            raise

    def _taken(self) -> int:
        """Return where the next piece begins, which nobody has taken yet."""
        with self._changed:
            at, self._next = self._next, self._next + self._way.piece
            return at

    def _piece(self, at: int, buffer: memoryview, ready: selectors.BaseSelector) -> None:
        """Open a piece, and send it once those before it are gone.

        Where the pace of the target lets less through at a time, it goes as it comes.
        """
        rest = len(buffer)
        with self._opened(at) as stream:
            while rest:
                size = stream.readinto1(buffer[:rest])  # type: ignore[attr-defined]
                if not size:
                    raise SHORT
                rest -= size
                if not self._may_send(at):
                    return
                self._send(buffer[:size], ready)
        if at + len(buffer) >= self._length and self._may_send(at):
            self._write(self._way.sealed(buffer[:0]), ready)
        with self._changed:
            self._turn = at + self._way.piece
            self._changed.notify_all()

    def _may_send(self, at: int) -> bool:
        """Return once it is a piece's turn; False where nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._turn == at)
        return not self._over

    def _end(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _send(self, piece: memoryview, ready: selectors.BaseSelector) -> None:
        """Send a piece, and tell now and then how far it is."""
        last = self._sent + len(piece) >= self._length
        now = time.monotonic()
        if last or now - self._noted > TOLD_EVERY:
            self._noted = now
            self._tell(last)
        self._write(self._way.sealed(piece), ready)
        if self._over:  # what is left of the piece went nowhere
            return
        self._sent += len(piece)
        if last:
            self._tell(last)

    def _write(self, rest: memoryview, ready: selectors.BaseSelector) -> None:
        while rest and not self._over:
            try:
                rest = rest[self._way.line.send(rest) :]
            except (BlockingIOError, InterruptedError):
                ready.select(LOOKS_UP)

    def _tell(self, last: bool) -> None:  # noqa: FBT001
        """Have the loop note it; return once that is safe, or nobody wants it any more."""
        note = self._note(last)
        try:
            noted = asyncio.run_coroutine_threadsafe(note, self._loop)
        except RuntimeError:  # the loop is closed
            note.close()
            raise
        seen = threading.Event()
        noted.add_done_callback(lambda _: seen.set())
        while not seen.wait(LOOKS_UP):
            if self._over:
                noted.cancel()
                return
        noted.result()

    async def _note(self, last: bool) -> None:  # noqa: FBT001
        """Note it as the request would: it knows its clock by its context."""

        async def note() -> None:
            await self._told(self._sent, last)

        await asyncio.create_task(note(), context=self._context)
