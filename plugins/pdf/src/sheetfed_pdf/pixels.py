"""Pixels packed as PNG and JPEG."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

engine: Any
try:
    from isal import isal_zlib

    engine = isal_zlib
except ImportError:
    engine = zlib

Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.bool_]
"""Grey or RGB, 8 or 16 bits a sample; a bool that is set is black."""

_UP = 2
_INCH = 0.0254


def colorless(samples: NDArray[np.uint8]) -> bool:
    """Say whether an RGB picture has nothing but shades of grey."""
    red, green, blue = samples[..., 0], samples[..., 1], samples[..., 2]
    return bool(np.array_equal(red, green) and np.array_equal(green, blue))


def png(samples: Samples, dpi: tuple[float, float]) -> bytes:
    """Return a PNG file, several times faster than a general writer makes it."""
    height, width = samples.shape[:2]
    if samples.dtype == np.bool_:
        rows: NDArray[np.uint8] = np.packbits(~samples, axis=1)
    elif samples.dtype == np.uint16:
        rows = samples.astype(">u2").reshape(height, -1).view(np.uint8)
    else:
        rows = np.ascontiguousarray(samples, np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    bits = 1 if samples.dtype == np.bool_ else 8 * samples.dtype.itemsize
    head = struct.pack(">IIBBBBB", width, height, bits, 2 if samples.ndim == 3 else 0, 0, 0, 0)
    across, down = (round(value / _INCH) for value in dpi)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", head),
        _chunk(b"pHYs", struct.pack(">IIB", across, down, 1)),
        _chunk(b"IDAT", engine.compress(filtered, 1)),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def jpeg(samples: NDArray[np.uint8], dpi: tuple[float, float], *, quality: int) -> bytes:
    """Return a JPEG file."""
    stream = io.BytesIO()
    known = (max(1, round(dpi[0])), max(1, round(dpi[1])))
    Image.fromarray(samples).save(stream, "JPEG", quality=quality, dpi=known)
    return stream.getvalue()


def _chunk(name: bytes, body: bytes) -> bytes:
    check = engine.crc32(body, engine.crc32(name))
    return b"".join((struct.pack(">I4s", len(body), name), body, struct.pack(">I", check)))
