"""PNG: its chunks as they stand, its samples, and writing."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.errors import Unreadable
from sheetfed.builtin.formats import deflate, tags
from sheetfed.builtin.formats.limits import check_size
from sheetfed.builtin.formats.packed import Data, Packed, known_dpi
from sheetfed.builtin.pillow import DAMAGE

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NONE, _UP, _LAST_FILTER = 0, 2, 4
_SIMPLE = (_NONE, _UP)
_FIRST = 32
"""Rows that tell whether a file is filtered simply."""

_PIECE = 1 << 20
_GRAY, _COLOR, _COLOR_ALPHA = 0, 2, 6
_NEEDED = {b"IHDR", b"IDAT", b"pHYs", b"IEND"}
_HARMLESS = {b"tEXt", b"zTXt", b"iTXt", b"tIME", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"eXIf",
             b"sBIT", b"bKGD", b"hIST"}  # fmt: skip

Samples = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(slots=True, kw_only=True)
class Chunks:
    """A plain PNG: not interlaced, grey or RGB, nothing transparent."""

    width: int = 0
    height: int = 0
    bits: int = 0
    samples: int = 0
    dpi: tuple[float, float] = (0.0, 0.0)
    turn: int = 1
    data: list[memoryview]

    @property
    def row(self) -> int:
        """Bytes in a row, without its filter's name."""
        return (self.width * self.samples * self.bits + 7) // 8


def read_chunks(data: bytes) -> Chunks | None:
    """Return the chunks of a plain PNG, or None for one that is not plain. Raises Unreadable."""
    found = Chunks(data=[])
    for name, body in walk(data):
        if name == b"IHDR":
            found.width, found.height, found.bits, color, *rest = struct.unpack(">IIBBBBB", body)
            if color not in {_GRAY, _COLOR} or rest != [0, 0, 0] or found.bits not in {1, 8, 16}:
                return None
            found.samples = 3 if color == _COLOR else 1
            check_size(found.width, found.height)
        elif name == b"pHYs":
            across, down, unit = struct.unpack(">IIB", body)
            if unit == 1:
                found.dpi = (across * 0.0254, down * 0.0254)
        elif name == b"eXIf":
            found.turn = _turn(bytes(body))
        elif name == b"IDAT":
            found.data.append(body)
        elif name not in _NEEDED | _HARMLESS:
            return None
    if not found.width or not found.height or not found.data:
        raise Unreadable("the PNG file has no picture")
    return found


def packed(data: bytes, dpi: tuple[float, float]) -> Packed | None:
    """Return a plain PNG file's stream as it stands, or None where it is not plain."""
    chunks = read_chunks(data)
    if chunks is None:
        return None
    own = chunks.dpi[::-1] if chunks.turn >= 5 else chunks.dpi
    stream: Data = chunks.data[0] if len(chunks.data) == 1 else b"".join(chunks.data)
    return Packed(
        scheme="png",
        strips=[stream],
        strip_rows=chunks.height,
        width=chunks.width,
        height=chunks.height,
        dpi=known_dpi(dpi, (own[0], own[1]), (chunks.width, chunks.height)),
        samples=chunks.samples,
        bits=chunks.bits,
        turn=chunks.turn,
    )


def read_samples(data: bytes) -> Samples | None:
    """Return the samples of a plain PNG of 8 or 16 bits whose rows are filtered simply, or None.

    None, too, where they are to be turned.

    That is what we write ourselves. It is several times faster than a general reader, and keeps 16
    bits of colour, which Pillow cuts to 8.
    """
    chunks = read_chunks(data)
    if chunks is None or chunks.bits == 1 or chunks.turn != 1:
        return None
    size = (chunks.row + 1) * chunks.height
    stream = b"".join(chunks.data)
    try:
        first = deflate.decompress(stream, min(size, (chunks.row + 1) * _FIRST))
        if max(first[:: chunks.row + 1], default=_NONE) not in _SIMPLE:
            return None  # before all of it is unpacked
        raw = bytearray(deflate.decompress(stream, size))
    except deflate.engine.error as error:
        raise Unreadable("the PNG file is damaged") from error
    if len(raw) != size:
        raise Unreadable("the PNG file breaks off")
    rows = np.frombuffer(raw, np.uint8).reshape(chunks.height, -1)
    filters, values = rows[:, 0], rows[:, 1:]
    if not np.isin(filters, _SIMPLE).all():
        return None
    for row in np.flatnonzero(filters == _UP):
        if row:
            np.add(values[row], values[row - 1], out=values[row])
    shape = (chunks.height, chunks.width, 3)[: 3 if chunks.samples == 3 else 2]
    if chunks.bits == 8:
        return np.ascontiguousarray(values).reshape(shape)
    return np.ascontiguousarray(values).view(">u2").astype(np.uint16).reshape(shape)


