"""A server that hears a request out and says one text."""

from __future__ import annotations

import asyncio
import ssl

from places import Loop


class Rude:
    """A server that answers each connection with one text, whatever it was asked."""

    def __init__(self, *answers: bytes, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self.bodies: list[bytes] = []
        self._tls = tls
        self._answers = iter(answers)
        self._loop = Loop()
        self.port = self._loop.run(self._open())

    async def _open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        self.bodies.append(await reader.readexactly(length))
        writer.write(next(self._answers))
        await writer.drain()
        writer.close()

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
