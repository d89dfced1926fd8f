"""Where on a page codes may be, told by how its edges lie.

The page is parted into squares. Bars have edges in one direction and few in the other; squares of
modules have many in both, and about as much ink as paper. Letters have less of either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetfed_barcode.picture import Grey, Part

SQUARE = 32
"""Pixels along a side: four to six millimetres where this is of use."""

STEEP = 30.0
"""Mean step between neighbouring pixels from which on a square has edges."""

ONE_WAY = 3.0
"""How many times more edges go across than along bars."""

INK = (0.3, 0.7)
LEAST = 3
"""Squares that a code covers at least."""


def suspects(part: Part) -> Iterator[Part]:
    """Yield the parts of a page that look as codes do, with white around them."""
    grey = part.pixels
    squares = _alike(grey)
    for top, left, bottom, right in groups(squares, least=LEAST):
        margins = (top - 1, left - 1, bottom + 1, right + 1)
        yield part_of(part, [edge * SQUARE for edge in margins])


def part_of(part: Part, edges: Sequence[int]) -> Part:
    """Return what is between top, left, bottom and right of a part, in its own pixels."""
    top, left, bottom, right = (max(0, edge) for edge in edges)
    return Part(
        pixels=np.ascontiguousarray(part.pixels[top:bottom, left:right]),
        scale=part.scale,
        left=part.left + left / part.scale,
        top=part.top + top / part.scale,
    )


def groups(squares: NDArray[np.bool_], *, least: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield top, left, bottom, right of each group of at least so many squares that touch."""
    left = {(int(y), int(x)) for y, x in zip(*np.nonzero(squares), strict=True)}
    while left:
        edge = [left.pop()]
        group = []
        while edge:
            y, x = edge.pop()
            group.append((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            edge += near
        if len(group) >= least:
            ys, xs = [y for y, _ in group], [x for _, x in group]
            yield min(ys), min(xs), max(ys) + 1, max(xs) + 1


def _alike(grey: Grey) -> NDArray[np.bool_]:
    """Return which squares look as a code does."""
    rows, columns = grey.shape[0] // SQUARE, grey.shape[1] // SQUARE
    if rows < 2 or columns < 2:
        return np.zeros((0, 0), dtype=bool)
    whole = grey[: rows * SQUARE, : columns * SQUARE]
    across = _steps(whole[::4], rows, columns)  # every fourth line tells as much
    along = _steps(np.ascontiguousarray(whole[:, ::4].T), columns, rows).T
    ink = _means(whole[::4, ::4] < 128, rows, columns)
    more, less = np.maximum(across, along), np.minimum(across, along)
    bars = (more > STEEP) & (more > ONE_WAY * less)
    modules = (less > STEEP) & (ink > INK[0]) & (ink < INK[1])
    alike: NDArray[np.bool_] = bars | modules
    return alike


def _steps(lines: Grey, rows: int, columns: int) -> NDArray[np.float32]:
    """Return the mean step from pixel to pixel in each square; its first pixel steps from none."""
    steps = np.zeros(lines.shape, np.uint8)
    left, right = lines[:, :-1], lines[:, 1:]
    np.subtract(np.maximum(left, right), np.minimum(left, right), out=steps[:, 1:])
    return _means(steps, rows, columns)


def _means(values: NDArray[Any], rows: int, columns: int) -> NDArray[np.float32]:
    """Return the mean of each square."""
    shape = (rows, values.shape[0] // rows, columns, values.shape[1] // columns)
    means: NDArray[np.float32] = values.reshape(shape).mean(axis=(1, 3), dtype=np.float32)
    return means
