"""Which part of the glass, or which paper, is scanned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sheetfed.api.model import Choice, Option, Value
from sheetfed.api.options import fitted, refusal
from sheetfed_sane.binding import Descriptor, Unit, Word
from sheetfed_sane.dials import Dial, Resolution, on_step
from sheetfed_sane.driver import Driver

INCH = 25.4
SLACK = 1.0
"""How many mm a glass may be too small: many end at 215.9 or 296.9."""

EXACT = 0.05
"""How many mm a length that was asked for may be out."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One direction: its ends as the driver's options, and its words for the whole paper."""

    start: str
    end: str
    paper: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What of one direction is scanned and how far it could go, in mm.

    `paper` is how far it can go with the paper that the feeder was told of.
    """

    start: float
    end: float
    lowest: float
    highest: float
    paper: float
    step: float


ACROSS = Axis(start="tl-x", end="br-x", paper=("page-width", "pagewidth"))
DOWN = Axis(start="tl-y", end="br-y", paper=("page-height", "pageheight"))


class Glass:
    """Reads and sets the scan area in mm, whatever the driver counts in."""

    def __init__(self, driver: Driver, resolution: Resolution) -> None:
        self.driver = driver
        self.resolution = resolution

    def span(self, axis: Axis) -> Span | None:
        """Return one direction; None where the driver has no such options now."""
        start, end = self.driver.dial(axis.start), self.driver.dial(axis.end)
        if start is None or end is None or start.range is None or end.range is None:
            return None
        paper = self.driver.dial(*axis.paper)
        reach = end.range.maximum
        if paper is not None and paper.range is not None:
            reach = max(reach, paper.range.maximum)
        one = self._mm(axis, end)
        return Span(
            start=self.driver.number(start) * one,
            end=self.driver.number(end) * one,
            lowest=start.range.minimum * one,
            highest=reach * one,
            paper=end.range.maximum * one,
            step=end.range.quant * one,
        )

    def feed(self, axis: Axis, length: float) -> None:
        """Tell a feeder how large its paper is; many centre it by that."""
        paper = self.driver.dial(*axis.paper)
        if paper is not None:
            self.driver.set(paper, on_step(paper, length / self._mm(axis, paper)))

    def choose(self, axis: Axis, *, start: float, length: float) -> None:
        """Scan `length` mm from `start` on; the caller has seen that it fits."""
        span = self.span(axis)
        if span is not None and start + length > span.paper:
            self.feed(axis, start + length)
        first, last = self.driver.dial(axis.start), self.driver.dial(axis.end)
        if first is None or last is None:
            return
        one = self._mm(axis, last)
        ends = [
            (first, on_step(first, start / one)),
            (last, on_step(last, (start + length) / one)),
        ]
        if ends[0][1] > self.driver.number(last):  # never the start behind the end
            ends.reverse()
        for descriptor, value in ends:
            self.driver.set(descriptor, value)

    def _mm(self, axis: Axis, descriptor: Descriptor) -> float:
        """Return how many mm one of the driver's units is."""
        if descriptor.unit != Unit.PIXEL:
            return 1.0
        dpi = self.resolution.dpi()[0 if axis is ACROSS else 1]
        return INCH / dpi if dpi else 1.0


class Length(Dial):
    """One side of the scan area: left, top, width or height."""

    def __init__(
        self, driver: Driver, glass: Glass, name: str, *, axis: Axis, part: Literal["start", "size"]
    ) -> None:
        super().__init__(driver)
        self.name = name
        self.glass = glass
        self.axis = axis
        self.part = part

    def option(self) -> Option | None:
        """Return the length in mm."""
        span = self.glass.span(self.axis)
        if span is None:
            return None
        size = self.part == "size"
        return Option(
            name=self.name,
            title=self.name.capitalize(),
            kind="float",
            default=round(span.end - span.start if size else span.start, 3),
            unit="mm",
            minimum=0 if size else round(span.lowest, 3),
            maximum=round(span.highest - (span.lowest if size else 0), 3),
            step=round(span.step, 4) or None,
            group="Area",
        )

    def turn(self, value: Value) -> None:
        """Set one length; the others stay, so that they must still fit."""
        place_area(self.glass, {self.name: value})


