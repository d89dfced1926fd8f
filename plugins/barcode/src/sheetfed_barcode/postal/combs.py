"""Finds where bars stand evenly, as a comb's teeth do.

Every few lines of a picture are cut into dark and light; where dark begins again and again at the
same distance, that is a stretch of a comb. Stretches that lie on one another are one comb, however
it runs across the lines. Letters, tables and pictures hardly ever look so for eight bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

LINES = 8
"""Lines that do."""

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
    if not lines.shape[0] or lines.shape[1] < pitch.least * TEETH:
        return []
    dark = _dark(lines)
    edges = np.flatnonzero(dark[:, 1:] != dark[:, :-1])
    width = dark.shape[1] - 1
    begins = dark[:, 1:].ravel()[edges]
    starts, runs = _stretches(edges, begins, width, pitch)
    return sorted(_joined(runs, starts, width, step, pitch), key=lambda comb: -comb.x.size)


def shares(values: NDArray[Any], *places: float) -> list[float]:
    """Return the values below which such shares of all are.

    NumPy's own quantiles import a module when they are first asked, and a box opens no file.
    """
    ordered = np.sort(values)
    return [float(ordered[int(place * (ordered.size - 1))]) for place in places]


def _dark(lines: Grey) -> NDArray[np.bool_]:
    """Return what is ink, by the darkest and the lightest nearby."""
    darkest, lightest = _extremes(lines, np.minimum), _extremes(lines, np.maximum)
    depth = lightest - darkest
    (deepest,) = shares(depth.ravel(), 0.99)
    ink = depth >= max(FAINTEST, CONTRAST * deepest)
    threshold = np.where(ink, (lightest + darkest) // 2, 0).astype(np.uint8)
    wide = np.repeat(threshold, BLOCK, axis=1)[:, : lines.shape[1]]
    dark = np.empty(lines.shape, dtype=bool)
    for row, here in enumerate(wide):
        some = slice(row * LINES, None if row == len(wide) - 1 else (row + 1) * LINES)
        np.less(lines[some], here, out=dark[some])
    return dark


def _extremes(lines: Grey, take: np.ufunc) -> NDArray[np.int16]:
    """Return the darkest or the lightest of each block; the last lines belong to those above."""
    height, width = lines.shape
    rows = max(1, height // LINES)
    whole = lines[: rows * LINES].reshape(rows, -1, width) if height >= LINES else lines[None]
    columns = take.reduce(whole, axis=1)
    extremes: NDArray[np.int16] = take.reduceat(columns, range(0, width, BLOCK), axis=1)
    return extremes.astype(np.int16)


def _stretches(
    edges: Numbers, begins: NDArray[np.bool_], width: int, pitch: Pitch
) -> tuple[Numbers, list[tuple[int, int]]]:
    """Return where bars begin, and from which to which of these they are even, and enough."""
    places = np.flatnonzero(begins)
    starts = edges[places]
    if starts.size < TEETH:
        return starts, []
    apart = np.diff(starts)
    thick = edges[places[:-1] + 1] - starts[:-1]
    good = (apart >= pitch.least) & (apart <= pitch.most)
    good &= (thick >= THINNEST * apart) & (thick <= THICKEST * apart)
    good &= np.diff(starts // width) == 0
    even = np.abs(np.diff(apart)) <= UNEVEN * apart[1:] + 1
    links = np.flatnonzero(good[1:] & good[:-1] & even)
    if not links.size:
        return starts, []
    breaks = np.flatnonzero(np.diff(links) > 1)
    firsts = links[np.concatenate(([0], breaks + 1))]
    lasts = links[np.concatenate((breaks, [links.size - 1]))] + 2
    long = np.flatnonzero(lasts - firsts + 1 >= TEETH)
    return starts, [(int(firsts[at]), int(lasts[at])) for at in long]


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
