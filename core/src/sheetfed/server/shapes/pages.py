"""The JSON of pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.server.shapes.parts import SHOWN, STRICT

Pixels = Annotated[int, Ge(1), Le(65_500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageQuery:
    """Which picture of a page is wanted; with nothing said, the page as it is saved.

    That is the bytes as they came, where it has no edits.
    """

    __pydantic_config__ = STRICT

    width: Pixels | None = None
    """The picture need not be wider."""
    height: Pixels | None = None
    """The picture need not be higher."""
    region: Annotated[str, Len(7, 80)] | None = None
    """Part of the page, as left,top,width,height in its pixels; width and height are the part's."""
    type: Annotated[str, Len(1, 100), SHOWN] | None = None
    """The media type wanted, as image/jpeg; what is only read here, of a page that came so."""
    quality: Annotated[int, Ge(1), Le(100)] | None = None
    """The quality of JPEG."""
    edited: bool = True
    """As the page's edits leave it; false for the page as it came."""


class Box(TypedDict):
    """A rectangle on a page, in pixels from its top left corner."""

    left: float
    top: float
    width: float
    height: float


class Mark(TypedDict):
    """What a step found on a page."""

    kind: str
    value: str
    by: str
    box: Box | None
    corners: list[tuple[float, float]]
    """Points in pixels; those of a code from its own top left, clockwise."""
    details: dict[str, Value]
    ms: float
    """How long finding it took."""


class Contents(TypedDict):
    """What a page's file knows of it; `text` marks are words, in the order of reading."""

    items: list[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindQuery:
    """Which words are looked for."""

    __pydantic_config__ = STRICT

    find: Annotated[str, Len(0, 200)] = ""
    """Words that follow one another; case, and how far apart they stand, are left aside."""
    cursor: Annotated[str, Len(1, 100)] | None = None
    """Where to go on, as the last answer says."""


class Finding(TypedDict):
    """A place where the words stand."""

    page: str
    position: int
    """At which place of the document the page is, from 0."""
    text: str
    """The words with some of those around them."""
    boxes: list[Box]
    """Where each of the words is on the page."""


class Findings(TypedDict):
    """What was found on the pages that were looked at."""

    items: list[Finding]
    unread: int
    """So many of these pages could not be read."""
    next: str | None
    """Ask with this `cursor` for the pages behind them; with it there may be more."""


class Size(TypedDict):
    """Pixels and resolution of a page."""

    width: int
    height: int
    dpi: tuple[float, float]


class Edit(TypedDict):
    """Something done to a page: its name, and the value of every option."""

    name: str
    options: dict[str, Value]


class Page(TypedDict):
    """One captured side, as its edits leave it."""

    id: str
    document: str
    position: int
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float]
    """Horizontal, then vertical; 0 where nobody knows."""
    side: Literal["", "front", "back"]
    size: int
    """Bytes of the original."""
    etag: str
    """Changes whenever the page looks different."""
    marks: list[Mark]
    created: float
    job: str | None
    tags: list[str]
    original: Size
    """What it was when it came."""
    edits: list[Edit]
    """All that was done to it, with what was undone and can be done again."""
    edited: int
    """So many of these are in force; fewer than all of them were undone."""
    missing: list[str]
    """Edits in force that no installed addon brings; the page is shown without them."""
    left_out: list[str]
    """Edits in force that a later one was made without; they are back once that is undone."""
