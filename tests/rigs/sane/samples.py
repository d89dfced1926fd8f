"""Reads picture files sample by sample; Pillow cuts 16-bit colour down to 8 bits."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Samples = NDArray[Any]


def samples_of(data: bytes) -> Samples:
    """Return rows of pixels; black and white as bool, True for white."""
    if data.startswith(b"\x89PNG"):
        return _png(data)
    if data.startswith((b"P5", b"P6")):
        return _pnm(data)
    return np.asarray(Image.open(io.BytesIO(data)))


def _pnm(data: bytes) -> Samples:
    lines = data.split(b"\n", 4)
    assert lines[1].startswith(b"#")
    width, height = map(int, lines[2].split())
    samples = np.frombuffer(lines[4], ">u2" if lines[3] == b"65535" else np.uint8)
    return samples.reshape((height, width, 3) if data.startswith(b"P6") else (height, width))


def _png(data: bytes) -> Samples:
    """Read the two ways to filter a row that our own encoder uses."""
    chunks = list(_chunks(data))
    width, height, bits, colour = struct.unpack_from(">IIBB", chunks[0][1])
    packed = b"".join(body for name, body in chunks if name == b"IDAT")
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, -1)
    assert set(rows[:, 0]) <= {0, 2}
    values = rows[:, 1:].copy()
    for row in range(1, height):
        if rows[row, 0] == 2:
            values[row] += values[row - 1]
    samples = values.view(">u2") if bits == 16 else values
    return samples.reshape((height, width, 3) if colour == 2 else (height, width))


def _chunks(data: bytes) -> Any:
    at = 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size
