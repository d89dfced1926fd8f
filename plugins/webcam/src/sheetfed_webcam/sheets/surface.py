"""What tells a sheet from its ground: edges, and colours."""

from __future__ import annotations

import cv2
import numpy as np

from sheetfed_webcam.sheets.pixels import Matrix, Pixels

_STROKES = 7  # pixels: dark print that is narrower is left out
_AROUND = 31  # pixels: as far as edges are compared with what is around
_STRONGER = 1.4  # times what is around is an edge
_LEVELS = 14.0  # of gradient are an edge where all is even
_ASIDE = 4  # pixels to either side are a line's colours looked at
_CONTRAST = 7.0  # levels between the sides of a line
_USUAL = 0.7  # of the picture is no edge
_LIGHTER = 20.0  # levels are as much lighter as counts
_TOGETHER = 9  # samples along a line are averaged


class Surface:
    """A small picture without print, and its edges whatever their colour."""

    def __init__(self, small: Pixels) -> None:
        colour = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR) if small.ndim == 2 else small
        lab = cv2.cvtColor(colour, cv2.COLOR_BGR2Lab)
        brush = np.ones((_STROKES, _STROKES), np.uint8)
        lightness = cv2.morphologyEx(lab[:, :, 0], cv2.MORPH_CLOSE, brush)
        lab = np.dstack([lightness, cv2.medianBlur(lab[:, :, 1:], 5)])
        self.lab = lab
        self.height, self.width = lab.shape[:2]
        soft = cv2.GaussianBlur(lab, (0, 0), 1.0).astype(np.float32)
        across = cv2.Scharr(soft, cv2.CV_32F, 1, 0) / 32
        down = cv2.Scharr(soft, cv2.CV_32F, 0, 1) / 32
        self._tensor = np.dstack(
            [_summed(across, across), _summed(across, down), _summed(down, down)]
        )
        strength = np.sqrt(self._tensor[:, :, 0] + self._tensor[:, :, 2])
        self.strength = strength
        self._around = cv2.boxFilter(
            strength, -1, (_AROUND, _AROUND), borderType=cv2.BORDER_REFLECT
        )
        self._colours = cv2.blur(soft, (5, 5))
        self._contrast = _CONTRAST + _restless(self._colours)

    @property
    def edges(self) -> Matrix:
        """How much of an edge each pixel is: 0 to 1."""
        square = self.strength**2
        made: Matrix = square / (square + (_STRONGER * self._around) ** 2 + (_LEVELS / 4) ** 2)
        return made

    def along(self, points: Matrix, normals: Matrix) -> tuple[Matrix, Matrix]:
        """Return how much of a sheet's side there is at points of lines, and where it is lighter.

        The first goes from 0 to 1, the second from -1 to 1: lighter where the normal points.

        `points` are lines of samples, of x and y; `normals` one for each line. Outside of the
        picture there is nothing.
        """
        n = normals[:, None]
        best: Matrix = np.zeros(points.shape[:2], np.float32)
        for aside in (-1, 0, 1):
            tensor = self._at(self._tensor, points + aside * n)
            energy = (
                tensor[:, :, 0] * n[:, :, 0] ** 2
                + 2 * tensor[:, :, 1] * n[:, :, 0] * n[:, :, 1]
                + tensor[:, :, 2] * n[:, :, 1] ** 2
            )
            best = np.maximum(best, energy)
        around = self._at(self._around, points)
        edge = best / (best + (_STRONGER * around) ** 2 + (_LEVELS / 4) ** 2)
        apart = self._at(self._colours, points + _ASIDE * n) - self._at(
            self._colours, points - _ASIDE * n
        )
        apart = cv2.blur(apart.reshape(*apart.shape[:2], -1), (_TOGETHER, 1))
        square = _summed(apart, apart)
        contrast = square / (square + self._contrast**2)
        made: Matrix = np.sqrt(edge * contrast)
        made[~self.inside(points)] = 0
        lighter: Matrix = np.clip(apart[:, :, 0] / _LIGHTER, -1, 1)
        return made, lighter

    def inside(self, points: Matrix, margin: float = 0) -> Matrix:
        """Say which points are in the picture."""
        x, y = points[..., 0], points[..., 1]
        within: Matrix = (
            (x >= margin)
            & (y >= margin)
            & (x <= self.width - 1 - margin)
            & (y <= self.height - 1 - margin)
        )
        return within

    def _at(self, values: Matrix, points: Matrix) -> Matrix:
        x = np.clip(np.rint(points[..., 0]), 0, self.width - 1).astype(np.intp)
        y = np.clip(np.rint(points[..., 1]), 0, self.height - 1).astype(np.intp)
        found: Matrix = values[y, x]
        return found


def _restless(colours: Matrix) -> float:
    """Return how far colours of the ground differ from those beside them: checks and grain."""
    step = 2 * _ASIDE
    across = colours[::4, step::4] - colours[::4, :-step:4]
    down = colours[step::4, ::4] - colours[:-step:4, ::4]
    found = np.concatenate([np.square(each).sum(axis=2).ravel() for each in (across, down)])
    place = int(_USUAL * len(found))
    return float(np.sqrt(np.partition(found, place)[place]))


def _summed(one: Matrix, other: Matrix) -> Matrix:
    """Return the products of two pictures, added up over their channels."""
    made: Matrix = np.einsum("ijk,ijk->ij", one, other)
    return made
