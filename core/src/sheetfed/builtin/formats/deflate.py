"""Deflate and checksums: ISA-L, otherwise zlib."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

engine: Any
try:
    from isal import isal_zlib

    engine = isal_zlib
except ImportError:
    import zlib

    engine = zlib


def compress(data: Any) -> bytes:
    """Return a zlib stream."""
    packed: bytes = engine.compress(data, 1)
    return packed


def decompress(data: Any, size: int) -> bytes:
    """Return what a zlib stream holds, and no more than `size` bytes of it."""
    opened = engine.decompressobj()
    data = opened.decompress(data, size)
    return bytes(data)


def pieces(data: Iterable[Any], size: int) -> Iterator[bytes]:
    """Yield what a zlib stream holds, no more than `size` bytes at a time."""
    opened = engine.decompressobj()
    for part in data:
        piece = opened.decompress(part, size)
        while piece:
            yield piece
            piece = opened.decompress(opened.unconsumed_tail, size)


def crc32(data: Any, value: int = 0) -> int:
    """Return a checksum of the data, going on from `value`."""
    return int(engine.crc32(data, value))
