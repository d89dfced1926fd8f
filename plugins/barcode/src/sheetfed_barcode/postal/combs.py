"""Finds where bars stand at even distances, as a comb's teeth.

Every few lines of a picture are cut into dark and light; where dark begins again and again at the
same distance, that is a stretch of a comb. Stretches that lie on one another are one comb, however
it runs across the lines. Letters, tables and pictures hardly ever look so for eight bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetfed_barcode.picture import Grey

TEETH = 8
"""Bars in a stretch at least: a sheet askew by five degrees shows twelve in a line."""

UNEVEN = 0.2
"""How far neighbouring distances may differ, as a share of them."""

THINNEST, THICKEST = 0.2, 0.8
"""Share of the distance that is dark."""

BLOCK = 64
"""Pixels along a line that share a threshold."""

CONTRAST = 0.35
"""Share of the page's contrast that a block must have, or all of it is paper."""

FAINTEST = 24
"""Levels of grey between ink and paper below which nothing is read."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitch:
    """From and to how many pixels bars may be apart."""

    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comb:
    """Bars that stand evenly: where lines met them, how far apart they are, how many at most."""

    x: Numbers
    y: Numbers
    pitch: float
    teeth: int


def combs(lines: Grey, pitch: Pitch, step: int) -> list[Comb]:
    """Return the combs that lines meet, `step` pixels from line to line; the longest first."""
    if lines.shape[0] < 1 or lines.shape[1] < pitch.least * TEETH:
        return []
    dark = _dark(lines)
    edges = np.flatnonzero(dark[:, 1:] != dark[:, :-1])
    width = dark.shape[1] - 1
    begins = dark[:, 1:].ravel()[edges]
    starts, ends = edges[begins], edges[~begins]
    runs = _stretches(starts, ends, width, pitch)
    return sorted(_joined(runs, starts, width, step, pitch), key=lambda comb: -comb.x.size)


def _dark(lines: Grey) -> NDArray[np.bool_]:
    """Return what is ink, by the darkest and the lightest nearby."""
    height, width = lines.shape
    rows, columns = -(-height // 8), -(-width // BLOCK)
    darkest = np.minimum.reduceat(_across(lines, np.minimum), range(0, height, 8), axis=0)
    lightest = np.maximum.reduceat(_across(lines, np.maximum), range(0, height, 8), axis=0)
    depth = lightest.astype(np.int16) - darkest
    least = max(FAINTEST, CONTRAST * float(np.quantile(depth, 0.99)))
    threshold = np.where(depth >= least, (lightest.astype(np.int16) + darkest) // 2, 0)
    wide = np.repeat(threshold.astype(np.uint8), BLOCK, axis=1)[:, :width]
    dark = np.empty(lines.shape, dtype=bool)
    for row in range(rows):
        here = slice(row * 8, row * 8 + 8)
        np.less(lines[here], wide[row], out=dark[here])
    return dark


def _across(lines: Grey, take: np.ufunc) -> Grey:
    result: Grey = take.reduceat(lines, range(0, lines.shape[1], BLOCK), axis=1)
    return result


def _stretches(starts: Numbers, ends: Numbers, width: int, pitch: Pitch) -> list[tuple[int, int]]:
    """Return from which to which start of a bar they are even, and enough."""
    if starts.size < TEETH:
        return []
    apart = np.diff(starts)
    after = np.searchsorted(ends, starts[:-1])
    thick = ends[np.minimum(after, ends.size - 1)] - starts[:-1]
    good = (apart >= pitch.least) & (apart <= pitch.most)
    good &= (thick >= THINNEST * apart) & (thick <= THICKEST * apart)
    good &= starts[1:] // width == starts[:-1] // width
    even = np.abs(np.diff(apart)) <= UNEVEN * apart[1:] + 1
    links = good[1:] & good[:-1] & even
    borders = np.flatnonzero(np.diff(np.concatenate(([False], links, [False])).astype(np.int8)))
    return [
        (int(first), int(last) + 1)
        for first, last in zip(borders[::2], borders[1::2], strict=True)
        if last - first + 2 >= TEETH
    ]


def _joined(
    runs: Sequence[tuple[int, int]], starts: Numbers, width: int, step: int, pitch: Pitch
) -> list[Comb]:
    """Return stretches that lie on one another in neighbouring lines as one."""
    closed: list[_Group] = []
    groups: list[_Group] = []
    slack = 2 * pitch.most
    for run in runs:
        line, left = divmod(int(starts[run[0]]), width)
        right = int(starts[run[1]]) - line * width
        here = _Group(runs=[run], line=line, left=left, right=right)
        open_still = []
        for group in groups:
            if line - group.line > 2:
                closed.append(group)
            elif group.left - slack <= right and left <= group.right + slack:
                here.runs = [*group.runs, *here.runs]
            else:
                open_still.append(group)
        groups = [*open_still, here]
    return [_comb(group.runs, starts, width, step) for group in [*closed, *groups]]


@dataclass(slots=True, kw_only=True)
class _Group:
    """Stretches of one comb, and where the last of them is."""

    runs: list[tuple[int, int]]
    line: int
    left: int
    right: int


def _comb(group: Sequence[tuple[int, int]], starts: Numbers, width: int, step: int) -> Comb:
    teeth = np.concatenate([starts[first : last + 1] for first, last in group])
    apart = np.concatenate([np.diff(starts[first : last + 1]) for first, last in group])
    return Comb(
        x=teeth % width,
        y=teeth // width * step,
        pitch=float(apart.mean()),
        teeth=max(last - first + 1 for first, last in group),
    )
