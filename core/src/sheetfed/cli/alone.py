"""A service in this process, on the local socket only."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import AsyncExitStack

from sheetfed.config import Config, prepare
from sheetfed.server.app import make_app
from sheetfed.server.listen import listen
from sheetfed.service import Service


class Alone:
    """Runs the service in a thread of its own until it is closed."""

    def __init__(self, config: Config) -> None:
        prepare(config)
        self._config = config
        self._ready: Future[None] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)
        self._thread.start()
        self._ready.result()

    def close(self) -> None:
        """Stop the service; what it kept is safe."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10.0)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        try:
            async with AsyncExitStack() as parts:
                service = await Service.start(self._config)
                parts.push_async_callback(service.close)
                listening = await listen(make_app(service), self._config, tcp=False)
                parts.push_async_callback(listening.close)
                self._ready.set_result(None)
                await self._stop.wait()
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)  # raised again in the thread that waits
