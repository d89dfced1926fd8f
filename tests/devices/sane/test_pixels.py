"""Some drivers count the glass in pixels, and have a resolution for each direction."""

from __future__ import annotations

from typing import Any

import pytest

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option
from sheetfed_sane.binding import (
    Can,
    Descriptor,
    Handle,
    Info,
    Kind,
    Parameters,
    Range,
    Unit,
    Word,
)
from sheetfed_sane.session import SaneSession

BOTH = Can.SOFT_SELECT | Can.SOFT_DETECT


class PixelDriver(Handle):
    """A driver in Python whose area is in pixels of the resolution that is set."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {
            "x-resolution": 300,
            "y-resolution": 300,
            "tl-x": 0,
            "tl-y": 0,
            "br-x": 2550,
            "br-y": 3507,
        }

    def descriptors(self) -> list[Descriptor]:
        across, down = self.values["x-resolution"], self.values["y-resolution"]
        width = Range(minimum=0, maximum=across * 17 // 2)
        height = Range(minimum=0, maximum=round(down * 11.69))
        spans = {"tl-x": width, "br-x": width, "tl-y": height, "br-y": height}
        resolutions = ("x-resolution", "y-resolution")
        return [
            *(_describe(1, each, Unit.DPI, words=(75, 150, 300)) for each in resolutions),
            *(_describe(2, name, Unit.PIXEL, limits=span) for name, span in spans.items()),
        ]

    def get(self, descriptor: Descriptor) -> Word:
        value: Word = self.values[descriptor.name]
        return value

    def set(self, descriptor: Descriptor, value: Word) -> Info:
        self.values[descriptor.name] = value
        return Info.RELOAD_OPTIONS

    def start(self) -> None:
        """Nothing is scanned here."""

    def parameters(self) -> Parameters:
        raise NotImplementedError

    def read(self, into: memoryview) -> int:
        raise NotImplementedError

    def cancel(self) -> None:
        """Nothing is scanned here."""

    def close(self) -> None:
        """Nothing is open here."""


def _describe(
    index: int,
    name: str,
    unit: Unit,
    *,
    words: tuple[int, ...] = (),
    limits: Range | None = None,
) -> Descriptor:
    return Descriptor(
        index=index,
        name=name,
        title=name,
        description="",
        kind=Kind.INT,
        unit=unit,
        can=BOTH,
        range=limits,
        words=words,
    )


def named(session: SaneSession) -> dict[str, Option]:
    return {option.name: option for option in session.options()}


def test_pixels_are_shown_in_mm() -> None:
    options = named(SaneSession(PixelDriver()))

    assert options["width"].default == pytest.approx(215.9, abs=0.1)
    assert options["height"].maximum == pytest.approx(296.9, abs=0.1)
    assert "a4" in {choice.value for choice in options["page-size"].choices}


def test_mm_are_set_in_pixels() -> None:
    driver = PixelDriver()
    session = SaneSession(driver)

    session.set("resolution", 150)
    session.set("page-size", "a5")

    assert (driver.values["x-resolution"], driver.values["y-resolution"]) == (150, 150)
    assert (driver.values["br-x"], driver.values["br-y"]) == (874, 1240)
    assert named(session)["page-size"].default == "a5"


def test_the_reach_is_told_in_mm() -> None:
    session = SaneSession(PixelDriver())

    with pytest.raises(BadSettings, match=r"0 to 215\.9 mm"):
        session.set("width", 220)
