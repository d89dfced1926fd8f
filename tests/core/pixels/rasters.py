"""Pixels for tests, and rasters made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetfed.api.model import Mode, Raster, row_size
from sheetfed.builtin.formats.codec import Images

MODES: tuple[Mode, ...] = ("bw", "gray", "gray16", "color", "color16")

UPRIGHT: Sequence[Callable[[Any], Any]] = (
    lambda a: a, lambda a: a, np.fliplr, lambda a: np.rot90(a, 2), np.flipud,
    lambda a: np.swapaxes(a, 0, 1), lambda a: np.rot90(a, -1),
    lambda a: np.swapaxes(np.rot90(a, 2), 0, 1), np.rot90,
)  # fmt: skip
"""What is done to stored samples to see them upright, by Exif orientation (Exif 2.32, tag 274)."""


@cache
def images() -> Images:
    """Return the codec of pictures: it is the same for every file, and takes a while to make."""
    return Images({})


def samples(mode: Mode, width: int, height: int, *, seed: int = 0) -> NDArray[np.generic]:
    """Return smooth, slightly noisy pixels: bool for bw (set is black), else 8 or 16 bits."""
    random = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width]
    wave = 0.5 + 0.45 * np.sin(across * 9 / width + seed) * np.cos(down * 7 / height)
    if mode == "bw":
        return wave + random.normal(0, 0.05, wave.shape) < 0.5
    if mode.startswith("color"):
        wave = np.stack([wave, wave[::-1], 1 - wave], axis=2)
    most, kind = (65535, np.uint16) if mode.endswith("16") else (255, np.uint8)
    return (wave * most + random.normal(0, 2, wave.shape)).clip(0, most).astype(kind)


def rows(pixels: NDArray[np.generic]) -> bytes:
    """Return pixels as they lie in a raster."""
    if pixels.dtype == bool:
        return np.packbits(pixels, axis=1).tobytes()
    return pixels.tobytes()


def raster(
    pixels: NDArray[np.generic],
    mode: Mode,
    *,
    dpi: tuple[float, float] = (300.0, 300.0),
    blocks: Sequence[int] = (7,),
    known: bool = True,
) -> Raster:
    """Return a raster that hands over blocks of so many rows, again and again, in one buffer."""
    height, width = pixels.shape[:2]
    return Raster(
        width=width,
        height=height if known else None,
        mode=mode,
        dpi=dpi,
        rows=_reused(rows(pixels), row_size(mode, width), blocks),
    )


def _reused(data: bytes, size: int, blocks: Sequence[int]) -> Iterator[memoryview]:
    buffer = bytearray(max(blocks) * size)
    at = turn = 0
    while at < len(data):
        piece = data[at : at + blocks[turn % len(blocks)] * size]
        buffer[: len(piece)] = piece
        yield memoryview(buffer)[: len(piece)]
        buffer[:] = b"\xa5" * len(buffer)  # a giver may use it again at once
        at += len(piece)
        turn += 1
