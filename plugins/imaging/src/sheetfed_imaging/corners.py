"""The four corners of a sheet of paper in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_imaging.paper import box_of, ink_mask
from sheetfed_imaging.pixels import Matrix, Pixels, bytes_of, factor_of, shrunk

WORKING = 900
"""The longer side, at most, of the picture that is looked at."""

_LEAST = 0.05  # of the picture is under a sheet that counts
_WHOLE = 0.985  # of the picture is the picture
_LIKE = 0.93  # of four corners' area is under the sheet, at least
_SQUARE = 0.006  # of the longer side may corners be off that are meant to be right angles
_APART = 18  # levels are between the sheet and what lies around it, at least
_INK = 28
_DARK = 128  # levels has a ground that is none of paper
_COLOURED = 40  # levels are between its red, green and blue, or
_LIGHTER = 8  # levels is the sheet lighter than it
_END = 0.12  # of a side at each end is left out when its line is laid: corners are dog-eared


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Corners from the top left clockwise, as shares of width and height."""

    corners: Matrix
    likeness: float


def sheet_in(samples: Matrix) -> Sheet | None:
    """Return where the paper lies; None where it fills the picture, or cannot be told from it."""
    small = shrunk(samples, WORKING)
    best: Sheet | None = None
    for mask in _masks(small):
        found = _sheet(mask)
        if found is None or (best is not None and found.likeness <= best.likeness):
            continue
        if _lies_on_something(small, found.corners):
            best = found
    if best is None:
        return None
    return Sheet(corners=_shares(best.corners, samples), likeness=best.likeness)


def content_in(gray: Pixels) -> Matrix | None:
    """Return the corners of the box around all writing; None where there is none."""
    small = shrunk(gray, WORKING)
    mask = cv2.morphologyEx(ink_mask(small, contrast=_INK), cv2.MORPH_OPEN, np.ones((2, 2)))
    box = box_of(mask)
    if box is None:
        return None
    left, top, wide, high = box
    corners: Matrix = np.array(
        [[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]], float
    )
    return _shares(corners, gray)


def _shares(corners: Matrix, samples: Matrix) -> Matrix:
    """Return points of the small picture as shares of the large one."""
    height, width = samples.shape[:2]
    made: Matrix = corners * factor_of(width, height, longest=WORKING) / (width, height)
    return made


def _lies_on_something(small: Pixels, corners: Matrix) -> bool:
    """Tell paper from a photograph upon paper: around that, all is white."""
    inside = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 255)
    inside = bytes_of(cv2.erode(inside, np.ones((7, 7), np.uint8)))
    around = cv2.dilate(inside, np.ones((29, 29), np.uint8)) == 0
    if not inside.any() or not around.any():
        return False
    samples = small.reshape(*small.shape[:2], -1).astype(np.int16)
    sheet = np.median(samples[inside > 0], axis=0)
    ground = np.median(samples[around], axis=0)
    coloured = np.ptp(ground) >= _COLOURED
    return bool(coloured or ground.mean() < _DARK or sheet.mean() > ground.mean() + _LIGHTER)


def _masks(small: Pixels) -> Iterator[Pixels]:
    """Yield what may be the paper: what is bright, and what is unlike the edge of the picture."""
    gray = small if small.ndim == 2 else bytes_of(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    smooth = cv2.GaussianBlur(gray, (5, 5), 0)
    yield bytes_of(cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1])
    yield bytes_of(cv2.threshold(_unlike_edge(small), _APART, 255, cv2.THRESH_BINARY)[1])