def check(data: bytes) -> bool:
    """Say whether it is known, without making its pixels, that a PNG file has them all.

    It is not where it is interlaced or has a palette. Raises Unreadable where it has not.
    """
    chunks = read_chunks(data)
    if chunks is None:
        return False
    at, row = 0, chunks.row + 1
    size = row * chunks.height
    try:
        for piece in deflate.pieces(chunks.data, _PIECE):
            if max(piece[-at % row :: row], default=_NONE) > _LAST_FILTER:
                raise Unreadable("the PNG file is damaged")
            at += len(piece)
            if at >= size:
                return True
    except deflate.engine.error as error:
        raise Unreadable("the PNG file is damaged") from error
    raise Unreadable("the PNG file breaks off")


def around(
    data: bytes,
    size: tuple[int, int],
    *,
    bits: int,
    samples: int,
    turn: int = 1,
    profile: bytes | None = None,
) -> bytes:
    """Return a PNG file around a deflated stream of filtered rows."""
    color = {1: _GRAY, 3: _COLOR, 4: _COLOR_ALPHA}[samples]
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0" % turn
    return b"".join((
        SIGNATURE,
        _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, color, 0, 0, 0)),
        _profile(profile),
        _chunk(b"eXIf", exif) if turn != 1 else b"",
        _chunk(b"IDAT", data),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def unfiltered(data: bytes, size: tuple[int, int], *, step: int) -> NDArray[np.uint8]:
    """Return rows of so many bytes out of a deflated stream of rows filtered in any way."""
    width, height = size
    step = step if step in {1, 3, 4} and width % step == 0 else 0
    if not step:
        raise Unreadable("the picture is packed in an odd way")
    file = around(data, (width // step, height), bits=8, samples=step)
    try:
        with Image.open(io.BytesIO(file), formats=["PNG"]) as picture:
            return np.asarray(picture).reshape(height, width)
    except DAMAGE as error:
        raise Unreadable(f"the picture is damaged: {error}") from error


def stream(samples: Samples | NDArray[np.bool_]) -> bytes:
    """Return samples as the deflated stream of a PNG; a set bool is black."""
    if samples.dtype == bool:
        rows = np.packbits(~samples.astype(bool), axis=1)
    elif samples.dtype == np.uint16:
        rows = samples.astype(">u2").reshape(len(samples), -1).view(np.uint8)
    else:
        rows = samples.astype(np.uint8, copy=False).reshape(len(samples), -1)
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return deflate.compress(filtered)


def encode(
    samples: Samples | NDArray[np.bool_], dpi: tuple[float, float], profile: bytes | None = None
) -> bytes:
    """Return samples as a PNG file; the profile says what its colours mean."""
    bits = 1 if samples.dtype == bool else 8 * samples.dtype.itemsize
    color = _COLOR if samples.ndim == 3 else _GRAY
    height, width = samples.shape[:2]
    across, down = (round(value / 0.0254) for value in dpi)
    known = 0 < min(across, down) <= max(across, down) < 1 << 31
    return b"".join((
        SIGNATURE,
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)),
        _profile(profile),
        _chunk(b"pHYs", struct.pack(">IIB", across, down, 1)) if known else b"",
        _chunk(b"IDAT", stream(samples)),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def walk(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield name and body of each chunk. Raises Unreadable."""
    if not data.startswith(SIGNATURE):
        raise Unreadable("this is no PNG file")
    view, at, name = memoryview(data), len(SIGNATURE), b""
    while name != b"IEND":
        if at + 12 > len(data):
            raise Unreadable("the PNG file breaks off")
        size, name = struct.unpack_from(">I4s", data, at)
        body = view[at + 8 : at + 8 + size]
        if len(body) != size or (name in _NEEDED and not _fits(name, size)):
            raise Unreadable("the PNG file breaks off or is damaged")
        yield name, body
        at += 12 + size


def _turn(exif: bytes) -> int:
    """Return what Exif data says of how a picture lies; damaged ones say nothing."""
    try:
        return tags.orientation(tags.read(exif))
    except (struct.error, ValueError):
        return 1


def _profile(profile: bytes | None) -> bytes:
    return _chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile)) if profile else b""


def _fits(name: bytes, size: int) -> bool:
    return {b"IHDR": 13, b"pHYs": 9, b"IEND": 0}.get(name, size) == size


def _chunk(name: bytes, body: bytes) -> bytes:
    check = deflate.crc32(body, deflate.crc32(name))
    return b"".join((struct.pack(">I4s", len(body), name), body, struct.pack(">I", check)))
