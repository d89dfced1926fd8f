"""Which way up the writing on a page is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_imaging.paper import flattened
from sheetfed_imaging.pixels import Matrix, Pixels, bytes_of, shrunk
from sheetfed_imaging.skew import skew_of
from sheetfed_imaging.turning import turn_of, turned

WORKING = 1754
"""The longer side, at most, of the picture that is looked at: 150 dpi of A4."""

_CLEARER = 1.25  # times as clear are lines of one direction than of the other
_LINES = 5  # are needed
_SURE = 4.0  # standard errors is the mean lean of the lines away from none
_MARGIN = 0.04  # of each side is left out
_BODY = 0.45  # of its fullest row's ink has each row of a line's body: the height of an x
_HIGH = (5, 60)  # rows of a line's body
_REACH = (1.5, 4.0)  # times as high as its body is a line; of capitals hardly more than once


@dataclass(frozen=True, slots=True, kw_only=True)
class Upright:
    """By how many degrees clockwise the page is to be turned, and how sure that is.

    `certainty` counts standard errors, 4 at least; `lines` is how many were read.
    """

    turn: int
    certainty: float
    lines: int


def upright_of(gray: Pixels) -> Upright | None:
    """Return which way up a page is; None unless that is certain.

    Letters of Latin, Greek and Cyrillic writing reach above their line's body more often than
    below it. Capitals, figures and other writing say nothing, and neither does a picture.
    """
    small = shrunk(gray, WORKING)
    skew = skew_of(small)
    if skew is None or skew.clarity < _CLEARER * skew.other:
        return None
    if not skew.across:
        small = bytes_of(np.rot90(small, -1))
    level = turn_of((small.shape[1], small.shape[0]), -skew.angle, grow=False)
    straight = bytes_of(turned(np.ascontiguousarray(small), level, fill=(255.0,)))
    leans = np.array(list(_leans(_ink(straight))))
    if len(leans) < _LINES:
        return None
    error = max(float(leans.std(ddof=1)) / len(leans) ** 0.5, 0.02)
    certainty = float(leans.mean()) / error
    if abs(certainty) < _SURE:
        return None
    turn = (0 if skew.across else 90) + (0 if certainty > 0 else 180)
    return Upright(turn=turn % 360, certainty=abs(certainty), lines=len(leans))


def _ink(gray: Pixels) -> Matrix:
    flat = flattened(gray)
    _, ink = cv2.threshold(flat, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    down, across = (round(side * _MARGIN) for side in ink.shape)
    made: Matrix = ink[down : ink.shape[0] - down, across : ink.shape[1] - across]
    return made


def _leans(ink: Matrix) -> Iterator[float]:
    """Yield for each line how much more ink there is above its body than below: 1 to -1."""
    rows = ink.sum(axis=1).astype(float)
    if not rows.any():
        return
    written = rows > 0.02 * np.quantile(rows, 0.98)
    edges = np.flatnonzero(np.diff(written.astype(np.int8), prepend=0, append=0))
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        line = rows[top:bottom]
        body = np.flatnonzero(line > _BODY * line.max())
        first, last = int(body[0]), int(body[-1])
        high = last - first + 1
        if not _HIGH[0] <= high <= _HIGH[1] or len(body) < 0.6 * high:
            continue
        if not _REACH[0] * high <= len(line) <= _REACH[1] * high:
            continue
        above, below = float(line[:first].sum()), float(line[last + 1 :].sum())
        if above + below > 0.02 * line.sum():
            yield (above - below) / (above + below)
