"""Pillow's pictures as OpenCV's arrays, and back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.ma  # the median loads it late, and a closed box lets nothing in
from numpy.typing import NDArray
from PIL import Image

Matrix = NDArray[Any]
"""Samples of any type: rows and columns, and three channels where there is colour."""

Pixels = NDArray[np.uint8]
"""Samples of eight bits."""

cv2.setNumThreads(1)  # pages are worked at side by side, each in a process of its own


def array_of(picture: Image.Image) -> Matrix:
    """Return a picture's samples; black and white become 0 and 255."""
    if picture.mode == "1":
        picture = picture.convert("L")
    return np.asarray(picture)


def picture_of(samples: Matrix, like: Image.Image) -> Image.Image:
    """Return samples as a picture of the same mode and resolution as another one."""
    made = Image.fromarray(np.ascontiguousarray(samples))
    if like.mode == "1":
        made = made.point(_BLACK_AND_WHITE, "1")
    if "dpi" in like.info:
        made.info["dpi"] = like.info["dpi"]
    return made


def gray_of(picture: Image.Image) -> Pixels:
    """Return a picture as grey samples of eight bits."""
    samples = array_of(picture)
    if samples.dtype == np.uint16:
        samples = (samples >> 8).astype(np.uint8)
    if samples.ndim == 3:
        samples = cv2.cvtColor(samples, cv2.COLOR_RGB2GRAY)
    return bytes_of(samples)


def shrunk(samples: Matrix, longest: int) -> Pixels:
    """Return samples averaged to a longer side of at most `longest`, and more than half of it.

    Only whole factors are used: they are ten times as fast, and grain evens out.
    """
    height, width = samples.shape[:2]
    factor = factor_of(width, height, longest=longest)
    if factor == 1:
        return bytes_of(samples)
    whole = samples[: height // factor * factor, : width // factor * factor]
    size = (width // factor, height // factor)
    return bytes_of(cv2.resize(whole, size, interpolation=cv2.INTER_AREA))


def factor_of(width: int, height: int, *, longest: int) -> int:
    """Return by what whole number a picture is divided to have no longer side than `longest`."""
    return max(1, min(-(-max(width, height) // longest), width, height))


def bytes_of(samples: Any) -> Pixels:
    """Return samples as ones of eight bits."""
    made: Pixels = np.asarray(samples, dtype=np.uint8)
    return made


_BLACK_AND_WHITE = [0] * 128 + [255] * 128
