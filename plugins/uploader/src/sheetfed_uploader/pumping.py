"""A document as the body of a request, pumped at full speed.

Opened pieces go to the system in threads of their own. Each sends what it opened itself, which its
processor still has at hand, while another one opens what comes next. The service's loop has nothing
to do meanwhile. Over TLS the loop has to encrypt, and gets the pieces.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, BinaryIO

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

PIECE = 256 << 10
LARGE = 1 << 20
PUMPS = 2
"""Threads that open and send; each has one large piece in memory."""

TOLD_EVERY = 0.1
"""Seconds between two notes of progress."""

LOOKS_UP = 0.2
"""Seconds after which a thread that waits looks whether it is still wanted."""

Told = Callable[[int, bool], Awaitable[None]]
"""Called with bytes sent, and whether the rest is the last that goes: before it does."""


class Body(Payload):
    """Some bytes, a document, some bytes. Its length is known."""

    def __init__(
        self,
        stream: BinaryIO,
        size: int,
        *,
        told: Told,
        before: bytes = b"",
        after: bytes = b"",
    ) -> None:
        super().__init__(None, content_type="application/octet-stream")
        self._size = len(before) + size + len(after)
        self._stream = stream
        self._length = size
        self._before = before
        self._after = after
        self._told = told
        self._sent = 0
        self._noted = 0.0
        self._over = False
        self._opening = threading.Lock()
        self._sending = threading.Lock()
        self._context = copy_context()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002
        """Refuse: it is not for reading."""
        raise TypeError("A document is no text")

    async def write_with_length(
        self,
        writer: AbstractStreamWriter,
        content_length: int | None,  # noqa: ARG002
    ) -> None:
        """Write all of it; its length was said in the headers."""
        await self.write(writer)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write all of it."""
        writer.send_headers()
        if self._before:
            await writer.write(self._before)
        transport: Any = getattr(writer, "transport", None)
        try:
            if os.name == "posix" and transport and not transport.get_extra_info("sslcontext"):
                transport.set_write_buffer_limits(0)
                await writer.drain()  # what was written before must go first
                await self._pumped(transport.get_extra_info("socket"))
            else:
                await self._passed(writer)
        finally:
            await asyncio.to_thread(self._stream.close)
        if self._after:
            await writer.write(self._after)

    async def _passed(self, writer: AbstractStreamWriter) -> None:
        """Hand pieces to the loop; while one is on the wire the next is opened."""
        sent = 0
        ahead = asyncio.ensure_future(asyncio.to_thread(self._stream.read, PIECE))
        try:
            while piece := await ahead:
                ahead = asyncio.ensure_future(asyncio.to_thread(self._stream.read, PIECE))
                await self._told(sent, sent + len(piece) >= self._length)
                await writer.write(piece)
                sent += len(piece)
            self._check(sent)
            await self._told(sent, True)  # noqa: FBT003
        finally:
            await asyncio.wait([ahead])
            ahead.cancelled() or ahead.exception()

    async def _pumped(self, line: Any) -> None:
        loop = asyncio.get_running_loop()
        self._context = copy_context()
        with line.dup() as own:
            # Threads of its own: those of the loop are for what is short.
            threads = ThreadPoolExecutor(PUMPS, thread_name_prefix="upload")
            pumps = [loop.run_in_executor(threads, self._pump, own, loop) for _ in range(PUMPS)]
            try:
                await asyncio.wait(pumps)
            finally:
                self._over = True
                await asyncio.wait(pumps)
                threads.shutdown(wait=False)
                faults = [fault for pump in pumps if (fault := pump.exception())]
        if faults:
            raise faults[0]
        self._check(self._sent)
        if not self._sent:
            await self._told(0, True)  # noqa: FBT003

    def _pump(self, line: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        """Open a piece and send it, in turns: while one is sent, the other pump opens the next."""
        buffer = memoryview(bytearray(LARGE))
        try:
            while not self._over:
                with self._opening:
                    size = self._stream.readinto(buffer)  # type: ignore[attr-defined]
                    if not size:
                        return
                    self._sending.acquire()  # before another one opens what comes after it
                try:
                    self._send(line, buffer[:size], loop)
                finally:
                    self._sending.release()
        except BaseException:
            self._over = True
            raise

    def _send(
        self, line: socket.socket, piece: memoryview, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Send a piece, and tell now and then how far it is."""
        last = self._sent + len(piece) >= self._length
        now = time.monotonic()
        if last or now - self._noted > TOLD_EVERY:
            self._noted = now
            self._tell(loop, last)
        self._send_all(line, piece)
        self._sent += len(piece)
        if last:
            self._tell(loop, last)

    def _check(self, sent: int) -> None:
        if sent != self._length:
            raise OSError("The document ended before its end")

    def _send_all(self, line: socket.socket, rest: memoryview) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(line, selectors.EVENT_WRITE)
            while rest and not self._over:
                if ready.select(LOOKS_UP):
                    with suppress(BlockingIOError, InterruptedError):
                        rest = rest[line.send(rest) :]

    def _tell(self, loop: asyncio.AbstractEventLoop, last: bool) -> None:  # noqa: FBT001
        """Have the loop note it; return once that is safe, or nobody wants it any more."""
        noted = asyncio.run_coroutine_threadsafe(self._note(last), loop)
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
