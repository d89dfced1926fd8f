"""Fax in runs whose rows begin at whole words (TIFF, 32771)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

_WHITE = """
00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101
101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100
0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111
00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010 00001011 01010010
01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 01001011
00110010 00110011 00110100 11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000
01100111 011001100 011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000
011011001 011011010 011011011 010011000 010011001 010011010 011000 010011011
"""
_BLACK = """
0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111
000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111
00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 000011001101
000001101000 000001101001 000001101010 000001101011 000011010010 000011010011 000011010100
000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011
000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010
000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 000001011000
000001011001 000000101011 000000101100 000001011010 000001100110 000001100111 0000001111
000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100
0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011
0000001110100 0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100
0000001010101 0000001011010 0000001011011 0000001100100 0000001100101
"""
_LONG = """
00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101
000000010110 000000010111 000000011100 000000011101 000000011110 000000011111
"""
"""ITU-T T.4, tables 2 and 3: the codes for runs of 0 to 63, then for 64, 128 and so on; the longest
are those of both colours."""

_SHORT, _WORD = 64, 16
_BITS = max(map(len, _BLACK.split()))
_TURNED = bytes(int(f"{one:08b}"[::-1], 2) for one in range(256))


def rows_of(data: bytes, size: tuple[int, int], *, turned: bool) -> bytes:
    """Return rows of pixels, 8 a byte, 1 what is written second.

    libtiff begins rows where it should not, and so cannot read what it writes. Raises ValueError.
    """
    width, rows = size
    data = data.translate(_TURNED) if turned else data
    bits = "".join(f"{one:08b}" for one in data) + "0" * (_BITS + _WORD)
    at, found = 0, bytearray()
    for _ in range(rows):
        row, at = _row(bits, at, width)
        found += row.to_bytes((width + 7) // 8)
        at += -at % _WORD
    return bytes(found)


def _row(bits: str, at: int, width: int) -> tuple[int, int]:
    """Return a row as one number, and where it ends."""
    tables = _tables()
    row, done, colour = 0, 0, 0
    while done < width:
        run, more = 0, _SHORT
        while more >= _SHORT:
            size, more = tables[colour][int(bits[at : at + _BITS] or "0", 2)]
            if not size:
                raise ValueError("its fax is damaged, or breaks off")
            at += size
            run += more
        if done + run > width:
            raise ValueError("a row of its fax is too long")
        row = row << run | ((1 << run) - 1 if colour else 0)
        done += run
        colour ^= 1
    return row << -width % 8, at


@cache
def _tables() -> tuple[Sequence[tuple[int, int]], ...]:
    """Return for white and for black the size and the run of the code that bits begin with."""
    made = []
    for codes in (_WHITE, _BLACK):
        table = [(0, 0)] * (1 << _BITS)
        for place, code in enumerate([*codes.split(), *_LONG.split()]):
            run = place if place < _SHORT else (place - _SHORT + 1) * _SHORT
            start = int(code, 2) << _BITS - len(code)
            for number in range(start, start + (1 << _BITS - len(code))):
                table[number] = len(code), run
        made.append(table)
    return tuple(made)
