"""A sheet of paper to draw on, in millimetres."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

PAPER: Colour = (252, 251, 247)
INK: Colour = (34, 34, 40)
FAINT: Colour = (128, 130, 138)
RULE: Colour = (203, 206, 212)

POINT = 25.4 / 72
LEADING = 1.42


class Canvas:
    """One sheet. Whatever its size, it is drawn as if it were 210 mm wide."""

    def __init__(self, width: float, height: float, *, dpi: float) -> None:
        size = (round(width * dpi / 25.4), round(height * dpi / 25.4))
        self.image = Image.new("RGB", size, PAPER)
        self.height = height * 210 / width
        self._scale = size[0] / 210
        self._pen = ImageDraw.Draw(self.image)

    def text(
        self,
        place: Point,
        text: str,
        *,
        size: float = 10.5,
        colour: Colour = INK,
        bold: bool = False,
        anchor: str = "ls",
    ) -> None:
        """Write one line, its baseline at `place`; `size` in points."""
        font = self._font(size)
        weight = font.size * 0.032 if bold else 0
        self._pen.text(
            self._point(place), text, fill=colour, font=font, anchor=anchor, stroke_width=weight
        )

    def paragraph(
        self, place: Point, text: str, *, width: float, size: float = 10.5, colour: Colour = INK
    ) -> float:
        """Write lines no wider than `width`; return where the next baseline is."""
        left, top = place
        font = self._font(size)
        line = ""
        for word in [*text.split(), ""]:
            longer = f"{line} {word}".strip()
            if word and font.getlength(longer) <= width * self._scale:
                line = longer
                continue
            self.text((left, top), line, size=size, colour=colour)
            top += size * POINT * LEADING
            line = word
        return top

    def box(
        self,
        place: Point,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        outline: Colour | None = None,
        radius: float = 0,
    ) -> None:
        """Draw a rectangle from its top left corner."""
        left, top = self._point(place)
        right, bottom = self._point((place[0] + width, place[1] + height))
        self._pen.rounded_rectangle(
            (left, top, right, bottom),
            radius * self._scale,
            fill=fill,
            outline=outline,
            width=self._stroke(0.25),
        )

    def line(self, points: Sequence[Point], *, colour: Colour = INK, stroke: float = 0.25) -> None:
        """Draw a line through points."""
        self._pen.line(
            [self._point(point) for point in points],
            fill=colour,
            width=self._stroke(stroke),
            joint="curve",
        )

    def disc(self, centre: Point, radius: float, *, fill: Colour) -> None:
        """Draw a filled circle."""
        self._pen.circle(self._point(centre), radius * self._scale, fill=fill)

    def stroke(self, curve: Callable[[float], Point], *, colour: Colour, width: float) -> None:
        """Draw what a pen leaves that follows `curve` from 0 to 1."""
        self.line([curve(step / 240) for step in range(241)], colour=colour, stroke=width)

    def symbol(self, place: Point, rows: Sequence[Sequence[bool]], *, size: Point) -> None:
        """Print a barcode, each module a whole number of pixels wide so that it stays readable."""
        modules = np.array(rows, dtype=bool)
        across = max(1, math.floor(size[0] * self._scale / modules.shape[1]))
        down = max(1, math.floor(size[1] * self._scale / modules.shape[0]))
        print_ = np.where(modules.repeat(down, 0).repeat(across, 1)[..., None], INK, PAPER)
        left, top = self._point(place)
        self.image.paste(Image.fromarray(print_.astype(np.uint8)), (round(left), round(top)))

    def picture(self, place: Point, pixels: np.ndarray[Any, Any], *, size: Point) -> None:
        """Print a picture, smoothed to its size."""
        left, top = self._point(place)
        width, height = (max(1, round(length * self._scale)) for length in size)
        printed = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
        self.image.paste(printed, (round(left), round(top)))

    def _font(self, size: float) -> ImageFont.FreeTypeFont:
        return _font(max(1.0, round(size * POINT * self._scale, 2)))

    def _point(self, place: Point) -> Point:
        return place[0] * self._scale, place[1] * self._scale

    def _stroke(self, width: float) -> int:
        return max(1, round(width * self._scale))


@lru_cache(maxsize=32)
def _font(size: float) -> ImageFont.FreeTypeFont:
    """Return the face that Pillow carries, so that a page is the same on every machine."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
