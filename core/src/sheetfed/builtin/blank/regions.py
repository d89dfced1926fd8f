"""Regions of pixels that touch each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """What is known of each region: where it lies, and its share of another mask.

    `right` and `bottom` are the first column and row behind it.
    """

    left: Counts
    top: Counts
    right: Counts
    bottom: Counts
    inside: Counts


def regions_of(mask: Mask, counted: Mask) -> Regions:
    """Return the regions of a mask, and how many pixels of `counted` each holds.

    The mask is a list of runs, and runs of neighbouring rows that touch are tied together.
    """
    height, width = mask.shape
    wide = width + 1  # an empty column ends each row's last run
    flat = np.zeros((height, wide), bool)
    flat[:, :width] = mask
    turns = np.flatnonzero(np.diff(flat.ravel(), prepend=False, append=False))
    starts, ends = turns[::2], turns[1::2]
    number, count = _tied(starts, ends, wide)
    weight = np.zeros(height * wide + 1, np.int64)
    weight[1:].reshape(height, wide)[:, :width] = counted
    total = np.cumsum(weight)
    rows = starts // wide
    return Regions(
        left=_least(number, starts % wide, count),
        top=_least(number, rows, count),
        right=-_least(number, -((ends - 1) % wide + 1), count),
        bottom=-_least(number, -(rows + 1), count),
        inside=np.bincount(number, total[ends] - total[starts], minlength=count).astype(np.int64),
    )


def _tied(starts: Counts, ends: Counts, wide: int) -> tuple[Counts, int]:
    """Return for each run the number of its region, and how many regions there are."""
    first = np.searchsorted(ends, starts + wide, side="right")
    behind = np.searchsorted(starts, ends + wide, side="left")
    below = np.maximum(behind - first, 0)
    upper = np.repeat(np.arange(len(starts)), below)
    skipped = np.repeat(np.cumsum(below) - below, below)
    lower = np.repeat(first, below) + np.arange(len(upper)) - skipped
    name = np.arange(len(starts))
    while True:
        low = np.minimum(name[upper], name[lower])
        high = np.maximum(name[upper], name[lower])
        if np.array_equal(low, high):
            break
        np.minimum.at(name, high, low)
        while not np.array_equal(name, shorter := name[name]):
            name = shorter
    known, number = np.unique(name, return_inverse=True)
    return number, len(known)


def _least(number: Counts, values: Any, count: int) -> Counts:
    least = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(least, number, values)
    return least
