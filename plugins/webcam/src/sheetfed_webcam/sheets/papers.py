"""Sizes of paper, and which one a sheet seen from aside has."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sheetfed_webcam.sheets.pixels import Matrix

SIZES: Mapping[str, tuple[float, float]] = {
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "card": (53.98, 85.6),
}
"""Millimetres, upright."""

GUESSED = ("a4", "letter", "card")
"""What a shape alone is taken for, the usual one first: A3 and A5 have the shape of A4."""

_NEAR = 0.043  # of its shape may a sheet miss that of a paper
_USUAL_LENS = 0.95  # times the picture's longer side has a lens as its focal length
_LENSES = (0.55, 2.5)  # times it are lenses that are made


def paper_of(aspect: float) -> str:
    """Return which paper has a shape, as height over width however it lies; "free" for none."""
    long = max(aspect, 1 / aspect)
    off = {name: abs(long / (SIZES[name][1] / SIZES[name][0]) - 1) for name in GUESSED}
    best = min(off, key=lambda name: off[name])
    return best if off[best] <= _NEAR else "free"


def aspect_of(corners: Matrix, size: tuple[float, float]) -> float:
    """Return a sheet's true height over its width, by how its sides run together.

    The lens is taken to look at the middle of the picture; what cannot be told of it is taken as
    usual. Zhang, Z. and He, L.: Whiteboard scanning and image enhancement, Digital Signal
    Processing 17 (2007), section 3.
    """
    across, down = _vectors(corners - np.array(size) / 2)
    lens = _focal(across, down, max(size)) or _USUAL_LENS * max(size)
    lifted = np.array([1 / lens, 1 / lens, 1.0])
    wide, high = float(np.linalg.norm(across * lifted)), float(np.linalg.norm(down * lifted))
    return max(high, 1e-6) / max(wide, 1e-6)


def _vectors(corners: Matrix) -> tuple[Matrix, Matrix]:
    """Return the directions of the sheet's sides, as far as the lens is not known."""
    one, two, three, four = (np.array([x, y, 1.0]) for x, y in corners)
    share = float(np.cross(one, three) @ four / (np.cross(two, three) @ four or 1e-12))
    other = float(np.cross(one, three) @ two / (np.cross(four, three) @ two or 1e-12))
    return share * two - one, other * four - one


def _focal(across: Matrix, down: Matrix, longer: float) -> float | None:
    """Return the focal length at which both directions stand at right angles."""
    depth = float(across[2] * down[2])
    if abs(depth) < 1e-9:
        return None
    square = -float(across[0] * down[0] + across[1] * down[1]) / depth
    if square <= 0:
        return None
    focal = math.sqrt(square)
    return focal if _LENSES[0] * longer <= focal <= _LENSES[1] * longer else None
