"""The JSON of pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from typing_extensions import TypedDict

from sheetfed.api.model import Value
from sheetfed.server.shapes.parts import STRICT

Pixels = Annotated[int, Ge(1), Le(65_500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageQuery:
    """Which picture of a page is wanted; with nothing said, the bytes as they were kept."""

    __pydantic_config__ = STRICT

    width: Pixels | None = None
    """The picture need not be wider."""
    height: Pixels | None = None
    """The picture need not be higher."""
    type: Annotated[str, Len(1, 100)] | None = None
    """The media type wanted, as image/jpeg."""


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


class Page(TypedDict):
    """One captured side."""

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
    marks: list[Mark]
    created: float
    job: str | None
    tags: list[str]
