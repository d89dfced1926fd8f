"""All that can be asked of an open device, by name."""

from __future__ import annotations

from sheetfed.api.model import Option, Settings, Value
from sheetfed.api.options import NUDGE, fitted, refusal
from sheetfed_sane.area import ACROSS, DOWN, Glass, Length, PageSize, place_area
from sheetfed_sane.dials import Depth, Dial, Level, Mode, Resolution, Source
from sheetfed_sane.driver import Driver
from sheetfed_sane.raw import PREFIX, raw_option, raw_word, unknown

FIRST = ("source", "mode", "depth", "resolution")
"""What others depend on, in this order; then the driver's own, then the rest."""

AREA = ("left", "top", "width", "height")


class Panel:
    """The options that all scanners share, the driver's own, and how many pages."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.pages = 0
        self.source = Source(driver)
        self.resolution = Resolution(driver)
        glass = Glass(driver, self.resolution)
        self._glass = glass
        self._page_size = PageSize(driver, glass)
        dials: list[Dial] = [
            self.source,
            Mode(driver),
            self.resolution,
            Depth(driver),
            self._page_size,
            Length(driver, glass, "left", axis=ACROSS, part="start"),
            Length(driver, glass, "top", axis=DOWN, part="start"),
            Length(driver, glass, "width", axis=ACROSS, part="size"),
            Length(driver, glass, "height", axis=DOWN, part="size"),
            Level(driver, "brightness", "Brightness", lowest=-100),
            Level(driver, "contrast", "Contrast", lowest=-100),
            Level(driver, "threshold", "Threshold", lowest=0),
        ]
        self._dials = {dial.name: dial for dial in dials}

    def options(self) -> list[Option]:
        """Return every option that has a meaning now, with the value in force."""
        shared = [option for dial in self._dials.values() if (option := dial.option()) is not None]
        own = [raw_option(*each) for each in self.driver.values()]
        return [*shared, self._pages_option(), *own]

    def set(self, name: str, value: Value) -> None:
        """Set one option; raises BadSettings where the name or the value is impossible."""
        if name == "pages":
            pages = fitted(self._pages_option(), value)
            self.pages = pages if isinstance(pages, int) else 0
        elif name.startswith(PREFIX):
            self._set_raw(name, value)
        else:
            self._dials_or_unknown(name).turn(self._checked(name, value))

    def set_all(self, settings: Settings) -> None:
        """Set all in an order that works; an option that comes out otherwise is refused."""
        later = [name for name in settings if name not in FIRST and not name.startswith(PREFIX)]
        for name in FIRST:
            if name in settings:
                self._set_exactly(name, settings[name])
        for name in settings:
            if name.startswith(PREFIX):
                self._set_exactly(name, settings[name])
        if "page-size" in settings:
            self.set("page-size", settings["page-size"])
        area = {name: self._checked(name, settings[name]) for name in AREA if name in settings}
        place_area(self._glass, area)
        for name in later:
            if name not in area and name != "page-size":
                self.set(name, settings[name])

    def _set_exactly(self, name: str, value: Value) -> None:
        self.set(name, value)
        now = self._find(name)
        if now is not None and now.kind not in {"action", "text"} and not _same(now.default, value):
            raise refusal(now, f"cannot be {value}: the device makes {now.default} of it")

    def _find(self, name: str) -> Option | None:
        if not name.startswith(PREFIX):
            return self._dials[name].option() if name in self._dials else None
        found = self.driver.find(name.removeprefix(PREFIX))
        if found is None or not found.readable:
            return None
        return raw_option("", found, self.driver.get(found))

    def _set_raw(self, name: str, value: Value) -> None:
        found = self.driver.find(name.removeprefix(PREFIX))
        if found is None:
            raise unknown(name)
        self.driver.set(found, raw_word(found, value))

    def _checked(self, name: str, value: Value) -> Value:
        if name == self._page_size.name:
            return self._page_size.check(value)
        option = self._dials_or_unknown(name).option()
        if option is None:
            raise unknown(name)
        return fitted(option, value)

    def _dials_or_unknown(self, name: str) -> Dial:
        dial = self._dials.get(name)
        if dial is None or dial.option() is None:
            raise unknown(name)
        return dial

    def _pages_option(self) -> Option:
        return Option(
            name="pages",
            title="Most pages",
            kind="int",
            default=self.pages,
            description="0 for all that the feeder holds.",
            minimum=0,
            step=1,
        )


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < NUDGE
    return one == other
