"""Where on paper there is as much ink as in a code.

Blur and noise hide the edges of bars and modules, but not how dark they are from afar: half of a
code is ink. Lines of text have less, of tables much less. Shares are of what lies between the
paper and the darkest ink nearby, so that faint codes count too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed_barcode.picture import Grey, Part
from sheetfed_barcode.places import groups, part_of

CELL = 0.06
"""Inches along a cell; what is judged is three cells wide and high."""

INK = (0.28, 0.95)
"""Shares of ink from and to which a place may be a code: text in between is bold or large."""

CONTRAST = 24
"""Levels of grey between paper and ink from which on there is something to be read."""

AROUND = 6
"""Cells within which there must be paper."""

MARGIN = 3
"""Cells around ink that belong to a code: its quiet zone."""

LEAST = 2
MOST = 0.6
"""Cells of a place at least, and the share of a page from which on all of it is looked at."""

Shades = NDArray[np.float32]


def inked(part: Part, dpi: float) -> list[Part]:
    """Return the places on paper of a known resolution that may hold a code, however blurred."""
    grey = part.pixels
    side = round(CELL * dpi * part.scale / 2) * 2
    if side < 4 or min(grey.shape) < 3 * side:
        return [part]
    boxes = list(_apart([*groups(_dark(grey, side), least=LEAST)]))
    places = [part_of(part, [edge * side for edge in box]) for box in boxes]
    if sum(place.pixels.size for place in places) > MOST * grey.size:
        return [part]
    return places


def _dark(grey: Grey, side: int) -> NDArray[np.bool_]:
    """Return which cells have as much ink around them as a code."""
    picture = Image.fromarray(grey)
    darkest = _darkest(np.asarray(picture.reduce(2)), side // 2)  # halved, noise is no ink
    height, width = darkest.shape
    mean = np.asarray(picture.reduce(side))[:height, :width].astype(np.float32)
    paper = _over(mean, AROUND, np.maximum)
    depth = paper - _over(darkest, 1, np.minimum)
    share = (paper - _over(mean, 1, np.add) / 9) / np.maximum(depth, 1)
    dark: NDArray[np.bool_] = (share >= INK[0]) & (share <= INK[1]) & (depth >= CONTRAST)
    return dark


def _darkest(grey: Grey, side: int) -> Shades:
    """Return the darkest pixel of each whole cell."""
    for _ in range(2):  # lines first, then columns
        whole = grey[: grey.shape[0] // side * side]
        least = whole[::side]
        for line in range(1, side):
            least = np.minimum(least, whole[line::side])
        grey = np.ascontiguousarray(least.T)
    return grey.astype(np.float32)


def _over(cells: Shades, reach: int, take: Callable[[Any, Any], Any]) -> Shades:
    """Return for each cell what `take` makes of all that are no farther off than `reach`."""
    for _ in range(2):
        count = cells.shape[0]
        padded = np.pad(cells, ((reach, reach), (0, 0)), mode="edge")
        taken = padded[:count]
        for step in range(1, 2 * reach + 1):
            taken = take(taken, padded[step : step + count])
        cells = taken.T
    return cells


def _apart(boxes: list[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes with their margins; those that meet are one."""
    left = [(y - MARGIN, x - MARGIN, b + MARGIN, r + MARGIN) for y, x, b, r in boxes]
    while left:
        top, start, bottom, end = left.pop()
        met = [b for b in left if b[0] < bottom and top < b[2] and b[1] < end and start < b[3]]
        if not met:
            yield top, start, bottom, end
            continue
        left = [box for box in left if box not in met]
        tops, starts, bottoms, ends = zip((top, start, bottom, end), *met, strict=True)
        left.append((min(tops), min(starts), max(bottoms), max(ends)))
