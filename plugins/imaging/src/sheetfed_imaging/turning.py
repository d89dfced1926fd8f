"""Turns samples by any angle, and says where their points go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from sheetfed.api.contracts import Transform
from sheetfed_imaging.colours import Fill
from sheetfed_imaging.pixels import Matrix

_HALF = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where the points of a picture go, and how large it is then."""

    transform: Transform
    width: int
    height: int


def turn_of(size: tuple[int, int], degrees: float, *, grow: bool) -> Turn:
    """Return how a picture turns clockwise about its middle; one that grows shows all of itself."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    (width, height), (wide, high) = size, size
    if grow:
        # a hair less, so that a side that is whole already does not become one more
        wide = math.ceil(abs(width * cosine) + abs(height * sine) - 1e-6)
        high = math.ceil(abs(width * sine) + abs(height * cosine) - 1e-6)
    across = wide / 2 - cosine * width / 2 + sine * height / 2
    down = high / 2 - sine * width / 2 - cosine * height / 2
    if degrees % 180 == 90:  # by whole pixels, which change none
        across, down = math.floor(across + 1e-6), math.floor(down + 1e-6)
    transform = (cosine, -sine, across, sine, cosine, down, 0.0, 0.0, 1.0)
    return Turn(transform=transform, width=wide, height=high)


def turned(samples: Matrix, turn: Turn, *, fill: Fill, smooth: bool = False) -> Matrix:
    """Return samples after a turn; `smooth` costs three times as much."""
    made: Matrix = cv2.warpAffine(
        samples,
        _between_middles(turn.transform)[:2],
        (turn.width, turn.height),
        flags=cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=fill,
    )
    return made


def warped(
    samples: Matrix, transform: Transform, size: tuple[int, int], *, fill: Fill | None = None
) -> Matrix:
    """Return samples after any transform; what lies outside repeats the edge, or has a colour."""
    made: Matrix = cv2.warpPerspective(
        samples,
        _between_middles(transform),
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT,
        borderValue=fill or (),
    )
    return made


def _between_middles(transform: Transform) -> Matrix:
    """Return a transform as OpenCV counts: from the middle of the first pixel, not its corner."""
    made: Matrix = np.linalg.inv(_HALF) @ np.reshape(transform, (3, 3)) @ _HALF
    return made
