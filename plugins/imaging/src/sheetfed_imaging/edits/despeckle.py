"""Takes specks away and leaves the dots of letters."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed.api.model import Settings
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import DESPECKLE
from sheetfed_imaging.pixels import Matrix, Pixels, array_of, bytes_of, gray_of, picture_of

_CONTRAST = 32  # levels from what is around make a speck
_NEAR = 4  # times the size of a speck: nearer to writing than that, it belongs to it


class Despeckle(Edit):
    """Fills small dark specks, and white ones in ink, with what is around them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(DESPECKLE, settings)

    def apply(self, picture: Image.Image, scale: float) -> Image.Image:
        """Return the picture without specks; at a small scale none can be seen."""
        size = round(self._asked.number("size") * scale)
        if size < 1:
            return picture
        gray, samples = gray_of(picture), array_of(picture)
        made = samples
        if self._asked.word("specks") != "white":
            made = self._without(made, gray, size, dark=True)
        if self._asked.word("specks") != "black":
            made = self._without(made, gray, size, dark=False)
        return picture if made is samples else picture_of(made, picture)

    def _without(self, samples: Matrix, gray: Pixels, size: int, *, dark: bool) -> Matrix:
        """Return samples with specks of one kind filled."""
        square = np.ones((size + 2, size + 2), np.uint8)
        way = cv2.MORPH_CLOSE if dark else cv2.MORPH_OPEN
        apart = cv2.absdiff(cv2.morphologyEx(gray, way, square), gray)
        odd = bytes_of(cv2.threshold(apart, _CONTRAST, 255, cv2.THRESH_BINARY)[1])
        specks = _small(odd, size)
        if dark and self._asked.flag("keep-near-writing") and specks.any():
            apart_from_all = cv2.bitwise_not(_near_writing(gray, specks, size))
            specks = bytes_of(cv2.bitwise_and(specks, apart_from_all))
        if not specks.any():
            return samples
        # the speck's own soft edge goes with it
        wide = cv2.dilate(specks, np.ones((3, 3), np.uint8)) > 0
        filled = cv2.morphologyEx(samples, way, np.ones((size + 4, size + 4), np.uint8))
        made = samples.copy()
        made[wide] = filled[wide]
        return made


def _small(mask: Pixels, size: int) -> Pixels:
    """Return those regions of a mask that are no wider and no higher than `size`."""
    _, names, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    fits = (stats[:, cv2.CC_STAT_WIDTH] <= size) & (stats[:, cv2.CC_STAT_HEIGHT] <= size)
    fits[0] = False
    kept: Pixels = np.where(fits, 255, 0).astype(np.uint8)[names]
    return kept


def _near_writing(gray: Pixels, specks: Pixels, size: int) -> Pixels:
    """Return what is near ink that is no speck: dots of letters, commas, broken strokes."""
    _, ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    large = cv2.bitwise_and(ink, cv2.bitwise_not(cv2.dilate(specks, np.ones((3, 3), np.uint8))))
    large = cv2.bitwise_and(large, cv2.bitwise_not(_small(bytes_of(large), size)))
    reach = 2 * _NEAR * size + 1
    return bytes_of(cv2.dilate(large, np.ones((reach, reach), np.uint8)))
