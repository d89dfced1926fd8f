"""The options all scanners share, in TWAIN's terms."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Mapping

from sheetfed.api.model import Choice, Option, Value
from sheetfed.api.options import refusal
from sheetfed_twain.containers import Item
from sheetfed_twain.driver import MOST_CUSTOM, Dialled, Driver
from sheetfed_twain.words import Cap, Way

BRIGHTEST = 100
MODES = {0: "lineart", 1: "gray", 2: "color"}
"""Pixel types by what they are called here; what else a driver has is raw."""

SAMPLES = {0: 1, 1: 1, 2: 3}
TURNS = {0: "0", 1: "90", 2: "180", 3: "270", 4: "auto"}
WAYS = {Way.MEMORY: "memory", Way.NATIVE: "native", Way.FILE: "file"}
"""In the order in which they are preferred."""


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
        """Return the sources; a device that does not tell has one."""
        found = self.driver.find(Cap.FEEDER_ENABLED)
        if found is None:
            return None
        possible = {"flatbed": "Flatbed"} if False in _possible(found) else {}
        if True in _possible(found):
            possible["feeder"] = "Feeder"
            if self._has_duplex():
                possible["duplex"] = "Feeder, both sides"
        word = self.word()
        if word not in possible:
            return None
        return _choices(self.name, "Paper source", possible, word)

    def turn(self, value: Value) -> None:
        """Choose a source."""
        self.driver.set(Cap.FEEDER_ENABLED, value != "flatbed")
        if self._has_duplex():
            self.driver.set(Cap.DUPLEX_ENABLED, value == "duplex")

    def word(self) -> str:
        """Return the source in force."""
        if self.driver.now(Cap.FEEDER_ENABLED) is not True:
            return "flatbed"
        return "duplex" if self.driver.now(Cap.DUPLEX_ENABLED) is True else "feeder"

    def _has_duplex(self) -> bool:
        if self.driver.now(Cap.DUPLEX) == 0:
            return False
        found = self.driver.find(Cap.DUPLEX_ENABLED)
        return found is not None and True in _possible(found)


class Listed(Dial):
    """One of several numbers that have a word here."""

    def __init__(
        self, driver: Driver, name: str, title: str, *, cap: Cap, words: Mapping[int, str]
    ) -> None:
        super().__init__(driver)
        self.name = name
        self.title = title
        self.cap = cap
        self.words = words

    def option(self) -> Option | None:
        """Return those of the numbers that the device has."""
        found = self.driver.find(self.cap)
        if found is None or not found.settable:
            return None
        possible = {self.words[each]: self.words[each] for each in _numbers(found, self.words)}
        now = found.capability.now
        word = self.words.get(now) if isinstance(now, int) else None
        return _choices(self.name, self.title, possible, word) if possible else None

    def turn(self, value: Value) -> None:
        """Choose one."""
        self.driver.set(self.cap, next(each for each, word in self.words.items() if word == value))


class Depth(Dial):
    """Bits a sample."""

    name = "depth"

    def option(self) -> Option | None:
        """Return the depths of the mode in force, where there is a choice."""
        found = self.driver.find(Cap.DEPTH)
        if found is None or not found.settable or len(found.capability.values) < 2:
            return None
        samples = self._samples()
        depths = sorted(
            {each // samples for each in found.capability.values if isinstance(each, int)}
        )
        now = found.capability.now
        return Option(
            name=self.name,
            title="Bits a sample",
            kind="choice",
            default=now // samples if isinstance(now, int) else None,
            choices=tuple(Choice(value=each, title=f"{each}") for each in depths),
            advanced=True,
        )

    def turn(self, value: Value) -> None:
        """Choose a depth."""
        assert isinstance(value, int)
        self.driver.set(Cap.DEPTH, value * self._samples())

    def _samples(self) -> int:
        kind = self.driver.now(Cap.PIXEL_TYPE)
        return SAMPLES.get(kind, 1) if isinstance(kind, int) else 1


class Resolution(Dial):
    """Dots an inch, both ways."""

    name = "resolution"

    def option(self) -> Option | None:
        """Return the resolutions."""
        found = self.driver.find(Cap.RESOLUTION)
        if found is None or not found.settable:
            return None
        capability = found.capability
        now = capability.now
        if capability.shape == "range":
            return Option(
                name=self.name,
                title="Resolution",
                kind="int",
                default=round(now) if isinstance(now, int | float) else None,
                unit="dpi",
                minimum=capability.low,
                maximum=capability.high,
                step=max(1, round(capability.step)),
            )
        listed = [round(each) for each in capability.values if isinstance(each, int | float)]
        if not listed:
            return None
        return Option(
            name=self.name,
            title="Resolution",
            kind="choice",
            default=round(now) if isinstance(now, int | float) else None,
            unit="dpi",
            choices=tuple(
                Choice(value=each, title=f"{each} dpi") for each in dict.fromkeys(listed)
            ),
        )

    def turn(self, value: Value) -> None:
        """Choose a resolution, across and down."""
        assert isinstance(value, int | float)
        for cap in (Cap.RESOLUTION, Cap.RESOLUTION_DOWN):
            found = self.driver.find(cap)
            if found is not None and found.settable:
                self.driver.set(cap, _nearest(found, value))


class Level(Dial):
    """Brightness, contrast or threshold: a driver's range, stretched to ours."""

    def __init__(self, driver: Driver, name: str, *, cap: Cap, lowest: int) -> None:
        super().__init__(driver)
        self.name = name
        self.cap = cap
        self.lowest = lowest

    def option(self) -> Option | None:
        """Return the level in percent."""
        found = self._range()
        if found is None:
            return None
        capability = found.capability
        now = capability.now if isinstance(capability.now, int | float) else capability.low
        share = (now - capability.low) / (capability.high - capability.low)
        return Option(
            name=self.name,
            title=self.name.capitalize(),
            kind="int",
            default=round(self.lowest + min(max(share, 0), 1) * (BRIGHTEST - self.lowest)),
            unit="%",
            minimum=self.lowest,
            maximum=BRIGHTEST,
            step=1,
        )

    def turn(self, value: Value) -> None:
        """Choose a level: the driver's nearest."""
        found = self._range()
        assert found is not None
        assert isinstance(value, int | float)
        capability = found.capability
        share = (value - self.lowest) / (BRIGHTEST - self.lowest)
        self.driver.set(
            self.cap,
            _nearest(found, capability.low + share * (capability.high - capability.low)),
        )

    def _range(self) -> Dialled | None:
        found = self.driver.find(self.cap)
        if found is None or not found.settable or found.capability.shape != "range":
            return None
        return found if found.capability.high > found.capability.low else None


