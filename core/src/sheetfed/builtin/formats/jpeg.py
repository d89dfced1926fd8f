"""JPEG: what its head says, and encoding."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.builtin.formats import tags
from sheetfed.builtin.formats.packed import Packed, known_dpi

LONGEST = 65500
QUALITY = 85

_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SCAN, _APP0, _APP1, _APP14 = 0xDA, 0xE0, 0xE1, 0xEE
_ALONE = {0x01, *range(0xD0, 0xD8)}
_PIECE = 65_000
"""Bytes of a profile that a segment has room for."""

_ACROSS, _DOWN, _UNIT = 282, 283, 296


@dataclass(slots=True, kw_only=True)
class Head:
    """What stands before the first scan."""

    kind: int = 0
    bits: int = 0
    width: int = 0
    height: int = 0
    samples: int = 0
    subsampling: tuple[int, int] = (1, 1)
    adobe: int | None = None
    dpi: tuple[float, float] = (0.0, 0.0)
    turn: int = 1

    @property
    def sequential(self) -> bool:
        """Whether it is of the kind that TIFF may hold."""
        return self.kind in {0xC0, 0xC1}

    @property
    def common(self) -> bool:
        """Whether it is of a kind that every reader of PDF knows."""
        return self.kind in {0xC0, 0xC1, 0xC2} and self.bits == 8 and self.samples in {1, 3, 4}


def read_head(data: bytes) -> Head:
    """Return what a JPEG file says about itself. Raises Unreadable."""
    try:
        return _read_head(data)
    except (struct.error, IndexError, ValueError) as error:
        raise Unreadable("the JPEG file breaks off or is damaged") from error


def packed(data: bytes, dpi: tuple[float, float]) -> tuple[Head, Packed]:
    """Return a JPEG file as it stands; `dpi` is what is known of the page."""
    head = read_head(data)
    lies = head.turn >= 5
    own = head.dpi[::-1] if lies else head.dpi
    return head, Packed(
        scheme="jpeg",
        strips=[data],
        strip_rows=head.height,
        width=head.width,
        height=head.height,
        dpi=known_dpi(dpi, (own[0], own[1]), (head.width, head.height)),
        samples=head.samples,
        subsampling=head.subsampling,
        adobe=head.adobe,
        turn=head.turn,
    )


def turned(data: bytes, turn: int) -> bytes:
    """Return a JPEG file that is to be seen turned like this, whatever it said before."""
    begin, exif = 2, b"Exif\0\0"
    kept = [data[:2]]
    if turn != 1:
        told = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0" % turn
        kept.append(struct.pack(">BBH", 0xFF, _APP1, len(exif + told) + 2) + exif + told)
    try:
        while data[begin] == 0xFF and 0xE0 <= data[begin + 1] <= 0xEF:
            (size,) = struct.unpack_from(">H", data, begin + 2)
            whole = data[begin : begin + 2 + size]
            if not (whole[1] == _APP1 and whole[4:10] == exif):
                kept.append(whole)
            begin += 2 + size
    except (struct.error, IndexError) as error:
        raise Unreadable("the JPEG file breaks off or is damaged") from error
    return b"".join((*kept, data[begin:]))


def encode(pixels: NDArray[np.uint8], *, quality: int, dpi: tuple[float, float]) -> bytes:
    """Return 8-bit grey or RGB pixels as a JPEG file."""
    height, width = pixels.shape[:2]
    if max(width, height) > LONGEST:
        raise TooLarge(
            f"{width} x {height} pixels do not fit into JPEG, which ends at {LONGEST};"
            " choose PNG or TIFF",
            width=width,
            height=height,
        )
    across, down = (min(65535, round(value)) for value in dpi)
    try:
        import simplejpeg  # noqa: PLC0415 - faster, but not everywhere
    except ImportError:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(
            stream, "JPEG", quality=quality, subsampling="4:2:0", dpi=(across, down)
        )
        return stream.getvalue()
    color = pixels.ndim == 3
    data: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(np.atleast_3d(pixels)),
        quality=quality,
        colorspace="RGB" if color else "GRAY",
        colorsubsampling="420" if color else "Gray",
    )
    if not (across and down):
        return data
    return data[:13] + struct.pack(">BHH", 1, across, down) + data[18:]


def with_profile(data: bytes, profile: bytes | None) -> bytes:
    """Return a JPEG file that says what its colours mean (ICC.1, annex B.4)."""
    if not profile:
        return data
    at = 4 + int.from_bytes(data[4:6], "big") if data[2:4] == b"\xff\xe0" else 2
    pieces = [profile[start : start + _PIECE] for start in range(0, len(profile), _PIECE)]
    told = b"".join(
        struct.pack(">BBH", 0xFF, 0xE2, len(piece) + 16)
        + b"ICC_PROFILE\0"
        + bytes([number, len(pieces)])
        + piece
        for number, piece in enumerate(pieces, 1)
    )
    return data[:at] + told + data[at:]


def has_profile(data: bytes) -> bool:
    """Say whether a JPEG file says what its colours mean."""
    return any(body.startswith(b"ICC_PROFILE\0") for _, body in segments(data))


def _read_head(data: bytes) -> Head:
    head = Head()
    for kind, body in segments(data):
        if kind in _SIZES:
            _read_size(head, kind, body)
        elif kind == _APP0 and body[:5] == b"JFIF\0":
            unit, across, down = struct.unpack_from(">BHH", body, 7)
            scale = {1: 1.0, 2: 2.54}.get(unit, 0.0)
            head.dpi = (across * scale, down * scale)
        elif kind == _APP1 and body[:6] == b"Exif\0\0":
            _read_exif(head, body[6:])
        elif kind == _APP14 and body[:5] == b"Adobe":
            head.adobe = body[11]
    if not head.width or not head.height or not head.samples:
        raise ValueError("no size")
    return head


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and body of each segment before the first scan."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise ValueError("no marker")
        kind = data[at + 1]
        if kind == _SCAN:
            return
        at += 2
        if kind not in _ALONE:
            (size,) = struct.unpack_from(">H", data, at)
            yield kind, data[at + 2 : at + size]
            at += max(2, size)


def _read_size(head: Head, kind: int, body: bytes) -> None:
    head.kind = kind
    head.bits, head.height, head.width, head.samples = struct.unpack_from(">BHHB", body)
    head.subsampling = (body[7] >> 4, body[7] & 15)


def _read_exif(head: Head, body: bytes) -> None:
    try:
        found = tags.read(body)
    except (struct.error, ValueError):
        return  # a camera's notes are no reason to refuse its picture
    head.turn = tags.orientation(found)
    scale = {2: 1.0, 3: 2.54}.get(int(found.get(_UNIT, (2,))[0]), 0.0)
    if not all(head.dpi) and _ACROSS in found and _DOWN in found:
        head.dpi = (found[_ACROSS][0] * scale, found[_DOWN][0] * scale)
