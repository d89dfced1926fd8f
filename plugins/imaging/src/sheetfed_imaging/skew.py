"""How far the lines on a page lie askew."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_imaging.pixels import Matrix, Pixels, shrunk

WORKING = 900
"""The longer side, at most, of the picture that is looked at."""

MOST = 15.0
"""Degrees to either side that are looked at where nothing else is asked for."""

_MARGIN = 0.03  # of each side is left out: shadows and edges of the paper lie there
_STRIP = 16  # columns that are added up before anything is turned
_COARSE = 0.5  # degrees between two angles tried at first
_FINE = 0.05  # and at last
_STEEP = 24  # levels between two rows from which on they are an edge
_EVEN = 5  # pixels side by side are averaged: dots of a halftone are no edges
_FEW = 60  # edge points that are too few to say anything
_CLEAR = 1.5  # times the usual score that the best angle has at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """An angle in degrees clockwise, and how far it stands out: above 1, the more the surer.

    `across` says that the lines run from side to side, and not up or down; `other` is how far an
    angle of the other kind stands out, 1 where none does.
    """

    angle: float
    clarity: float
    across: bool = True
    other: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """A first guess: an angle to look around, and the edges it was seen in."""

    edges: Pixels
    angle: float
    clarity: float


def skew_of(gray: Pixels, *, most: float = MOST) -> Skew | None:
    """Return how far the lines of a grey page lie askew; None where no lines can be seen.

    Lines of writing and of tables have a straight lower edge: the angle is the one at which the
    edges fall into the fewest rows. Lines that run up or down the page are seen as well.
    """
    small = _inner(shrunk(gray, WORKING))
    across, down = _lead(small, most), _lead(np.ascontiguousarray(small.T), most)
    if across is not None and (down is None or across.clarity >= down.clarity):
        other = down.clarity if down else 1.0
        return Skew(angle=_refined(across), clarity=across.clarity, other=other)
    if down is not None:
        other = across.clarity if across else 1.0
        return Skew(angle=-_refined(down), clarity=down.clarity, across=False, other=other)
    return None


def _inner(small: Pixels) -> Pixels:
    down, across = (round(side * _MARGIN) for side in small.shape)
    return small[down : small.shape[0] - down, across : small.shape[1] - across]


def _lead(small: Pixels, most: float) -> _Lead | None:
    """Find lines that run from left to right."""
    if min(small.shape) < 2 * _STRIP:
        return None
    edges = _lower_edges(small)
    if cv2.countNonZero(edges) < _FEW:
        return None
    angles = np.arange(-most, most + _COARSE / 2, _COARSE)
    scores = np.array(list(_scores(edges, angles)))
    best, usual = int(scores.argmax()), float(np.median(scores))
    if scores[best] < _CLEAR * usual:
        return None
    return _Lead(edges=edges, angle=float(angles[best]), clarity=float(scores[best]) / usual)


def _lower_edges(small: Pixels) -> Pixels:
    """Return 1 where it gets lighter from row to row: below letters and rules."""
    even = cv2.blur(small, (_EVEN, 1))
    lighter = cv2.subtract(even[2:], even[:-2])
    return (lighter > _STEEP).view(np.uint8)


def _scores(edges: Pixels, angles: Matrix) -> Iterator[float]:
    """Yield for each angle how strongly edges gather in rows, adding up strips of columns."""
    height, width = edges.shape
    count = width // _STRIP
    sums = edges[:, : count * _STRIP].reshape(height, count, _STRIP).sum(2, dtype=np.float32)
    middles = (np.arange(count) + 0.5) * _STRIP - width / 2
    room = math.ceil(math.tan(math.radians(float(abs(angles).max()))) * width / 2) + 2
    strips = np.zeros((count, height + 2 * room), np.float32)
    strips[:, room : room + height] = sums.T
    for angle in angles:
        starts = np.rint(middles * math.tan(math.radians(angle))).astype(int) + room
        rows = np.zeros(height, np.float32)
        for strip, start in zip(strips, starts, strict=True):
            rows += strip[start : start + height]
        yield float(rows @ rows)


def _refined(lead: _Lead) -> float:
    """Look closely around a guess, at every edge point by itself."""
    rows, columns = (axis.astype(np.float32) for axis in np.nonzero(lead.edges))
    width = np.float32(lead.edges.shape[1])
    columns -= width / 2
    angles = np.arange(lead.angle - _COARSE, lead.angle + _COARSE + _FINE / 2, _FINE)
    scores = np.empty(len(angles))
    for at, angle in enumerate(angles):
        slope = np.float32(math.tan(math.radians(angle)))
        # bins of half a row, and neighbours weighed in: an edge of steps lies in more than one
        counts = np.bincount(((rows - columns * slope + width) * 2 + 0.5).astype(np.int32))
        counts = np.convolve(counts.astype(float), (1.0, 2.0, 1.0))
        scores[at] = counts @ counts
    best = int(scores.argmax())
    near = slice(max(0, best - 3), best + 4)
    weights = scores[near] - scores[near].min()
    return (
        float(np.average(angles[near], weights=weights)) if weights.any() else float(angles[best])
    )
