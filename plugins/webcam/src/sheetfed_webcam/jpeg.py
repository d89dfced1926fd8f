"""JPEG files as cameras make them, with all their tables."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

_START, _END = b"\xff\xd8", b"\xff\xd9"
_HUFFMAN, _SCAN, _JFIF, _EXIF = 0xC4, 0xDA, 0xE0, 0xE1
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""Markers of the segment that says how large the picture is (T.81, table B.1)."""

_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A whole JPEG file and its size."""

    data: bytes
    width: int
    height: int


def whole(data: bytes) -> Picture | None:
    """Return a JPEG file without what follows its end; None where it is half of one, or none.

    Cameras leave out Huffman tables where these are the usual ones; a file without them is read by
    few programs, so they are put in. Nothing else is changed.
    """
    if not data.startswith(_START):
        return None
    end = data.rfind(_END)
    if end < 0:
        return None
    size, scan, has_tables = None, 0, False
    for marker, at, length in _segments(data):
        if marker in _FRAMES and length >= 8:
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = width, height
        has_tables = has_tables or marker == _HUFFMAN
        if marker == _SCAN:
            scan = at
    if size is None or not all(size) or not scan < end or not scan:
        return None
    file = data[: end + 2]
    if not has_tables:
        file = file[:scan] + _usual_tables() + file[scan:]
    return Picture(data=file, width=size[0], height=size[1])


def lying(data: bytes, orientation: int) -> bytes | None:
    """Return a JPEG file that says how it lies; None where it says something already."""
    segments = [*_segments(data)]
    if any(marker == _EXIF and data[at + 4 : at + 8] == b"Exif" for marker, at, _ in segments):
        return None
    first = segments[0][0] if segments else 0
    at = 4 + int.from_bytes(data[4:6], "big") if first == _JFIF else 2
    told = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0" % orientation
    body = b"Exif\0\0" + told
    head = struct.pack(">BBH", 0xFF, _EXIF, len(body) + 2)
    return b"".join((data[:at], head, body, data[at:]))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, place and length of each segment up to the first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, length
        if marker == _SCAN:
            return
        at += 2 + length


@cache
def _usual_tables() -> bytes:
    """Return the tables of T.81, annex K, as libjpeg writes them."""
    _, made = cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))
    file = made.tobytes()
    return b"".join(
        file[at : at + 2 + length] for marker, at, length in _segments(file) if marker == _HUFFMAN
    )
