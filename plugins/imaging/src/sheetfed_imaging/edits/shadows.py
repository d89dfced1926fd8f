"""Takes shadows and black bands off the edges of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed.api.model import Settings, Value
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import SHADOWS
from sheetfed_imaging.paper import paper_map, spread
from sheetfed_imaging.pixels import Matrix, Pixels, array_of, gray_of, picture_of

_SIDES = ("left", "top", "right", "bottom")
_TURNS = {"left": 0, "top": 1, "right": 2, "bottom": 3}  # quarters, to have a side at the left
_DEEPEST = 0.2  # of the page's width is looked at
_DARKER = 0.9  # of the paper's brightness is shadow
_BLACK = 0.35  # of it is no paper at all
_LONG = 0.5  # of a side is in a shadow, at least
_BEYOND = 1.25  # times as wide is lifted: a shadow fades


class Shadows(Edit):
    """Lifts what is dark along the edges to the brightness of the paper; writing in it stays."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(SHADOWS, settings)

    def find(self, picture: Image.Image, scale: float) -> Settings:
        """Return how wide the shadow along each side is, in pixels of the page."""
        coarse = paper_map(gray_of(picture))
        unit = max(picture.size) / max(coarse.shape) / scale
        found: dict[str, Value] = {}
        for side in _SIDES:
            if self._asked.maybe(side) is None:
                found[side] = min(round(_depth(np.rot90(coarse, _TURNS[side])) * unit), 65_500)
        return found

    def apply(self, picture: Image.Image, scale: float) -> Image.Image:
        """Return the picture with an even edge."""
        wide = [round((self._asked.maybe(side) or 0) * scale) for side in _SIDES]
        if not any(wide):
            return picture
        samples = array_of(picture).copy()
        coarse = paper_map(gray_of(picture))
        paper, level = spread(coarse, samples.shape), float(np.median(coarse))
        for rows, columns in _bands(samples.shape, wide):
            samples[rows, columns] = _lifted(samples[rows, columns], paper[rows, columns], level)
        return picture_of(samples, picture)


def _bands(shape: Sequence[int], wide: Sequence[int]) -> Iterator[tuple[slice, slice]]:
    """Yield what lies along the sides; each corner belongs to one of them."""
    height, width = shape[:2]
    left, top, right, bottom = wide
    left = min(left, width)
    right = max(left, width - right)
    top = min(top, height)
    bottom = max(top, height - bottom)
    yield slice(0, height), slice(0, left)
    yield slice(0, height), slice(right, width)
    yield slice(0, top), slice(left, right)
    yield slice(bottom, height), slice(left, right)


def _depth(coarse: Matrix) -> float:
    """Return how many cells the shadow at the left side is wide; 0 where there is none."""
    level = float(np.median(coarse))
    looked = coarse[:, : max(1, round(coarse.shape[1] * _DEEPEST))]
    dark = looked < _DARKER * level
    deep = np.where(dark.all(axis=1), 0, dark.argmin(axis=1))
    reached = deep > 0
    if reached.mean() < _LONG:
        return 0.0
    return float(np.quantile(deep[reached], 0.9)) * _BEYOND + 1


def _lifted(samples: Matrix, paper: Pixels, level: float) -> Matrix:
    """Return samples brighter by what their paper lacks."""
    bright = paper.astype(np.float32)
    gain = np.maximum(level / np.maximum(bright, 1), 1.0)
    if samples.ndim == 3:
        gain, bright = gain[:, :, None], bright[:, :, None]
    lifted = np.minimum(samples.astype(np.float32) * gain, np.iinfo(samples.dtype).max)
    fill = np.float32(level * (257 if samples.dtype == np.uint16 else 1))
    made: Matrix = np.where(bright < _BLACK * level, fill, lifted).astype(samples.dtype)
    return made
