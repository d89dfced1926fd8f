"""How bright the paper is at each place, and the ink upon it."""

from __future__ import annotations

import cv2
import numpy as np

from sheetfed_imaging.pixels import Matrix, Pixels, bytes_of, shrunk

COARSE = 440
"""The longer side, at most, of a map of the paper: 1/8 of A4 at 300 dpi."""

STROKES = 0.018
"""Share of the shorter side that is spanned: 4 mm, so that no letter makes the paper dark."""

_EVEN = 7  # cells are evened out
_BARS = 0.065  # of the shorter side, 14 mm, are spanned where areas are to stay filled


def paper_map(gray: Pixels, *, spanned: float = STROKES) -> Pixels:
    """Return a small map of the brightness that the paper has at each place.

    What is dark and narrower than `spanned`, a share of the shorter side, is left out.
    """
    coarse = shrunk(gray, COARSE)
    many = max(3, round(min(coarse.shape) * spanned) | 1)
    bright = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, np.ones((many, many), np.uint8))
    return bytes_of(cv2.medianBlur(bright, _EVEN))


def flattened(gray: Pixels) -> Pixels:
    """Return a grey picture as if its paper were lit evenly, and white.

    Bars with white print stay dark: they are narrower than a shadow, and have edges.
    """
    paper = spread(paper_map(gray, spanned=_BARS), gray.shape)
    return bytes_of(cv2.divide(gray, np.maximum(paper, 1), scale=255))


def spread(small: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Return a map as large as a picture."""
    return bytes_of(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def ink_mask(gray: Pixels, *, contrast: int, spanned: float = STROKES) -> Pixels:
    """Return 255 where it is darker than the paper around by so many levels."""
    darker = cv2.subtract(spread(paper_map(gray, spanned=spanned), gray.shape), gray)
    return bytes_of(cv2.threshold(darker, contrast, 255, cv2.THRESH_BINARY)[1])


def box_of(mask: Matrix) -> tuple[int, int, int, int] | None:
    """Return left, top, width and height of what is set; None where nothing is."""
    left, top, width, height = cv2.boundingRect(mask)
    return (left, top, width, height) if width and height else None
