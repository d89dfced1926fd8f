"""How sharp, how dark, how much has moved."""

from __future__ import annotations

import cv2
import numpy as np

from sheetfed.api.errors import DeviceFailed
from sheetfed_webcam.shots import Pixels, Shot, decoded

BLACK = 4.0
"""No pixel of a picture that shows nothing is brighter, noise apart."""

NOISE = 14
"""Levels by which a pixel differs from one picture to the next where nothing moves."""

SMALL = (96, 72)


def small(shot: Shot) -> Pixels:
    """Return a small gray picture, smooth enough to be compared."""
    if shot.jpeg is not None:
        gray: Pixels = decoded(shot.jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_4)
    else:
        gray = _gray(shot.drawn())
    if not gray.size:
        raise DeviceFailed("The camera gave a picture that cannot be read")
    shrunk: Pixels = cv2.resize(gray, SMALL, interpolation=cv2.INTER_AREA)
    return shrunk


def moved(before: Pixels, after: Pixels) -> float:
    """Return which part of a small picture is not as before, from 0 to 1."""
    return float(np.mean(cv2.absdiff(before, after) > NOISE))


def is_black(shot: Shot) -> bool:
    """Say whether a shot shows nothing at all."""
    return float(np.percentile(small(shot), 99)) <= BLACK


def sharpness(shot: Shot) -> float:
    """Return how much detail a shot has; more is sharper."""
    pixels = shot.drawn() if shot.jpeg is None else decoded(shot.jpeg, cv2.IMREAD_GRAYSCALE)
    return float(cv2.Laplacian(_gray(pixels), cv2.CV_32F).var()) if pixels.size else -1.0


def _gray(pixels: Pixels) -> Pixels:
    gray: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels
    return gray
