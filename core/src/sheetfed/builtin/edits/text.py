"""The edit `text`: page numbers, dates, watermarks."""

from __future__ import annotations

import unicodedata

import numpy as np
from PIL import Image, ImageDraw

from sheetfed.api.contracts import UNMOVED, Edit, Transform
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo
from sheetfed.builtin.edits import faces
from sheetfed.builtin.edits.modes import Picture, colour_of, in_mode, parted, samples_of
from sheetfed.builtin.edits.places import place_of

MOST = 1000
"""Characters of a text."""

WIDEST = 4
"""How many times as wide as the page a text may be."""

_SMALLEST = 12.0
"""Pixels of the smallest letters that are drawn; smaller ones are drawn larger and reduced."""


class Text(Edit):
    """Writes a text on the page."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as it is. Raises BadSettings."""
        colour_of(self.settings, "colour", "#000000")
        if len(self._text) > MOST:
            raise BadSettings(f"text has more than {MOST} characters", option="text")
        letters = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox(
            (0, 0), self._text, self._face(100)
        )
        if max(letters[2:]) * self._share("size", 2.0) > WIDEST * 100:
            raise BadSettings("text is far larger than the page", option="size")
        return page, UNMOVED

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Paint the colour through the letters."""
        del scale
        stencil = self._stencil(max(picture.size))
        if stencil is None:
            return picture
        mask = Image.new("L", picture.size)
        mask.paste(stencil, place_of(self.settings, picture.size, stencil.size))
        return _painted(picture, mask, colour_of(self.settings, "colour", "#000000"))

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def for_sample(self, place: int) -> Text:
        """Return it with the ink's share of that colour."""
        return Text(parted(self.settings, "colour", "#000000", place))

    def check(self) -> None:
        """Raise BadSettings for letters that no font has."""
        faces.check(self._text)

    @property
    def _text(self) -> str:
        return unicodedata.normalize("NFC", str(self.settings.get("text", "{page} / {pages}")))

    def _face(self, size: float) -> faces.Face:
        return faces.face_for(self._text, size)

    def _share(self, name: str, default: float) -> float:
        value = self.settings.get(name)
        return (default if value is None else float(value)) / 100

    def _stencil(self, longest: int) -> Picture | None:
        """Return the letters, white on black and as opaque as asked; None where there are none."""
        size = self._share("size", 2.0) * longest
        drawn = max(size, _SMALLEST)
        face = self._face(drawn)
        left, top, right, bottom = (
            int(edge)
            for edge in ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), self._text, face)
        )
        if right <= left or bottom <= top:
            return None
        letters = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(letters).text((-left, -top), self._text, fill=255, font=face)
        if drawn > size:
            less = [max(1, round(edge * size / drawn)) for edge in letters.size]
            letters = letters.resize((less[0], less[1]), Image.Resampling.BOX)
        angle = float(self.settings.get("angle") or 0.0)
        if angle:
            letters = letters.rotate(-angle, Image.Resampling.BILINEAR, expand=True)
        opacity = self._share("opacity", 100.0)
        return letters.point([round(level * opacity) for level in range(256)])


def _painted(picture: Picture, mask: Picture, colour: tuple[int, int, int]) -> Picture:
    if picture.mode == "I;16":
        share = np.asarray(mask) / 255.0
        level = in_mode(colour, "I;16")
        mixed = samples_of(picture) * (1 - share) + level * share
        return Image.fromarray(mixed.round().astype(np.uint16))
    made = picture.convert("L") if picture.mode == "1" else picture.copy()
    made.paste(in_mode(colour, made.mode), (0, 0), mask)
    return made.convert("1") if picture.mode == "1" else made  # dots, where it is faint
