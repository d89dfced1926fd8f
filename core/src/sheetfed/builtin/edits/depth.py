"""The edit `depth`: black and white, grey, colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetfed.api.contracts import Edit
from sheetfed.api.model import Settings
from sheetfed.builtin.edits.modes import MIDDLE, Picture, black_and_white, grey

_APART = 24
"""Dark and light are at least so far apart; closer ones are one tone with noise."""


class Depth(Edit):
    """Gives the page another number of bits a pixel."""

    def find(self, picture: Picture, scale: float) -> Settings:
        """Return the threshold that parts dark from light best."""
        del scale
        if self._bits != "1" or self._method != "otsu" or self.settings.get("threshold"):
            return {}
        return {"threshold": otsu(np.array(grey(picture).histogram()))}

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Convert every pixel."""
        del scale
        if self._bits == "24":
            return grey(picture).convert("RGB") if picture.mode != "RGB" else picture
        if self._bits == "8":
            return grey(picture)
        if picture.mode == "1":
            return picture
        if self._method == "dither":
            return grey(picture).convert("1")
        return black_and_white(grey(picture), int(self.settings.get("threshold") or MIDDLE))

    def is_shallow(self) -> bool:
        """Say whether it has 8 bits a colour then: 24 bits a pixel are that."""
        return True

    @property
    def _bits(self) -> str:
        return str(self.settings.get("bits", "8"))

    @property
    def _method(self) -> str:
        return str(self.settings.get("method", "otsu"))


def otsu(counts: NDArray[np.int_]) -> int:
    """Return the darkest of the light tones, where two groups of tones are furthest apart."""
    tones = np.arange(256)
    below, sums = np.cumsum(counts), np.cumsum(counts * tones)
    above = below[-1] - below
    dark = sums / np.maximum(below, 1)
    light = (sums[-1] - sums) / np.maximum(above, 1)
    apart = np.where((below > 0) & (above > 0), below * (above * (light - dark) ** 2.0), -1)
    best = int(apart.argmax())
    return best + 1 if light[best] - dark[best] >= _APART else MIDDLE
