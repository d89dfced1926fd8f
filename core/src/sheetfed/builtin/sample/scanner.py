"""The sample scanner: glass, feeder, faults on demand."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import CODES, BadSettings, DeviceGone, FeederEmpty
from sheetfed.api.model import Device, Mode, Option, Raster, Settings, Value
from sheetfed.api.options import fitted
from sheetfed.builtin.sample.canvas import Canvas
from sheetfed.builtin.sample.form import GLASS, OPTIONS, PAPERS
from sheetfed.builtin.sample.optics import BAND, Exposure, Pixels, expose
from sheetfed.builtin.sample.sheets import Sheet, draw

DEVICE = Device(id="paper", title="Sample scanner", vendor="sheetfed", model="Paper")

SKEWS = (0.35, -0.5, 0.2, -0.25, 0.45)
"""How crooked the sheets are, by turns, in degrees."""

MODES: Mapping[tuple[str, int], Mode] = {
    ("gray", 8): "gray",
    ("gray", 16): "gray16",
    ("color", 8): "color",
    ("color", 16): "color16",
}
Asked = Mapping[str, Any]
"""Every option's value for one scan."""


class SampleSource(Source):
    """One scanner that is always there."""

    def devices(self) -> list[Device]:
        """Return the sample scanner."""
        return [DEVICE]

    def open(self, device_id: str) -> SampleSession:
        """Open the sample scanner."""
        if device_id != DEVICE.id:
            raise DeviceGone(f"There is no sample scanner {device_id!r}.", device=device_id)
        return SampleSession()


class SampleSession(Session):
    """What the scanner is set to, and how far it is through its stack of paper."""

    def __init__(self) -> None:
        self._options = {option.name: option for option in OPTIONS}
        self._next = 0
        self._fault_due = True
        self._closed = False

    def options(self) -> Sequence[Option]:
        """Return the settings in force."""
        return list(self._options.values())

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option; a page size brings its width and height along."""
        before = self._options
        self._options = _adjusted(before, {name: value})
        return [
            option
            for option in self._options.values()
            if option.name == name or option != before[option.name]
        ]

    def scan(self, settings: Settings) -> Generator[Raster]:
        """Yield the sides that are still in the stack, or the one on the glass."""
        options = _adjusted(self._options, settings)
        asked: Asked = {option.name: option.default for option in options.values()}
        _check_area(asked)
        stack = _stack(asked)
        if not stack:
            raise FeederEmpty
        if self._next >= len(stack):
            self._next = 0  # the same stack is put in again
        most = 1 if asked["source"] == "flatbed" else asked["pages"] or len(stack)
        for place in range(self._next, min(len(stack), self._next + most)):
            if self._closed:
                return
            yield self._side(asked, stack[place], place)
            self._next = place + 1

    def close(self) -> None:
        """Let go."""
        self._closed = True

    def _side(self, asked: Asked, sheet: Sheet, place: int) -> Raster:
        fault_row = self._fault_row(asked, place)
        if fault_row == 0:
            self._fail(asked)
        exposure = _exposure(asked, sheet)
        return Raster(
            width=exposure.width,
            height=exposure.height,
            mode=exposure.mode,
            dpi=(asked["resolution"], asked["resolution"]),
            side=sheet.side,
            rows=self._rows(asked, sheet, place=place, fault_row=fault_row),
        )

    def _rows(
        self, asked: Asked, sheet: Sheet, *, place: int, fault_row: int | None
    ) -> Generator[memoryview]:
        exposure = _exposure(asked, sheet)
        started, done, pause = time.monotonic(), 0, 0.0
        for band in expose(_on_glass(asked, sheet), exposure):
            done = min(exposure.height, done + BAND)
            if fault_row is not None and (done > fault_row or done == exposure.height):
                self._fail(asked)
                if asked["fault"] == "lie":
                    return
                pause, fault_row = BAND * 60 / exposure.height, None
            if asked["speed"]:
                due = started + done / exposure.height * 60 / asked["speed"]
                time.sleep(max(0.0, due - time.monotonic()))
            time.sleep(pause)
            if done == exposure.height:
                self._next = place + 1
            yield band

    def _fault_row(self, asked: Asked, place: int) -> int | None:
        """Return the row before which this side fails, if it is to fail."""
        due = self._fault_due or asked["fault-repeat"]
        if asked["fault"] == "none" or asked["fault-page"] != place + 1 or not due:
            return None
        row: int = asked["fault-row"]
        return row or int(asked["fault"] in ("lie", "slow"))

    def _fail(self, asked: Asked) -> None:
        """Fail as asked; a lie and a slow page return."""
        self._fault_due = False
        fault = asked["fault"]
        if fault == "crash":
            os.abort()
        while fault == "hang":
            time.sleep(1)
        if fault in CODES:
            raise CODES[fault]


def _adjusted(options: Mapping[str, Option], settings: Settings) -> dict[str, Option]:
    """Return the options with these settings made, in the order of the form."""
    for name in settings:
        if name not in options:
            raise BadSettings(f"There is no option {name!r}.", option=name)
    values = {option.name: option.default for option in options.values()}
    for name, option in options.items():
        if name not in settings:
            continue
        value = fitted(option, settings[name])
        if name in ("left", "top", "width", "height") and value != values[name]:
            values["page-size"] = "custom"
        values[name] = value
        if name == "page-size" and value in PAPERS:
            width, height = PAPERS[str(value)]
            values |= {"left": 0.0, "top": 0.0, "width": width, "height": height}
    return {name: replace(option, default=values[name]) for name, option in options.items()}


def _check_area(asked: Asked) -> None:
    for start, length, limit in (("left", "width", GLASS[0]), ("top", "height", GLASS[1])):
        if asked[start] + asked[length] > limit:
            raise BadSettings(
                f"{start} {asked[start]:g} mm and {length} {asked[length]:g} mm go beyond the"
                f" {limit:g} mm of the glass.",
                option=length,
            )


def _stack(asked: Asked) -> list[Sheet]:
    numbers = range(1, asked["sheets"] + 1)
    if asked["source"] == "duplex":
        return [Sheet(number=number, side=side) for number in numbers for side in ("front", "back")]
    if asked["source"] == "flatbed":
        return [Sheet(number=number, side="") for number in numbers or (1,)]
    return [Sheet(number=number) for number in numbers]


def _exposure(asked: Asked, sheet: Sheet) -> Exposure:
    left, top, width, height = (
        round(asked[name] * asked["resolution"] / 25.4)
        for name in ("left", "top", "width", "height")
    )
    skew = SKEWS[sheet.number % len(SKEWS)]
    return Exposure(
        left=left,
        top=top,
        width=width,
        height=height,
        mode=MODES.get((asked["mode"], asked["depth"]), "bw"),
        skew=-skew if sheet.side == "back" else skew,
        brightness=asked["brightness"],
        contrast=asked["contrast"],
        threshold=asked["threshold"],
        seed=sheet.number * 2 + (sheet.side == "back"),
    )


def _on_glass(asked: Asked, sheet: Sheet) -> Pixels:
    """Return the sheet as it lies there, in colour or grey."""
    width, height = PAPERS.get(asked["page-size"], PAPERS["a4"])
    canvas = Canvas(width, height, dpi=asked["resolution"])
    draw(sheet, canvas)
    image = canvas.image if asked["mode"] == "color" else canvas.image.convert("L")
    return np.asarray(image)
