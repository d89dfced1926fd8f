"""Barcodes: Code 128 and one size of QR code."""

from __future__ import annotations

from collections.abc import Iterator

CODE_128 = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
"""Widths of bar, space, bar … for each of the code's 107 symbols."""

START_B, STOP = 104, 106

# QR version 3, level M: 29 modules a side, one block of 44 data and 26 check bytes.
QR_SIDE, QR_DATA, QR_CHECK = 29, 44, 26
QR_FORMAT = 0b101010000010010  # level M, mask 0, as it is drawn


def code128(text: str) -> list[bool]:
    """Return the modules of a Code 128 symbol from left to right; True is a bar."""
    if not text or any(not 32 <= ord(letter) < 127 for letter in text):
        raise ValueError(f"Code 128 set B holds printable ASCII only: {text!r}")
    values = [START_B, *(ord(letter) - 32 for letter in text)]
    check = sum(value * max(place, 1) for place, value in enumerate(values)) % 103
    modules: list[bool] = []
    widths = CODE_128.split()
    for value in (*values, check, STOP):
        for place, width in enumerate(widths[value]):
            modules += [place % 2 == 0] * int(width)
    return modules


def qr(text: str) -> list[list[bool]]:
    """Return the rows of a QR code for up to 42 bytes of text; True is dark."""
    fixed = _patterns()
    rows = [[fixed.get((y, x), False) for x in range(QR_SIDE)] for y in range(QR_SIDE)]
    bits = _bits(text.encode())
    for y, x in _path():
        if (y, x) not in fixed:
            rows[y][x] = next(bits, False) ^ ((y + x) % 2 == 0)
    return rows


def _patterns() -> dict[tuple[int, int], bool]:
    """Return the modules that every QR code of this size shares."""
    fixed: dict[tuple[int, int], bool] = {}
    for place in range(QR_SIDE):
        fixed[6, place] = fixed[place, 6] = place % 2 == 0
    for top, left in ((0, 0), (0, QR_SIDE - 7), (QR_SIDE - 7, 0)):
        for y in range(-1, 8):
            for x in range(-1, 8):
                if 0 <= top + y < QR_SIDE and 0 <= left + x < QR_SIDE:
                    fixed[top + y, left + x] = max(abs(y - 3), abs(x - 3)) in (0, 1, 3)
    for y in range(-2, 3):
        for x in range(-2, 3):
            fixed[22 + y, 22 + x] = max(abs(y), abs(x)) != 1
    first = [*((8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)), *((y, 8) for y in (7, 5, 4, 3, 2, 1, 0))]
    second = [*((QR_SIDE - 1 - n, 8) for n in range(7)), *((8, QR_SIDE - 8 + n) for n in range(8))]
    for places in (first, second):
        for place, spot in enumerate(places):
            fixed[spot] = bool(QR_FORMAT >> (14 - place) & 1)
    fixed[QR_SIDE - 8, 8] = True
    return fixed


def _bits(text: bytes) -> Iterator[bool]:
    if len(text) > QR_DATA - 2:
        raise ValueError(f"{len(text)} bytes are too many for this QR code")
    stream = 0b0100 << 8 | len(text)  # byte mode, then the count
    for byte in text:
        stream = stream << 8 | byte
    data = (stream << 4).to_bytes(len(text) + 2, "big")  # four zeros end it
    pad = bytes([0xEC, 0x11] * QR_DATA)[: QR_DATA - len(data)]
    data += pad
    for byte in data + _check(data):
        for place in range(7, -1, -1):
            yield bool(byte >> place & 1)


def _check(data: bytes) -> bytes:
    """Return the Reed-Solomon bytes over the field of x^8 + x^4 + x^3 + x^2 + 1."""
    generator, root = [1], 1
    for _ in range(QR_CHECK):
        shifted = [*generator, 0]
        for place, factor in enumerate(generator):
            shifted[place + 1] ^= _times(factor, root)
        generator, root = shifted, _times(root, 2)
    rest = [*data, *[0] * QR_CHECK]
    for place in range(len(data)):
        factor = rest[place]
        for offset, term in enumerate(generator):
            rest[place + offset] ^= _times(term, factor)
    return bytes(rest[len(data) :])


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def _path() -> Iterator[tuple[int, int]]:
    """Yield the places of data: column pairs from the right, up and down by turns."""
    upward = True
    for right in (*range(QR_SIDE - 1, 6, -2), *range(5, 0, -2)):
        for step in range(QR_SIDE):
            y = QR_SIDE - 1 - step if upward else step
            yield y, right
            yield y, right - 1
        upward = not upward
