"""Samples of pictures, made smaller."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.ma  # the median loads it late, and a closed box lets nothing in
from numpy.typing import NDArray

Matrix = NDArray[Any]
"""Numbers of any type: points as rows of x and y, samples as rows and columns."""

Pixels = NDArray[np.uint8]
"""Samples of eight bits."""

cv2.setNumThreads(1)  # pages are worked at side by side, each in a process of its own


def shrunk(samples: Pixels, longest: int) -> tuple[Pixels, int]:
    """Return samples with a longer side of about `longest`, and by how much they were divided.

    Only whole factors are used: they are ten times as fast.
    """
    height, width = samples.shape[:2]
    factor = max(1, min(round(max(height, width) / longest), height, width))
    if factor == 1:
        return samples, 1
    whole = samples[: height // factor * factor, : width // factor * factor]
    size = (width // factor, height // factor)
    return bytes_of(cv2.resize(whole, size, interpolation=cv2.INTER_AREA)), factor


def bytes_of(samples: Any) -> Pixels:
    """Return samples as ones of eight bits."""
    made: Pixels = np.asarray(samples, dtype=np.uint8)
    return made
