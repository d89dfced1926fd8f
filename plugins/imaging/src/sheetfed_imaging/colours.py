"""Colours in words, in samples, and of the paper."""

from __future__ import annotations

import re

import numpy as np

from sheetfed.api.errors import BadSettings
from sheetfed_imaging.pixels import Matrix

Colour = tuple[int, int, int]
"""Red, green and blue."""

Fill = tuple[float, ...]
"""A colour as the samples of a picture hold it."""

WHITE: Colour = (255, 255, 255)

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def colour_of(value: str, option: str) -> Colour:
    """Return a colour that is written as #rrggbb. Raises BadSettings."""
    if not _HEX.fullmatch(value):
        raise BadSettings(f"{option} must be a colour as #rrggbb, not {value!r}", option=option)
    red, green, blue = bytes.fromhex(value[1:])
    return red, green, blue


def written(colour: Colour) -> str:
    """Return a colour as #rrggbb."""
    return f"#{bytes(colour).hex()}"


def parted(colour: Colour, place: int) -> Colour:
    """Return a colour's share of red (0), green (1) or blue (2), as a grey."""
    return (colour[place],) * 3


def in_samples(colour: Colour, samples: Matrix) -> Fill:
    """Return a colour for samples like these; grey ones hold its lightness."""
    deep = 257.0 if samples.dtype == np.uint16 else 1.0
    if samples.ndim == 3:
        return tuple(part * deep for part in colour)
    red, green, blue = colour
    return ((red * 299 + green * 587 + blue * 114 + 500) // 1000 * deep,)


def paper_of(samples: Matrix) -> Colour:
    """Return the colour of the margin: the median of its brighter half."""
    height, width = samples.shape[:2]
    deep, step = max(1, min(height, width) // 30), max(1, min(height, width) // 300)
    frame = [samples[:deep], samples[-deep:], samples[:, :deep], samples[:, -deep:]]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    margin = np.concatenate([edge[::step, ::step].reshape(-1, channels) for edge in frame])
    light = margin.astype(np.float32).mean(1)
    bright = np.median(margin[light >= np.median(light)], axis=0)
    parts = [round(float(part) / (257 if samples.dtype == np.uint16 else 1)) for part in bright]
    red, green, blue = parts if channels == 3 else parts * 3
    return red, green, blue
