"""The JSON of devices and their options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.holds import LONGEST
from sheetfed.server.shapes.parts import STRICT, Id
from sheetfed.server.shapes.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesQuery:
    """Which listing is wanted."""

    __pydantic_config__ = STRICT

    refresh: bool = False
    """Ask every source again, also when it was asked a moment ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """Settings to try."""

    __pydantic_config__ = STRICT

    settings: Annotated[dict[str, Value], Len(0, 500)]
    hold: Id | None = None
    """The hold under which the device is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """For how long a device is kept."""

    __pydantic_config__ = STRICT

    seconds: Annotated[int, Ge(1), Le(LONGEST)]
    hold: Id | None = None
    """The hold that is to last so long from now on; a new one where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeQuery:
    """Which hold ends."""

    __pydantic_config__ = STRICT

    hold: Id | None = None
    """Only this one; else the caller's own, and anybody's where the person asks."""


class Hold(TypedDict):
    """A device that is kept for who names this."""

    id: str
    device: str
    seconds: int
    """How long it lasts from now on."""


Length = Annotated[int, Ge(16), Le(8192)] | None
"""Pixels of a live picture at most; None leaves it as the camera gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameQuery:
    """Which live picture is wanted."""

    __pydantic_config__ = STRICT

    width: Length = None
    height: Length = None
    sheet: bool = False
    """Say where the sheet of paper lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewQuery:
    """Which live pictures are wanted."""

    __pydantic_config__ = STRICT

    width: Length = None
    height: Length = None
    sheet: bool = False
    """Say where the sheet of paper lies."""
    fps: Annotated[float, Ge(0.1), Le(60)] = 30.0
    """Pictures a second at most."""


class Held(TypedDict):
    """For whom a device is kept that somebody will use soon."""

    owner: str
    """A site's origin, or `local` for the person's own programs."""
    seconds: int
    """How long it lasts, unless it is asked for again."""


class Device(TypedDict):
    """Something that pages come from."""

    id: str
    title: str
    vendor: str
    model: str
    kind: Literal["scanner", "camera", "folder"]
    held: Held | None
    """For whom it is kept; only the person is told."""


class SourceProblem(TypedDict):
    """A source that could not say which devices it has."""

    source: str
    error: Problem


class Devices(TypedDict):
    """The devices that are there, and the sources that failed."""

    items: list[Device]
    problems: list[SourceProblem]


class Choice(TypedDict):
    """One of the values that an option accepts."""

    value: Value
    title: str


class Option(TypedDict):
    """One thing that can be asked of a device."""

    name: str
    title: str
    kind: Literal["bool", "int", "float", "text", "choice", "secret", "page", "corners", "action"]
    default: Value
    """The value in force."""
    description: str
    unit: str
    choices: list[Choice]
    minimum: float | None
    maximum: float | None
    step: float | None
    group: str
    advanced: bool
    readonly: bool


class Options(TypedDict):
    """What can be asked of a device."""

    options: list[Option]


class OpenDevice(Device):
    """A device and what can be asked of it."""

    options: list[Option]
