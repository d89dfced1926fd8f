"""JPEG 2000 without loss, 16 bits of colour too.

Pillow packs 16 bits of one colour and no more. Colours that are not mixed may lie one after the
other in a file, each in a part of its own (ISO/IEC 15444-1, A.4.2 and B.12): so three are packed
alone, and put together.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.errors import TooLarge, Unreadable

Samples = NDArray[np.bool_] | NDArray[np.uint8] | NDArray[np.uint16]

_START, _SIZES, _CODING, _PART, _DATA, _END = 0xFF4F, 0xFF51, 0xFF52, 0xFF90, 0xFF93, 0xFFD9
_PART_SIZE = 14
_BEGINNING = struct.pack(">HH", _START, _SIZES)
_BOXES = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
_BY_COLOUR, _BY_QUALITY = 4, 0
"""Orders in which a picture is told; of one colour and one quality both are the same."""

_GREY, _SRGB = 17, 16
_COLOURS, _DEEP = 3, 15
"""Samples of a pixel, and how their 16 bits are written: one less."""

_TILE, _LARGE = 4096, 40_000_000
"""Pixels of a tile's side, and how many a picture has that is told in tiles."""

_LONGEST = 1 << 15
"""Pixels up to which a colour is in one piece, and so is told from small to large."""


def encode(
    samples: Samples, dpi: tuple[float, float] = (0.0, 0.0), profile: bytes | None = None
) -> bytes:
    """Return 8 or 16 bits, grey or colour, as a JPEG 2000 file; the profile says what they mean.

    Raises TooLarge.
    """
    height, width = samples.shape[:2]
    count, deep = (_COLOURS if samples.ndim == 3 else 1), samples.dtype == np.uint16
    if not deep or count == 1:
        stream = _packed(samples, tiled=True)
    elif max(samples.shape) > _LONGEST:
        raise TooLarge(f"JPEG 2000 of 16 bits a colour ends at {_LONGEST} pixels; choose TIFF")
    else:
        planes = (samples[..., colour].astype(np.uint16) for colour in range(_COLOURS))
        stream = _joined([_packed(plane, tiled=False) for plane in planes])
    head = struct.pack(">IIHBBBB", height, width, count, _DEEP if deep else 7, 7, 0, 0)
    sort = struct.pack(">BBB", 2, 0, 0) + profile if profile else b""
    sort = sort or struct.pack(">BBBI", 1, 0, 0, _SRGB if count > 1 else _GREY)
    boxes = box(b"ihdr", head) + box(b"colr", sort) + _resolution(dpi)
    return b"".join((_BOXES, box(b"jp2h", boxes), box(b"jp2c", stream)))


def profile_of(data: bytes) -> bytes | None:
    """Return what a JPEG 2000 file says that its colours mean, where it has a profile."""
    for name, body in boxes(data):
        if name == b"jp2h":
            found = [body for name, body in boxes(body) if name == b"colr" and body[:1] == b"\2"]
            return found[0][3:] if found else None
        if name == b"jp2c":
            break
    return None


def with_profile(data: bytes, profile: bytes) -> bytes:
    """Return a JPEG 2000 file, or a bare stream, as a file that says what its colours mean."""
    told = box(b"colr", struct.pack(">BBB", 2, 0, 0) + profile)
    if not data.startswith(_BEGINNING):
        parts = []
        for name, body in boxes(data):
            inner = (box(kind, one) for kind, one in boxes(body) if kind != b"colr")
            parts.append(box(name, b"".join((*inner, told)) if name == b"jp2h" else body))
        return b"".join(parts)
    right, bottom, left, top = struct.unpack_from(">IIII", data, 8)
    count, depth = struct.unpack_from(">HB", data, 40)
    head = struct.pack(">IIHBBBB", bottom - top, right - left, count, depth, 7, 0, 0)
    return b"".join((_BOXES, box(b"jp2h", box(b"ihdr", head) + told), box(b"jp2c", data)))


def colours_of(data: bytes) -> int:
    """Return how many colours a picture has. Raises Unreadable."""
    at = data.find(_BEGINNING)
    if at < 0 or len(data) < at + 42:
        raise Unreadable("the JPEG 2000 picture breaks off")
    return int.from_bytes(data[at + 40 : at + 42])


def is_deep(data: bytes) -> bool:
    """Say whether a JPEG 2000 file has more than 8 bits a sample, and several samples a pixel."""
    at = data.find(_BEGINNING)
    if at < 0 or len(data) < at + 43:
        return False
    (count,) = struct.unpack_from(">H", data, at + 40)
    depths = data[at + 42 : at + 42 + 3 * count : 3]
    return count > 1 and any(depth & 0x7F > 7 for depth in depths)


def samples_of(data: bytes) -> NDArray[np.uint16] | None:
    """Return 16 bits a colour of a file that lies as `encode` writes it, None of any other.

    Raises Unreadable.
    """
    stream = data[data.index(_BEGINNING) :]
    try:
        alone = _parted(stream)
    except (struct.error, LookupError, ValueError) as error:
        raise Unreadable("the JPEG 2000 file breaks off or is damaged") from error
    if alone is None:
        return None
    planes = []
    for one in alone:
        with Image.open(io.BytesIO(one), formats=["JPEG2000"]) as picture:
            planes.append(np.asarray(picture).astype(np.uint16))
    return np.dstack(planes)