class PageSize(Dial):
    """A paper size that fits the glass, from its corner."""

    name = "page-size"

    def __init__(self, driver: Driver, glass: Glass) -> None:
        super().__init__(driver)
        self.glass = glass

    def option(self) -> Option | None:
        """Return the sizes that fit; `max` is all there is, `custom` any other area."""
        across, down = self.glass.span(ACROSS), self.glass.span(DOWN)
        if across is None or down is None:
            return None
        fitting = {
            name: title
            for name, (title, width, height) in SIZES.items()
            if _fits(across, width) and _fits(down, height)
        }
        fitting |= {"max": "Everything", "custom": "Custom"}
        return Option(
            name=self.name,
            title="Page size",
            kind="choice",
            default=_size_now(across, down, fitting),
            choices=tuple(Choice(value=name, title=title) for name, title in fitting.items()),
            group="Area",
        )

    def turn(self, value: Value) -> None:
        """Scan a paper of this size, lying in the corner."""
        across, down = self.glass.span(ACROSS), self.glass.span(DOWN)
        if across is None or down is None or value == "custom":
            return
        width = height = float("inf")
        if value != "max":
            _title, width, height = SIZES[str(value)]
        for axis, span, length in ((ACROSS, across, width), (DOWN, down, height)):
            fitting = min(length, span.highest - span.lowest)
            self.glass.feed(axis, span.lowest + fitting)
            self.glass.choose(axis, start=span.lowest, length=fitting)

    def check(self, value: Value) -> Value:
        """Return the value if it fits; names the glass where a known size does not."""
        option, across, down = self.option(), self.glass.span(ACROSS), self.glass.span(DOWN)
        if option is None or across is None or down is None:
            return value
        if value in SIZES and value not in {choice.value for choice in option.choices}:
            title, width, height = SIZES[str(value)]
            raise refusal(
                option,
                f"cannot be {title}: {width:g} x {height:g} mm is more than the device"
                f" reaches ({across.highest - across.lowest:.4g} x"
                f" {down.highest - down.lowest:.4g} mm)",
            )
        return fitted(option, value)


def place_area(glass: Glass, wanted: dict[str, Value]) -> None:
    """Set any of left, top, width and height together; what is not named stays."""
    for axis, start_name, size_name in ((ACROSS, "left", "width"), (DOWN, "top", "height")):
        span = glass.span(axis)
        if span is None or not wanted.keys() & {start_name, size_name}:
            continue
        start = _length(wanted, start_name, span.start)
        size = _length(wanted, size_name, span.end - span.start)
        named = size_name if size_name in wanted else start_name
        option = Option(name=named, title=named, kind="float")
        if size <= 0:
            raise refusal(option, f"must be more than 0 mm, not {size:g}")
        if start + size > span.highest + EXACT:
            raise refusal(
                option,
                f"does not fit: {start_name} {start:g} and {size_name} {size:g} end at"
                f" {start + size:g} mm, the device reaches {span.highest:.4g} mm",
            )
        glass.choose(axis, start=start, length=min(size, span.highest - start))


def _length(wanted: dict[str, Value], name: str, now: float) -> float:
    value: Word = wanted.get(name)
    return float(value) if isinstance(value, int | float) else now


def _fits(span: Span, length: float) -> bool:
    return length <= span.highest - span.lowest + SLACK


def _size_now(across: Span, down: Span, fitting: dict[str, str]) -> str:
    if not _near(across.start, across.lowest, across) or not _near(down.start, down.lowest, down):
        return "custom"
    for name in fitting:
        if name in SIZES:
            _title, width, height = SIZES[name]
            if _ends_at(across, width) and _ends_at(down, height):
                return name
    everything = _ends_at(across, float("inf")) and _ends_at(down, float("inf"))
    return "max" if everything else "custom"


def _ends_at(span: Span, length: float) -> bool:
    return _near(span.end - span.lowest, min(length, span.highest - span.lowest), span)


def _near(one: float, other: float, span: Span) -> bool:
    return abs(one - other) <= max(0.1, span.step)