def _unlike_edge(small: Pixels) -> Pixels:
    """Return how far each pixel is from the colours that the picture's edge has."""
    smooth = cv2.GaussianBlur(small, (5, 5), 0)
    rim = max(2, min(smooth.shape[:2]) // 60)
    edges = [smooth[:rim], smooth[-rim:], smooth[:, :rim], smooth[:, -rim:]]
    channels = 1 if smooth.ndim == 2 else 3
    ground = np.median(np.concatenate([edge.reshape(-1, channels) for edge in edges]), axis=0)
    apart = cv2.absdiff(smooth, np.full_like(smooth, ground.astype(np.uint8)))
    return bytes_of(apart if channels == 1 else apart.max(axis=2))


def _sheet(mask: Pixels) -> Sheet | None:
    height, width = mask.shape
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    area = cv2.contourArea(hull)
    if not _LEAST * width * height <= area < _WHOLE * width * height:
        return None
    contour = max(contours, key=cv2.contourArea)
    likeness = cv2.contourArea(contour) / area
    box = cv2.minAreaRect(hull)
    if likeness < _LIKE:
        return None
    four = _four(hull)
    if four is None or area < _LIKE * cv2.contourArea(four.astype(np.float32)):
        if area < _LIKE * box[1][0] * box[1][1]:
            return None
        four = _ordered(cv2.boxPoints(box))
    corners = _laid(contour, four)
    squared = _squared(corners)
    askew = float(np.hypot(*(corners - squared).T).max())
    if askew <= _SQUARE * max(width, height):
        corners = squared
    return Sheet(corners=corners, likeness=likeness)


def _four(hull: Matrix) -> Matrix | None:
    """Return the corners of an outline that has four, as one seen from aside."""
    around = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.05, 0.08):
        points = cv2.approxPolyDP(hull, share * around, closed=True)
        if len(points) == 4:
            return _ordered(points.reshape(4, 2))
    return None


def _ordered(points: Matrix) -> Matrix:
    """Return four points clockwise from the top left."""
    middle = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    around = points[np.argsort(angles)].astype(float)
    first = int((around.sum(axis=1)).argmin())
    return np.roll(around, -first, axis=0)


def _laid(contour: Matrix, corners: Matrix) -> Matrix:
    """Return corners where lines cross that are laid along the sides of an outline."""
    points = contour.reshape(-1, 2).astype(np.float32) + 0.5
    lines = [_line(points, corners[at], corners[(at + 1) % 4]) for at in range(4)]
    crossed = [_crossing(lines[at - 1], lines[at]) for at in range(4)]
    made = np.array([c if c is not None else corners[at] for at, c in enumerate(crossed)])
    near = np.hypot(*(made - corners).T) < 0.05 * max(np.ptp(corners, axis=0))
    result: Matrix = np.where(near[:, None], made, corners)
    return result


def _line(points: Matrix, start: Matrix, end: Matrix) -> Matrix | None:
    """Return direction and a point of the line along one side; None where few points are."""
    along = end - start
    length = float(np.hypot(*along))
    if length < 8:
        return None
    along = along / length
    ahead = (points - start) @ along
    aside = np.abs((points - start) @ np.array([-along[1], along[0]]))
    near = points[
        (ahead > _END * length) & (ahead < (1 - _END) * length) & (aside < 0.02 * length + 3)
    ]
    if len(near) < 8:
        return None
    line: Matrix = np.asarray(cv2.fitLine(near, cv2.DIST_HUBER, 0, 0.01, 0.01)).ravel()
    return line


def _crossing(one: Matrix | None, other: Matrix | None) -> Matrix | None:
    if one is None or other is None:
        return None
    system = np.array([one[:2], -other[:2]]).T
    if abs(np.linalg.det(system)) < 1e-3:
        return None
    ahead, _ = np.linalg.solve(system, other[2:] - one[2:])
    crossing: Matrix = one[2:] + ahead * one[:2]
    return crossing


def _squared(corners: Matrix) -> Matrix:
    """Return the nearest corners that are right angles."""
    sides = np.array([corners[1] - corners[0], corners[2] - corners[3]]).mean(axis=0)
    downs = np.array([corners[3] - corners[0], corners[2] - corners[1]]).mean(axis=0)
    turn = (np.arctan2(sides[1], sides[0]) + np.arctan2(-downs[0], downs[1])) / 2
    across = np.array([np.cos(turn), np.sin(turn)]) * np.hypot(*sides) / 2
    down = np.array([-np.sin(turn), np.cos(turn)]) * np.hypot(*downs) / 2
    middle = corners.mean(axis=0)
    made: Matrix = np.array(
        [
            middle - across - down,
            middle + across - down,
            middle + across + down,
            middle - across + down,
        ]
    )
    return made
