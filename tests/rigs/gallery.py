"""Pictures that somebody else made: the samples of scikit-image."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from tabletops import Picture

PHOTOGRAPHS = (
    *("astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "grass.png"),
    *("gravel.png", "moon.png", "motorcycle_left.png", "page.png", "rocket.jpg", "text.png"),
)
"""Those that a camera took, and what is not too far from a desk."""


def photographs() -> Mapping[str, Picture]:
    """Return them by their names, in RGB. The package is looked into, and nothing of it loaded."""
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("scikit-image is not there: make .venv/.test")
    folder = Path(spec.submodule_search_locations[0]) / "data"
    return {
        name: np.asarray(cv2.imread(str(folder / name)), np.uint8)[:, :, ::-1]
        for name in PHOTOGRAPHS
    }
