"""Lines that may be sides of a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of
from sheetfed_webcam.sheets.surface import Surface

MOST = 70
"""Lines that are looked at."""

PIECES = 160
"""Pieces of edges that lines are made of."""

_SHORTEST = 0.06  # of the longer side is a piece of a line
_EDGE = 0.5
_MOST_GAIN = 5.0
_TURNED = 4.0  # degrees apart are pieces of one line, at most
_ASIDE = 3.0  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All points with `normal · point = offset`."""

    normal: tuple[float, float]
    offset: float


def lines_in(surface: Surface) -> list[Line]:
    """Return the longest lines of a picture."""
    pieces = _pieces(surface)
    if not len(pieces):
        return []
    along = pieces[:, 2:] - pieces[:, :2]
    lengths = np.hypot(*along.T)
    order = np.argsort(-lengths)[:PIECES]
    pieces, along, lengths = pieces[order], along[order], lengths[order]
    directions = along / lengths[:, None]
    normals = np.column_stack([-directions[:, 1], directions[:, 0]])
    taken = np.zeros(len(pieces), bool)
    made: list[tuple[float, Line]] = []
    for first in range(len(pieces)):
        if taken[first]:
            continue
        like = np.abs(directions @ directions[first]) > np.cos(np.radians(_TURNED))
        ends = np.abs((pieces.reshape(-1, 2) - pieces[first, :2]) @ normals[first]).reshape(-1, 2)
        mine = like & ~taken & (ends.max(axis=1) < _ASIDE)
        taken |= mine
        made.append((float(lengths[mine].sum()), _fitted(pieces[mine], lengths[mine])))
    made.sort(key=lambda each: -each[0])
    return [line for _, line in made[:MOST]]


def _pieces(surface: Surface) -> Matrix:
    """Return straight pieces of edges, as x, y, x, y, in lightness and in colour."""
    detector = cv2.createLineSegmentDetector()
    shortest = _SHORTEST * max(surface.width, surface.height)
    found = []
    for channel in (0, 1, 2):
        lines = detector.detect(_stretched(bytes_of(surface.lab[:, :, channel])))[0]
        if lines is not None:
            found.append(lines.reshape(-1, 4))
    edges = bytes_of((surface.edges > _EDGE) * 255)
    hough = cv2.HoughLinesP(
        edges, 1, np.pi / 120, round(shortest), minLineLength=1.5 * shortest, maxLineGap=6
    )
    if hough is not None:
        found.append(hough.reshape(-1, 4).astype(np.float32))
    if not found:
        return np.empty((0, 4))
    pieces = np.concatenate(found).astype(float)
    long = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]) >= shortest
    made: Matrix = pieces[long]
    return made


def _stretched(channel: Pixels) -> Pixels:
    """Return a channel with more contrast: faint edges are edges too."""
    low, high = np.percentile(channel[::3, ::3], (2, 98))
    gain = min(255 / max(float(high - low), 1.0), _MOST_GAIN)
    table = ((np.arange(256) - (low + high) / 2) * gain + 128).clip(0, 255)
    return bytes_of(cv2.LUT(channel, bytes_of(table)))


def _fitted(pieces: Matrix, weights: Matrix) -> Line:
    """Return the line through pieces, the longer ones weighing more."""
    points = pieces.reshape(-1, 2)
    weight = np.repeat(weights, 2)
    weight = weight / weight.sum()
    middle = weight @ points
    x, y = (points - middle).T
    turn = 0.5 * np.arctan2(2 * weight @ (x * y), weight @ (x * x - y * y))
    normal = (-float(np.sin(turn)), float(np.cos(turn)))
    return Line(normal=normal, offset=float(normal @ middle))
