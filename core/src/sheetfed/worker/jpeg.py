"""A page as JPEG, band by band.

Each band is encoded alone; restart markers join them to one scan. That gives the same picture, to
the last bit, as one encoder would.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from sheetfed.worker import extras
from sheetfed.worker.bands import Band, Packed, Shape

MEDIA_TYPE = "image/jpeg"
LONGEST = 65500
"""The format counts to 65535, its usual library to this."""

BLOCK_ROWS = 16
"""A band's height is a multiple of this."""

_MOST_BLOCKS = 65535
_PIECE = 65_000
"""Bytes of a profile that a segment has room for."""

_FRAME, _SCAN, _RESTART = 0xC0, 0xDA, 0xD0


class Jpeg:
    """The form for those who want small files: 4:2:0 colour or grey, 8 bits a sample."""

    media_type = MEDIA_TYPE

    def __init__(self, shape: Shape, quality: int) -> None:
        self._shape = shape
        self._quality = quality
        size = (shape.width, BLOCK_ROWS)
        self._sample = encode(bytes(shape.row * BLOCK_ROWS), size, shape.samples, quality=quality)
        start, end = _scan(self._sample)
        self._tables, self._scan = self._sample[:start], self._sample[start:end]
        self._bands = 0

    def pack(self, band: Band) -> Packed:
        """Encode one band as a file of its own."""
        size = (self._shape.width, band.count)
        return Packed(data=encode(band.rows, size, self._shape.samples, quality=self._quality))

    def head(self, height: int) -> bytes:
        """Return tables, size and resolution."""
        shape = self._shape
        head = with_dpi(self._tables, shape.dpi)
        frame = _frame(self._sample)
        head = head[: frame + 5] + height.to_bytes(2, "big") + head[frame + 7 :]
        across, high = _blocks(shape.width, shape.samples)
        blocks = across * (shape.rows // high)
        return head + struct.pack(">HHH", 0xFFDD, 4, blocks) + self._scan

    def join(self, packed: Packed) -> bytes:
        """Return the band's scan, behind a restart marker unless it is the first."""
        start, end = _scan(packed.data)
        if packed.data[start:end] != self._scan:
            raise RuntimeError("the JPEG encoder changed its tables in the middle of a page")
        mark = bytes([0xFF, _RESTART + (self._bands - 1) % 8]) if self._bands else b""
        self._bands += 1
        return b"".join((mark, memoryview(packed.data)[end:-2]))

    def tail(self, height: int) -> bytes:  # noqa: ARG002 - other forms need it
        """Return the end mark."""
        return b"\xff\xd9"


def available() -> bool:
    """Say whether this child can encode JPEG."""
    return extras.simplejpeg() is not None or extras.pillow() is not None


def encode(
    pixels: bytes | memoryview, size: tuple[int, int], samples: int, *, quality: int
) -> bytes:
    """Return 8-bit grey or RGB pixels as a JPEG file."""
    width, height = size
    simplejpeg = extras.simplejpeg()
    if simplejpeg is None:
        return _encode_with_pillow(pixels, size, samples, quality=quality)
    numpy: Any = extras.numpy()
    picture = numpy.frombuffer(pixels, numpy.uint8).reshape(height, width, samples)
    data: bytes = simplejpeg.encode_jpeg(
        picture,
        quality=quality,
        colorspace="RGB" if samples == 3 else "GRAY",
        colorsubsampling="420" if samples == 3 else "Gray",
    )
    return data


def with_dpi(data: bytes, dpi: tuple[float, float]) -> bytes:
    """Return a JPEG file with its resolution written into its JFIF head."""
    across, down = round(dpi[0]), round(dpi[1])
    if data[6:10] != b"JFIF" or not 0 < min(across, down) <= max(across, down) <= 0xFFFF:
        return data
    return data[:13] + struct.pack(">BHH", 1, across, down) + data[18:]


def with_profile(data: bytes, profile: bytes) -> bytes:
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


def most_rows(width: int, samples: int) -> int:
    """Return how many rows a band may have at most, as a multiple of BLOCK_ROWS."""
    across, high = _blocks(width, samples)
    return _MOST_BLOCKS // across * high // BLOCK_ROWS * BLOCK_ROWS


def _blocks(width: int, samples: int) -> tuple[int, int]:
    """Return how many blocks lie side by side, and how many rows a block has."""
    high = 16 if samples == 3 else 8
    return -(-width // high), high


def _encode_with_pillow(
    pixels: bytes | memoryview, size: tuple[int, int], samples: int, *, quality: int
) -> bytes:
    pillow: Any = extras.pillow()
    mode = "RGB" if samples == 3 else "L"
    picture = pillow.frombuffer(mode, size, pixels, "raw", mode, 0, 1)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, subsampling="4:2:0")
    return stream.getvalue()


def _segments(data: bytes) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    at = 2
    while not found or found[-1][0] != _SCAN:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((data[at + 1], at, end))
        at = end
    return found


def _scan(data: bytes) -> tuple[int, int]:
    _, start, end = _segments(data)[-1]
    return start, end


def _frame(data: bytes) -> int:
    return next(start for marker, start, _ in _segments(data) if marker == _FRAME)
