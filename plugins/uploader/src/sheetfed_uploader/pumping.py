"""A document as the body of a request, pumped at full speed.

Threads send it past the loop, over TLS too, wherever the system has the means.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from sheetfed_uploader.aside import aside
from sheetfed_uploader.pumps import SHORT, Opened, Pumps, Sealed, Sizes, Told, Way
from sheetfed_uploader.tls import Line

PIECE = 256 << 10
"""Bytes that the loop gets at a time, where it has to send."""

PLAIN = Sizes(piece=1 << 20, ahead=4, step=1 << 20)
"""Threads that take turns cost time."""

SEALED = Sizes(piece=2 << 20, ahead=1, step=96 << 10)
"""Over TLS: what is copied three times should stay in a processor's own memory.

One thread does it. Two of them, and whoever receives, are more than two processors have room for.
"""


class Body(Payload):
    """Some bytes, a document, some bytes. Its length is known.

    One pump is enough where other bodies are on their way beside it.
    """

    def __init__(
        self,
        opened: Opened,
        size: int,
        *,
        told: Told,
        before: bytes = b"",
        after: bytes = b"",
        pumps: int = 2,
    ) -> None:
        super().__init__(None, content_type="application/octet-stream")
        self._size = len(before) + size + len(after)
        self._opened = opened
        self._length = size
        self._before = before
        self._after = after
        self._told = told
        self._pumps = pumps

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
        if not self._length:
            await self._told(0, True)  # noqa: FBT003 - its head is the last that goes
        transport: Any = getattr(writer, "transport", None)
        tls = transport and transport.get_extra_info("ssl_object")
        if not transport or os.name != "posix" or not isinstance(tls, Line | None):
            await self._passed(writer)
        elif tls:
            await self._sealed(writer, transport, tls)
        else:
            await self._plain(writer, transport)
        if self._after:
            await writer.write(self._after)

    async def _plain(self, writer: AbstractStreamWriter, transport: Any) -> None:
        """Send it past the loop, once that has sent all it had."""
        await self._begun(writer)
        transport.set_write_buffer_limits(0)
        await writer.drain()
        with transport.get_extra_info("socket").dup() as line:
            # One that is alone with it sends what it has opened.
            sizes = PLAIN if self._pumps > 1 else replace(PLAIN, ahead=1)
            await self._pumped(line, lambda piece: piece, sizes, self._pumps)

    async def _sealed(self, writer: AbstractStreamWriter, transport: Any, tls: Line) -> None:
        """Encrypt it and send it past the loop, the head of the request included."""
        tls.take()
        try:
            await self._begun(writer)
            with transport.get_extra_info("socket").dup() as line:
                await self._pumped(line, tls.sealed, SEALED, 1)
        finally:
            tls.give_back()

    async def _pumped(self, line: socket.socket, sealed: Sealed, sizes: Sizes, pumps: int) -> None:
        way = Way(line=line, sealed=sealed, sizes=sizes, pumps=pumps)
        await Pumps(self._opened, self._length, way, self._told).run()

    async def _passed(self, writer: AbstractStreamWriter) -> None:
        """Hand pieces to the loop; while one is on the wire the next is opened."""
        await self._begun(writer)
        sent = 0
        with self._opened(0) as stream:
            ahead = asyncio.ensure_future(aside(partial(stream.read, PIECE)))
            try:
                while piece := await ahead:
                    ahead = asyncio.ensure_future(aside(partial(stream.read, PIECE)))
                    await self._told(sent, sent + len(piece) >= self._length)
                    await writer.write(piece)
                    sent += len(piece)
            finally:
                await asyncio.wait([ahead])
                ahead.cancelled() or ahead.exception()
        if sent != self._length:
            raise SHORT
        await self._told(sent, True)  # noqa: FBT003

    async def _begun(self, writer: AbstractStreamWriter) -> None:
        writer.send_headers()
        if self._before:
            await writer.write(self._before)