class Switch(Dial):
    """Something that the driver does by itself, or does not; `on` and `off` are its numbers."""

    def __init__(
        self, driver: Driver, name: str, title: str, *, cap: Cap, on: Item = True, off: Item = False
    ) -> None:
        super().__init__(driver)
        self.name = name
        self.title = title
        self.cap = cap
        self.on = on
        self.off = off

    def option(self) -> Option | None:
        """Return whether it does."""
        found = self.driver.find(self.cap)
        if found is None or not found.settable:
            return None
        return Option(
            name=self.name, title=self.title, kind="bool", default=found.capability.now != self.off
        )

    def turn(self, value: Value) -> None:
        """Have it done, or not."""
        self.driver.set(self.cap, self.on if value else self.off)


class Transfer(Dial):
    """How images cross; in strips unless the device cannot."""

    name = "transfer"
    chosen: Way | None = None

    def option(self) -> Option | None:
        """Return the ways that the device has."""
        possible = {WAYS[way]: WAYS[way] for way in self._possible()}
        option = _choices(self.name, "Transfer", possible, WAYS[self.way()])
        return Option(
            name=option.name,
            title=option.title,
            kind=option.kind,
            default=option.default,
            choices=option.choices,
            description="memory takes strips; the others are for drivers that do it badly.",
            advanced=True,
        )

    def turn(self, value: Value) -> None:
        """Choose one."""
        self.chosen = next(way for way, word in WAYS.items() if word == value)

    def way(self) -> Way:
        """Return the one that the next scan takes."""
        possible = self._possible()
        return self.chosen if self.chosen in possible else possible[0]

    def _possible(self) -> list[Way]:
        found = self.driver.find(Cap.TRANSFER)
        offered = {Way.NATIVE} if found is None else _possible(found)
        return [way for way in WAYS if way in offered] or [Way.NATIVE]


class Profile(Dial):
    """The driver's own settings, in its own form: to be saved, and given back as they were."""

    name = "profile"

    def option(self) -> Option | None:
        """Return them in base64."""
        settings = self.driver.custom()
        if not settings:
            return None
        return Option(
            name=self.name,
            title="Settings of the driver",
            kind="text",
            default=base64.b64encode(settings).decode(),
            description="All that the driver's dialog can set. Keep it, and give it back later.",
            advanced=True,
        )

    def turn(self, value: Value) -> None:
        """Give the driver its settings back."""
        option = Option(name=self.name, title=self.name, kind="text")
        try:
            settings = base64.b64decode(str(value), validate=True)
        except binascii.Error as error:
            raise refusal(option, "is not what this driver gave") from error
        if not 0 < len(settings) <= MOST_CUSTOM:
            raise refusal(option, f"must have 1 to {MOST_CUSTOM} bytes")
        self.driver.set_custom(settings)


def _possible(found: Dialled) -> set[Item]:
    """Return the values that a capability may have: those listed, or the one there is."""
    capability = found.capability
    if capability.shape == "enumeration":
        return set(capability.values)
    now = set() if capability.now is None else {capability.now}
    if found.settable and isinstance(capability.now, bool):
        return {True, False}
    return now


def _numbers(found: Dialled, words: Mapping[int, str]) -> list[int]:
    return [each for each in words if each in _possible(found)]


def _nearest(found: Dialled, value: float) -> float:
    """Return the number nearest to a value that the driver has."""
    capability = found.capability
    if capability.shape == "enumeration":
        numbers = [each for each in capability.values if isinstance(each, int | float)]
        return min(numbers, key=lambda each: abs(each - value), default=value)
    if capability.shape == "range" and capability.step > 0:
        steps = round((value - capability.low) / capability.step)
        return min(capability.low + steps * capability.step, capability.high)
    return value


def _choices(name: str, title: str, words: Mapping[str, str], now: str | None) -> Option:
    return Option(
        name=name,
        title=title,
        kind="choice",
        default=now,
        choices=tuple(Choice(value=word, title=shown) for word, shown in words.items()),
    )
