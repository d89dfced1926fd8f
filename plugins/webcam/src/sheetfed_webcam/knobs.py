"""The controls of a camera on Linux, in common words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sheetfed.api.errors import BadSettings, DeviceFailed
from sheetfed.api.model import Option, Value
from sheetfed_webcam import v4l2

GROUP = "Camera"
_USER, _LENS = 0x00980900, 0x009A0900
_BOOLEAN, _MENU = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One control; `auto` is the name of what sets it by itself."""

    number: int
    title: str
    auto: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What sets a control by itself: its values for on, the first that there is, and for off."""

    number: int
    title: str
    on: tuple[int, ...] = (1,)
    off: int = 0


KNOBS: Mapping[str, Knob] = {
    "exposure": Knob(number=_LENS + 2, title="Exposure", auto="exposure-auto"),
    "gain": Knob(number=_USER + 19, title="Gain", auto="gain-auto"),
    "focus": Knob(number=_LENS + 10, title="Focus", auto="focus-auto"),
    "zoom": Knob(number=_LENS + 13, title="Zoom"),
    "pan": Knob(number=_LENS + 8, title="Pan"),
    "tilt": Knob(number=_LENS + 9, title="Tilt"),
    "white-balance": Knob(number=_USER + 26, title="White balance", auto="white-balance-auto"),
    "brightness": Knob(number=_USER, title="Brightness"),
    "contrast": Knob(number=_USER + 1, title="Contrast"),
    "saturation": Knob(number=_USER + 2, title="Saturation"),
    "sharpness": Knob(number=_USER + 27, title="Sharpness"),
    "backlight": Knob(number=_USER + 28, title="Backlight compensation"),
}

SWITCHES: Mapping[str, Switch] = {
    "exposure-auto": Switch(number=_LENS + 1, title="Exposure by itself", on=(3, 0), off=1),
    "gain-auto": Switch(number=_USER + 18, title="Gain by itself"),
    "focus-auto": Switch(number=_LENS + 12, title="Focus by itself"),
    "white-balance-auto": Switch(number=_USER + 12, title="White balance by itself"),
}


def options(file: int) -> list[Option]:
    """Return the controls that a camera has, with their ranges and the values in force."""
    found: list[Option] = []
    for name, knob in KNOBS.items():
        if knob.auto and (switch := _switch(file, knob.auto)):
            found.append(switch)
        control = v4l2.control(file, knob.number)
        if control is not None:
            found.append(_option(file, name, knob, control))
    return found


def turn(file: int, name: str, value: Value) -> None:
    """Set a control; what would set it by itself is switched off before. Raises BadSettings."""
    try:
        if name in SWITCHES:
            switch = SWITCHES[name]
            v4l2.put(file, switch.number, _on(file, switch) if value else switch.off)
            return
        if name not in KNOBS or not isinstance(value, int | float):
            raise BadSettings(f"There is no option {name!r}", option=name)
        knob = KNOBS[name]
        if knob.auto and _switch(file, knob.auto):
            v4l2.put(file, SWITCHES[knob.auto].number, SWITCHES[knob.auto].off)
        v4l2.put(file, knob.number, round(value))
    except OSError as error:
        raise DeviceFailed(f"The camera does not set {name}: {error.strerror}") from error


def _option(file: int, name: str, knob: Knob, control: v4l2.Control) -> Option:
    now = min(max(_value(file, knob.number, control.default), control.minimum), control.maximum)
    return Option(
        name=name,
        title=knob.title,
        kind="int",
        default=now - (now - control.minimum) % control.step,
        description=f"The camera's own is {control.default}.",
        minimum=control.minimum,
        maximum=control.maximum,
        step=control.step,
        group=GROUP,
        readonly=control.readonly,
    )


def _switch(file: int, name: str) -> Option | None:
    switch = SWITCHES[name]
    control = v4l2.control(file, switch.number)
    if control is None or control.readonly:
        return None
    is_on = _value(file, switch.number, control.default) != switch.off
    return Option(name=name, title=switch.title, kind="bool", default=is_on, group=GROUP)


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
