"""Pixels packed as PNG and JPEG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray

engine: Any
try:
    from isal import isal_zlib

    engine = isal_zlib
except ImportError:
    engine = zlib

Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.bool_]
"""Grey or RGB, 8 or 16 bits a sample; a bool that is set is black."""

_ICC, _MOST_ICC = b"ICC_PROFILE\0", 65_500
_UP = 2
_INCH = 0.0254
_BAND = 256 * 1024
"""Bytes of rows that are looked at together: they stay in the processor's cache."""


def colorless(samples: NDArray[np.uint8]) -> bool:
    """Say whether an RGB picture has nothing but shades of grey.

    Bytes are compared with the next ones as they lie, and what a blue says of the next red is
    masked out: one colour is not picked from the others.
    """
    flat = np.ascontiguousarray(samples).reshape(-1)
    band = _BAND // 3 * 3
    differ = np.empty(band, np.uint8)
    counts = np.full(band, 255, np.uint8)
    counts[2::3] = 0
    for start in range(0, flat.size, band):
        part = flat[start : start + band]
        there = differ[: part.size - 1]
        np.bitwise_xor(part[1:], part[:-1], out=there)
        np.bitwise_and(there, counts[: there.size], out=there)
        if there.max():
            return False
    return True


def png(samples: Samples, dpi: tuple[float, float], profile: bytes = b"") -> bytes:
    """Return a PNG file, several times faster than a general writer makes it.

    `profile` says what its colours mean.
    """
    height, width = samples.shape[:2]
    bits = 1 if samples.dtype == np.bool_ else 8 * samples.dtype.itemsize
    head = struct.pack(">IIBBBBB", width, height, bits, 2 if samples.ndim == 3 else 0, 0, 0, 0)
    return _file(head, dpi, _packed(samples), profile)


def around(
    stream: bytes, size: tuple[int, int], samples: int, dpi: tuple[float, float], *, bits: int
) -> bytes:
    """Return a PNG file of rows that are filtered and deflated already."""
    head = struct.pack(">IIBBBBB", *size, bits, 2 if samples == 3 else 0, 0, 0, 0)
    return _file(head, dpi, [stream])


def rows(samples: Samples) -> bytes:
    """Return samples as the deflated stream of a PNG; there may be four to a pixel."""
    return b"".join(_packed(samples))


def jpeg(samples: NDArray[np.uint8], dpi: tuple[float, float], *, quality: int) -> bytes:
    """Return a JPEG file."""
    grey = samples.ndim == 2
    data = simplejpeg.encode_jpeg(
        np.ascontiguousarray(samples.reshape(*samples.shape[:2], -1)),
        quality=quality,
        colorspace="GRAY" if grey else "RGB",
        colorsubsampling="Gray" if grey else "420",
    )
    return with_dpi(data, dpi)


def with_dpi(data: bytes, dpi: tuple[float, float]) -> bytes:
    """Return a JPEG file that says its resolution, if it has the place to say it: a JFIF head."""
    across, down = (min(max(1, round(value)), 0xFFFF) for value in dpi)
    if data[6:10] != b"JFIF":
        return data
    return data[:13] + struct.pack(">BHH", 1, across, down) + data[18:]


def with_profile(data: bytes, profile: bytes) -> bytes:
    """Return a JPEG file that says what its colours mean, where it does not say so itself."""
    if not profile or _ICC in data[: data.find(b"\xff\xda")]:
        return data
    at = 4 + int.from_bytes(data[4:6]) if data[2:4] == b"\xff\xe0" else 2
    parts = [profile[start : start + _MOST_ICC] for start in range(0, len(profile), _MOST_ICC)]
    told = b"".join(
        b"\xff\xe2" + struct.pack(">H", 16 + len(part)) + _ICC + bytes([number, len(parts)]) + part
        for number, part in enumerate(parts, 1)
    )
    return data[:at] + told + data[at:]


def turned(data: bytes, orientation: int) -> bytes:
    """Return a JPEG file that says how it is to be turned, and nothing else by Exif."""
    exif = b"Exif\0\0"
    told = exif + b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c" % orientation + bytes(6)
    at, kept = 2, [data[:2]]
    while data[at] == 0xFF and 0xE0 <= data[at + 1] <= 0xEF:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 4 : at + 10] != exif:
            kept.append(data[at:end])
        at = end
    first = 2 if len(kept) > 1 and kept[1][1] == 0xE0 else 1
    kept.insert(first, b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told)
    return b"".join((*kept, data[at:]))


def unpacked(data: bytes) -> NDArray[np.uint8] | None:
    """Return the samples of a JPEG file, grey or RGB; None where it is damaged."""
    try:
        _, _, space, _ = simplejpeg.decode_jpeg_header(data)
        grey = space == "Gray"
        found: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, "GRAY" if grey else "RGB")
    except ValueError:
        return None
    return found[..., 0] if grey else found


def _file(
    head: bytes, dpi: tuple[float, float], pieces: Iterable[bytes], profile: bytes = b""
) -> bytes:
    told = _chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile)) if profile else ()
    across, down = (round(value / _INCH) for value in dpi)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        *_chunk(b"IHDR", head),
        *told,
        *_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)),
        *(part for piece in pieces for part in _chunk(b"IDAT", piece)),
        *_chunk(b"IEND", b""),
    ))  # fmt: skip


def _packed(samples: Samples) -> Iterator[bytes]:
    """Yield the rows filtered and deflated, a band at a time."""
    height = samples.shape[0]
    if samples.dtype == np.bool_:
        rows: NDArray[Any] = np.packbits(~samples, axis=1)
    else:
        rows = samples.reshape(height, -1)
    width = rows.shape[1] * rows.dtype.itemsize
    packer = engine.compressobj(1)
    count = max(1, _BAND // (width + 1))
    filtered = np.empty((count, width + 1), np.uint8)
    filtered[:, 0] = _UP
    above: NDArray[np.uint8] = np.zeros(width, np.uint8)
    for top in range(0, height, count):
        part = rows[top : top + count]
        if part.dtype == np.uint16:
            part = part.astype(">u2").view(np.uint8)
        band = filtered[: len(part)]
        np.subtract(part[0], above, out=band[0, 1:])
        np.subtract(part[1:], part[:-1], out=band[1:, 1:])
        above = part[-1].copy()
        if piece := packer.compress(band):
            yield piece
    yield packer.flush()


def _chunk(name: bytes, body: bytes) -> tuple[bytes, ...]:
    check = engine.crc32(body, engine.crc32(name))
    return struct.pack(">I4s", len(body), name), body, struct.pack(">I", check)
