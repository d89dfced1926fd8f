"""One open TWAIN device: its options and its pages."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sheetfed.api.contracts import Session
from sheetfed.api.errors import DeviceGone, FeederEmpty
from sheetfed.api.model import Option, Progress, Raster, Settings, Value
from sheetfed_twain.batch import Batch
from sheetfed_twain.driver import Driver
from sheetfed_twain.panel import Panel
from sheetfed_twain.words import BITMAP_FILE, Cap, Way

ALL = -1
NO_COMPRESSION = 0
INCHES = 0
CHUNKY = 0


class TwainSession(Session):
    """An open device. What is set stays set until it is closed."""

    def __init__(self, driver: Driver, *, patience: float) -> None:
        self._driver: Driver | None = driver
        self._patience = patience
        self._panel = Panel(driver)
        driver.try_set(Cap.UNITS, INCHES)

    def options(self) -> Sequence[Option]:
        """Return every option that has a meaning now, with the value in force."""
        self._open_driver()
        return self._panel.options()

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option; return all that changed, the ones that lost their meaning read-only."""
        self._open_driver()
        before = {option.name: option for option in self._panel.options()}
        self._panel.set(name, value)
        after = {option.name: option for option in self._panel.options()}
        changed = [
            option
            for option in after.values()
            if option.name == name or before.get(option.name) != option
        ]
        gone = [replace(before[each], readonly=True) for each in before if each not in after]
        return changed + gone

    def scan(self, settings: Settings) -> Iterator[Raster | Progress]:
        """Yield sides as they come, in the driver's order, until the paper ends."""
        driver = self._open_driver()
        self._panel.set_all(settings)
        source, way = self._panel.source.word(), self._panel.transfer.way()
        self._prepare(driver, way)
        if source != "flatbed" and not self._panel.dialog:
            _refuse_empty(driver)
        batch = Batch(driver, way=way, duplex=source == "duplex", patience=self._patience)
        yield from batch.pages(most=self._panel.pages, dialog=self._panel.dialog)

    def close(self) -> None:
        """Let go of the device."""
        driver, self._driver = self._driver, None
        if driver is not None:
            try:
                driver.stop()
            finally:
                driver.close()

    def _prepare(self, driver: Driver, way: Way) -> None:
        """Set what every scan needs, where the device has it."""
        driver.try_set(Cap.UNITS, INCHES)
        driver.try_set(Cap.TRANSFER, way)
        driver.try_set(Cap.TRANSFER_COUNT, self._panel.pages or ALL)
        driver.try_set(Cap.COMPRESSION, NO_COMPRESSION)
        driver.try_set(Cap.PLANAR, CHUNKY)
        driver.try_set(Cap.AUTO_FEED, value=True)
        driver.try_set(Cap.INDICATORS, value=self._panel.dialog)
        if way == Way.FILE:
            driver.try_set(Cap.FILE_FORMAT, BITMAP_FILE)

    def _open_driver(self) -> Driver:
        if self._driver is None:
            raise DeviceGone("The device was closed")
        return self._driver


def _refuse_empty(driver: Driver) -> None:
    """Raise FeederEmpty before the device tries, where it can see its paper."""
    driver.forget()
    if driver.now(Cap.PAPER_DETECTABLE) is True and driver.now(Cap.FEEDER_LOADED) is False:
        raise FeederEmpty("There is no paper in the feeder")
