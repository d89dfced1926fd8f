"""A camera of Linux, as V4L2 knows it."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sheetfed.api.errors import (
    BadSettings,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    SheetfedError,
)
from sheetfed.api.model import Option, Value
from sheetfed_webcam.hardware import v4l2, words
from sheetfed_webcam.hardware.hardware import Hardware, Mode

_USER, _LENS = 0x00980900, 0x009A0900
_MENU = 3
_LOST = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What sets a control by itself: its values for on, the first that there is, and for off."""

    number: int
    on: tuple[int, ...] = (1,)
    off: int = 0


NUMBERS: Mapping[str, int] = {
    "exposure": _LENS + 2,
    "gain": _USER + 19,
    "iris": _LENS + 17,
    "focus": _LENS + 10,
    "zoom": _LENS + 13,
    "pan": _LENS + 8,
    "tilt": _LENS + 9,
    "white-balance": _USER + 26,
    "brightness": _USER,
    "contrast": _USER + 1,
    "saturation": _USER + 2,
    "hue": _USER + 3,
    "gamma": _USER + 16,
    "sharpness": _USER + 27,
    "backlight": _USER + 28,
}

SWITCHES: Mapping[str, Switch] = {
    "exposure": Switch(number=_LENS + 1, on=(3, 0), off=1),
    "gain": Switch(number=_USER + 18),
    "focus": Switch(number=_LENS + 12),
    "white-balance": Switch(number=_USER + 12),
    "hue": Switch(number=_USER + 25),
}
"""By the name of the control that they set."""


class LinuxCamera(Hardware):
    """A camera by its node, which is opened for each question, beside whoever streams from it."""

    hands_over_jpeg = True

    def __init__(self, node: str, title: str) -> None:
        self._node = node
        self._title = title

    def modes(self) -> Sequence[Mode]:
        """Return what the camera can send. Raises where it cannot be opened."""
        try:
            with v4l2.opened(self._node) as file:
                return [
                    Mode(format=each, width=width, height=height, rates=rates)
                    for each in v4l2.formats(file)
                    for width, height in v4l2.sizes(file, each)
                    for rates in [tuple(v4l2.rates(file, each, (width, height)))]
                ]
        except OSError as error:
            raise self._refused(error) from error

    def check(self) -> None:
        """Raise where the camera is not there any more, or not for us."""
        try:
            with v4l2.opened(self._node) as file:
                v4l2.card(file)
        except OSError as error:
            raise self._refused(error) from error

    def options(self) -> Sequence[Option]:
        """Return the controls that it has."""
        with suppress(OSError), v4l2.opened(self._node) as file:
            return _options(file)
        return ()

    def set(self, name: str, value: Value) -> None:
        """Set a control; what would set it by itself is switched off before."""
        try:
            with v4l2.opened(self._node) as file:
                _turn(file, name, value)
        except OSError as error:
            self.check()
            raise DeviceFailed(f"The camera does not set {name}: {error.strerror}") from error

    def is_busy(self) -> bool | None:
        """Say whether another program streams from it."""
        with suppress(OSError), v4l2.opened(self._node) as file:
            return v4l2.is_busy(file)
        return None

    def _refused(self, error: OSError) -> SheetfedError:
        if error.errno in _LOST:
            return DeviceGone(f"{self._title} was unplugged")
        if error.errno == errno.EBUSY:
            return DeviceBusy(f"Another program uses {self._title}")
        if error.errno in (errno.EACCES, errno.EPERM):
            return DeviceDenied(f"This account may not use {self._title}; the group is 'video'")
        return DeviceFailed(f"{self._title} cannot be used: {error.strerror}")


def _options(file: int) -> list[Option]:
    found: list[Option] = []
    for name in words.TITLES:
        if name in SWITCHES and (automatic := _automatic(file, name)):
            found.append(automatic)
        control = v4l2.control(file, NUMBERS[name]) if name in NUMBERS else None
        if control is not None:
            now = _value(file, NUMBERS[name], control.span.usual)
            found.append(words.control(name, control.span, now, readonly=control.readonly))
    return found


def _turn(file: int, name: str, value: Value) -> None:
    meant = name.removesuffix(words.AUTO)
    if meant != name and meant in SWITCHES:
        switch = SWITCHES[meant]
        v4l2.put(file, switch.number, _on(file, switch) if value else switch.off)
        return
    if name not in NUMBERS or not isinstance(value, int | float):
        raise BadSettings(f"There is no option {name!r}", option=name)
    if name in SWITCHES and _automatic(file, name):
        v4l2.put(file, SWITCHES[name].number, SWITCHES[name].off)
    v4l2.put(file, NUMBERS[name], round(value))


def _automatic(file: int, name: str) -> Option | None:
    switch = SWITCHES[name]
    control = v4l2.control(file, switch.number)
    if control is None or control.readonly:
        return None
    return words.automatic(name, on=_value(file, switch.number, control.span.usual) != switch.off)


def _on(file: int, switch: Switch) -> int:
    control = v4l2.control(file, switch.number)
    if control is None or control.kind != _MENU:
        return switch.on[0]
    offered = (value for value in switch.on if v4l2.has_item(file, switch.number, value))
    return next(offered, switch.on[0])


def _value(file: int, number: int, otherwise: int) -> int:
    try:
        return v4l2.get(file, number)
    except OSError:
        return otherwise
