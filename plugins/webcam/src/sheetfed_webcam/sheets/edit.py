"""Lays a photographed sheet flat."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.model import PageInfo, Settings, Value
from sheetfed_webcam.sheets.asked import asked, corners_of, written
from sheetfed_webcam.sheets.finder import find
from sheetfed_webcam.sheets.lighting import evened
from sheetfed_webcam.sheets.offers import SHEET
from sheetfed_webcam.sheets.papers import SIZES, aspect_of, paper_of
from sheetfed_webcam.sheets.pictures import array_of, eight_of, picture_of
from sheetfed_webcam.sheets.pixels import Matrix

_HALF = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
_EDGE = 0.012  # of the shorter side is what is left of the table along an edge, at most
_DARK = 0.72  # of the paper's brightness has what is none
_NEAR = 1 / 800  # of the longer side is as good as nothing
_MM = 25.4


class LaySheet(Edit):
    """Cuts a sheet out along its four corners, lays it flat, and evens out its light."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = asked(SHEET, settings)
        self._corners = corners_of(str(self._asked["corners"]))

    def find(self, picture: Image.Image, scale: float) -> Settings:
        """Return the corners in pixels of the page, and the paper that has their shape."""
        size = (picture.width / scale, picture.height / scale)
        found: dict[str, Value] = {}
        corners = self._corners
        if corners is None:
            sheet = find(eight_of(array_of(picture)))
            corners = _whole(size) if sheet is None else sheet.corners / scale
            found["corners"] = written(corners)
            if sheet is None:
                found["page-size"] = "free"
                return found
        if self._asked["page-size"] == "auto":
            found["page-size"] = paper_of(aspect_of(corners, size))
        return found

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as large as the sheet, and how its points get there."""
        (width, height), matrix = self._laid((page.width, page.height), 1.0)
        paper = SIZES.get(str(self._asked["page-size"]))
        dpi = page.dpi if self._whole((page.width, page.height), 1.0) else (0.0, 0.0)
        if paper:
            across, down = paper if height >= width else paper[::-1]
            dpi = (width / across * _MM, height / down * _MM)
        return replace(page, width=width, height=height, dpi=dpi), _transform(matrix)

    def apply(self, picture: Image.Image, scale: float) -> Image.Image:
        """Return the sheet."""
        size, matrix = self._laid(picture.size, scale)
        before = samples = array_of(picture)
        if size != picture.size or not np.allclose(matrix, np.eye(3)):
            between = np.linalg.inv(_HALF) @ matrix @ _HALF
            samples = cv2.warpPerspective(
                samples, between, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        if self._asked["lighting"] != "off" and picture.mode != "1":
            samples = evened(samples, strong=self._asked["lighting"] == "strong")
        if self._asked["clean-edges"] and self._corners is not None and picture.mode != "1":
            samples = _cleaned(samples)
        return picture if samples is before else picture_of(samples, picture)

    def _whole(self, page: tuple[float, float], scale: float) -> bool:
        """Tell whether the page stays as it is: its corners are the sheet's, and no paper is meant.

        Where no sheet was seen they were found in a smaller picture, whose sides are rounded.
        """
        if self._corners is None:
            return True
        off = np.abs(self._corners - _whole(page)).max()
        return self._asked["page-size"] == "free" and bool(off <= _NEAR * max(page) + 0.5 / scale)

    def _laid(self, size: tuple[int, int], scale: float) -> tuple[tuple[int, int], Matrix]:
        """Return how large the sheet is at a scale, and the matrix that lays it flat."""
        page = (size[0] / scale, size[1] / scale)
        if self._corners is None or self._whole(page, scale):
            return size, np.eye(3)
        width, height = _flat_size(self._corners, page, str(self._asked["page-size"]))
        wide, high = max(1, round(width * scale)), max(1, round(height * scale))
        flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
        seen = (self._corners * scale).astype(np.float32)
        return (wide, high), cv2.getPerspectiveTransform(seen, flat)


def _flat_size(corners: Matrix, page: tuple[float, float], paper: str) -> tuple[int, int]:
    """Return how many pixels a sheet has when it lies flat: none of it gets coarser."""
    one, two, three, four = corners
    wide = max(math.dist(one, two), math.dist(four, three))
    high = max(math.dist(one, four), math.dist(two, three))
    aspect = aspect_of(corners, page)
    known = SIZES.get(paper)
    if known:
        shape = known[1] / known[0]
        aspect = shape if aspect >= 1 else 1 / shape
    if high < wide * aspect:
        high = wide * aspect
    else:
        wide = high / aspect
    return max(1, round(wide)), max(1, round(high))


def _cleaned(samples: Matrix) -> Matrix:
    """Return samples with paper in place of what is dark along an edge, and nowhere else."""
    deep = round(min(samples.shape[:2]) * _EDGE)
    if deep < 1:
        return samples
    made = samples.copy()
    for turns in range(4):
        side = np.rot90(made, turns)
        strip = side[: 2 * deep + 1]
        light = strip if strip.ndim == 2 else strip.max(axis=2)
        paper = float(np.median(light))
        dark = np.ascontiguousarray((light < _DARK * paper).astype(np.uint8))
        count, names, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
        edge = np.zeros(count, bool)
        edge[np.unique(names[0])] = True
        edge &= stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] <= deep
        edge[0] = False
        if not edge.any():
            continue
        where = cv2.dilate(edge[names].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        strip[where] = np.median(strip.reshape(-1, *strip.shape[2:]), axis=0)
    return made


def _whole(size: tuple[float, float]) -> Matrix:
    wide, high = size
    return np.array([[0.0, 0.0], [wide, 0.0], [wide, high], [0.0, high]])


def _transform(matrix: Matrix) -> Transform:
    a, b, c, d, e, f, g, h, i = (float(number) for number in matrix.ravel())
    return a, b, c, d, e, f, g, h, i
