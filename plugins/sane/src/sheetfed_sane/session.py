"""One open SANE device: its options and its pages."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from sheetfed.api.contracts import Session
from sheetfed.api.errors import DeviceGone, DriverLied, FeederEmpty, SheetfedError
from sheetfed.api.model import Option, Progress, Raster, Settings, Side, Value
from sheetfed_sane.binding import Frame, Handle, Parameters
from sheetfed_sane.driver import Driver
from sheetfed_sane.frames import BAND, mode_of, rows_of, woven
from sheetfed_sane.panel import Panel
from sheetfed_sane.status import WarmingUp
from sheetfed_sane.words import feeds, is_glass, side_of

WARM_UP = 120.0
"""How many seconds a lamp may take."""

ASK_AGAIN = 0.5

SIGN_OF_LIFE = 1.0
"""Seconds between two words of a colour that is kept: no row is shown before the third one."""


class SaneSession(Session):
    """An open device. What is set stays set until it is closed."""

    def __init__(self, handle: Handle) -> None:
        self._handle: Handle | None = handle
        self._panel = Panel(Driver(handle))
        self._scanning = False

    def options(self) -> Sequence[Option]:
        """Return every option that has a meaning now, with the value in force."""
        self._open_handle()
        return self._panel.options()

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option; return all that changed, the ones that lost their meaning read-only."""
        self._open_handle()
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
        """Yield sides as they come: one from the glass, all from the feeder."""
        handle = self._open_handle()
        self._panel.set_all(settings)
        word = self._panel.source.word()
        _refuse_early(handle)
        dpi = self._panel.resolution.dpi()  # now: some drivers tell nothing in mid scan
        self._scanning = True
        try:
            for page in range(self._most(word)):
                try:
                    yield from _start(handle)
                    raster = yield from _page(handle, dpi=dpi, side=side_of(word, page))
                except FeederEmpty:
                    if page:
                        return
                    raise
                yield raster
                for _rest in raster.rows:  # of a page that nobody wanted to its end
                    pass
        finally:
            self._stop(handle)

    def close(self) -> None:
        """Let go of the device."""
        if self._handle is not None:
            handle = self._handle
            self._stop(handle)
            self._handle = None
            handle.close()

    def _open_handle(self) -> Handle:
        if self._handle is None:
            raise DeviceGone("The device was closed")
        return self._handle

    def _stop(self, handle: Handle) -> None:
        """End the batch: never between the pages of a feeder, and only once."""
        if self._scanning:
            self._scanning = False
            handle.cancel()

    def _most(self, word: str) -> int:
        """Return how many pages at most: the glass has one, a feeder as many as it holds."""
        pages = self._panel.pages
        if feeds(word):
            return pages or sys.maxsize
        return 1 if is_glass(word) else max(1, pages)


def _refuse_early(handle: Handle) -> None:
    """Refuse one bit a colour before paper moves; what else a driver says so early is a guess."""
    try:
        parameters = handle.parameters()
    except SheetfedError:
        return
    if parameters.depth == 1:
        mode_of(parameters)


def _page(
    handle: Handle, *, dpi: tuple[float, float], side: Side
) -> Generator[Progress, None, Raster]:
    """Return the page that has begun, once its first rows are there."""
    parameters = handle.parameters()
    mode = mode_of(parameters)
    if parameters.frame in BAND:
        rows, parameters = yield from _three_passes(handle, parameters)
    else:
        rows = rows_of(handle, parameters)
    first = next(rows)  # some feeders say only now that they are empty
    return Raster(
        width=parameters.width,
        height=parameters.lines,
        mode=mode,
        dpi=dpi,
        side=side,
        rows=chain([first], rows),
    )


def _start(handle: Handle) -> Iterator[Progress]:
    """Start a frame, waiting for the lamp where it must."""
    limit = time.monotonic() + WARM_UP
    while True:
        try:
            handle.start()
            return
        except WarmingUp as error:
            if time.monotonic() > limit:
                raise
            yield Progress(activity=error.message)
            time.sleep(ASK_AGAIN)


def _three_passes(
    handle: Handle, parameters: Parameters
) -> Generator[Progress, None, tuple[Iterator[memoryview], Parameters]]:
    """Keep two colours, then return rows that are made as the third one comes."""
    bands: dict[Frame, bytearray] = {}
    while not parameters.last and len(bands) < len(BAND):
        band = bands[parameters.frame] = bytearray()
        told = time.monotonic()
        for block in rows_of(handle, parameters):
            band += block
            if time.monotonic() - told > SIGN_OF_LIFE:
                told = time.monotonic()
                yield Progress(activity=f"Scanning {parameters.frame.name.lower()}")
        yield Progress(activity=f"Scanned {parameters.frame.name.lower()}", done=len(bands) / 3)
        yield from _start(handle)
        parameters = handle.parameters()
    if {*bands, parameters.frame} != BAND.keys() or len(bands) != len(BAND) - 1:
        raise DriverLied("The driver did not send red, green and blue once each")
    rows = rows_of(handle, parameters)
    return woven(bands, parameters.frame, rows, parameters.depth), parameters
