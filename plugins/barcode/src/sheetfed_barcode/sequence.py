"""Which part of how many a QR Code is.

zxing-cpp decodes the text of such a part and keeps the header to itself. The header is the first 20
bits of the data: mode 3, place, count and a parity that all parts share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Modules = NDArray[np.bool_]

MODE = 0b0011

_MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda y, x: (y + x) % 2,
    lambda y, _: y % 2,
    lambda _, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
"""A module is inverted where its mask says 0."""

_BLOCKS = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
          8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
          17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49),
    "Q": (1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20,
          23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68),
    "H": (1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
          25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81),
}  # fmt: skip
"""Blocks that the data of each version is parted into, which take turns in the symbol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A part of a sequence: its place from 1, how many there are, and what they share."""

    place: int
    count: int
    parity: int


def sequence_of(dark: Modules, *, level: str, mask: int) -> Sequence | None:
    """Return the sequence that a QR Code is part of, None where it is alone.

    `dark` are its modules, upright and without a quiet zone.
    """
    side = dark.shape[0]
    version = (side - 17) // 4
    if dark.shape != (side, side) or not 1 <= version <= 40 or level not in _BLOCKS:
        return None
    blocks = _BLOCKS[level][version - 1]
    words = _codewords(dark, version, mask, count=2 * blocks + 1)
    bits = "".join(f"{words[at * blocks]:08b}" for at in range(3))
    if int(bits[:4], 2) != MODE:
        return None
    place, last = int(bits[4:8], 2), int(bits[8:12], 2)
    return Sequence(place=place + 1, count=last + 1, parity=int(bits[12:20], 2))


def _codewords(dark: Modules, version: int, mask: int, *, count: int) -> list[int]:
    """Return the first codewords, in the order in which they stand in the symbol."""
    bits = []
    for y, x in _path(version):
        bits.append(bool(dark[y, x]) ^ (_MASKS[mask](y, x) == 0))
        if len(bits) == 8 * count:
            break
    return [
        sum(bit << (7 - at) for at, bit in enumerate(bits[start : start + 8]))
        for start in range(0, len(bits), 8)
    ]


def _path(version: int) -> Iterator[tuple[int, int]]:
    """Yield where data stands: in pairs of columns from the right, up and down in turns."""
    side = 17 + 4 * version
    taken = _taken(version, side)
    up = True
    right = side - 1
    while right > 0:
        if right == 6:  # the column of the timing pattern
            right -= 1
        for row in range(side):
            y = side - 1 - row if up else row
            for x in (right, right - 1):
                if not taken[y, x]:
                    yield y, x
        up = not up
        right -= 2


def _taken(version: int, side: int) -> Modules:
    """Return where patterns and formats stand, and no data."""
    taken = np.zeros((side, side), dtype=bool)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    taken[6] = taken[:, 6] = True
    if version >= 7:
        taken[:6, -11:-8] = taken[-11:-8, :6] = True
    centres = _alignment(version, side)
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for y in centres:
        for x in centres:
            if (y, x) not in corners:
                taken[y - 2 : y + 3, x - 2 : x + 3] = True
    return taken


def _alignment(version: int, side: int) -> list[int]:
    """Return where the middles of alignment patterns are."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    return [6, *sorted(side - 7 - step * at for at in range(count - 1))]
