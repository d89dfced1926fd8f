"""The options all scanners share, in a driver's terms."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sheetfed.api.model import Choice, Option, Value
from sheetfed_sane.binding import Descriptor, Kind, Number, Range
from sheetfed_sane.driver import Driver
from sheetfed_sane.words import Meanings, mode_meanings, source_meanings

BRIGHTEST = 100
Ends = tuple[float, float, float]


class Dial(ABC):
    """One option that all scanners share."""

    name: str

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    @abstractmethod
    def option(self) -> Option | None:
        """Return the option with the value in force; None where the device has no such thing."""

    @abstractmethod
    def turn(self, value: Value) -> None:
        """Set it to a value that was checked against the option."""


class Source(Dial):
    """Where the paper lies."""

    name = "source"

    def option(self) -> Option | None:
        """Return the sources; the ones we do not know keep the driver's name."""
        found = self._descriptor()
        if found is None:
            return None
        meanings = source_meanings(found.strings)
        return _choices(self.name, "Paper source", meanings, meanings.get(self.word(), ""))

    def turn(self, value: Value) -> None:
        """Choose a source."""
        found = self._descriptor()
        if found is not None:
            self.driver.set(found, _theirs(source_meanings(found.strings), value))

    def word(self) -> str:
        """Return the driver's word for the source in force; empty where it has no sources."""
        found = self._descriptor()
        return "" if found is None else str(self.driver.get(found))

    def _descriptor(self) -> Descriptor | None:
        found = self.driver.dial("source", "scan-source")
        return found if found is not None and found.strings else None


class Mode(Dial):
    """Black and white, gray or colour.

    Where the driver has no word for black and white but can send one bit a pixel of gray, that is
    what lineart means.
    """

    name = "mode"

    def option(self) -> Option | None:
        """Return the modes; the ones we do not know keep the driver's name."""
        found = self._descriptor()
        if found is None:
            return None
        meanings = mode_meanings(found.strings)
        now = meanings.get(str(self.driver.get(found)), "")
        if self._one_bit(meanings) is None:
            return _choices(self.name, "Mode", meanings, now)
        if now == "gray" and self._depth_now() == 1:
            now = "lineart"
        return _choices(self.name, "Mode", {"Lineart": "lineart", **meanings}, now)

    def turn(self, value: Value) -> None:
        """Choose a mode, with the depth where that makes the difference."""
        found = self._descriptor()
        if found is None:
            return
        meanings = mode_meanings(found.strings)
        by_depth = self._one_bit(meanings) is not None
        lineart = by_depth and value == "lineart"
        self.driver.set(found, _theirs(meanings, "gray" if lineart else value))
        depth = self._one_bit(mode_meanings(found.strings))
        if depth is None or not by_depth:
            return
        if lineart:
            self.driver.set(depth, 1)
        elif self._depth_now() == 1:
            self.driver.set(depth, min(each for each in depth.words if each > 1))

    def _descriptor(self) -> Descriptor | None:
        found = self.driver.dial("mode", "scan-mode")
        return found if found is not None and found.strings else None

    def _one_bit(self, meanings: Meanings) -> Descriptor | None:
        depth = self.driver.dial("depth")
        known = meanings.values()
        if depth is None or "lineart" in known or "gray" not in known:
            return None
        return depth if 1 in depth.words and max(depth.words) > 1 else None

    def _depth_now(self) -> float:
        depth = self.driver.dial("depth")
        return 0 if depth is None else self.driver.number(depth)


class Depth(Dial):
    """Bits a sample."""

    name = "depth"

    def option(self) -> Option | None:
        """Return the depths."""
        found = self.driver.dial("depth")
        if found is None or not found.words:
            return None
        return Option(
            name=self.name,
            title="Bits a sample",
            kind="choice",
            default=round(self.driver.number(found)),
            choices=tuple(Choice(value=round(each), title=f"{each:g}") for each in found.words),
            advanced=True,
        )

    def turn(self, value: Value) -> None:
        """Choose a depth."""
        found = self.driver.dial("depth")
        if found is not None:
            self.driver.set(found, value)


