"""Punched holes: discs and the round shadows of discs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_imaging.paper import ink_mask
from sheetfed_imaging.pixels import Matrix, Pixels, factor_of, shrunk

WORKING = 900
"""The longer side, at most, of the picture that is looked at."""

LEAST, MOST = 4.0, 10.0
"""Diameters in mm, of those that are made."""

_PAGE = 210.0  # mm has the shorter side of a page whose resolution nobody knows
_WITHIN = 20.0  # mm of an edge lies the middle of a hole
_CONTRAST = 24
_SPANNED = 0.07  # of the shorter side: a hole is no paper
_SOLID = 0.7  # of its box is under a disc, which fills 0.79
_ROUND = 0.14  # of the radius do the points of a shadow stray at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A circle, in shares of the longer side of the picture."""

    x: float
    y: float
    radius: float


def holes_in(gray: Pixels, *, dpi: float) -> list[Hole]:
    """Return the holes near the edges of a page; `dpi` 0 takes it for A4."""
    height, width = gray.shape
    factor = factor_of(width, height, longest=WORKING)
    small = shrunk(gray, WORKING)
    unit = (dpi or min(width, height) / _PAGE * 25.4) / 25.4 / factor  # pixels for a mm
    dark = ink_mask(small, contrast=_CONTRAST, spanned=_SPANNED)
    count, names, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    found = []
    for at in range(1, count):
        left, top, wide, high, _ = (int(number) for number in stats[at])
        if not 0.6 * LEAST * unit <= max(wide, high) <= 1.2 * MOST * unit:
            continue
        x, y = left + wide / 2, top + high / 2
        if min(x, y, small.shape[1] - x, small.shape[0] - y) > _WITHIN * unit:
            continue
        circle = _circle(names[top : top + high, left : left + wide] == at)
        if circle and LEAST / 2 * unit <= circle[2] <= MOST / 2 * unit:
            share = factor / max(width, height)
            hole = Hole(
                x=(circle[0] + left) * share, y=(circle[1] + top) * share, radius=circle[2] * share
            )
            found.append(hole)
    return sorted(found, key=lambda hole: (hole.y, hole.x))


def _circle(region: Matrix) -> tuple[float, float, float] | None:
    """Return middle and radius of a disc, or of a circle that a region lies along."""
    rows, columns = (axis + 0.5 for axis in np.nonzero(region))
    high, wide = region.shape
    if len(rows) >= _SOLID * wide * high:
        if max(wide, high) > 1.35 * min(wide, high):
            return None
        return columns.mean(), rows.mean(), float(np.sqrt(len(rows) / np.pi))
    system = np.stack([2 * columns, 2 * rows, np.ones(len(rows))], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(system, columns**2 + rows**2, rcond=None)
    radius = float(np.sqrt(max(c + a * a + b * b, 0.0)))
    strays = np.abs(np.hypot(columns - a, rows - b) - radius)
    if radius == 0 or np.sqrt((strays**2).mean()) > _ROUND * radius:
        return None
    return float(a), float(b), radius
