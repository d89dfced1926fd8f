"""What every camera can be asked: when to take, how to turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Choice, Option, Settings
from sheetfed.api.options import fitted
from sheetfed_webcam.turning import Turn

DIALS = (
    Option(
        name="capture",
        title="Take a picture",
        kind="choice",
        default="now",
        choices=(
            Choice(value="now", title="At once"),
            Choice(value="timed", title="Every few seconds"),
            Choice(value="still", title="When the page lies still"),
        ),
        group="Capture",
    ),
    Option(
        name="pages",
        title="Pages",
        kind="int",
        default=1,
        minimum=0,
        maximum=10_000,
        description="0 goes on until it is stopped.",
        group="Capture",
    ),
    Option(
        name="interval",
        title="Seconds between two pictures",
        kind="float",
        default=5.0,
        unit="s",
        minimum=0.2,
        maximum=3600,
        description="Where a picture is taken every few seconds.",
        group="Capture",
    ),
    Option(
        name="best-of",
        title="Sharpest of",
        kind="int",
        default=1,
        minimum=1,
        maximum=20,
        description="So many pictures are taken for each page, and the sharpest is kept.",
        group="Capture",
    ),
    Option(
        name="rotate",
        title="Turn",
        kind="choice",
        default=0,
        choices=(
            Choice(value=0, title="As it is"),
            Choice(value=90, title="90° clockwise"),
            Choice(value=180, title="180°"),
            Choice(value=270, title="90° counterclockwise"),
        ),
        group="Picture",
    ),
    Option(name="mirror", title="Mirror", kind="bool", default=False, group="Picture"),
)


class Dials:
    """The options of every camera, with the values in force."""

    def __init__(self, dials: Mapping[str, Option] | None = None) -> None:
        self._dials = dict(dials or {dial.name: dial for dial in DIALS})

    def __contains__(self, name: str) -> bool:
        return name in self._dials

    def options(self) -> list[Option]:
        """Return them in their order."""
        return [*self._dials.values()]

    def with_settings(self, settings: Settings) -> Dials:
        """Return dials that are set otherwise. Raises BadSettings."""
        dials = dict(self._dials)
        for name, value in settings.items():
            if name not in dials:
                raise BadSettings(f"There is no option {name!r}", option=name)
            dials[name] = replace(dials[name], default=fitted(dials[name], value))
        return Dials(dials)

    @property
    def turn(self) -> Turn:
        """How pictures are turned."""
        return Turn(degrees=self.number("rotate"), mirrored=bool(self._dials["mirror"].default))

    @property
    def capture(self) -> str:
        """When pictures are taken."""
        return str(self._dials["capture"].default)

    @property
    def interval(self) -> float:
        """Seconds between two pictures."""
        value = self._dials["interval"].default
        return float(value) if isinstance(value, int | float) else 0.0

    def number(self, name: str) -> int:
        """Return the value of a dial that counts."""
        value = self._dials[name].default
        return value if isinstance(value, int) else 0
