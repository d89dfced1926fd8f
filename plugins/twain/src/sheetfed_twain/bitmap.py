"""A bitmap of Windows as rows from the top."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sheetfed.api.errors import BadSettings, DriverLied
from sheetfed.api.model import Mode, Raster, Side

BAND = 256 * 1024
"""Bytes of rows that are handed on together, about."""

INCHES = 39.3701
"""In a metre."""

FILE_HEAD = 14
INVERTED = bytes(255 - value for value in range(256))
MODES: dict[int, Mode] = {1: "bw", 8: "gray", 24: "color", 32: "color"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a bitmap says of itself; `start` is where its pixels begin."""

    width: int
    height: int
    bits: int
    upward: bool
    start: int
    palette: tuple[tuple[int, int, int], ...]
    dpi: tuple[float, float]

    @property
    def stride(self) -> int:
        """Bytes of a row as it lies there: always a multiple of four."""
        return (self.width * self.bits + 31) // 32 * 4


def head_of(data: memoryview, *, in_file: bool = False) -> Head:
    """Return the head of a bitmap, with the head of a file before it or none.

    Raises DriverLied where it is none, BadSettings for what no picture is kept as.
    """
    before = FILE_HEAD if in_file else 0
    try:
        size, width, height, _planes, bits, packed, _, across, down, used = struct.unpack_from(
            "<IiiHHIIiiI", data, before
        )
    except struct.error as error:
        raise DriverLied("The driver sent a bitmap without a head") from error
    if packed not in (0, 3) or bits not in MODES or width < 1 or height == 0 or size < 40:
        raise BadSettings(
            f"The driver sends a bitmap of {width} x {height} pixels of {bits} bits, packed as"
            f" {packed}; choose another mode",
            option="mode",
        )
    count = (used or 1 << bits) if bits <= 8 else 0
    if count > 256:
        raise DriverLied(f"The driver sent a bitmap with {count} colours")
    table = before + size + (12 if packed == 3 and size == 40 else 0)
    colours = bytes(data[table : table + 4 * count])
    start = table + len(colours)
    if in_file:
        start = struct.unpack_from("<I", data, 10)[0]
    head = Head(
        width=width,
        height=abs(height),
        bits=bits,
        upward=height > 0,
        start=start,
        palette=tuple(
            (red, green, blue) for blue, green, red, _ in struct.iter_unpack("4B", colours)
        ),
        dpi=(round(across / INCHES, 2), round(down / INCHES, 2)),
    )
    if start + head.stride * head.height > len(data):
        raise DriverLied(
            f"The driver sent {len(data)} bytes for a bitmap of {head.width} x {head.height}"
        )
    return head


def raster_of(
    data: memoryview,
    head: Head,
    *,
    dpi: tuple[float, float],
    side: Side,
    release: Callable[[], None],
) -> Raster:
    """Return the bitmap's rows, first row first; `release` is called behind the last."""
    greys = [red for red, green, blue in head.palette if red == green == blue]
    if head.bits == 8 and len(greys) != len(head.palette):
        raise BadSettings("The driver sends 256 colours; choose another mode", option="mode")
    return Raster(
        width=head.width,
        height=head.height,
        mode=MODES[head.bits],
        dpi=dpi if all(dpi) else head.dpi,
        side=side,
        rows=_rows(data, head, release),
    )


def _rows(data: memoryview, head: Head, release: Callable[[], None]) -> Iterator[bytearray]:
    try:
        size, stride = (head.width * head.bits + 7) // 8, head.stride
        count = max(1, BAND // stride)
        convert = _conversion(head)
        for first in range(0, head.height, count):
            band = bytearray()
            for row in range(first, min(first + count, head.height)):
                place = head.height - 1 - row if head.upward else row
                at = head.start + place * stride
                band += data[at : at + size]
            yield convert(band)
    finally:
        data.release()
        release()


def _conversion(head: Head) -> Callable[[bytearray], bytearray]:
    """Return what makes a band of the bitmap's rows one of ours."""
    if head.bits == 24:
        return _swapped
    if head.bits == 32:
        return _without_fourth
    if head.bits == 1:
        first, second = (sum(colour) for colour in (*head.palette, (0, 0, 0), (255,) * 3)[:2])
        return _inverted if first < second else _as_it_is  # a set bit is black in ours
    table = bytes(red for red, _, _ in head.palette).ljust(256, b"\xff")
    return _as_it_is if table == bytes(range(256)) else lambda band: band.translate(table)


def _as_it_is(band: bytearray) -> bytearray:
    return band


def _inverted(band: bytearray) -> bytearray:
    return band.translate(INVERTED)


def _swapped(band: bytearray) -> bytearray:
    band[0::3], band[2::3] = band[2::3], band[0::3]
    return band


def _without_fourth(band: bytearray) -> bytearray:
    out = bytearray(len(band) // 4 * 3)
    for ours, theirs in ((0, 2), (1, 1), (2, 0)):
        out[ours::3] = band[theirs::4]
    return out
