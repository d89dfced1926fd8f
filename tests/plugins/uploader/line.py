"""A line to a server, which can be cut, or be slow."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from contextlib import suppress
from typing import Any, Self

ELSEWHERE = "127.0.0.2"
"""An address of loopback where no server of ours listens."""


class Line:
    """Passes on what comes; after `most` bytes from the client it is cut, and those after it too.

    Where it `holds`, it is not cut, but nothing moves any more; with a `rest` it drips.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = "127.0.0.1",
        most: int | None = None,
        holds: bool = False,
        rest: float = 0.0,
    ) -> None:
        self._to = port
        self._host = host
        self._most = most
        self._holds = holds
        self._rest = rest
        self._passed = 0
        self._servers: list[asyncio.Server] = []
        self._never = asyncio.Event()  # holds those who wait: nothing else would keep them
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        future = asyncio.run_coroutine_threadsafe(self._open(port), self._loop)
        self.port: int = future.result(5)

    @property
    def passed(self) -> int:
        """Bytes that came from the client."""
        return self._passed

    @property
    def stuck(self) -> bool:
        """Whether as much has passed as may."""
        return self._most is not None and self._passed > self._most

    def release(self) -> None:
        """Let all pass from now on."""
        self._most = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _open(self, port: int, own: int = 0) -> int:
        """Begin a line to a port; return where it begins."""
        listening = socket.socket(socket.AF_INET6 if ":" in self._host else socket.AF_INET)
        # Or the system takes in megabytes of what is held, and the client believes it is sent.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self._host, own))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.CancelledError):  # or the library complains of the end
                await self._serve(port, reader, writer)

        self._servers.append(await asyncio.start_server(serve, sock=listening))
        return int(listening.getsockname()[1])

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        up = asyncio.ensure_future(self._up(reader, forth))
        down = asyncio.ensure_future(self._down(port, back, writer))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            for end in (writer, forth):
                end.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(16 << 10):
                self._passed += len(data)
                if self.stuck:
                    if self._holds:
                        await self._never.wait()
                    return
                await asyncio.sleep(self._rest)
                writer.write(data)
                await writer.drain()
            writer.write_eof()  # the client has said all; the answer may still come
            await self._never.wait()

    async def _down(
        self, _port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(16 << 10):
                writer.write(data)
                await writer.drain()


class FtpLine(Line):
    """The same for FTP: each line for data, which the server opens, leads through one of ours."""

    async def _down(
        self, _port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.readline():
                if found := re.fullmatch(rb"(227 .*,)(\d+),(\d+)(\)\.?\r\n)", data):
                    port = await self._open(int(found[2]) * 256 + int(found[3]))
                    data = b"%b%d,%d%b" % (found[1], port >> 8, port & 255, found[4])
                elif found := re.fullmatch(rb"(229 .*\|\|\|)(\d+)(\|.*\r\n)", data):
                    data = b"%b%d%b" % (found[1], await self._open(int(found[2])), found[3])
                writer.write(data)
                await writer.drain()


class TwinLine(Line):
    """The same where TLS hides which lines are for data: they have these ports, here and there."""

    def __init__(self, port: int, *data: int, **how: Any) -> None:
        super().__init__(port, host=ELSEWHERE, **how)
        for one in data:
            asyncio.run_coroutine_threadsafe(self._open(one, one), self._loop).result(5)
