"""Pictures of every mode: colours, greys, samples."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Settings

Picture = Image.Image
Colour = int | tuple[int, int, int]

MIDDLE = 128
"""What is lighter than this is white in a picture of black and white."""

RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def colour_of(settings: Settings, name: str, default: str) -> tuple[int, int, int]:
    """Return an option's colour as red, green and blue. Raises BadSettings."""
    value = settings.get(name, default)
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise BadSettings(f"{name} must be a colour as #rrggbb, not {value!r}", option=name)
    red, green, blue = bytes.fromhex(value[1:])
    return red, green, blue


def parted(settings: Settings, name: str, default: str, place: int) -> Settings:
    """Return options whose colour is its share of red (0), green (1) or blue (2), as a grey."""
    share = colour_of(settings, name, default)[place]
    return {**settings, name: f"#{bytes([share] * 3).hex()}"}


def in_mode(colour: tuple[int, int, int], mode: str) -> Colour:
    """Return a colour as pictures of this mode hold it."""
    if mode == "RGB":
        return colour
    red, green, blue = colour
    lightness = (red * 299 + green * 587 + blue * 114 + 500) // 1000
    if mode == "1":
        return 255 if lightness >= MIDDLE else 0
    return lightness * 257 if mode in {"I;16", "I"} else lightness


def grey(picture: Picture) -> Picture:
    """Return a picture as 8-bit grey."""
    if picture.mode == "I;16":
        return Image.fromarray((samples_of(picture) >> 8).astype(np.uint8))
    return picture if picture.mode == "L" else picture.convert("L")


def black_and_white(picture: Picture, threshold: int = MIDDLE) -> Picture:
    """Return an 8-bit grey picture with what is darker than the threshold black, the rest white."""
    return picture.point([0] * threshold + [255] * (256 - threshold), "1")


def samples_of(picture: Picture) -> NDArray[Any]:
    """Return a picture's samples, 16-bit ones in the machine's byte order."""
    samples = np.asarray(picture)
    return samples.astype(np.uint16, copy=False) if picture.mode == "I;16" else samples
