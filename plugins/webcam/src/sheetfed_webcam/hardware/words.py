"""The controls of cameras, in words that all systems share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sheetfed.api.model import Option

GROUP = "Camera"
AUTO = "-auto"
"""The end of the name of what sets a control by itself."""

TITLES: Mapping[str, str] = {
    "exposure": "Exposure",
    "gain": "Gain",
    "iris": "Iris",
    "focus": "Focus",
    "zoom": "Zoom",
    "pan": "Pan",
    "tilt": "Tilt",
    "roll": "Roll",
    "white-balance": "White balance",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "saturation": "Saturation",
    "hue": "Hue",
    "gamma": "Gamma",
    "sharpness": "Sharpness",
    "backlight": "Backlight compensation",
    "color": "Color",
}
"""Every control there is, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a control can be set to, and what it is set to unless somebody does."""

    minimum: int
    maximum: int
    step: int
    usual: int


def control(name: str, span: Range, now: int, *, about: str = "", readonly: bool = False) -> Option:
    """Return a control; `about` says what its numbers mean."""
    now = min(max(now, span.minimum), span.maximum)
    return Option(
        name=name,
        title=TITLES[name],
        kind="int",
        default=now - (now - span.minimum) % span.step,
        description=f"{about} The camera's own is {span.usual}.".lstrip(),
        minimum=span.minimum,
        maximum=span.maximum,
        step=span.step,
        group=GROUP,
        readonly=readonly,
    )


def automatic(name: str, *, on: bool) -> Option:
    """Return what has the camera set a control by itself."""
    return switch(name + AUTO, f"{TITLES[name]} by itself", on=on)


def switch(name: str, title: str, *, on: bool) -> Option:
    """Return a control that is on or off."""
    return Option(name=name, title=title, kind="bool", default=on, group=GROUP)
