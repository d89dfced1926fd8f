"""Draws sheets of paper as scanners see them, and says what is true of each."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
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
        """Draw a filled circle, smooth at its edge: dust is smaller than a pixel."""
        fine, size = 8, self.pixels(wide) + 3
        mask = Image.new("L", (size * fine, size * fine))
        x, y = left / 25.4 * self.dpi, top / 25.4 * self.dpi
        across, down = int(x - size / 2), int(y - size / 2)
        middle = ((x - across) * fine, (y - down) * fine)
        ImageDraw.Draw(mask).circle(middle, wide / 50.8 * self.dpi * fine, fill=255)
        self.picture.paste(ink, (across, down), mask.reduce(fine))

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
        [sheet.pixels(18), sheet.pixels(30), sheet.pixels(192), sheet.pixels(38)], fill=175
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


def _punched(sheet: Sheet) -> None:
    for y in (108.5, 188.5):
        sheet.spot(12, y, 6, ink=25)


def _punched_over_white(sheet: Sheet) -> None:
    radius = sheet.pixels(3)
    for y in (60, 110, 188.5, 240):
        left, top = sheet.pixels(12) - radius, sheet.pixels(y) - radius
        box = [left, top, left + 2 * radius, top + 2 * radius]
        sheet.pen.arc(box, 200, 340, fill=175, width=sheet.pixels(0.6))


def _dusty(sheet: Sheet) -> None:
    for _ in range(25):
        x, y = sheet.chance.uniform(5, 205), sheet.chance.uniform(5, 292)
        sheet.spot(x, y, sheet.chance.uniform(0.15, 0.6), ink=sheet.chance.randrange(40, 160))


def _creased(sheet: Sheet) -> None:
    sheet.line(0, 148, 210, 149, wide=0.5, ink=228)


def _recycled(sheet: Sheet) -> None:
    sheet.picture.paste(190, (0, 0, *sheet.size))


def _showing_through(sheet: Sheet) -> None:
    back = letter(dpi=sheet.dpi, seed=9).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    back = back.filter(ImageFilter.GaussianBlur(sheet.dpi / 75))
    faint = back.point([round(PAPER - (PAPER - min(v, PAPER)) * 0.14) for v in range(256)])
    sheet.picture.paste(faint)


BLANKS: Mapping[str, Callable[[Sheet], None]] = {
    "plain": lambda _: None,
    "punched": _punched,
    "punched over white": _punched_over_white,
    "dusty": _dusty,
    "creased": _creased,
    "recycled": _recycled,
    "showing through": _showing_through,
}
"""What makes a blank sheet look as if it were not."""


def _signed(sheet: Sheet) -> None:
    points: list[float] = []
    for at in range(60):
        x = 120 + 0.8 * at + 2 * math.cos(0.9 * at)
        points += [x, 240 + 4 * math.sin(0.8 * at) * math.cos(0.13 * at)]
    sheet.line(*points, wide=0.4, ink=190)


def _stamped(sheet: Sheet) -> None:
    box = [sheet.pixels(value) for value in (140, 30, 175, 65)]
    sheet.pen.ellipse(box, outline=170, width=sheet.pixels(0.8))
    sheet.write(146, 45, "PAID", high=6, ink=170)


def _crossed(sheet: Sheet) -> None:
    sheet.line(100, 100, 103, 103, wide=0.4, ink=120)
    sheet.line(103, 100, 100, 103, wide=0.4, ink=120)


def _numbered_and_punched(sheet: Sheet) -> None:
    _punched(sheet)
    _dusty(sheet)
    sheet.write(103, 282, "7")


CONTENTS: Mapping[str, Callable[[Sheet], None]] = {
    "a page number": lambda sheet: sheet.write(103, 282, "7"),
    "a thin page number": lambda sheet: sheet.write(103, 284, "1", high=2.8),
    "a number in the corner": lambda sheet: sheet.write(190, 12, "12", high=3),
    "a number between holes and dust": _numbered_and_punched,
    "a short line": lambda sheet: sheet.words(25, 30, width=30),
    "a faint line": lambda sheet: sheet.words(25, 130, width=120, ink=190),
    "small print": lambda sheet: sheet.words(25, 270, width=40, high=1.8, ink=90),
    "a pencil signature": _signed,
    "a pencil tick": lambda sheet: sheet.line(30, 100, 32, 103, 37, 94, wide=0.5, ink=175),
    "a small cross": _crossed,
    "a stamp": _stamped,
    "a rule": lambda sheet: sheet.line(25, 200, 185, 200, wide=0.25, ink=150),
    "a photograph": lambda sheet: sheet.photo(0, 0, *A4),
}
"""What little makes a sheet one that must not be lost."""


def nearly_blank(kind: str, *, angle: float = 1.3, **of: Any) -> Image.Image:
    """Return a sheet of one of these kinds, not captured yet."""
    sheet = Sheet(**of)
    (BLANKS | CONTENTS)[kind](sheet)
    return skewed(sheet.picture, angle)


def shaded(picture: Image.Image, *, wide: float = 9, dpi: int = 300) -> Image.Image:
    """Return a picture with shadows along two edges, as an open lid gives."""
    pixels = np.asarray(picture).astype(np.float32)
    many = round(wide / 25.4 * dpi)
    ramp = np.linspace(0.45, 1, many, dtype=np.float32)
    pixels[:, :many] *= ramp
    pixels[-many:] *= ramp[::-1, None]
    return Image.fromarray(pixels.astype(np.uint8))


def edged(picture: Image.Image, *, wide: float = 14, dpi: int = 300) -> Image.Image:
    """Return a picture with a black band, where the paper was narrower than the scan."""
    made = picture.copy()
    made.paste(30, (made.width - round(wide / 25.4 * dpi), 0, made.width, made.height))
    return made


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
    x = np.linspace(-1, 1, pixels.shape[1], dtype=np.float32)
    light = shading * (x * x - 1) * 0.5
    pixels += light[:, None] if pixels.ndim == 3 else light
    pixels += _grain(pixels.shape, seed) * noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def table(width: int, height: int) -> Image.Image:
    """Return the top of a wooden table."""
    down = np.linspace(0, 40, height)[:, None]
    across = np.linspace(0, 6, width)[None]
    grain = 18 * np.sin(3 * down + np.sin(2 * across + down) * 2) + 6 * np.sin(40 * across)
    wood = np.stack([120 + grain, 80 + 0.8 * grain, 50 + 0.6 * grain], axis=2)
    return Image.fromarray(wood.clip(0, 255).astype(np.uint8))


def lying(page: Image.Image, ground: Image.Image, corners: NDArray[np.float64]) -> Image.Image:
    """Return a page laid upon a ground so that its corners, clockwise, come to lie on these."""
    width, height = page.size
    own = ((0, 0), (width, 0), (width, height), (0, height))
    rows, sides = [], []
    for (x, y), (u, v) in zip(corners, own, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        sides += [u, v]
    back = np.linalg.solve(np.array(rows, float), np.array(sides, float))
    how = (Image.Transform.PERSPECTIVE, [float(part) for part in back], Image.Resampling.BICUBIC)
    laid = page.convert("RGB").transform(ground.size, *how)
    where = Image.new("L", page.size, 255).transform(ground.size, *how)
    made = ground.convert("RGB")
    made.paste(laid, (0, 0), where)
    return made


@lru_cache(2)
def _grain(shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(max(6, size))
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
