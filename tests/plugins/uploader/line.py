"""A line to a server, which can be cut, or be slow."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Self


class Line:
    """Passes on what comes; after `most` bytes from the client it is cut, and those after it too.

    Where it `holds`, it is not cut, but nothing moves any more; with a `rest` it drips.
    """

    def __init__(
        self, port: int, *, most: int | None = None, holds: bool = False, rest: float = 0.0
    ) -> None:
        self._to = port
        self._most = most
        self._holds = holds
        self._rest = rest
        self._passed = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        future = asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        self.port: int = future.result(5)

    @property
    def stuck(self) -> bool:
        """Whether as much has passed as may."""
        return self._most is not None and self._passed > self._most

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _open(self) -> int:
        listening = socket.socket()
        # Or the system takes in megabytes of what is held, and the client believes it is sent.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        listening.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._serve, sock=listening)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._to)
        up = asyncio.ensure_future(self._pass(reader, forth, self._most, self._rest))
        down = asyncio.ensure_future(self._pass(back, writer, None, 0.0))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            for end in (writer, forth):
                end.transport.abort()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        most: int | None,
        rest: float,
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(16 << 10):
                self._passed += 0 if most is None else len(data)
                if most is not None and self._passed > most:
                    if self._holds:
                        await asyncio.Event().wait()
                    return
                await asyncio.sleep(rest)
                writer.write(data)
                await writer.drain()
