"""One batch: from the first sheet to what ends it."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import time
from collections.abc import Iterator

from sheetfed.api.errors import Cancelled, DriverTimeout, FeederEmpty
from sheetfed.api.model import Progress, Raster, Side
from sheetfed_twain.driver import Driver
from sheetfed_twain.transfers import taken
from sheetfed_twain.window import Pump
from sheetfed_twain.words import Message, Way

POLL = 0.05
"""Seconds between two looks at what the driver says: some drivers expect to be asked."""


class Batch:
    """What one enabling of a source brings."""

    def __init__(self, driver: Driver, *, way: Way, duplex: bool, patience: float) -> None:
        self._driver = driver
        self._way = way
        self._duplex = duplex
        self._patience = patience

    def pages(self, *, most: int, dialog: bool) -> Iterator[Raster | Progress]:
        """Yield what is scanned, `most` pages or all; whatever happens, the device stops."""
        driver = self._driver
        count = 0
        try:
            yield from self._ready(dialog=dialog)
            while True:
                try:
                    page = taken(driver, self._way, self._side(count))
                except FeederEmpty:
                    if count:
                        return
                    raise
                yield page
                for _rest in page.rows:  # of a page that nobody wanted to its end
                    pass
                count += 1
                if not driver.end_image() or count == most:
                    return
        finally:
            driver.stop()

    def _ready(self, *, dialog: bool) -> Iterator[Progress]:
        """Start, and wait until the first image is ready. Raises Cancelled, DriverTimeout."""
        driver = self._driver
        shown = driver.enable(dialog=dialog)
        end = time.monotonic() + self._patience
        raised = False
        while True:
            signal = driver.window.wait(driver.heed, POLL) or driver.heed(Pump())[1]
            if signal == Message.READY:
                return
            if signal in (Message.CLOSE, Message.CLOSE_OK):
                raise Cancelled("Somebody closed the driver's dialog")
            if shown and not raised:
                raised = driver.window.bring_to_front()
            elif not shown and time.monotonic() > end:
                raise DriverTimeout(
                    f"The scanner was not ready within {self._patience:g} seconds",
                    operation="first-row",
                )
            yield Progress(activity="The driver shows its dialog" if shown else "Getting ready")

    def _side(self, count: int) -> Side:
        if not self._duplex:
            return ""
        return "back" if count % 2 else "front"
