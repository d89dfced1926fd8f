"""A picture as a camera gave it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

Pixels = MatLike
"""Rows of pixels: blue, green, red, or gray."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """One picture of a camera: the JPEG that it made, or pixels where it makes none.

    `time` is when it was taken, in seconds since 1970.
    """

    width: int
    height: int
    time: float
    jpeg: bytes | None = None
    pixels: Pixels | None = None

    def drawn(self) -> Pixels:
        """Return its pixels, unpacked where it is a JPEG."""
        if self.pixels is not None:
            return self.pixels
        return decoded(self.jpeg or b"", cv2.IMREAD_COLOR)


def of_pixels(pixels: Pixels, time: float) -> Shot:
    """Return a shot of pixels."""
    height, width = pixels.shape[:2]
    return Shot(width=width, height=height, time=time, pixels=pixels)


def decoded(jpeg: bytes, how: int) -> Pixels:
    """Return the pixels of a JPEG file, upright; none at all where it is no picture."""
    found: Pixels | None = cv2.imdecode(np.frombuffer(jpeg, np.uint8), how)
    return np.empty((0, 0), np.uint8) if found is None else found
