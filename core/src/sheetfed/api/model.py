"""The values that travel between addons, service and page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = bool | int | float | str | None
"""What an option can hold."""

Settings = Mapping[str, Value]
"""Option names and the values asked for."""

OptionKind = Literal[
    "bool", "int", "float", "text", "choice", "secret", "page", "corners", "action"
]
Mode = Literal["bw", "gray", "gray16", "color", "color16"]
"""How the pixels of a raster lie in memory; see `Raster`."""

Side = Literal["", "front", "back"]
DeviceKind = Literal["scanner", "camera", "folder"]

BITS: Mapping[Mode, int] = {"bw": 1, "gray": 8, "gray16": 16, "color": 24, "color16": 48}


def row_size(mode: Mode, width: int) -> int:
    """Return how many bytes one row of `width` pixels takes."""
    return (width * BITS[mode] + 7) // 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that an option accepts."""

    value: Value
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be asked of a device or an addon.

    `default` is the value in force: what an addon starts with, or, for an open device, what the
    device is set to now. `unit` is one of `dpi mm px % s` or empty. Names that all scanners share:
    `source` (flatbed, feeder, duplex), `mode` (lineart, gray, color), `depth` (bits a sample),
    `resolution` (dpi), `page-size`, `left`, `top`, `width`, `height` (mm), `brightness`, `contrast`
    (-100 to 100), `threshold` (0 to 100), `pages` (most pages a job takes; 0 for all). An option as
    the driver calls it is named `raw.NAME`. One of the kind `page`, for edits, is asked for by the
    id of a page, and reaches the edit as that page's picture: a PNG file in base64. One of the kind
    `corners` holds four points of the page, `x,y` in pixels with spaces between them, clockwise
    from the top left; the edit finds them where nothing is given, and a person drags them.
    """

    name: str
    title: str
    kind: OptionKind
    default: Value = None
    description: str = ""
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    group: str = ""
    advanced: bool = False
    readonly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something that pages come from.

    `id` is what its source calls it and stays the same over restarts; outside its source it is
    known as `source:id`.
    """

    id: str
    title: str
    vendor: str = ""
    model: str = ""
    kind: DeviceKind = "scanner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on a page, in pixels from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a step found on a page.

    `corners` are points of the page in pixels, where a box alone says too little: those of a code
    as one reads it, from its top left clockwise, however it lies on the page. `ms` is how long
    finding it took; marks that differ in nothing else are equal.
    """

    kind: str
    value: str
    by: str
    box: Box | None = None
    corners: tuple[tuple[float, float], ...] = ()
    details: Mapping[str, Value] = field(default_factory=dict)
    ms: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a page stands: in which file, at which place from 0 on.

    `options` are what the file was opened with, its password for one.
    """

    file: str
    index: int
    media_type: str
    options: Settings = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An edit that a step would have a page seen through: its name, and values of its options."""

    name: str
    options: Settings = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One captured side, still in the encoding it arrived in.

    `dpi` is horizontal, then vertical; 0 where nobody knows. `width` and `height` are pixels. With
    an `origin`, which only `Codec.encode` is given, there is no data: the page is in that file.
    `edits` are what steps would have done to it: once it took its steps they are put on the page
    like any other, can be undone, and leave its data as it is.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float] = (0.0, 0.0)
    side: Side = ""
    marks: tuple[Mark, ...] = ()
    origin: Origin | None = None
    edits: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """One side as a driver hands it over: rows of pixels.

    `rows` yields blocks of one or more whole rows without padding between them; a block may be
    reused by its giver once the next one is asked for. `bw`: one bit a pixel, the highest bit is
    leftmost, a set bit is black, a row ends on a whole byte. `gray` and `color`: 8 bits a sample,
    red, green, blue. `gray16` and `color16`: 16 bits a sample in the machine's byte order.
    `height` is None where only the last row tells.
    """

    width: int
    mode: Mode
    rows: Iterator[bytes | bytearray | memoryview]
    height: int | None = None
    dpi: tuple[float, float] = (0.0, 0.0)
    side: Side = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A sign of life between pages: what goes on, and how far (0 to 1) where that is known."""

    activity: str
    done: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How live pictures are wanted: no larger than this, never enlarged, their shape kept.

    With `sheet` each says where the sheet of paper lies, in a mark of the kind `sheet` whose
    corners go clockwise from its top left.
    """

    width: int | None = None
    height: int | None = None
    sheet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a live preview, a JPEG; the newest replaces the last.

    `marks` are in pixels of this picture. `time` is when it was taken, in seconds since 1970.
    """

    data: bytes
    width: int
    height: int
    marks: tuple[Mark, ...] = ()
    time: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """Size and resolution of a page, known before it is drawn."""

    width: int
    height: int
    dpi: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a delivery arrived, in the words of the target."""

    place: str
    details: Mapping[str, Value] = field(default_factory=dict)
