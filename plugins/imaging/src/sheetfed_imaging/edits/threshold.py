"""Makes a page black and white, however it is lit."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed.api.model import Settings
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import ADAPTIVE_THRESHOLD
from sheetfed_imaging.paper import flattened
from sheetfed_imaging.pixels import Pixels, bytes_of, gray_of, picture_of

_DARK = 0.05  # of what is below Otsu's threshold is as dark as ink
_SHARE = 0.2  # Sauvola's k: how far below the mean a pixel without contrast has to be


class AdaptiveThreshold(Edit):
    """Decides pixel by pixel, from what is around it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(ADAPTIVE_THRESHOLD, settings)

    def apply(self, picture: Image.Image, scale: float) -> Image.Image:
        """Return the picture in black and white."""
        if picture.mode == "1":
            return picture
        gray = gray_of(picture)
        darker = round(self._asked.number("darkness") * 0.64)
        if self._asked.word("method") == "sauvola":
            white = _sauvola(gray, max(3, round(self._asked.number("window") * scale)), darker)
        else:
            white = _flat(gray, darker)
        made = picture_of(white, picture)
        return made.convert("1", dither=Image.Dither.NONE)


def _flat(gray: Pixels, darker: int) -> Pixels:
    """Return white where the evened picture is nearer to paper than to ink.

    Otsu's method tells what is ink; the greys of bars and boxes do not move the middle.
    """
    flat = flattened(gray)
    level, _ = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    counts = np.cumsum(np.bincount(flat.ravel(), minlength=256)[: int(level) + 1])
    ink = int(np.searchsorted(counts, counts[-1] * _DARK))
    level = min(level, (ink + 255) / 2)
    return bytes_of(
        cv2.threshold(flat, min(max(level + darker, 1), 254), 255, cv2.THRESH_BINARY)[1]
    )


def _sauvola(gray: Pixels, window: int, darker: int) -> Pixels:
    """Return white where it is lighter than the mean around less a share of its contrast."""
    exact = gray.astype(np.float32)
    size = (window | 1, window | 1)
    mean = cv2.boxFilter(exact, -1, size, borderType=cv2.BORDER_REFLECT)
    square = cv2.sqrBoxFilter(exact, -1, size, borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    most = max(float(spread.max()), 1.0)  # the page's own, for print may be faint
    level = mean * (1 + _SHARE * (spread / most - 1)) + darker
    return bytes_of(np.where(exact > level, 255, 0))
