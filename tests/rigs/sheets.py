"""Draws sheets of paper as scanners see them, and says what is true of each."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

A4 = (210.0, 297.0)
PAPER = 246
INK = 28

WORDS = (  # noqa: SIM905 - forty words in quotation marks of their own read worse
    "paper in document out the and of to a page report invoice account number between service open"
    " address letter quarter total amount delivery receipt signed office please regarding answer"
    " yours sincerely morning weather river garden station window kettle bicycle seven twelve"
).split()


class Sheet:
    """One side of A4, drawn at a resolution; lengths are in mm."""

    def __init__(self, *, dpi: int = 300, seed: int = 1, paper: int = PAPER) -> None:
        self.dpi = dpi
        self.chance = random.Random(seed)
        self.size = (self.pixels(A4[0]), self.pixels(A4[1]))
        self.picture = Image.new("L", self.size, paper)
        self.pen = ImageDraw.Draw(self.picture)

    def pixels(self, length: float) -> int:
        """Return a length in pixels."""
        return round(length / 25.4 * self.dpi)

    def words(
        self, left: float, top: float, *, width: float, high: float = 3.6, ink: int = INK
    ) -> None:
        """Write one line of random words, no wider than `width`."""
        font = _font(self.pixels(high))
        text = self.chance.choice(WORDS).capitalize()
        while True:
            longer = f"{text} {self.chance.choice(WORDS)}"
            if font.getlength(longer) > self.pixels(width):
                break
            text = longer
        self.pen.text((self.pixels(left), self.pixels(top)), text, font=font, fill=ink)

    def write(
        self, left: float, top: float, text: str, *, high: float = 3.6, ink: int = INK
    ) -> None:
        """Write a text."""
        font = _font(self.pixels(high))
        self.pen.text((self.pixels(left), self.pixels(top)), text, font=font, fill=ink)

    def paragraph(
        self, left: float, top: float, *, lines: int, width: float = 165, step: float = 5.6
    ) -> None:
        """Write lines of words, the last one short."""
        for line in range(lines):
            short = 0.45 if line == lines - 1 else 1.0
            self.words(left, top + line * step, width=width * short)

    def line(self, *points: float, wide: float = 0.3, ink: int = 60) -> None:
        """Draw a line through points, given as x, y and again x, y."""
        pixels = [self.pixels(value) for value in points]
        self.pen.line(pixels, fill=ink, width=max(1, self.pixels(wide)), joint="curve")

    def spot(self, left: float, top: float, wide: float, *, ink: int = 20) -> None:
        """Draw a filled circle."""
        box = [
            self.pixels(v)
            for v in (left - wide / 2, top - wide / 2, left + wide / 2, top + wide / 2)
        ]
        self.pen.ellipse(box, fill=ink)

    def photo(self, left: float, top: float, width: float, height: float) -> None:
        """Place something that looks like a photograph: soft shapes of all sizes, and edges."""
        size = (self.pixels(width), self.pixels(height))
        random_numbers = np.random.default_rng(self.chance.randrange(2**31))
        cloud = np.zeros((size[1], size[0]))
        for cells, strength in ((3, 60), (9, 30), (27, 16), (81, 8)):
            coarse = random_numbers.uniform(-1, 1, (cells, cells)) * 127 + 128
            layer = Image.fromarray(coarse.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
            cloud += (np.asarray(layer).astype(float) - 128) / 127 * strength
        picture = Image.fromarray((128 + cloud).clip(0, 255).astype(np.uint8))
        pen = ImageDraw.Draw(picture)
        for _ in range(14):
            x, y = self.chance.randrange(size[0]), self.chance.randrange(size[1])
            a, b = self.chance.randrange(10, size[0] // 3), self.chance.randrange(10, size[1] // 3)
            pen.polygon(
                [(x, y), (x + a, y + b // 3), (x + a // 2, y + b)],
                fill=self.chance.randrange(256),
            )
        self.picture.paste(picture, (self.pixels(left), self.pixels(top)))


def letter(**of: Any) -> Image.Image:
    """Return a letter: a head, a date, paragraphs."""
    sheet = Sheet(**of)
    sheet.write(22, 18, "Harbour Office", high=7)
    for line in range(4):
        sheet.words(22, 42 + 5 * line, width=60)
    sheet.words(140, 62, width=45)
    top = 84.0
    for _ in range(4):
        lines = sheet.chance.randrange(4, 9)
        sheet.paragraph(22, top, lines=lines)
        top += lines * 5.6 + 5
    sheet.words(22, 262, width=40)
    return sheet.picture


def form(**of: Any) -> Image.Image:
    """Return a form: a table with rules, a coloured head, some of its cells filled."""
    sheet = Sheet(**of)
    sheet.write(18, 15, "Order form", high=6)
    sheet.pen.rectangle(
        [sheet.pixels(18), sheet.pixels(30), sheet.pixels(192), sheet.pixels(38)], fill=150
    )
    for row in range(26):
        y = 38 + row * 8.6
        sheet.line(18, y, 192, y)
        if sheet.chance.random() < 0.6 and row < 25:
            sheet.words(20, y + 2, width=50, high=3.2)
            sheet.write(150, y + 2, f"{sheet.chance.randrange(10_000) / 100:.2f}", high=3.2)
    for x in (18, 80, 120, 148, 192):
        sheet.line(x, 30, x, 38 + 25 * 8.6)
    return sheet.picture


def mixed(**of: Any) -> Image.Image:
    """Return text around a photograph, in two columns below."""
    sheet = Sheet(**of)
    sheet.write(20, 16, "Morning report", high=8)
    sheet.paragraph(20, 32, lines=8)
    sheet.photo(20, 84, 90, 70)
    sheet.paragraph(118, 84, lines=12, width=72)
    sheet.paragraph(20, 166, lines=18, width=80)
    sheet.paragraph(110, 166, lines=18, width=80)
    return sheet.picture


def photo(**of: Any) -> Image.Image:
    """Return a large photograph with a caption of two lines."""
    sheet = Sheet(**of)
    sheet.photo(20, 20, 170, 220)
    sheet.paragraph(20, 248, lines=2, width=150)
    return sheet.picture


def sparse(**of: Any) -> Image.Image:
    """Return a sheet with three lines and a page number."""
    sheet = Sheet(**of)
    sheet.paragraph(25, 120, lines=3, width=150)
    sheet.write(103, 280, "17")
    return sheet.picture


TEXTS: Mapping[str, Callable[..., Image.Image]] = {
    "letter": letter,
    "form": form,
    "mixed": mixed,
    "photo": photo,
    "sparse": sparse,
}


def skewed(picture: Image.Image, angle: float, *, ground: int = PAPER) -> Image.Image:
    """Return a picture turned clockwise by degrees, its canvas kept."""
    return picture.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=ground)


def captured(
    picture: Image.Image,
    *,
    noise: float = 2.8,
    seed: int = 1,
    shading: float = 6,
    blur: float = 0.7,
) -> Image.Image:
    """Return what a sensor makes of a picture: soft, unevenly lit, with grain."""
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur))).astype(np.float32)
    random_numbers = np.random.default_rng(seed)
    x = np.linspace(-1, 1, pixels.shape[1], dtype=np.float32)
    light = shading * (x * x - 1) * 0.5
    pixels += light[:, None] if pixels.ndim == 3 else light
    pixels += random_numbers.standard_normal(pixels.shape, dtype=np.float32) * noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def array(picture: Image.Image) -> NDArray[np.uint8]:
    """Return a picture's samples."""
    return np.asarray(picture)


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(max(6, size))
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
