"""Crops a page to the paper, or to what is written on it."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo, Settings
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.corners import content_in, sheet_in
from sheetfed_imaging.offers import BORDER
from sheetfed_imaging.pixels import Matrix, array_of, gray_of, picture_of
from sheetfed_imaging.turning import warped

_PAGE = "page"
_CORNERS = re.compile(
    r"\s*(-?\d+(?:\.\d+)?\s*,\s*-?\d+(?:\.\d+)?)(\s+-?\d+(?:\.\d+)?\s*,\s*-?\d+(?:\.\d+)?){3}\s*"
)


class Border(Edit):
    """Cuts the sheet out along its four corners, and lays it flat."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(BORDER, settings)
        self._corners = _read(self._asked.word("corners"))

    def find(self, picture: Image.Image, scale: float) -> Settings:
        """Return the corners in pixels of the page; `page` where no paper is seen.

        A picture that was made smaller does not tell to the pixel how large the page is.
        """
        if self._asked.word("corners"):
            return {}
        size = np.array([round(picture.width / scale), round(picture.height / scale)])
        shares: Matrix | None
        if self._asked.word("look-for") == "content":
            shares = content_in(gray_of(picture))
        else:
            sheet = sheet_in(array_of(picture))
            shares = sheet.corners if sheet else None
        if shares is None:
            return {"corners": _PAGE}
        return {"corners": " ".join(f"{x:.1f},{y:.1f}" for x, y in shares * size)}

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as large as the sheet, and how its points get there."""
        (width, height), matrix = self._cut((page.width, page.height), 1.0)
        return replace(page, width=width, height=height), _transform(matrix)

    def apply(self, picture: Image.Image, scale: float) -> Image.Image:
        """Return the sheet."""
        size, matrix = self._cut(picture.size, scale)
        if size == picture.size and np.allclose(matrix, np.eye(3)):
            return picture
        return picture_of(warped(array_of(picture), _transform(matrix), size), picture)

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def _cut(self, size: tuple[int, int], scale: float) -> tuple[tuple[int, int], Matrix]:
        """Return how large the sheet is at a scale, and the matrix that lays it flat."""
        whole = np.array([[0.0, 0.0], [size[0], 0], [size[0], size[1]], [0, size[1]]])
        corners = whole if self._corners is None else self._corners * scale
        sheet, corners = corners, _moved_in(corners, -self._asked.number("margin") * scale)
        if (_sides(sheet) * _sides(corners)).sum(axis=1).min() < 0:
            raise BadSettings("the margin leaves nothing of the page", option="margin")
        wide = math.dist(corners[0], corners[1]), math.dist(corners[3], corners[2])
        high = math.dist(corners[0], corners[3]), math.dist(corners[1], corners[2])
        width, height = (max(1, round(sum(sides) / 2)) for sides in (wide, high))
        flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        if abs(cv2.contourArea(corners.astype(np.float32))) < 1:
            raise BadSettings("the corners hold no area", option="corners")
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
        return (width, height), matrix


def _sides(corners: Matrix) -> Matrix:
    """Return the way along each side of a sheet."""
    ways: Matrix = np.roll(corners, -1, axis=0) - corners
    return ways


def _read(text: str) -> Matrix | None:
    if text in ("", _PAGE):
        return None
    if not _CORNERS.fullmatch(text):
        raise BadSettings("corners are four points as x,y with spaces between", option="corners")
    points = np.array(
        [[float(n) for n in point.split(",")] for point in re.sub(r"\s*,\s*", ",", text).split()]
    )
    if np.abs(points).max() > 1e6:
        raise BadSettings("a corner is far away from any page", option="corners")
    return points


def _moved_in(corners: Matrix, inwards: float) -> Matrix:
    """Return corners with every side moved towards the middle."""
    if not inwards:
        return corners
    across = corners[[1, 1, 2, 2]] - corners[[0, 0, 3, 3]]
    down = corners[[3, 2, 2, 3]] - corners[[0, 1, 1, 0]]
    across = across / np.maximum(np.hypot(*across.T), 1e-6)[:, None]
    down = down / np.maximum(np.hypot(*down.T), 1e-6)[:, None]
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    made: Matrix = corners + inwards * (signs[:, :1] * across + signs[:, 1:] * down)
    return made


def _transform(matrix: Matrix) -> Transform:
    a, b, c, d, e, f, g, h, i = (float(number) for number in matrix.ravel())
    return a, b, c, d, e, f, g, h, i
