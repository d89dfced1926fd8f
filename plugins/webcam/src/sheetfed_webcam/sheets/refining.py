"""Lays the sides of a sheet to fractions of a pixel."""

from __future__ import annotations

import cv2
import numpy as np

from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of

_REACH = 7  # pixels to either side of a line is its edge looked for
_FINE = 0.5  # pixels between samples across
_SAMPLES = 48  # along a side
_COMMON = 0.3  # the quantile that tells an edge from print: it is there all along
_NEAR = 2.5  # pixels from where most samples have it
_ENDS = 0.05  # of a side at each end are left out: corners are dog-eared


def refined(picture: Pixels, corners: Matrix) -> Matrix:
    """Return corners where lines cross that are laid along the edges near these."""
    colour = picture
    if picture.ndim == 2:
        colour = bytes_of(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    lines = [_laid(colour, corners[at], corners[(at + 1) % 4]) for at in range(4)]
    made = np.array([_crossing(lines[at - 1], lines[at], corners[at]) for at in range(4)])
    moved = np.hypot(*(made - corners).T)
    result: Matrix = np.where((moved < 2.5 * _REACH)[:, None], made, corners)
    return result


def _laid(colour: Pixels, start: Matrix, end: Matrix) -> tuple[Matrix, Matrix]:
    """Return a point and the direction of the edge between two corners."""
    along = end - start
    length = float(np.hypot(*along))
    if length < 16:
        return start, along / max(length, 1e-6)
    along = along / length
    normal = np.array([-along[1], along[0]])
    at = np.linspace(_ENDS, 1 - _ENDS, _SAMPLES) * length
    aside = np.arange(-_REACH, _REACH + _FINE / 2, _FINE)
    points = (start + at[:, None] * along)[:, None] + aside[None, :, None] * normal
    samples = cv2.remap(
        colour,
        points[:, :, 0].astype(np.float32),
        points[:, :, 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    high, wide = colour.shape[:2]
    seen = (
        (points[:, :, 0] > 1) & (points[:, :, 1] > 1)
        & (points[:, :, 0] < wide - 2) & (points[:, :, 1] < high - 2)
    ).all(axis=1)  # fmt: skip
    if seen.sum() < 8:
        return start, along
    samples, at = samples[seen], at[seen]
    # what is common to neighbours is the edge, what is not is print and grain
    steps = cv2.blur(
        cv2.blur(samples.reshape(len(samples), -1), (1, 5)).reshape(samples.shape), (3, 1)
    )
    change = np.zeros(samples.shape[:2], np.float32)
    change[:, 2:-2] = np.sqrt(((steps[:, 4:] - steps[:, :-4]) ** 2).sum(axis=2))
    common = np.sort(change, axis=0)[int(_COMMON * len(change))]
    common *= np.exp(-0.5 * (aside / (0.7 * _REACH)) ** 2)
    middle = aside[common.argmax()]
    change *= np.exp(-0.5 * ((aside - middle) / _NEAR) ** 2).astype(np.float32)
    peak = change.argmax(axis=1).clip(1, len(aside) - 2)
    rows = np.arange(len(change))
    before, top, after = change[rows, peak - 1], change[rows, peak], change[rows, peak + 1]
    bend = before - 2 * top + after
    shift = np.where(np.abs(bend) > 1e-6, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0)
    offset = aside[peak] + shift.clip(-1, 1) * _FINE
    weight = top / (top + 4.0)
    slope, base = _robust(at, offset, weight)
    one, other = base, base + slope * length
    first, last = start + one * normal, end + other * normal
    ahead = last - first
    return first, ahead / np.hypot(*ahead)


def _robust(at: Matrix, offset: Matrix, weight: Matrix) -> tuple[float, float]:
    """Return slope and start of the line through most of the points."""
    centre = float(np.median(offset))
    kept = weight * (np.abs(offset - centre) < 4)
    slope, base = 0.0, centre
    for width in (2.5, 1.5, 0.8, 0.8):
        if kept.sum() < 1e-3:
            break
        mean_at, mean = (kept @ at) / kept.sum(), (kept @ offset) / kept.sum()
        spread = kept @ (at - mean_at) ** 2
        slope = float(kept @ ((at - mean_at) * (offset - mean)) / max(spread, 1e-9))
        base = float(mean - slope * mean_at)
        away = (offset - base - slope * at) / width
        kept = weight / (1 + away**2) ** 2
    return slope, base


def _crossing(
    one: tuple[Matrix, Matrix], other: tuple[Matrix, Matrix], otherwise: Matrix
) -> Matrix:
    system = np.array([one[1], -other[1]]).T
    if abs(float(np.linalg.det(system))) < 1e-3:
        return otherwise
    ahead, _ = np.linalg.solve(system, other[0] - one[0])
    made: Matrix = one[0] + ahead * one[1]
    return made
