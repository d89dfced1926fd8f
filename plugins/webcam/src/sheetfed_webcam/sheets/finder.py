"""Finds the four corners of a sheet in a photograph."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed_webcam.sheets.lines import Line, lines_in
from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of, shrunk
from sheetfed_webcam.sheets.quads import Ranked, from_top_left, ranked
from sheetfed_webcam.sheets.refining import refined
from sheetfed_webcam.sheets.surface import Surface

WORKING = 480
"""About the longer side of the picture in which sheets are looked for."""

FINE = 1000
"""About the longer side of the picture in which their sides are laid."""

SURE = 0.34
"""The score from which on it is a sheet."""

_SMALLEST = 32  # pixels wide and high is a picture with a sheet
_AROUND = 0.85  # of a quad's score has one around it that is the sheet
_HEAD = 1.22  # times its area is that
_HEADED = 0.72  # of its score has one that is longer by a coloured head
_SAME = 4.0  # pixels apart are corners of both
_LARGER = (1.04, 2.2)  # times its area
_WITHIN = 0.975  # of it lies inside of that
_ALIKE = 2.0  # times as large is a sheet that is counted, or as small
_FULL = 0.82  # of its outline is filled, and of a rectangle around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The best sheet in a picture.

    `corners` are pixels, clockwise from the top left; they may lie a little outside. `score` goes
    from 0 to 1, `sheets` is how many like it there are.
    """

    corners: Matrix
    score: float
    sheets: int = 1


def find(picture: Pixels) -> Sheet | None:
    """Return the sheet in a picture of 8 bits, in BGR or grey; None where there is none."""
    if min(picture.shape[:2]) < _SMALLEST:
        return None
    small, coarse = shrunk(picture, WORKING)
    surface = Surface(small)
    lines: list[Line] = lines_in(surface)
    found = [quad for quad in ranked(surface, lines) if quad.score >= SURE]
    if not found:
        return None
    best = _outermost(found)
    fine, factor = shrunk(picture, FINE)
    corners = from_top_left(best.corners)
    corners = (refined(small, corners) + 0.5) * (coarse / factor) - 0.5
    corners = (refined(fine, corners) + 0.5) * factor
    return Sheet(corners=corners, score=best.score, sheets=_like_it(surface, best.corners))


def _outermost(found: list[Ranked]) -> Ranked:
    """Return the best quad, or the one around it: a picture, or all below a dark head, is none."""
    best, headed = found[0], False
    while True:
        least = _AROUND if headed else _HEADED  # a sheet has one head
        wide = [quad for quad in found if _is_rather(quad, best, least)]
        if not wide:
            return best
        around = max(wide, key=lambda quad: quad.score)
        headed |= around.score < _AROUND * best.score
        best = around


def _is_rather(quad: Ranked, best: Ranked, least: float) -> bool:
    """Say whether a quad around the best one is the sheet; one with a head shares its foot."""
    share = quad.score / best.score
    if share < least or not _holds(quad, best):
        return False
    if share >= _AROUND:
        return True
    apart = np.hypot(*(quad.corners[:, None] - best.corners[None]).T).min(axis=0)
    areas = [cv2.contourArea(each.corners.astype(np.float32)) for each in (quad, best)]
    return bool((apart < _SAME).sum() == 2 and areas[0] < _HEAD * areas[1])


def _holds(one: Ranked, other: Ranked) -> bool:
    """Say whether a quad is clearly larger than another one, and around it."""
    large, small = one.corners.astype(np.float32), other.corners.astype(np.float32)
    area = cv2.contourArea(small)
    if not _LARGER[0] * area < cv2.contourArea(large) < _LARGER[1] * area:
        return False
    shared, _ = cv2.intersectConvexConvex(large, small)
    return bool(shared > _WITHIN * area)


def _like_it(surface: Surface, best: Matrix) -> int:
    """Count what looks like the best sheet, and is as large, in place of its ground."""
    lab, corners = surface.lab, best.round().astype(np.int32)
    inside = np.zeros(lab.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, corners, 1)
    around = cv2.dilate(inside, np.ones((25, 25), np.uint8)) - cv2.dilate(
        inside, np.ones((7, 7), np.uint8)
    )
    if not around.any():
        return 1
    paper, ground = (np.median(lab[mask > 0], axis=0) for mask in (inside, around))
    # What is nearer to paper than to ground lies on one side of a plane.
    nearer = lab.astype(np.float32) @ (2 * (ground - paper)) < ground @ ground - paper @ paper
    mask = cv2.morphologyEx(bytes_of(nearer), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    area = cv2.contourArea(best.astype(np.float32))
    return max(1, sum(_is_sheet(contour, area) for contour in contours))


def _is_sheet(contour: Matrix, area: float) -> bool:
    """Say whether an outline is that of a sheet about as large as another one."""
    hull = cv2.contourArea(cv2.convexHull(contour))
    if not area / _ALIKE < hull < _ALIKE * area:
        return False
    _, (wide, high), _ = cv2.minAreaRect(contour)
    return bool(cv2.contourArea(contour) > _FULL * hull and hull > _FULL * wide * high)
