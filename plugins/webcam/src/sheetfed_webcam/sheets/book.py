"""Where an open book parts into two pages."""

from __future__ import annotations

import cv2
import numpy as np

from sheetfed_webcam.sheets.papers import aspect_of
from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of

_WIDE = 0.95  # times its width, at most, is an open book high
_SIZE = (480, 320)
_GUTTER = (0.36, 0.64)  # of the width: there it lies
_CENTRAL = 0.09  # of the width away from the middle is half as likely
_LEAN = 0.05  # of the width may it lie further right below than above


def parted(picture: Pixels, corners: Matrix | None) -> tuple[Matrix, Matrix] | None:
    """Return the corners of the left and of the right page; None where nothing lies open.

    `corners` are those of the book; without them the picture is all book.
    """
    height, width = picture.shape[:2]
    if corners is None:
        corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    if aspect_of(corners, (width, height)) > _WIDE:
        return None
    wide, high = _SIZE
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    there = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    seen = cv2.warpPerspective(picture, there, _SIZE, borderMode=cv2.BORDER_REPLICATE)
    gray = bytes_of(cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY))
    upper, lower = (_gutter(half) for half in (gray[: high // 2], gray[high // 2 :]))
    if abs(upper - lower) > _LEAN * wide:
        upper = lower = _gutter(gray)
    slope = (lower - upper) / (high / 2)
    top, bottom = upper - slope * high / 4, upper + slope * high * 3 / 4
    ends = np.array([[[top, 0.0], [bottom, high]]], np.float32)
    first, last = cv2.perspectiveTransform(ends, np.linalg.inv(there))[0].astype(float)
    one, two, three, four = corners
    return np.array([one, first, last, four]), np.array([first, two, three, last])


def _gutter(gray: Pixels) -> float:
    """Return the column of the fold: a dark valley, near to the middle."""
    wide = gray.shape[1]
    rows = np.sort(gray, axis=0)[int(0.6 * len(gray))].astype(np.float32)  # print is passed over
    near = cv2.GaussianBlur(rows[None], (0, 0), wide / 160)[0]
    around = cv2.GaussianBlur(rows[None], (0, 0), wide / 14)[0]
    at = np.arange(wide)
    depth = (around - near) + 1.0
    depth *= np.exp(-0.5 * ((at / wide - 0.5) / _CENTRAL) ** 2)
    depth[(at < _GUTTER[0] * wide) | (at > _GUTTER[1] * wide)] = -1
    return float(depth.argmax())
