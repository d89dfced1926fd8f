"""Whether a page is in colour, grey, or black and white."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_imaging.colours import Colour, paper_of
from sheetfed_imaging.pixels import Matrix, Pixels, bytes_of, shrunk

TONES = 1754
"""The longer side, at most, of the picture in which tones are told: 150 dpi of A4."""

_HUES = 900  # and that in which colours are
_MARGIN = 0.035  # of each side is left out: shadows lie there
_FRINGE = 5  # cells, 1.7 mm, are averaged
_COLOUR = 20  # levels lie then between red, green and blue
_EVEN = 24  # levels there are at most around a pixel that is no edge of a letter
_MIDDLE = (0.3, 0.85)  # of the paper's brightness is between black and white
_GREY = 5000  # millionths between black and white make a page grey


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """What was measured, in millionths of the page's area, and the colour of the paper."""

    coloured: float
    between: float
    paper: Colour

    def named(self, threshold: float) -> str:
        """Return `color`, `gray` or `bw`."""
        if self.coloured > threshold:
            return "color"
        return "gray" if self.between > _GREY else "bw"


def colouring_of(samples: Pixels) -> Colouring:
    """Measure a page of grey or coloured samples."""
    paper = paper_of(samples)
    coloured = _coloured(_inner(shrunk(samples, _HUES)), paper) if samples.ndim == 3 else 0.0
    gray = samples if samples.ndim == 2 else bytes_of(cv2.cvtColor(samples, cv2.COLOR_RGB2GRAY))
    between = _between(_inner(shrunk(gray, TONES)), sum(paper) / 3)
    return Colouring(coloured=coloured, between=between, paper=paper)


def _inner(samples: Pixels) -> Pixels:
    off = round(min(samples.shape[:2]) * _MARGIN)
    return samples[off : samples.shape[0] - off, off : samples.shape[1] - off]


def _coloured(small: Pixels, paper: Colour) -> float:
    """Return how much is in colour, the paper seen as white."""
    white = small.astype(np.float32) * (255 / np.maximum(np.array(paper, np.float32), 1))
    if not small.size:
        return 0.0
    # red to the left of a letter and blue to its right are a scanner's, and cancel each other
    even = cv2.blur(np.minimum(white, 255), (_FRINGE, _FRINGE))
    chroma: Matrix = even.max(axis=2) - even.min(axis=2)
    return 1e6 * float((chroma > _COLOUR).mean())


def _between(gray: Pixels, paper: float) -> float:
    """Return how much is neither paper nor ink, and no edge of either."""
    if not gray.size:
        return 0.0
    square = np.ones((3, 3), np.uint8)
    flat = cv2.subtract(cv2.dilate(gray, square), cv2.erode(gray, square)) < _EVEN
    low, high = (share * paper for share in _MIDDLE)
    return 1e6 * float((flat & (gray > low) & (gray < high)).mean())