class Resolution(Dial):
    """Dots an inch, both ways."""

    name = "resolution"

    def option(self) -> Option | None:
        """Return the resolutions that both ways have; a driver's fractions are not dots."""
        found = self.driver.dial("resolution", "x-resolution")
        if found is None:
            return None
        span = found.range or Range(minimum=1, maximum=32767, quant=1)
        return Option(
            name=self.name,
            title="Resolution",
            kind="choice" if found.words else "int",
            default=round(self.driver.number(found)),
            unit="dpi",
            choices=tuple(Choice(value=round(each), title=f"{each:g} dpi") for each in found.words),
            minimum=None if found.words else span.minimum,
            maximum=None if found.words else span.maximum,
            step=None if found.words else max(1, round(span.quant)),
        )

    def turn(self, value: Value) -> None:
        """Choose a resolution, across and down."""
        across = self.driver.dial("resolution", "x-resolution")
        if across is None or not isinstance(value, int | float):
            return
        self.driver.set(across, _near(across, value))
        down = self.driver.dial("y-resolution")
        if down is not None:
            self.driver.set(down, _near(down, value))

    def dpi(self) -> tuple[float, float]:
        """Return what is in force across and down; 0 where the driver does not say."""
        across = self.driver.find("resolution", "x-resolution")
        if across is None or not across.readable:
            return 0.0, 0.0
        down = self.driver.find("y-resolution")
        horizontal = self.driver.number(across)
        if down is None or not down.readable:
            return horizontal, horizontal
        return horizontal, self.driver.number(down)


class Level(Dial):
    """Brightness, contrast or threshold: a driver's range, stretched to ours."""

    def __init__(self, driver: Driver, name: str, title: str, *, lowest: int) -> None:
        super().__init__(driver)
        self.name = name
        self.title = title
        self.lowest = lowest

    def option(self) -> Option | None:
        """Return the level in percent."""
        found = self.driver.dial(self.name)
        if found is None or found.range is None:
            return None
        theirs, ours = self._ends(found.range)
        return Option(
            name=self.name,
            title=self.title,
            kind="int",
            default=round(_stretched(self.driver.number(found), theirs, ours)),
            unit="%",
            minimum=self.lowest,
            maximum=BRIGHTEST,
            step=1,
        )

    def turn(self, value: Value) -> None:
        """Choose a level: the driver's nearest."""
        found = self.driver.dial(self.name)
        if found is None or found.range is None or not isinstance(value, int | float):
            return
        theirs, ours = self._ends(found.range)
        self.driver.set(found, on_step(found, _stretched(value, ours, theirs)))

    def _ends(self, span: Range) -> tuple[Ends, Ends]:
        """Return the driver's lowest, middle and highest level, and ours; 0 stays 0."""
        low, high = span.minimum, span.maximum
        middle = 0 if low < 0 < high else (low + high) / 2
        return (low, middle, high), (self.lowest, (self.lowest + BRIGHTEST) / 2, BRIGHTEST)


def on_step(descriptor: Descriptor, value: float) -> Number:
    """Return the driver's nearest number within its range."""
    span = descriptor.range
    if span is not None:
        if span.quant:
            value = span.minimum + round((value - span.minimum) / span.quant) * span.quant
        value = min(max(value, span.minimum), span.maximum)
    elif descriptor.words:
        value = min(descriptor.words, key=lambda each: abs(each - value))
    return value if descriptor.kind == Kind.FIXED else round(value)


def _stretched(value: float, from_ends: Ends, to_ends: Ends) -> float:
    side = 0 if value < from_ends[1] else 1
    low, high = from_ends[side], from_ends[side + 1]
    share = (value - low) / (high - low) if high != low else 0
    return to_ends[side] + share * (to_ends[side + 1] - to_ends[side])


def _near(descriptor: Descriptor, value: float) -> Number:
    """Return a resolution as the driver has it: 300 may be 299.9994."""
    nearest = on_step(descriptor, value)
    return nearest if abs(nearest - value) < 1 else value


def _choices(name: str, title: str, meanings: Meanings, now: str) -> Option:
    return Option(
        name=name,
        title=title,
        kind="choice",
        default=now,
        choices=tuple(Choice(value=ours, title=theirs) for theirs, ours in meanings.items()),
    )


def _theirs(meanings: Meanings, value: Value) -> str:
    return next(theirs for theirs, ours in meanings.items() if ours == value)
