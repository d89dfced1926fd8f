"""A picture of hills and a lake, reckoned from a few waves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

WIDTH, HEIGHT = 900, 600
SHORE = 400
Picture = np.ndarray[Any, np.dtype[np.uint8]]


@lru_cache(maxsize=4)
def landscape(number: int) -> Picture:
    """Return the picture as rows of red, green and blue; each number has other hills."""
    across = np.linspace(0, 1, WIDTH, dtype=np.float32)
    scene = _sky(across, number)
    for ridge in range(5):
        _raise_ridge(scene, across, ridge=ridge, number=number)
    _fill_lake(scene)
    picture: Picture = np.clip(scene, 14, 250).astype(np.uint8)
    return picture


def _sky(across: np.ndarray[Any, Any], number: int) -> np.ndarray[Any, Any]:
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
    top, low = np.array([74, 122, 178], np.float32), np.array([250, 206, 152], np.float32)
    share = np.clip(down / 0.62, 0, 1)[..., None] ** 1.3
    scene = np.broadcast_to(top + (low - top) * share, (HEIGHT, WIDTH, 3)).copy()
    sun = 0.28 + 0.12 * (number % 5)
    distance = np.hypot((across - sun) * 1.5, down - 0.42)
    scene += (np.exp(-((distance / 0.22) ** 2)) * 58)[..., None] * np.array([1, 0.9, 0.6])
    scene[distance < 0.045] = (255, 244, 214)
    cloud = np.sin(across * 5 + number) + np.sin(across * 13 + down * 9 + 2) + np.sin(down * 37)
    cloud += 0.5 * np.sin(across * 31 - down * 17) + 0.3 * np.sin(across * 71 + down * 53)
    scene += (np.clip(cloud - 0.6, 0, 2) * np.clip(0.5 - down, 0, 1) * 44)[..., None]
    return scene


def _raise_ridge(
    scene: np.ndarray[Any, Any], across: np.ndarray[Any, Any], *, ridge: int, number: int
) -> None:
    phase = number * 1.7 + ridge * 2.3
    waves = sum(
        np.sin(across * rate * (1 + ridge * 0.35) + phase * rate) / rate
        for rate in (3.1, 7.3, 15.7, 31.0, 67.0)
    )
    crest = SHORE - 150 + ridge * 32 + waves * (150 - ridge * 14)
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    far, near = np.array([148, 164, 190], np.float32), np.array([34, 62, 48], np.float32)
    colour = far + (near - far) * (ridge / 4)
    haze = np.clip((rows - crest) / 160, 0, 1)[..., None] * (26 - ridge * 4)
    inside = (rows >= crest) & (rows < SHORE)
    scene[inside] = (colour + haze)[inside]


def _fill_lake(scene: np.ndarray[Any, Any]) -> None:
    rows = np.arange(HEIGHT - SHORE)
    ripple = (np.sin(rows * 0.9) * rows * 0.035).astype(int)
    mirrored = np.clip(SHORE - 1 - (rows * 1.25).astype(int) + ripple, 0, SHORE - 1)
    water = np.array([40, 70, 96], np.float32)
    depth = (rows / len(rows) * 0.45 + 0.28)[:, None, None]
    scene[SHORE:] = scene[mirrored] * (1 - depth) + water * depth
