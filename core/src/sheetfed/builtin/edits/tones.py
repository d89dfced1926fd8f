"""Edits of tones: lighter, darker, turned round."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed.api.model import Settings
from sheetfed.builtin.edits.modes import Picture, black_and_white, grey, samples_of

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Maps tones from 0, black, to 1, white."""

_OUTLIERS = 0.005
"""Share of the pixels that may be darker than black, or lighter than white."""

_LEAST = 16
"""Black and white points that are closer belong to a page of one tone."""


class _Tones(Edit):
    """Bends the tones of every sample alike."""

    def by_sample(self) -> bool:
        """Say yes."""
        return True


class Brightness(_Tones):
    """Makes every tone lighter or darker by the same amount."""

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Add to every sample."""
        del scale
        amount = _number(self, "amount", 0.0) / 100
        return _bent(picture, lambda tones: tones + amount)


class Contrast(_Tones):
    """Moves tones away from middle grey, or towards it."""

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Turn the line of tones about its middle."""
        del scale
        amount = min(_number(self, "amount", 0.0) / 100, 0.9999)
        slope = math.tan((amount + 1) * math.pi / 4)
        return _bent(picture, lambda tones: (tones - 0.5) * slope + 0.5)


class Gamma(_Tones):
    """Makes the middle tones lighter or darker; black and white stay."""

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Raise every sample to a power."""
        del scale
        power = 1 / _number(self, "gamma", 1.0)
        return _bent(picture, lambda tones: tones**power)


class Invert(_Tones):
    """Makes a negative."""

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Turn every sample round."""
        del scale
        return _bent(picture, lambda tones: 1.0 - tones)


class Levels(_Tones):
    """Spreads the tones between two points from black to white."""

    def find(self, picture: Picture, scale: float) -> Settings:
        """Return the points that are not given: where the page's darkest and lightest tones are."""
        del scale
        counts = np.cumsum(grey(picture).histogram())
        black = int(np.searchsorted(counts, counts[-1] * _OUTLIERS, side="right"))
        white = int(np.searchsorted(counts, counts[-1] * (1 - _OUTLIERS)))
        if white - black < _LEAST:
            black, white = 0, 255
        found = {"black": black, "white": white}
        return {name: at for name, at in found.items() if self.settings.get(name) is None}

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Stretch the line of tones."""
        del scale
        black = _number(self, "black", 0.0) / 255
        white = max(_number(self, "white", 255.0) / 255, black + 1 / 255)
        power = 1 / _number(self, "gamma", 1.0)
        return _bent(picture, lambda tones: ((tones - black) / (white - black)).clip(0, 1) ** power)


def _number(edit: Edit, name: str, default: float) -> float:
    value = edit.settings.get(name)
    return default if value is None else float(value)


def _bent(picture: Picture, curve: Curve) -> Picture:
    """Return a picture with every sample on its place of a curve."""
    most = 65535 if picture.mode == "I;16" else 255
    tones = curve(np.arange(most + 1) / most)
    table = (tones.clip(0, 1) * most).round()
    if picture.mode == "I;16":
        return Image.fromarray(table.astype(np.uint16)[samples_of(picture)])
    if picture.mode == "1":
        return black_and_white(picture.convert("L").point([int(tone) for tone in table]))
    return picture.point([int(tone) for tone in table] * len(picture.getbands()))
