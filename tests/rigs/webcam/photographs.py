"""Pictures that a camera sees: each unlike the others, none of them dark."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def photograph(file: Path, number: int, size: tuple[int, int] = (1280, 720)) -> bytes:
    """Write a picture of coarse grains and return its bytes."""
    width, height = size
    grains = np.random.default_rng(number).integers(40, 250, (height // 8, width // 8, 3), np.uint8)
    drawn = cv2.resize(grains, size, interpolation=cv2.INTER_NEAREST)
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), drawn)
    return file.read_bytes()


def black(file: Path, size: tuple[int, int] = (1280, 720)) -> None:
    """Write what a camera sees whose cover is closed."""
    cv2.imwrite(str(file), np.zeros((size[1], size[0], 3), np.uint8))
