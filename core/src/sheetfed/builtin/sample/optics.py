"""What a lamp and a sensor make of a sheet: rows of pixels."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sheetfed.api.model import Mode

Pixels = np.ndarray[Any, np.dtype[Any]]

BAND = 64
BACKING = 224
"""The grey of what lies behind the paper."""

DARKEST = 12
"""Nothing printed is darker, so that noise never passes below zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How a sheet is looked at: what part of the glass, in pixels, and how it is rendered."""

    left: int
    top: int
    width: int
    height: int
    mode: Mode
    skew: float
    brightness: int = 0
    contrast: int = 0
    threshold: int = 50
    seed: int = 0


def expose(sheet: Pixels, exposure: Exposure) -> Iterator[memoryview]:
    """Yield bands of rows; `sheet` is what lies on the glass, in colour or grey."""
    tone = _tone(exposure)
    for top in range(0, exposure.height, BAND):
        rows = min(BAND, exposure.height - top)
        band = np.full((rows, exposure.width, *sheet.shape[2:]), BACKING, np.uint8)
        _place(sheet, band, exposure, top=top)
        np.maximum(band, DARKEST, out=band)
        band -= _noise(band.shape, seed=exposure.seed * 7919 + top)
        if tone is not None:
            band = tone[band]
        yield _packed(band, exposure).data.cast("B")


def _place(sheet: Pixels, band: Pixels, exposure: Exposure, *, top: int) -> None:
    """Copy the part of the sheet that the band sees, turned a little.

    A turn this small is a shift of whole columns down and of whole rows across, which is no more
    work than copying.
    """
    slope = math.tan(math.radians(exposure.skew))
    for first, last, across in _steps(exposure.top + top, len(band), slope):
        for start, end, down in _steps(exposure.left, exposure.width, slope):
            _copy(
                sheet,
                band[first:last, start:end],
                top=exposure.top + top + first - down,
                left=exposure.left + start + across,
            )


def _steps(start: int, length: int, slope: float) -> Iterator[tuple[int, int, int]]:
    """Yield runs of places, from and to, over which the shift stays the same."""
    if not slope:
        yield 0, length, 0
        return
    run, sign = max(1, round(1 / abs(slope))), 1 if slope > 0 else -1
    place = 0
    while place < length:
        number = (start + place) // run
        end = min(length, (number + 1) * run - start)
        yield place, end, number * sign
        place = end


def _copy(sheet: Pixels, part: Pixels, *, top: int, left: int) -> None:
    high, wide = part.shape[:2]
    first, last = max(top, 0), min(top + high, sheet.shape[0])
    start, end = max(left, 0), min(left + wide, sheet.shape[1])
    if first < last and start < end:
        part[first - top : last - top, start - left : end - left] = sheet[first:last, start:end]


def _noise(shape: tuple[int, ...], *, seed: int) -> Pixels:
    pool = _pool()
    size = math.prod(shape)
    if size > len(pool) // 2:
        pool = np.tile(pool, 1 + 2 * size // len(pool))
    start = seed * 104729 % (len(pool) - size)
    return pool[start : start + size].reshape(shape)


@lru_cache(maxsize=1)
def _pool() -> Pixels:
    """Return grain of 0 to 4 levels; the same bytes on every machine, ever."""
    raw = np.frombuffer(hashlib.shake_128(b"paper").digest(1 << 21), np.uint8)
    grain: Pixels = (raw & 1) + (raw >> 1 & 1) + (raw >> 2 & 1) + (raw >> 3 & raw >> 4 & 1)
    return grain


def _tone(exposure: Exposure) -> Pixels | None:
    """Return what each level becomes, or None where nothing is asked for."""
    if not exposure.brightness and not exposure.contrast:
        return None
    gain = math.tan((exposure.contrast / 100 + 1) * math.pi / 4 * 0.98)
    levels = (np.arange(256) - 127.5) * gain + 127.5 + exposure.brightness * 1.28
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)


def _packed(band: Pixels, exposure: Exposure) -> Pixels:
    if exposure.mode == "bw":
        return np.packbits(band < exposure.threshold * 2.55, axis=1)
    if exposure.mode.endswith("16"):
        return band.astype(np.uint16) * 257
    return band
