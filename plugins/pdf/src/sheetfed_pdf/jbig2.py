"""JBIG2, written: one region a page, every pixel as it is.

No letter is replaced by one that looks like it, as other writers do to save more. Pixels are coded
one after the other, but for equal ones in equal surroundings, most of a page: these at once.
Sources: ITU-T T.88, 6.2 (generic regions), 7.2 to 7.4 (segments), annex E (arithmetic coding).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

_ROWS = (
    (0x5601, 1, 1, 1), (0x3401, 2, 6, 0), (0x1801, 3, 9, 0), (0x0AC1, 4, 12, 0),
    (0x0521, 5, 29, 0), (0x0221, 38, 33, 0), (0x5601, 7, 6, 1), (0x5401, 8, 14, 0),
    (0x4801, 9, 14, 0), (0x3801, 10, 14, 0), (0x3001, 11, 17, 0), (0x2401, 12, 18, 0),
    (0x1C01, 13, 20, 0), (0x1601, 29, 21, 0), (0x5601, 15, 14, 1), (0x5401, 16, 14, 0),
    (0x5101, 17, 15, 0), (0x4801, 18, 16, 0), (0x3801, 19, 17, 0), (0x3401, 20, 18, 0),
    (0x3001, 21, 19, 0), (0x2801, 22, 19, 0), (0x2401, 23, 20, 0), (0x2201, 24, 21, 0),
    (0x1C01, 25, 22, 0), (0x1801, 26, 23, 0), (0x1601, 27, 24, 0), (0x1401, 28, 25, 0),
    (0x1201, 29, 26, 0), (0x1101, 30, 27, 0), (0x0AC1, 31, 28, 0), (0x09C1, 32, 29, 0),
    (0x08A1, 33, 30, 0), (0x0521, 34, 31, 0), (0x0441, 35, 32, 0), (0x02A1, 36, 33, 0),
    (0x0221, 37, 34, 0), (0x0141, 38, 35, 0), (0x0111, 39, 36, 0), (0x0085, 40, 37, 0),
    (0x0049, 41, 38, 0), (0x0025, 42, 39, 0), (0x0015, 43, 40, 0), (0x0009, 44, 41, 0),
    (0x0005, 45, 42, 0), (0x0001, 45, 43, 0), (0x5601, 46, 46, 0),
)  # fmt: skip
"""T.88, table E.1: how likely the other pixel is, what comes after either, who changes sides."""

# A state is a row and the likelier pixel: twice the row, and 1 where black is likelier.
_LEAST = [row[0] for row in _ROWS for _ in (0, 1)]
_AFTER_LIKELY = [row[1] * 2 + side for row in _ROWS for side in (0, 1)]
_AFTER_OTHER = [row[2] * 2 + (side ^ row[3]) for row in _ROWS for side in (0, 1)]

_AROUND = (
    (0, -1), (0, -2), (0, -3), (0, -4), (-1, 3), (-1, 2), (-1, 1), (-1, 0), (-1, -1), (-1, -2),
    (-1, -3), (-2, 2), (-2, 1), (-2, 0), (-2, -1), (-2, -2),
)  # fmt: skip
"""Rows and columns from a pixel to those that it is guessed by (T.88, figure 3)."""

_ADAPTIVE = bytes((3, 0xFF, 0xFD, 0xFF, 2, 0xFE, 0xFE, 0xFE))
_PAGE, _REGION = 48, 39
_BAND = 64
"""Rows that are prepared together; a page of dots would fill the memory."""

_LOSSLESS = 1


def encode(black: NDArray[np.bool_]) -> bytes:
    """Return a picture as PDF holds it: a set pixel is black."""
    height, width = black.shape
    page = struct.pack(">IIIIBH", width, height, 0, 0, _LOSSLESS, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 0) + _ADAPTIVE + _coded(_runs(black))
    return _segment(0, _PAGE, page) + _segment(1, _REGION, region)


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def _runs(black: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield pixels with what is around them, as one number, and how often it comes in a row."""
    height, width = black.shape
    for top in range(0, height, _BAND):
        rows = black[max(0, top - 2) : top + _BAND]
        above = 2 - min(2, top)
        room = np.zeros((len(rows) + above, width + 8), np.uint32)
        room[above:, 4:-4] = rows
        count = len(room) - 2
        found = room[2:, 4:-4].copy()
        for place, (down, right) in enumerate(_AROUND, 1):
            found |= room[2 + down : 2 + down + count, 4 + right : 4 + right + width] << place
        every = found.ravel()
        starts = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
        counts = np.diff(np.append(starts, every.size))
        yield from zip(every[starts].tolist(), counts.tolist(), strict=True)


def _coded(runs: Iterable[tuple[int, int]]) -> bytes:
    """Return the arithmetic code of a picture (T.88, E.2)."""
    states = [0] * (1 << len(_AROUND))
    out = bytearray(1)
    width, code, free = 0x8000, 0, 12
    for run, times in runs:
        around, pixel, left = run >> 1, run & 1, times
        state = states[around]
        while left:
            least = _LEAST[state]
            if state & 1 == pixel:
                steps = (width - 0x8000) // least
                if steps >= left:
                    width -= left * least
                    code += left * least
                    break
                width -= (steps + 1) * least
                code += steps * least
                left -= steps + 1
                if width < least:
                    width = least
                else:
                    code += least
                state = _AFTER_LIKELY[state]
            else:
                width -= least
                left -= 1
                if width < least:
                    code += least
                else:
                    width = least
                state = _AFTER_OTHER[state]
            shift = 16 - width.bit_length()
            width <<= shift
            while shift >= free:
                shift -= free
                code, free = _byte_out(out, code << free)
            code <<= shift
            free -= shift
        states[around] = state
    end = code + width
    code |= 0xFFFF
    if code >= end:
        code -= 0x8000
    code, free = _byte_out(out, code << free)
    _byte_out(out, code << free)
    return bytes(out[1:]).removesuffix(b"\xff") + b"\xff\xac"


def _byte_out(out: bytearray, code: int) -> tuple[int, int]:
    """Move a byte out of the code; return what stays, and how many bits are free (T.88, E.2.3)."""
    if out[-1] != 0xFF and code >= 0x8000000:
        out[-1] += 1
        code &= 0x7FFFFFF
    if out[-1] == 0xFF:
        out.append(code >> 20)
        return code & 0xFFFFF, 7
    out.append(code >> 19)
    return code & 0x7FFFF, 8
