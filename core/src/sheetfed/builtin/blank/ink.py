"""How much of a page is under ink, dust and shadow aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from sheetfed.builtin.blank.regions import Mask, Regions, regions_of

Gray = NDArray[np.uint8]

WORKING = 900
"""The longer side, at most, of the picture that is looked at: 75 dpi of A4."""

CONTRAST = 28
"""Levels below the paper around it from which on something is ink."""

FAINT_CONTRAST = 14
"""The same where nothing shows through."""

# Lengths and areas as shares of the page's shorter side, as of A4 and letter. A page of another
# size has dust and holes of another share; the limits are wide enough for A3 to A5.
_DARKEST = 0.6  # of the page's brightness may its paper have at any place
_MARGIN = 0.035  # is left out at each side
_SPECK = 6e-6  # of the page's area: 0.4 mm² of A4
_DOT = 0.0068  # long: 1.4 mm
_HOLES_WITHIN = 0.1  # of an edge have their middle
_HOLE = (0.018, 0.05)  # wide: 4 to 10 mm
_SOLID = 0.72  # of its box is under a punched hole; a disc fills 0.79
_ROUND = 0.16  # of its radius is the most that the points of a hole's shadow stray
_BAND = 0.6  # of a side is the length, at least, of a shadow along it
_NARROW = 0.12  # of the page is its width, at most
_FADING = 3  # pixels behind a shadow are left out with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """What was found: ink in millionths of the area, and what was left out."""

    share: float
    holes: int
    specks: int


def ink_on(picture: Image.Image, *, contrast: int = CONTRAST) -> Ink:
    """Return how much of a grey page is under ink."""
    small = _small(picture)
    dark = _unshaded(_inner(_paper(small) - np.asarray(small) > contrast))
    found = regions_of(_grown(dark), dark)
    specks = _specks(found, small.size)
    shadows = _shadows(found, dark.shape)
    holes = _holes(found, dark, min(small.size), skip=specks | shadows)
    left = int(found.inside[~(specks | shadows | holes)].sum())
    return Ink(
        share=1e6 * left / (small.width * small.height),
        holes=int(holes.sum()),
        specks=int(specks.sum()),
    )


def _small(picture: Image.Image) -> Image.Image:
    gray = picture if picture.mode == "L" else picture.convert("L")
    factor = -(-max(gray.size) // WORKING)
    return gray.reduce(factor) if factor > 1 else gray


def _paper(small: Image.Image) -> NDArray[np.int16]:
    """Return the brightness of the paper at each place: of the brighter third within 12 mm.

    The brightest would be what lies behind the paper, where that is in sight. Paper that is much
    darker than most of the page is none.
    """
    coarse = small.reduce(4) if min(small.size) >= 64 else small
    bright = coarse.filter(ImageFilter.RankFilter(9, 9 * 9 * 2 // 3))
    local = np.asarray(bright.resize(small.size, Image.Resampling.BILINEAR)).astype(np.int16)
    return np.maximum(local, np.int16(_DARKEST * np.median(np.asarray(coarse))))


def _inner(dark: Mask) -> Mask:
    height, width = dark.shape
    off = round(min(height, width) * _MARGIN)
    return dark[off : height - off, off : width - off]


def _unshaded(dark: Mask) -> Mask:
    """Return the mask without what is dark along a whole side, from that side on."""
    made = dark.copy()
    for side in (made, made[:, ::-1], made.T, made.T[:, ::-1]):
        width = side.shape[1]
        deep = np.where(side.all(axis=1), width, side.argmin(axis=1))
        shade = (deep > 0) & (deep < _NARROW * width)
        if shade.mean() >= _BAND:
            behind = np.where(shade, deep + _FADING, 0)
            side[np.arange(width) < behind[:, None]] = False
    return made


def _grown(dark: Mask) -> Mask:
    """Return the mask with neighbours to the right and below, so that letters hold together."""
    grown = dark.copy()
    grown[1:] |= dark[:-1]
    grown[:, 1:] |= grown[:, :-1]
    return grown


def _specks(found: Regions, size: tuple[int, int]) -> Mask:
    """Tell which regions are dust: of little area, or short."""
    longer = np.maximum(found.right - found.left, found.bottom - found.top) - 1
    tiny: Mask = found.inside <= _SPECK * size[0] * size[1]
    dots: Mask = longer <= _DOT * min(size)
    return tiny | dots


def _shadows(found: Regions, shape: Sequence[int]) -> Mask:
    """Tell which regions lie along an edge, long and narrow."""
    height, width = shape
    wide, high = found.right - found.left, found.bottom - found.top
    beside: Mask = ((found.left == 0) | (found.right == width)) & (wide < _NARROW * width)
    above: Mask = ((found.top == 0) | (found.bottom == height)) & (high < _NARROW * height)
    return (beside & (high > _BAND * height)) | (above & (wide > _BAND * width))


def _holes(found: Regions, dark: Mask, shorter: int, *, skip: Mask) -> Mask:
    """Tell which regions are punched holes: discs near an edge, or the round shadow of one."""
    height, width = dark.shape
    wide, high = found.right - found.left, found.bottom - found.top
    x, y = (found.left + found.right) / 2, (found.top + found.bottom) / 2
    near = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    least, most = (share * shorter for share in _HOLE)
    longer, shortest = np.maximum(wide, high), np.minimum(wide, high)
    likely: Mask = (near < _HOLES_WITHIN * shorter) & (longer >= least) & (longer <= most + 2)
    likely &= (longer <= 4 * shortest) & ~skip
    for at in np.flatnonzero(likely):
        box = dark[found.top[at] : found.bottom[at], found.left[at] : found.right[at]]
        likely[at] = _is_hole(box, least / 2, most / 2)
    return likely


def _is_hole(box: Mask, least: float, most: float) -> bool:
    """Tell whether the dark pixels of a box are a disc, or lie on a circle of a hole's size."""
    rows, columns = np.nonzero(box)
    wide, high = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    if len(rows) >= _SOLID * wide * high:
        return bool(max(wide, high) <= 1.35 * min(wide, high))
    # the circle through many points: x² + y² = 2ax + 2by + c
    system = np.stack([2.0 * columns, 2.0 * rows, np.ones(len(rows))], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(system, columns**2.0 + rows**2.0, rcond=None)
    radius = np.sqrt(max(c + a * a + b * b, 0.0))
    if not least <= radius <= most:
        return False
    strays = np.abs(np.hypot(columns - a, rows - b) - radius)
    return bool(np.sqrt((strays**2).mean()) <= _ROUND * radius)
