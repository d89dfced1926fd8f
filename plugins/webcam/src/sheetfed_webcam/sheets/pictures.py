"""Pillow's pictures as OpenCV's arrays, and back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from PIL import Image

from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of

_BLACK_AND_WHITE = [0] * 128 + [255] * 128


def array_of(picture: Image.Image) -> Matrix:
    """Return a picture's samples; black and white become 0 and 255."""
    return np.asarray(picture.convert("L") if picture.mode == "1" else picture)


def picture_of(samples: Matrix, like: Image.Image) -> Image.Image:
    """Return samples as a picture of the same mode and resolution as another one."""
    made: Any = Image.fromarray(np.ascontiguousarray(samples))
    if like.mode == "1":
        made = made.point(_BLACK_AND_WHITE, "1")
    if "dpi" in like.info:
        made.info["dpi"] = like.info["dpi"]
    found: Image.Image = made
    return found


def eight_of(samples: Matrix) -> Pixels:
    """Return samples of eight bits, in BGR where there is colour."""
    if samples.dtype == np.uint16:
        samples = samples >> 8
    samples = bytes_of(samples)
    return bytes_of(cv2.cvtColor(samples, cv2.COLOR_RGB2BGR)) if samples.ndim == 3 else samples
