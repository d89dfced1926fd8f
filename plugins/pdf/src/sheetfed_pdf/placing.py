"""Where on a page its picture lies, and its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sheetfed_pdf.pictures import Picture
from sheetfed_pdf.structure import box_of, turn_of

Matrix = tuple[float, float, float, float, float, float]

_LONGEST_SIDE = 14_400
"""Units of a page's side; a page that is larger has larger units."""

_HAIR = 0.001
"""Points by which a page is smaller than its picture: some readers round up to one more pixel."""

_PAPERS = {"a3": (841.89, 1190.551), "a4": (595.276, 841.89), "a5": (419.528, 595.276),
           "letter": (612.0, 792.0), "legal": (612.0, 1008.0)}  # fmt: skip

_TURNS: Mapping[int, Matrix] = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}
"""For each Exif orientation where the picture's unit square goes on the page's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page of one picture: its size in units, and where the picture's unit square goes."""

    width: float
    height: float
    unit: int
    area: tuple[float, float, float, float]
    picture: Matrix

    def place(self, width: int, height: int) -> Matrix:
        """Return where a point goes that is given in pixels from the picture's top left corner."""
        left, bottom, across, up = self.area
        return (across / width, 0.0, 0.0, -up / height, left, bottom + up)


def sheet_of(picture: Picture, paper: str, orientation: str) -> Sheet:
    """Return the page for a picture: as large as it is at its resolution, or paper."""
    lies = picture.turn >= 5
    across, down = (picture.height, picture.width) if lies else (picture.width, picture.height)
    wide, high = across * 72 / picture.dpi[0], down * 72 / picture.dpi[1]
    unit = max(1, -(-int(max(wide, high)) // _LONGEST_SIDE))
    if paper == "auto":
        width, height = max(wide / unit - _HAIR, _HAIR), max(high / unit - _HAIR, _HAIR)
        area = (0.0, 0.0, width, height)
    else:
        unit = 1
        width, height = sorted(_PAPERS[paper], reverse=_lies(orientation, wide > high))
        scale = min(width / wide, height / high)
        area = (
            (width - wide * scale) / 2,
            (height - high * scale) / 2,
            wide * scale,
            high * scale,
        )
    a, b, c, d, e, f = _TURNS[picture.turn]
    left, bottom, wide, high = area
    placed = (a * wide, b * high, c * wide, d * high, left + e * wide, bottom + f * high)
    return Sheet(width=width, height=height, unit=unit, area=area, picture=placed)


def _lies(orientation: str, picture_does: bool) -> bool:  # noqa: FBT001 - a fact, no switch
    """Tell whether paper lies across."""
    return picture_does if orientation == "auto" else orientation == "landscape"


def over_copied(page: Any, width: int, height: int) -> Matrix:
    """Return where a point of a page that is drawn so large lies in the page's own units."""
    left, bottom, right, top = box_of(page)
    across, up = right - left, top - bottom
    return {
        0: (across / width, 0, 0, -up / height, left, top),
        90: (0, up / width, across / height, 0, left, bottom),
        180: (-across / width, 0, 0, up / height, right, bottom),
        270: (0, -up / width, -across / height, 0, right, top),
    }[turn_of(page)]
