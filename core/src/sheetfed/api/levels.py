"""Numbers of a TIFF picture as levels of grey and colours."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from sheetfed.api import tiff
from sheetfed.api.layout import Layout
from sheetfed.api.pieces import bands

Levels = NDArray[Any]
"""Of 8 or 16 bits: how light each sample of a pixel is."""


def meant(colours: Levels, layout: Layout) -> Levels:
    """Return what levels stand for: shades of grey, red, green and blue, or four inks."""
    if layout.light == tiff.WHITE_IS_ZERO:
        return np.iinfo(colours.dtype).max - colours
    if layout.light == tiff.PALETTE:
        table: Levels = np.take(_table(layout), colours[..., 0], axis=0, mode="clip")
        return table
    if layout.light in {tiff.LAB, tiff.ICC_LAB}:
        return _banded(colours, lambda part: _of_lab(part, layout))
    if layout.light == tiff.YCBCR and (layout.packing != tiff.JPEG or layout.apart):
        return _banded(colours, _of_ycbcr)
    deep_inks = layout.light == tiff.CMYK and colours.dtype == np.uint16
    return (colours >> 8).astype(np.uint8) if deep_inks else colours


def shallow(found: NDArray[Any]) -> NDArray[Any]:
    """Return colours of 16 bits with 8, and all else as it is."""
    return (found >> 8).astype(np.uint8) if found.ndim == 3 and found.dtype == np.uint16 else found


def level_of(layout: Layout, stream: IO[bytes]) -> Callable[[NDArray[Any]], Levels]:
    """Return what makes levels of 8 or 16 bits of numbers."""
    bits, form = layout.bits, layout.form
    if layout.light in {tiff.PALETTE, tiff.LAB, tiff.ICC_LAB}:
        if (
            bits > 16
            or form == tiff.FLOAT
            or (layout.light != tiff.PALETTE and bits not in {8, 16})
        ):
            raise ValueError(f"such colours of {bits} bits are not read here")
        return lambda numbers: numbers
    if form == tiff.FLOAT:
        span = layout.span or _ends(layout, stream)
        return lambda numbers: _ramp(numbers.astype(np.float64), span, bits=16)
    if form == tiff.SIGNED and layout.span:
        least, most = layout.span
        return lambda numbers: _ramp(_signed(numbers, bits), (least, most), bits=bits)
    flip = 1 << (bits - 1) if form == tiff.SIGNED else 0
    return lambda numbers: _spread(numbers ^ numbers.dtype.type(flip), bits)


def _spread(numbers: NDArray[Any], bits: int) -> Levels:
    """Return whole numbers of so many bits as levels, their least and their most at the ends."""
    if bits in {8, 16}:
        return numbers
    if bits > 16:
        high: Levels = numbers >> numbers.dtype.type(bits - 16)
        return high.astype(np.uint16)
    most, end = (1 << bits) - 1, 255 if bits < 8 else 65535
    wide = numbers.astype(np.uint32)
    found: Levels = (wide * end + most // 2) // most
    return found.astype(np.uint8 if bits < 8 else np.uint16)


def _ramp(numbers: NDArray[Any], span: tuple[float, float], *, bits: int) -> Levels:
    """Return numbers as levels between two ends; what is no number is at the lower one."""
    least, most = span
    end = 255 if bits <= 8 else 65535
    with np.errstate(all="ignore"):
        part = (numbers - least) / ((most - least) or 1.0)
    part = np.nan_to_num(part, nan=0.0, posinf=1.0, neginf=0.0).clip(0.0, 1.0)
    return (part * end + 0.5).astype(np.uint8 if bits <= 8 else np.uint16)


def _signed(numbers: NDArray[Any], bits: int) -> NDArray[np.float64]:
    plain = numbers.astype(np.float64)
    return np.where(plain >= 2.0 ** (bits - 1), plain - 2.0**bits, plain)


def _ends(layout: Layout, stream: IO[bytes]) -> tuple[float, float]:
    """Return what is black and what is white of floating numbers that do not say it.

    That is 0 and 1 where all lie between; else 255 or 65535, as of a picture that was one of whole
    numbers; else the least and the greatest that there are.
    """
    least, most = math.inf, -math.inf
    for plane, _, _, numbers in bands(layout, stream):
        if layout.apart and plane >= layout.count:
            continue
        part = numbers[..., : layout.count]
        good = part[np.isfinite(part)]
        if good.size:
            least, most = min(least, float(good.min())), max(most, float(good.max()))
    for end in (1.0, 255.0, 65535.0):
        if least >= 0 and most <= end:
            return 0.0, end
    return (least, most) if math.isfinite(least) and math.isfinite(most) else (0.0, 1.0)


def _table(layout: Layout) -> Levels:
    """Return the colours of a palette."""
    colours = np.array(layout.colours, np.uint16)
    if not len(colours) or len(colours) % 3:
        raise ValueError("its palette is none")
    table = colours.reshape(3, -1).T
    if colours.max() <= 0xFF:  # as early writers had it
        return table.astype(np.uint8)
    return table if layout.is_deep else (table >> 8).astype(np.uint8)


def _banded(colours: Levels, work: Callable[[NDArray[Any]], NDArray[np.float64]]) -> Levels:
    """Return colours that are worked out from others, a few rows at a time."""
    end = np.iinfo(colours.dtype).max
    made = np.empty_like(colours)
    for top in range(0, len(colours), 64):
        made[top : top + 64] = work(colours[top : top + 64]).clip(0, 1) * end + 0.5
    return made


def _of_ycbcr(levels: NDArray[Any]) -> NDArray[np.float64]:
    """Return red, green and blue (ITU-R BT.601) of brightness and two differences."""
    end = float(np.iinfo(levels.dtype).max)
    light, blue, red = np.moveaxis(levels / end, 2, 0)
    blue, red = blue - (end + 1) / 2 / end, red - (end + 1) / 2 / end
    return np.dstack([
        light + 1.402 * red,
        light - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587,
        light + 1.772 * blue,
    ])  # fmt: skip


_WHITE = (0.9642, 1.0, 0.8249)
"""Of the light that Lab is seen in: D50."""

_TO_SCREEN = np.array([
    [3.1338561, -1.6168667, -0.4906146],
    [-0.9787684, 1.9161415, 0.0334540],
    [0.0719453, -0.2289914, 1.4052427],
])  # fmt: skip
"""From X, Y and Z in that light to the colours of sRGB."""


def _of_lab(levels: NDArray[Any], layout: Layout) -> NDArray[np.float64]:
    """Return red, green and blue of sRGB for colours of CIE L*a*b* (TIFF 6.0, section 23)."""
    deep = layout.bits == 16
    brightest = (
        65280.0 if deep and layout.light == tiff.ICC_LAB else float(np.iinfo(levels.dtype).max)
    )
    if layout.light == tiff.ICC_LAB:
        red, blue = (
            levels[..., place].astype(np.float64) - (32768 if deep else 128) for place in (1, 2)
        )
    else:
        kind = np.int16 if deep else np.int8
        red, blue = (
            np.ascontiguousarray(levels[..., place]).view(kind).astype(np.float64)
            for place in (1, 2)
        )
    step = 256.0 if deep else 1.0
    light = (levels[..., 0] / brightest * 100 + 16) / 116
    roots = (light + red / step / 500, light, light - blue / step / 200)
    found = [
        white * np.where(root > 6 / 29, root**3, (root - 4 / 29) * 3 * (6 / 29) ** 2)
        for white, root in zip(_WHITE, roots, strict=True)
    ]
    linear = (np.dstack(found) @ _TO_SCREEN.T).clip(0, 1)
    seen: NDArray[np.float64] = np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return seen


def on_white(colours: Levels, cover: Levels, *, mixed: bool) -> Levels:
    """Return colours over white by as much as they cover it; `mixed` ones are so over black."""
    most = int(np.iinfo(cover.dtype).max)
    end = int(np.iinfo(colours.dtype).max)
    made = np.empty_like(colours)
    for top in range(0, len(colours), 256):
        part = colours[top : top + 256].astype(np.uint64)
        by = cover[top : top + 256].astype(np.uint64)
        rest = (most - by) * end
        over = part * (most if mixed else by) + rest
        made[top : top + 256] = np.minimum((over + most // 2) // most, end)
    return made
