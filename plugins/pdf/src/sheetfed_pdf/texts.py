"""What is written on a page, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium

from sheetfed.api.model import Box, Mark

MOST_SIGNS = 200_000
"""More on one page than this is no text that a person reads."""

_TURNS = {0: 0, 1: 90, 2: 180, 3: 270}

Corners = tuple[float, float, float, float]


def texts_of(page: Any, place: Placing) -> list[Mark]:
    """Return the words of an open page with boxes in pixels."""
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return []
    try:
        return [
            Mark(kind="text", value=word, by="pdf", box=place.box(corners))
            for word, corners in _words(text)
        ]
    finally:
        pdfium.FPDFText_ClosePage(text)


def _words(text: Any) -> Iterator[tuple[str, Corners]]:
    """Yield each word and the box around it: left, bottom, right, top."""
    word, around = "", (0.0, 0.0, 0.0, 0.0)
    signs = _Signs(text)
    for sign, corners in signs:
        if sign.isspace():
            if word:
                yield word, around
            word = ""
            continue
        around = _around(around, corners) if word else corners
        word += sign
    if word:
        yield word, around


class _Signs:
    """The signs of a page in the order in which they are read."""

    def __init__(self, text: Any) -> None:
        self._text = text
        self._count = min(max(pdfium.FPDFText_CountChars(text), 0), MOST_SIGNS)

    def __iter__(self) -> Iterator[tuple[str, Corners]]:
        rectangle = pdfium.FS_RECTF()
        high = 0
        for index in range(self._count):
            code = pdfium.FPDFText_GetUnicode(self._text, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000:
                code, high = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 32, 0
            if code < 32 or code > 0x10FFFF or code in {0xFFFE, 0xFFFF}:
                code = 32
            pdfium.FPDFText_GetLooseCharBox(self._text, index, rectangle)
            yield chr(code), (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


class Placing:
    """Where points of a page lie when it is drawn."""

    def __init__(self, page: Any, size: tuple[int, int]) -> None:
        bounds = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, bounds)
        self._left, self._bottom = bounds.left, bounds.bottom
        self._wide = max(bounds.right - bounds.left, 1e-9)
        self._high = max(bounds.top - bounds.bottom, 1e-9)
        self._turn = _TURNS.get(pdfium.FPDFPage_GetRotation(page), 0)
        self._size = size

    def box(self, corners: Corners) -> Box:
        """Return a rectangle of the page as a box in pixels."""
        one, two = self._point(corners[0], corners[1]), self._point(corners[2], corners[3])
        left, right = sorted((one[0], two[0]))
        top, bottom = sorted((one[1], two[1]))
        return Box(
            left=round(left, 2),
            top=round(top, 2),
            width=round(right - left, 2),
            height=round(bottom - top, 2),
        )

    def _point(self, x: float, y: float) -> tuple[float, float]:
        across, up = (x - self._left) / self._wide, (y - self._bottom) / self._high
        seen = {
            0: (across, 1 - up),
            90: (up, across),
            180: (1 - across, up),
            270: (1 - up, 1 - across),
        }[self._turn]
        return seen[0] * self._size[0], seen[1] * self._size[1]


def _around(one: Corners, two: Corners) -> Corners:
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])
