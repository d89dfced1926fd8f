"""A loop in a thread, where a command's children live.

A command may begin and end as many loops as it likes, and its children outlive them.
"""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from sheetfed.addons import Addons
from sheetfed.cli.bench import Bench
from sheetfed.config import Config, prepare


class Workshop:
    """Runs a bench until it is left."""

    def __init__(self, config: Config, addons: Addons) -> None:
        prepare(config)
        self.loop = asyncio.new_event_loop()
        self.bench = Bench(config, addons)
        self._thread = threading.Thread(target=self.loop.run_forever, name="workshop", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.bench.close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
