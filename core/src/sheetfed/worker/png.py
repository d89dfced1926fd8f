"""A page as PNG, band by band.

Every row has the filter Up and every band ends on a full flush, so that bands need nothing of each
other but one row, and the file passes untouched into a PDF and into a browser.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from typing import Any

from sheetfed.worker import extras
from sheetfed.worker.bands import Band, Packed, Shape

MEDIA_TYPE = "image/png"
_NONE, _UP = 0, 2
_ADLER = 65521
_GRAY, _COLOR = 0, 2


class Png:
    """A lossless form for 8 and 16 bits a sample."""

    media_type = MEDIA_TYPE

    def __init__(self, shape: Shape, profile: bytes = b"") -> None:
        self._shape = shape
        self._profile = profile
        self._numpy = extras.numpy()
        self._deflate = extras.deflate()
        self._checksum = 1

    def pack(self, band: Band) -> Packed:
        """Filter and deflate one band into a whole IDAT chunk."""
        filtered = self._filter(band) if self._numpy is None else self._filter_up(band)
        stream = self._deflate.compressobj(1, self._deflate.DEFLATED, -15)
        data = stream.compress(filtered) + stream.flush(self._deflate.Z_FULL_FLUSH)
        return Packed(
            data=self._chunk(b"IDAT", data),
            checksum=self._deflate.adler32(filtered),
            length=band.count * (self._shape.row + 1),
        )

    def head(self, height: int) -> bytes:
        """Return signature, size, resolution and the head of the deflated stream."""
        shape = self._shape
        bits = 16 if shape.deep else 8
        color = _COLOR if shape.samples == 3 else _GRAY
        head = struct.pack(">IIBBBBB", shape.width, height, bits, color, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + self._chunk(b"IHDR", head)
            + self._colours()
            + self._resolution()
            + self._chunk(b"IDAT", b"\x78\x01")
        )

    def join(self, packed: Packed) -> bytes:
        """Count the band into the checksum of the stream and return its chunk."""
        self._checksum = _combine(self._checksum, packed.checksum, packed.length)
        return packed.data

    def tail(self, height: int) -> bytes:  # noqa: ARG002 - other forms need it
        """Return the end of the stream and of the file."""
        end = b"\x03\x00" + self._checksum.to_bytes(4, "big")
        return self._chunk(b"IDAT", end) + self._chunk(b"IEND", b"")

    def _filter_up(self, band: Band) -> Any:
        numpy, row = self._numpy, self._shape.row
        assert numpy is not None
        if band.scratch is None:
            band.scratch = numpy.empty((self._shape.rows, row + 1), numpy.uint8)
            band.scratch[:, 0] = _UP
        rows = numpy.frombuffer(band.rows_and_above, numpy.uint8).reshape(-1, row)
        filtered = band.scratch[: band.count]
        if self._shape.deep and sys.byteorder == "little":
            numpy.subtract(rows[1:, 1::2], rows[:-1, 1::2], out=filtered[:, 1::2])
            numpy.subtract(rows[1:, 0::2], rows[:-1, 0::2], out=filtered[:, 2::2])
        else:
            numpy.subtract(rows[1:], rows[:-1], out=filtered[:, 1:])
        return filtered

    def _filter(self, band: Band) -> bytes:
        rows: bytes | memoryview = band.rows
        if self._shape.deep and sys.byteorder == "little":
            samples = array("H", bytes(rows))
            samples.byteswap()
            rows = samples.tobytes()
        size = self._shape.row
        mark = bytes([_NONE])
        return b"".join(mark + rows[at : at + size] for at in range(0, len(rows), size))

    def _colours(self) -> bytes:
        if not self._profile:
            return b""
        return self._chunk(b"iCCP", b"profile\0\0" + zlib.compress(self._profile))

    def _resolution(self) -> bytes:
        across, down = (round(dpi / 0.0254) for dpi in self._shape.dpi)
        if not 0 < min(across, down) <= max(across, down) < 1 << 31:
            return b""
        return self._chunk(b"pHYs", struct.pack(">IIB", across, down, 1))

    def _chunk(self, name: bytes, body: bytes) -> bytes:
        check = self._deflate.crc32(body, self._deflate.crc32(name))
        return b"".join((struct.pack(">I4s", len(body), name), body, struct.pack(">I", check)))


def _combine(first: int, second: int, length: int) -> int:
    """Return the adler32 of two pieces together; `length` is the second one's."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + length * ((first & 0xFFFF) - 1)
    return (high % _ADLER) << 16 | low % _ADLER
