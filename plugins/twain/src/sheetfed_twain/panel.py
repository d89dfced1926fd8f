"""All that can be asked of an open device, by name."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Option, Settings, Value
from sheetfed.api.options import fitted, refusal
from sheetfed_twain.area import PARTS, Glass, Length, PageSize
from sheetfed_twain.dials import (
    MODES,
    TURNS,
    Depth,
    Dial,
    Level,
    Listed,
    Profile,
    Resolution,
    Source,
    Switch,
    Transfer,
)
from sheetfed_twain.driver import Dialled, Driver
from sheetfed_twain.raw import PREFIX, raw_name, raw_option, raw_value
from sheetfed_twain.words import Cap

FIRST = ("profile", "source", "mode", "depth", "resolution")
"""What others depend on, in this order; then the driver's own, then the rest."""


class Panel:
    """The options that all scanners share, the driver's own, and two of the session's."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.pages = 0
        self.dialog = False
        self.source = Source(driver)
        self.transfer = Transfer(driver)
        self._glass = Glass(driver)
        self._page_size = PageSize(driver, self._glass)
        dials: list[Dial] = [
            self.source,
            Listed(driver, "mode", "Mode", cap=Cap.PIXEL_TYPE, words=MODES),
            Resolution(driver),
            Depth(driver),
            self._page_size,
            *(Length(driver, self._glass, part) for part in PARTS),
            Level(driver, "brightness", cap=Cap.BRIGHTNESS, lowest=-100),
            Level(driver, "contrast", cap=Cap.CONTRAST, lowest=-100),
            Level(driver, "threshold", cap=Cap.THRESHOLD, lowest=0),
            Listed(driver, "orientation", "Turned by", cap=Cap.ORIENTATION, words=TURNS),
            Switch(driver, "auto-deskew", "Straighten", cap=Cap.DESKEW),
            Switch(driver, "auto-rotate", "Turn upright", cap=Cap.ROTATE),
            Switch(driver, "auto-border", "Find the border", cap=Cap.BORDER),
            Switch(driver, "drop-blank", "Drop blank", cap=Cap.DISCARD_BLANK, on=-1, off=-2),
            self.transfer,
            Profile(driver),
        ]
        self._dials = {dial.name: dial for dial in dials}

    def options(self) -> list[Option]:
        """Return every option that has a meaning now, with the value in force."""
        shared = [option for dial in self._dials.values() if (option := dial.option()) is not None]
        found = (raw_option(each) for each in self.driver.capabilities().values())
        return [*shared, *self._own(), *(each for each in found if each is not None)]

    def set(self, name: str, value: Value) -> None:
        """Set one option; raises BadSettings where the name or the value is impossible."""
        own = {option.name: option for option in self._own()}
        if name in own:
            self._set_own(name, fitted(own[name], value))
        elif name.startswith(PREFIX):
            self._set_raw(name, value)
        else:
            wanted = self._checked(name, value)
            try:
                self._dials[name].turn(wanted)
            except BadSettings as error:
                error.details.setdefault("option", name)
                raise

    def set_all(self, settings: Settings) -> None:
        """Set several; the order in which they were named does not matter."""
        own = sorted(name for name in settings if name.startswith(PREFIX))
        first = [name for name in FIRST if name in settings]
        area = {name: settings[name] for name in PARTS if name in settings}
        rest = [name for name in settings if name not in {*own, *first, *area}]
        for name in (*first, *own, *rest):
            self.set(name, settings[name])
        self._place(area)

    def _place(self, area: Settings) -> None:
        """Set the parts of the area together: each alone might not fit."""
        lengths = {}
        for name, value in area.items():
            wanted = self._checked(name, value)
            assert isinstance(wanted, int | float)
            lengths[name] = float(wanted)
        if lengths:
            self._glass.place(lengths)

    def _set_raw(self, name: str, value: Value) -> None:
        found = self._raw(name)
        option = None if found is None else raw_option(found)
        if found is None or option is None:
            raise _unknown(name)
        wanted = raw_value(found, fitted(option, value))
        try:
            self.driver.set(found.number, wanted)
        except BadSettings as error:
            error.details.setdefault("option", name)
            raise

    def _raw(self, name: str) -> Dialled | None:
        try:
            number = int(name.removeprefix(PREFIX), 16)
        except ValueError:
            return None
        return self.driver.find(number) if raw_name(number) == name else None

    def _checked(self, name: str, value: Value) -> Value:
        dial = self._dials.get(name)
        option = None if dial is None else dial.option()
        if option is None:
            raise _unknown(name)
        if name == self._page_size.name:
            return self._page_size.check(value)
        return fitted(option, value)

    def _own(self) -> list[Option]:
        return [
            Option(
                name="pages",
                title="Most pages",
                kind="int",
                default=self.pages,
                description="0 for all that the feeder holds.",
                minimum=0,
                maximum=32767,
                step=1,
            ),
            Option(
                name="driver-dialog",
                title="Show the driver's dialog",
                kind="bool",
                default=self.dialog,
                description="On the screen of the computer that the scanner is attached to.",
                advanced=True,
            ),
        ]

    def _set_own(self, name: str, value: Value) -> None:
        if name == "pages":
            assert isinstance(value, int)
            self.pages = value
        else:
            self.dialog = value is True


def _unknown(name: str) -> BadSettings:
    option = Option(name=name, title=name, kind="text")
    return refusal(option, "is no option of the device with the others as they are")
