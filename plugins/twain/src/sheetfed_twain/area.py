"""Which part of the glass, or which paper, is scanned."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from sheetfed.api.model import Choice, Option, Value
from sheetfed.api.options import fitted, refusal
from sheetfed_twain.dials import Dial
from sheetfed_twain.driver import Driver
from sheetfed_twain.words import IMAGE, Answer, Cap, Data, Message

INCH = 25.4
SLACK = 1.0
"""How many mm a glass may be too small: many end at 215 or 296."""

EXACT = 0.05
NEAR = 0.2
PARTS = ("left", "top", "width", "height")
SIZES: dict[str, tuple[str, float, float]] = {
    "a3": ("A3", 297, 420),
    "a4": ("A4", 210, 297),
    "a5": ("A5", 148, 210),
    "a6": ("A6", 105, 148),
    "b5": ("B5", 176, 250),
    "letter": ("Letter", 215.9, 279.4),
    "legal": ("Legal", 215.9, 355.6),
    "business-card": ("Business card", 85, 55),
}


class Glass:
    """Reads and sets the frame in mm; it counts in inches."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def reach(self) -> tuple[float, float] | None:
        """Return how far it can scan across and down; None where the device does not say."""
        ends = [self.driver.number(cap) for cap in (Cap.WIDTH, Cap.HEIGHT)]
        across, down = (None if end is None else round(end * INCH, 3) for end in ends)
        return (across, down) if across and down else None

    def now(self) -> dict[str, float] | None:
        """Return the part that is scanned; None where the device has no frame."""
        layout = self._layout()
        if layout is None:
            return None
        frame = layout.Frame
        ends = (frame.Left, frame.Top, frame.Right, frame.Bottom)
        left, top, right, bottom = (round((end.Whole + end.Frac / 65536) * INCH, 2) for end in ends)
        return {"left": left, "top": top, "width": right - left, "height": bottom - top}

    def place(self, wanted: Mapping[str, float]) -> None:
        """Set some of left, top, width and height; what is not named stays.

        Raises BadSettings where that is nothing, or more than there is.
        """
        now, reach = self.now(), self.reach()
        if now is None or reach is None:
            return
        part = {**now, **wanted}
        for start, size, end in (("left", "width", reach[0]), ("top", "height", reach[1])):
            named = size if size in wanted else start
            option = Option(name=named, title=named, kind="float")
            if part[size] <= 0:
                raise refusal(option, f"must be more than 0 mm, not {part[size]:g}")
            if part[start] + part[size] > end + EXACT and {start, size} & {*wanted}:
                raise refusal(
                    option,
                    f"does not fit: {start} {part[start]:g} and {size} {part[size]:g} end at"
                    f" {part[start] + part[size]:g} mm, the device reaches {end:.4g} mm",
                )
        self._set(part)

    def _set(self, part: Mapping[str, float]) -> None:
        structs = importlib.import_module("twain.lowlevel.structs")
        layout = self._layout()
        left, top = part["left"], part["top"]
        ends = (left, top, left + part["width"], top + part["height"])
        layout.Frame = structs.tuple2frame(tuple(end / INCH for end in ends))
        self.driver.do(IMAGE, Data.LAYOUT, Message.SET, layout, "set", Answer.CHECK_STATUS)
        self.driver.forget()

    def _layout(self) -> Any:
        layout = importlib.import_module("twain.lowlevel.structs").TW_IMAGELAYOUT()
        answer = self.driver.ask(IMAGE, Data.LAYOUT, Message.GET, layout)
        return layout if answer == Answer.SUCCESS else None


class Length(Dial):
    """One side of the scan area: left, top, width or height."""

    def __init__(self, driver: Driver, glass: Glass, name: str) -> None:
        super().__init__(driver)
        self.glass = glass
        self.name = name

    def option(self) -> Option | None:
        """Return the length in mm."""
        reach, now = self.glass.reach(), self.glass.now()
        if reach is None or now is None:
            return None
        end = reach[0] if self.name in ("left", "width") else reach[1]
        return Option(
            name=self.name,
            title=self.name.capitalize(),
            kind="float",
            default=min(max(round(now[self.name], 2), 0.0), end),
            unit="mm",
            minimum=0,
            maximum=end,
            group="Area",
        )

    def turn(self, value: Value) -> None:
        """Set one length; the others stay, so that they must still fit."""
        assert isinstance(value, int | float)
        self.glass.place({self.name: value})


class PageSize(Dial):
    """A paper size that fits, from the corner."""

    name = "page-size"

    def __init__(self, driver: Driver, glass: Glass) -> None:
        super().__init__(driver)
        self.glass = glass

    def option(self) -> Option | None:
        """Return the sizes that fit; `max` is all there is, `custom` any other area."""
        reach, now = self.glass.reach(), self.glass.now()
        if reach is None or now is None:
            return None
        sizes = {name: title for name, (title, *size) in SIZES.items() if _fits(size, reach)}
        sizes |= {"max": "Everything", "custom": "Custom"}
        return Option(
            name=self.name,
            title="Page size",
            kind="choice",
            default=_size_now(now, reach, sizes),
            choices=tuple(Choice(value=name, title=title) for name, title in sizes.items()),
            group="Area",
        )

    def turn(self, value: Value) -> None:
        """Scan a paper of this size, lying in the corner."""
        reach = self.glass.reach()
        if reach is None or value == "custom":
            return
        width, height = _size(str(value), reach)
        self.glass.place({"left": 0, "top": 0, "width": width, "height": height})

    def check(self, value: Value) -> Value:
        """Return the value if it fits; names the reach where a known size does not."""
        option, reach = self.option(), self.glass.reach()
        if option is None or reach is None:
            return value
        if value in SIZES and value not in {choice.value for choice in option.choices}:
            title, width, height = SIZES[str(value)]
            raise refusal(
                option,
                f"cannot be {title}: {width:g} x {height:g} mm is more than the device reaches"
                f" ({reach[0]:.4g} x {reach[1]:.4g} mm)",
            )
        return fitted(option, value)


def _size(name: str, reach: tuple[float, float]) -> tuple[float, float]:
    _title, width, height = SIZES.get(name, ("", *reach))
    return min(width, reach[0]), min(height, reach[1])


def _fits(size: list[float], reach: tuple[float, float]) -> bool:
    return size[0] <= reach[0] + SLACK and size[1] <= reach[1] + SLACK


def _size_now(
    now: Mapping[str, float], reach: tuple[float, float], sizes: Mapping[str, str]
) -> str:
    for name in ("max", *sizes):
        width, height = _size(name, reach)
        wanted = {"left": 0.0, "top": 0.0, "width": width, "height": height}
        if all(abs(now[part] - wanted[part]) <= NEAR for part in PARTS):
            return name
    return "custom"
