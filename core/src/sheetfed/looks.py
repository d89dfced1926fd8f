"""One viewer's look through a device."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from sheetfed.api.errors import NotFound, ServiceGone, SheetfedError
from sheetfed.api.model import Frame, View
from sheetfed.worker.parent import Worker


class Look:
    """The live pictures of a device for one viewer, one asked for at a time."""

    def __init__(self, worker: Worker, device_id: str, number: int, view: View) -> None:
        self.number = number
        self._worker = worker
        self._device = device_id
        self._view = view
        self._coming: asyncio.Future[Frame | None] | None = None
        self._stopped = asyncio.Event()

    async def frames(self, most: float) -> AsyncGenerator[Frame, None]:
        """Yield pictures, at most so many a second, until it is stopped; see `frame`."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            yield await self.frame()
            due = max(due + 1 / most, loop.time() - 1 / most)  # what came late is not made up for
            await asyncio.sleep(due - loop.time())

    async def frame(self) -> Frame:
        """Return the newest picture that was not given yet.

        Raises NotFound where the device has no live pictures, ServiceGone once it was stopped, and
        what the device fails with.
        """
        native = self._device.partition(":")[2]
        coming = self._worker.frame(native, self.number, self._view)
        self._coming = asyncio.ensure_future(coming)  # who leaves must not cut a driver off
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({self._coming, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        if self._stopped.is_set():
            raise ServiceGone("The preview was ended")
        frame = self._coming.result()
        if frame is None:
            raise NotFound(f"{self._device} has no live picture", device=self._device)
        return frame

    def stop(self) -> None:
        """Give no more pictures."""
        self._stopped.set()

    async def end(self) -> None:
        """Forget the viewer, once the picture that is on its way has come."""
        with suppress(SheetfedError):
            if self._coming is not None:
                await self._coming
            await self._worker.blink(self.number)
