"""A line to a server, which can be cut, or be slow."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Self


class Line:
    """Passes on what comes; after `most` bytes from the client it is cut, for one connection."""

    def __init__(self, port: int, *, most: int | None = None, cut_answers: bool = False) -> None:
        self._to = port
        self._most = most
        self._cut_answers = cut_answers
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        future = asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        self.port: int = future.result(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._to)
        up = asyncio.ensure_future(self._pass(reader, forth, self._most))
        down = asyncio.ensure_future(self._pass(back, writer, None))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            for end in (writer, forth):
                end.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None
    ) -> None:
        passed = 0
        with suppress(ConnectionError):
            while data := await reader.read(16 << 10):
                passed += len(data)
                if most is not None and passed > most:
                    return
                writer.write(data)
                await writer.drain()
