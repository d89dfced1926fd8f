"""Strips and tiles of a TIFF picture, unpacked to numbers."""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, Jpeg2KImagePlugin, TiffImagePlugin, WebPImagePlugin

from sheetfed.api import fax, libraries, tiff
from sheetfed.api.errors import TooLarge
from sheetfed.api.layout import Layout

LOADED = (Jpeg2KImagePlugin, WebPImagePlugin)
"""What unpacks those: in a box nothing is loaded any more."""

_DIFFERENCES, _SHUFFLED = 2, 3
_BIGGEST = 1 << 30
_AT_ONCE = 256
"""Rows."""

_SOME = 64 * 1024
"""Bytes that a packed piece may have beside twice those that it is unpacked to."""


def bands(layout: Layout, stream: IO[bytes]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    """Yield each strip or tile a few rows at a time: what is made of them is larger than they."""
    for plane, top, left, numbers in pieces(layout, stream):
        for row in range(0, len(numbers), _AT_ONCE):
            yield plane, top + row, left, numbers[row : row + _AT_ONCE]


def pieces(layout: Layout, stream: IO[bytes]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    """Yield each strip or tile: which of the samples it has, its place, its numbers on the page."""
    wide, high = layout.piece
    across, down = -(-layout.width // wide), -(-layout.height // high)
    planes = layout.samples if layout.apart else 1
    if len(layout.places) < planes * across * down:
        raise ValueError("it breaks off")
    for number in range(planes * across * down):
        plane, place = divmod(number, across * down)
        top, left = place // across * high, place % across * wide
        rows = high if layout.tiled else min(high, layout.height - top)
        row = (wide * (1 if layout.apart else layout.samples) * layout.bits + 7) // 8
        if row * rows > _BIGGEST:
            raise TooLarge(f"a piece of a TIFF picture has {row * rows} bytes", size=row * rows)
        stream.seek(layout.places[number])
        size = layout.sizes[number] if number < len(layout.sizes) else 0
        size = size or _untold(layout, number, row * rows)
        numbers = _unpacked(layout, stream.read(size), rows, row)
        yield plane, top, left, numbers[: layout.height - top, : layout.width - left]


def _untold(layout: Layout, number: int, whole: int) -> int:
    """Return how many bytes a piece may have of which the file does not say it."""
    if layout.packing == tiff.UNPACKED:
        return whole
    place = layout.places[number]
    following = min((one for one in layout.places if one > place), default=sys.maxsize)
    return min(following - place, 2 * whole + _SOME)


def _unpacked(layout: Layout, data: bytes, rows: int, row: int) -> NDArray[Any]:
    """Return a piece's numbers: rows, pixels, samples."""
    each = 1 if layout.apart else layout.samples
    if layout.packing in tiff.OF_BYTES:
        return _of_bytes(layout, data, rows, row)
    if layout.packing in tiff.OF_PICTURES:
        return _of_picture(layout, data, rows, each)
    if layout.packing == tiff.JPEG:
        return _of_jpeg(layout, data, rows, each)
    if layout.packing == tiff.LERC:
        return _of_lerc(layout, data, rows, each)
    if layout.packing == tiff.FAX_OF_WORDS:
        plain = fax.rows_of(data, (layout.piece[0], rows), turned=layout.fill == 2)
    else:
        plain = libraries.jbig(data, layout.piece, rows)
    return _whole_numbers(np.frombuffer(plain, np.uint8).reshape(rows, -1), layout, each)


def _of_bytes(layout: Layout, data: bytes, rows: int, row: int) -> NDArray[Any]:
    """Return the numbers of a piece of which it does not matter what its bytes mean."""
    each = 1 if layout.apart else layout.samples
    if layout.packing == tiff.UNPACKED:
        if len(data) < row * rows:
            raise ValueError("it breaks off")
        found = np.frombuffer(data, np.uint8, row * rows).reshape(rows, row)
        if layout.fill == 2:
            found = np.packbits(np.unpackbits(found, axis=1, bitorder="little"), axis=1)
    else:
        found = _inflated(data, layout.packing, (rows, row), fill=layout.fill)
    if layout.predictor == _SHUFFLED:
        found = _joined(found, layout, each)
    numbers = _whole_numbers(found, layout, each)
    if layout.predictor == _DIFFERENCES:
        if layout.bits not in {8, 16, 32, 64}:
            raise ValueError(f"differences of {layout.bits} bits are not read here")
        numbers = np.cumsum(numbers, axis=1, dtype=numbers.dtype)
    return _floats(numbers, layout.bits) if layout.form == tiff.FLOAT else numbers


def _inflated(
    data: bytes, packing: int, shape: tuple[int, int], *, fill: int = 1
) -> NDArray[np.uint8]:
    """Return a piece's bytes: libtiff unpacks them as if each were a pixel of grey."""
    rows, row = shape
    file = _file(data, {
        tiff.WIDTH: (row,), tiff.HEIGHT: (rows,), tiff.BITS: (8,), tiff.PACKING: (packing,),
        tiff.LIGHT: (tiff.BLACK_IS_ZERO,), tiff.FILL: (fill,), tiff.SAMPLES: (1,),
    })  # fmt: skip
    with Image.open(file, formats=["TIFF"]) as picture:
        return np.asarray(picture)


def _file(data: bytes, tags: Mapping[int, Sequence[int]]) -> io.BytesIO:
    """Return a TIFF file of one strip."""
    told = {tiff.ROWS: tags[tiff.HEIGHT], **tags, tiff.STRIPS: (8,), tiff.STRIP_SIZES: (len(data),)}
    body = bytearray(data) + bytes(len(data) % 2)
    lines = struct.pack("<H", len(told))
    for tag, values in sorted(told.items()):
        kind, letter = (7, "B") if tag == tiff.TABLES else (4, "I")
        packed = struct.pack(f"<{len(values)}{letter}", *values)
        place = packed.ljust(4, b"\0")
        if len(packed) > 4:
            place = struct.pack("<I", 8 + len(body))
            body += packed + bytes(len(packed) % 2)
        lines += struct.pack("<HHI", tag, kind, len(values)) + place
    head = struct.pack("<2sHI", b"II", 42, 8 + len(body))
    return io.BytesIO(b"".join((head, body, lines, bytes(4))))


class _Twelve(TiffImagePlugin.TiffImageFile):
    """A picture of 12 bits a sample that Pillow takes for one of 8."""

    def _setup(self) -> None:
        self.tag_v2[tiff.BITS] = (8,) * self.tag_v2.get(tiff.SAMPLES, 1)
        super()._setup()


def _of_jpeg(layout: Layout, data: bytes, rows: int, each: int) -> NDArray[np.uint16]:
    """Return the samples of a piece that is a JPEG of 12 bits.

    libtiff hands them over as 12 bits after 12 bits, which Pillow has no pixels for. So they are
    taken for samples of 8 bits in a picture half as wide again. libtiff does not mind, nor does
    Pillow where a strip says that it may have more rows than the picture.
    """
    row = (layout.piece[0] * each * 12 + 7) // 8
    tags: dict[int, Sequence[int]] = {
        tiff.WIDTH: (-(-row // each),), tiff.HEIGHT: (rows,), tiff.ROWS: (2 * rows,),
        tiff.BITS: (12,) * each, tiff.SAMPLES: (each,), tiff.PACKING: (tiff.JPEG,),
        tiff.LIGHT: ({1: tiff.BLACK_IS_ZERO, 3: tiff.RGB, 4: tiff.CMYK}[each],),
    }  # fmt: skip
    if layout.tables:
        tags[tiff.TABLES] = layout.tables
    if layout.light == tiff.YCBCR and each > 1:  # which libjpeg makes red, green and blue of
        tags[tiff.LIGHT], tags[tiff.SHARE] = (tiff.YCBCR,), layout.share
    with _Twelve(_file(data, tags)) as picture:
        found = np.asarray(picture).reshape(rows, -1)[:, :row]
    numbers = _whole_numbers(np.ascontiguousarray(found), layout, each)
    if layout.piece[0] * each % 2 and layout.piece[0] > 1:
        numbers[:, -1, -1] = numbers[:, -2, -1]  # libtiff takes them in pairs, and drops the last
    return numbers


def _of_picture(layout: Layout, data: bytes, rows: int, each: int) -> NDArray[Any]:
    """Return the samples of a piece that is a picture file of its own."""
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "CMYK" if layout.light == tiff.CMYK else "RGBA"}.get(each)
    mode = "I;16" if layout.bits == 16 else mode
    with Image.open(io.BytesIO(data), formats=[tiff.OF_PICTURES[layout.packing]]) as picture:
        if picture.size != (layout.piece[0], rows) or mode is None:
            raise ValueError("a piece of it is another picture than is told")
        plain = picture if picture.mode == mode else picture.convert(mode)
        return np.asarray(plain).reshape(rows, layout.piece[0], each)


def _of_lerc(layout: Layout, data: bytes, rows: int, each: int) -> NDArray[Any]:
    """Return the samples of a piece that is a blob of LERC.

    Floating numbers that are not there are none. Of colours that are covered or not, the blob has
    the colours alone, and what covers them is whether they are there.
    """
    wide, width = layout.piece[0], layout.bits // 8
    kind = {tiff.SIGNED: "i", tiff.FLOAT: "f"}.get(layout.form, "u") + str(width)
    blob = libraries.lerc_blob(
        data,
        rows * wide * each * width,
        layout.wrap,
        lambda packed, size: _inflated(packed, tiff.ZSTD, (1, size)).tobytes(),
    )
    told = libraries.lerc(blob, (rows, wide), kind)
    found = np.frombuffer(told.found, kind).reshape(told.bands, rows, wide, told.depth)
    if layout.order == ">":  # libtiff packs them as they would lie in the file
        found = found.byteswap()
    numbers = np.moveaxis(found, 0, 2).reshape(rows, wide, told.bands * told.depth)
    there = np.ones((rows, wide, 1), np.uint8)
    if told.there is not None:
        there = np.frombuffer(told.there, np.uint8).reshape(-1, rows, wide)
        there = np.repeat(np.moveaxis(there, 0, 2), told.depth, axis=2)
        if layout.form == tiff.FLOAT:
            numbers = np.where(there, numbers, np.nan)
    if kind == "u1" and numbers.shape[2] == each - 1 > 0:
        numbers = np.dstack((numbers, there[..., :1] * np.uint8(255)))
    if numbers.shape[2] != each:
        raise ValueError("a piece of its LERC has other pixels than are told")
    return numbers.view(f"u{width}") if layout.form == tiff.SIGNED else numbers


def _whole_numbers(found: NDArray[np.uint8], layout: Layout, each: int) -> NDArray[Any]:
    """Return rows of bytes as whole numbers without a sign."""
    rows, bits = len(found), layout.bits
    if bits == 8:
        return found.reshape(rows, -1, each)
    if bits in {16, 32, 64}:
        order = ">" if layout.predictor == _SHUFFLED else layout.order
        numbers = np.ascontiguousarray(found).view(f"{order}u{bits // 8}")
        return numbers.astype(f"u{bits // 8}").reshape(rows, -1, each)
    count = layout.piece[0] * each
    if bits == 24:
        triples = found.reshape(rows, count, 3).astype(np.uint32)
        order = ">" if layout.predictor == _SHUFFLED else layout.order
        high, middle, low = (0, 1, 2) if order == ">" else (2, 1, 0)
        numbers = triples[..., high] << 16 | triples[..., middle] << 8 | triples[..., low]
        return numbers.reshape(rows, -1, each)
    ones = np.unpackbits(found, axis=1, count=count * bits)
    if bits == 1:
        return ones.reshape(rows, -1, each)
    ones = ones.reshape(rows, count, bits)
    numbers = np.zeros((rows, count), np.uint8 if bits < 8 else np.uint16 if bits < 16
                       else np.uint32 if bits < 32 else np.uint64)  # fmt: skip
    for bit in range(bits):
        numbers = numbers << numbers.dtype.type(1) | ones[..., bit]
    return numbers.reshape(rows, -1, each)


def _joined(found: NDArray[np.uint8], layout: Layout, each: int) -> NDArray[np.uint8]:
    """Return floating numbers whose bytes stand apart, the highest ones first, as differences.

    That is Adobe's third technical note on TIFF of 2005.
    """
    if layout.bits not in {16, 24, 32, 64}:
        raise ValueError(f"bytes of {layout.bits} bits that stand apart are not read here")
    rows = len(found)
    sums = np.cumsum(found.reshape(rows, -1, each), axis=1, dtype=np.uint8)
    apart = sums.reshape(rows, layout.bits // 8, -1)
    return np.ascontiguousarray(np.swapaxes(apart, 1, 2)).reshape(rows, -1)


def _floats(numbers: NDArray[Any], bits: int) -> NDArray[Any]:
    if bits != 24:
        return numbers.view(f"f{bits // 8}")
    sign = np.where(numbers >> 23, -1.0, 1.0)
    power, rest = (numbers >> 16 & 0x7F).astype(np.float64), (numbers & 0xFFFF) / 65536.0
    small = np.where(power == 0, rest * 2.0**-62, (1.0 + rest) * 2.0 ** (power - 63))
    return sign * np.where(power == 127, np.where(rest > 0, np.nan, np.inf), small)
