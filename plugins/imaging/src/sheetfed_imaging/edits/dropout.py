"""Makes one colour white: the print of forms."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed.api.model import Settings
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.colours import colour_of, in_samples, paper_of
from sheetfed_imaging.offers import DROPOUT
from sheetfed_imaging.pixels import Matrix, Pixels, array_of, picture_of

_NAMED = {"red": "#e02020", "green": "#20a040", "blue": "#2050d0"}
_BITS = 6  # of each sample tell colours apart well enough, and fit into a table
_COARSER = 8 - _BITS
_PALE = 16  # levels of chroma have no hue to speak of
_FULL = 40  # and from so many on it counts whole
_SOFT = 0.35  # of the tolerance beyond it, colours fade out


class Dropout(Edit):
    """Gives every pixel of one hue the colour of the paper."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(DROPOUT, settings)
        named = self._asked.word("colour")
        text = self._asked.word("custom") if named == "custom" else _NAMED[named]
        self._hue = _hue_of(np.array([[colour_of(text, "custom")]], np.uint8))[0][0, 0]

    def apply(
        self,
        picture: Image.Image,
        scale: float,  # noqa: ARG002 - a colour is the same at any size
    ) -> Image.Image:
        """Return the picture without the colour; one without colours as it is."""
        if picture.mode != "RGB":
            return picture
        samples = array_of(picture)
        paper = np.array(in_samples(paper_of(samples), samples), np.float32)
        index = samples[:, :, 0].astype(np.int32) >> _COARSER << 2 * _BITS
        index |= samples[:, :, 1].astype(np.int32) >> _COARSER << _BITS
        index |= samples[:, :, 2].astype(np.int32) >> _COARSER
        share = self._shares()[index]
        touched = share > 0
        before, share = samples[touched].astype(np.float32), share[touched][:, None]
        made = samples.copy()
        made[touched] = np.rint(before + share * (paper - before)).astype(np.uint8)
        return picture_of(made, picture)

    def _shares(self) -> Matrix:
        """Return for every colour, of six bits a sample, how much of it is to go."""
        steps = np.arange(1 << _BITS, dtype=np.uint8) << _COARSER
        colours = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
        hue, chroma = _hue_of(colours.reshape(1, -1, 3))
        apart = np.abs((hue - self._hue + 180) % 360 - 180)
        most = self._asked.number("tolerance")
        share: Matrix = np.clip((most * (1 + _SOFT) - apart) / (most * _SOFT), 0, 1)
        share *= np.clip((chroma - _PALE) / (_FULL - _PALE), 0, 1)
        return share.ravel()


def _hue_of(samples: Pixels) -> tuple[Matrix, Matrix]:
    """Return hue in degrees, and how many levels there are between the samples of a pixel."""
    exact = samples.astype(np.float32)
    hue = cv2.cvtColor(exact / 255, cv2.COLOR_RGB2HSV)[:, :, 0]
    return hue, exact.max(axis=2) - exact.min(axis=2)
