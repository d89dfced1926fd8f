"""Work that may wait long, each in a thread of its own.

The threads of the service's loop are few and serve everybody: what waits for a server, or for its
turn on a line with a limit, must not have them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """Return what some work returns. Whoever is cancelled leaves it to end by itself."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, fault: BaseException | None) -> None:
        if done.cancelled():
            return
        if fault:
            done.set_exception(fault)
        else:
            done.set_result(result)  # type: ignore[arg-type] # it is one where nothing went wrong

    def run() -> None:
        result: T | None = None
        fault: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            fault = error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, result, fault)

    threading.Thread(target=run, name="upload-aside", daemon=True).start()
    return await done
