"""Writes TIFF files through a libtiff, called directly."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray

SYSTEM = "libtiff.so.6"
"""The one of the system, which nothing of ours reads with."""

WIDTH, HEIGHT, BITS, PACKING, LIGHT, FILL = 256, 257, 258, 259, 262, 266
TURN, SAMPLES, ROWS, PLANES, FAX, PREDICTOR = 274, 277, 278, 284, 292, 317
TILE_WIDTH, TILE_HEIGHT, EXTRA, FORM = 322, 323, 338, 339
INKS, CHROMA = 332, 530
FAX_MODE, JPEG_QUALITY, JPEG_MODE, PIXAR_FORM, LIGHT_FORM = 65536, 65537, 65538, 65549, 65560
LERC_WRAP = 65566
"""The last ones are no tags: they tell libtiff how to pack."""


def bundled() -> str:
    """Return where Pillow's own libtiff is."""
    (found,) = (Path(PIL.__file__).parents[1] / "pillow.libs").glob("libtiff-*")
    return str(found)


@cache
def library(name: str) -> Any:
    """Return a libtiff, told how to be called."""
    found = ctypes.CDLL(name)
    found.TIFFOpen.restype = ctypes.c_void_p
    found.TIFFOpen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    for call in ("TIFFClose", "TIFFWriteDirectory"):
        getattr(found, call).argtypes = [ctypes.c_void_p]
    for call in ("TIFFWriteEncodedStrip", "TIFFWriteEncodedTile"):
        getattr(found, call).argtypes = [
            ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_ssize_t,
        ]  # fmt: skip
        getattr(found, call).restype = ctypes.c_ssize_t
    return found


def knows(name: str) -> set[int]:
    """Return the numbers of the compressions that a libtiff was built with."""

    class Codec(ctypes.Structure):
        _fields_ = (
            ("name", ctypes.c_char_p), ("scheme", ctypes.c_uint16), ("init", ctypes.c_void_p),
        )  # fmt: skip

    asked = library(name).TIFFGetConfiguredCODECs
    asked.restype = ctypes.POINTER(Codec)
    found, at, numbers = asked(), 0, set()
    while found[at].name:
        numbers.add(int(found[at].scheme))
        at += 1
    return numbers


def written(
    *pages: tuple[NDArray[Any], Mapping[int, int]], by: str = SYSTEM, mode: str = "w"
) -> bytes:
    """Return a file of pages: packed rows of bytes or numbers, and tags.

    Rows and columns, and samples of a pixel where there are several; planes come first where the
    tags say that they are apart. Numbers stand as they are in memory; libtiff turns them.
    """
    tiff = library(by)
    with tempfile.NamedTemporaryFile(suffix=".tif") as file:
        held = tiff.TIFFOpen(file.name.encode(), mode.encode())
        assert held, "libtiff opens no file"
        for numbers, tags in pages:
            _page(tiff, held, numbers, tags)
            assert tiff.TIFFWriteDirectory(held) == 1
        tiff.TIFFClose(held)
        return Path(file.name).read_bytes()


def _page(tiff: Any, held: int, numbers: NDArray[Any], tags: Mapping[int, int]) -> None:
    planes = numbers if tags.get(PLANES) == 2 else numbers[None]
    bits = 8 * numbers.dtype.itemsize
    samples = len(planes) if tags.get(PLANES) == 2 else (*planes.shape, 1)[3]
    told = {
        WIDTH: planes.shape[2], HEIGHT: planes.shape[1], BITS: bits, SAMPLES: samples, PLANES: 1,
        ROWS: planes.shape[1], LIGHT: 2 if tags.get(SAMPLES, samples) >= 3 else 1, **tags,
    }  # fmt: skip
    pseudo = {tag: value for tag, value in told.items() if tag > 65535}
    if TILE_WIDTH in told:
        del told[ROWS]
    for tag, value in (*((tag, told[tag]) for tag in sorted(told) if tag < 65536), *pseudo.items()):
        one = (1, (ctypes.c_uint16 * 1)(value)) if tag == EXTRA else (value,)
        pair = (value >> 8, value & 255) if tag == CHROMA else one
        assert tiff.TIFFSetField(ctypes.c_void_p(held), ctypes.c_uint32(tag), *pair) == 1, tag
    number = 0
    for plane in planes:
        if TILE_WIDTH in told:
            wide, high = told[TILE_WIDTH], told[TILE_HEIGHT]
            if told[BITS] == 12:  # of which there are packed rows
                wide = wide * 12 * (1 if told[PLANES] == 2 else told[SAMPLES]) // 8
            for top in range(0, plane.shape[0], high):
                for left in range(0, plane.shape[1], wide):
                    part = plane[top : top + high, left : left + wide]
                    beyond = [(0, high - part.shape[0]), (0, wide - part.shape[1]), (0, 0)]
                    data = np.pad(part, beyond[: part.ndim], mode="edge").tobytes()
                    assert tiff.TIFFWriteEncodedTile(held, number, data, len(data)) >= 0
                    number += 1
            continue
        rows = told[ROWS]
        for top in range(0, plane.shape[0], rows):
            data = np.ascontiguousarray(plane[top : top + rows]).tobytes()
            assert tiff.TIFFWriteEncodedStrip(held, number, data, len(data)) >= 0
            number += 1
