"""A black and white page as TIFF: one strip, G4 or deflated.

G4 halves ordinary text and doubles a dithered photograph, so the smaller of the two is kept. The
file's type does not depend on which.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from sheetfed.worker import extras
from sheetfed.worker.bands import Band, Packed, Shape

MEDIA_TYPE = "image/tiff"
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_G4, _DEFLATE = 4, 8
_OFFSET, _COUNT = 273, 279


class Bilevel:
    """The lossless form for one bit a pixel; a page of it is small enough to hold."""

    media_type = MEDIA_TYPE

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._rows: list[bytes] = []

    def pack(self, band: Band) -> Packed:
        """Keep the rows as they are."""
        return Packed(data=bytes(band.rows))

    def head(self, height: int) -> bytes:  # noqa: ARG002 - other forms need it
        """Return nothing: the file is written at the end."""
        return b""

    def join(self, packed: Packed) -> bytes:
        """Keep the band."""
        self._rows.append(packed.data)
        return b""

    def tail(self, height: int) -> bytes:
        """Return the whole file."""
        rows = b"".join(self._rows)
        deflated: bytes = extras.deflate().compress(rows, 1)
        fax = _fax(rows, (self._shape.width, height))
        if fax is None or len(deflated) < len(fax):
            return self._file(height, _DEFLATE, deflated)
        return self._file(height, _G4, fax)

    def _file(self, height: int, compression: int, strip: bytes) -> bytes:
        start = 8
        across, down = self._shape.dpi
        known = 0 < min(across, down) <= max(across, down) < 1_000_000
        resolution = struct.pack(
            "<4I",
            *((round(across * 1000), 1000) if known else (1, 1)),
            *((round(down * 1000), 1000) if known else (1, 1)),
        )
        after = start + len(strip) + len(strip) % 2
        tags = [
            (256, _LONG, self._shape.width),
            (257, _LONG, height),
            (258, _SHORT, 1),
            (259, _SHORT, compression),
            (262, _SHORT, 0),
            (_OFFSET, _LONG, start),
            (277, _SHORT, 1),
            (278, _LONG, height),
            (_COUNT, _LONG, len(strip)),
            (282, _RATIONAL, after),
            (283, _RATIONAL, after + 8),
            (296, _SHORT, 2 if known else 1),
        ]
        directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        return b"".join((
            struct.pack("<2sHI", b"II", 42, after + 16),
            strip,
            bytes(len(strip) % 2),
            resolution,
            struct.pack("<H", len(tags)),
            directory,
            bytes(4),
        ))  # fmt: skip


def _fax(rows: bytes, size: tuple[int, int]) -> bytes | None:
    """Return the rows as one G4 strip in which a set bit is black; None where Pillow is missing."""
    pillow: Any = extras.pillow()
    if pillow is None:
        return None
    picture = pillow.frombytes("1", size, rows, "raw", "1")
    stream = io.BytesIO()
    picture.save(stream, "TIFF", compression="group4", strip_size=len(rows) + size[0])
    return _strip(stream.getvalue())


def _strip(data: bytes) -> bytes:
    order = "<" if data[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, directory)
    values: dict[int, int] = {}
    for at in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", data, at)
        values[tag] = struct.unpack_from(order + ("H" if kind == _SHORT else "I"), data, at + 8)[0]
    return data[values[_OFFSET] : values[_OFFSET] + values[_COUNT]]