def _packed(samples: Samples, *, tiled: bool) -> bytes:
    """Return a codestream, without the boxes of a file around it. Raises TooLarge.

    A large one is told in tiles, each of which is packed before the next.
    """
    stream = io.BytesIO()
    plain = np.where(samples, 0, 255).astype(np.uint8) if samples.dtype == bool else samples
    height, width = samples.shape[:2]
    tiles = {"tile_size": (_TILE, _TILE)} if tiled and width * height > _LARGE else {}
    try:
        Image.fromarray(plain).save(stream, "JPEG2000", no_jp2=True, **tiles)
    except OSError as error:  # which is all that OpenJPEG says where its memory ends
        raise TooLarge(
            f"JPEG 2000 of {width} x {height} pixels needs more memory than there is for it; choose"
            " PNG or TIFF",
            width=width,
            height=height,
        ) from error
    return stream.getvalue()


def _joined(alone: Sequence[bytes]) -> bytes:
    """Return codestreams of one colour each as one of all, each colour a part."""
    parts = [_head(alone[0], colours=_COLOURS, order=_BY_COLOUR)]
    for number, one in enumerate(alone):
        packets = one[_begin(one) : -2]  # up to the mark that ends it
        parts += [_part(len(packets), number, _COLOURS), packets]
    return b"".join((*parts, struct.pack(">H", _END)))


def _parted(stream: bytes) -> list[bytes] | None:
    """Return the colours of a codestream as codestreams of their own, None where they are mixed."""
    known = dict(_segments(stream))
    sizes, coding = known[_SIZES], known[_CODING]
    order, qualities, mixed = struct.unpack_from(">BHB", coding, 1)
    deep = struct.pack(">H", _COLOURS) + bytes([_DEEP, 1, 1]) * _COLOURS
    if sizes[34:] != deep or (coding[0], order, qualities, mixed) != (0, _BY_COLOUR, 1, 0):
        return None
    head = _head(stream, colours=1, order=_BY_QUALITY)
    at, found = _begin(stream) - _PART_SIZE, []
    for number in range(_COLOURS):
        (size,) = struct.unpack_from(">I", stream, at + 6)
        packets = stream[at + _PART_SIZE : at + size]
        if len(packets) != size - _PART_SIZE:
            raise ValueError("a colour breaks off")
        if stream[at : at + _PART_SIZE] != _part(len(packets), number, _COLOURS):
            return None
        found.append(b"".join((head, _part(len(packets), 0, 1), packets, struct.pack(">H", _END))))
        at += size
    # What follows would be another tile: the first alone is not the picture.
    return found if stream[at : at + 2] == struct.pack(">H", _END) else None


def _head(stream: bytes, *, colours: int, order: int) -> bytes:
    """Return what stands before the first part, for so many colours like the first."""
    head = bytearray(struct.pack(">H", _START))
    for mark, told in _segments(stream):
        body = told
        if mark == _PART:
            break
        if mark == _SIZES:
            body = told[:34] + struct.pack(">H", colours) + told[36:39] * colours
        elif mark == _CODING:
            body = told[:1] + bytes([order]) + told[2:]
        head += struct.pack(">HH", mark, len(body) + 2) + body
    return bytes(head)


def _part(size: int, number: int, count: int) -> bytes:
    """Return what stands before the packets of a part of so many."""
    return struct.pack(">HHHIBBH", _PART, 10, 0, _PART_SIZE + size, number, count, _DATA)


def _segments(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield mark and body of what stands before the packets."""
    at = 2
    while True:
        mark, size = struct.unpack_from(">HH", stream, at)
        if mark == _DATA:
            return
        yield mark, stream[at + 4 : at + 2 + size]
        at += 2 + size


def _begin(stream: bytes) -> int:
    """Return where the packets of the first part begin."""
    return 2 + sum(4 + len(body) for _, body in _segments(stream)) + 2


def _resolution(dpi: tuple[float, float]) -> bytes:
    """Return the box that says how many pixels a metre has, down before across."""
    if not 1 <= min(dpi) <= max(dpi) < 1 << 16:
        return b""
    # dots an inch, with two digits where they fit, over 254, by a power of ten
    digits = [2 if dots * 100 < 1 << 16 else 0 for dots in dpi[::-1]]
    values = zip(dpi[::-1], digits, strict=True)
    parts = [struct.pack(">HH", round(dots * 10**count), 254) for dots, count in values]
    return box(b"res ", box(b"resc", b"".join((*parts, bytes(4 - count for count in digits)))))


def box(name: bytes, body: bytes) -> bytes:
    """Return a box of a file."""
    return struct.pack(">I4s", 8 + len(body), name) + body


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and body of each box, as far as they are whole."""
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + size if size >= 8 else len(data)
        yield name, data[at + 8 : end]
        at = end
