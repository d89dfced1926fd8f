"""Fills punched holes with the paper around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Settings
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import HOLES
from sheetfed_imaging.pixels import Matrix, array_of, gray_of, picture_of
from sheetfed_imaging.punched import holes_in

_NONE = "none"
_CIRCLE = re.compile(r"-?\d{1,6}(\.\d+)?,-?\d{1,6}(\.\d+)?,\d{1,5}(\.\d+)?")
_WIDER = 1.25  # times its radius is filled: its edge is torn and throws a shadow
_RING = 1.9  # times its radius ends the paper that is taken

Circle = tuple[float, float, float]


class Holes(Edit):
    """Paints over the holes that are given or found."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._text = Asked(HOLES, settings).word("circles").strip()
        self._circles = _read(self._text)

    def find(self, picture: Image.Image, scale: float) -> Settings:
        """Return the circles of the holes, in pixels of the page."""
        if self._text:
            return {}
        across, _ = picture.info.get("dpi", (0.0, 0.0))
        longest = max(picture.size) / scale
        circles = [
            f"{hole.x * longest:.1f},{hole.y * longest:.1f},{hole.radius * longest:.1f}"
            for hole in holes_in(gray_of(picture), dpi=across)
        ]
        return {"circles": " ".join(circles) or _NONE}

    def apply(self, picture: Image.Image, scale: float) -> Image.Image:
        """Return the picture with paper where the holes were."""
        if not self._circles:
            return picture
        samples = array_of(picture).copy()
        for circle in self._circles:
            x, y, radius = (number * scale for number in circle)
            _fill(samples, (x, y, radius))
        return picture_of(samples, picture)


def _read(text: str) -> Sequence[Circle]:
    circles = [] if text == _NONE else text.split()
    if len(circles) > 200 or not all(_CIRCLE.fullmatch(circle) for circle in circles):
        raise BadSettings("circles are written x,y,radius with spaces between", option="circles")
    made = []
    for circle in circles:
        x, y, radius = (float(number) for number in circle.split(","))
        made.append((x, y, radius))
    return made


def _fill(samples: Matrix, circle: Circle) -> None:
    """Paint a disc with the lighter half of the ring around it, in place."""
    x, y, radius = circle
    height, width = samples.shape[:2]
    reach = radius * _RING + 2
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    part = samples[top : min(height, int(y + reach) + 1), left : min(width, int(x + reach) + 1)]
    if not part.size:
        return
    rows, columns = np.indices(part.shape[:2]) + 0.5
    away = np.hypot(columns + left - x, rows + top - y)
    disc = away <= radius * _WIDER + 1
    ring = part[(away > radius * _WIDER + 1) & (away <= reach)]
    if not len(ring) or not disc.any():
        return
    light = ring.reshape(len(ring), -1).astype(float).mean(axis=1)
    paper = np.median(ring[light >= np.median(light)], axis=0)
    part[disc] = paper.round().astype(samples.dtype)
