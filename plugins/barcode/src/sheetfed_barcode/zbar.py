"""The engine ZBar, through pyzbar and libzbar."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetfed.api.errors import AddonBroken
from sheetfed_barcode.codes import Code, Point, as_printed
from sheetfed_barcode.formats import FORMATS, Format

try:
    from pyzbar import pyzbar
    from pyzbar.wrapper import ZBarSymbol

    MISSING = ""
except (ImportError, OSError) as error:  # pyzbar loads the library while it is imported
    pyzbar = None
    MISSING = str(error) or type(error).__name__

LEAST_QUALITY: Mapping[str, int] = {
    "QR Code": 1,
    "Code 39": 8,
    "Codabar": 8,
    "DataBar": 8,
    "EAN-8": 8,
    "ITF": 8,
    "UPC-E": 8,
}
"""Scan lines that must agree on a code, which ZBar counts; it believes a single one."""

_BY_ENGINE = {known.zbar: known for known in FORMATS if known.zbar}


def _errors() -> tuple[ctypes.c_void_p | None, int | None]:
    """Return C's `stderr`, and a stream that leads nowhere: a box opens no file later."""
    if sys.platform != "linux":
        return None, None
    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    return ctypes.c_void_p.in_dll(library, "stderr"), library.fopen(os.devnull.encode(), b"w")


_ERRORS, _NOWHERE = _errors()


def check() -> None:
    """Raise AddonBroken where the library is not there."""
    if pyzbar is None:
        raise AddonBroken(
            "The engine zbar needs the library libzbar, which is not on this computer: install"
            " libzbar0 (Debian, Ubuntu), zbar (Fedora, Homebrew), or choose the engine zxing"
        )


def find(picture: NDArray[np.uint8], formats: Sequence[Format]) -> list[Code]:
    """Return the codes on a grey picture; none where the library is not there."""
    wanted = [getattr(ZBarSymbol, known.zbar) for known in formats if known.zbar] if pyzbar else []
    if not wanted:
        return []
    height, width = picture.shape
    with _silence():
        found = pyzbar.decode((picture.tobytes(), width, height), symbols=wanted)
    upc = any(known.name == "UPC-A" for known in formats)
    return [code for one in found if (code := _code(one, upc=upc))]


def _code(found: Any, *, upc: bool) -> Code | None:
    known = _BY_ENGINE.get(found.type.replace("-", "_"))
    data = bytes(found.data)
    if known is None or not data or found.quality < LEAST_QUALITY.get(known.name, 4):
        return None
    name, text = known.name, data.decode("utf-8", "replace")
    if name in {"EAN-13", "UPC-A"}:
        name, text = as_printed(name, text, upc=upc)
    return Code(
        format=name,
        text=text,
        data=data,
        corners=_corners(found),
        engine="zbar",
        details={"quality": int(found.quality)} if found.quality is not None else {},
    )


def _corners(found: Any) -> tuple[Point, ...]:
    """Return the corners; of a linear code ZBar tells only where its scan lines met it."""
    points = [(float(point.x), float(point.y)) for point in found.polygon]
    if len(points) == 4:
        return _clockwise(points)
    box = found.rect
    left, top, right, bottom = box.left, box.top, box.left + box.width, box.top + box.height
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _clockwise(points: Sequence[Point]) -> tuple[Point, ...]:
    around = 0.0
    for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
        around += (bx - ax) * (by + ay)
    return tuple(points) if around < 0 else (points[0], *reversed(points[1:]))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the warnings of ZBar's decoders out of the log: they are no news to anybody.

    They go through C's `stderr`; a box lets nobody turn the descriptor itself round.
    """
    if _ERRORS is None:
        yield
        return
    kept, _ERRORS.value = _ERRORS.value, _NOWHERE
    try:
        yield
    finally:
        _ERRORS.value = kept
