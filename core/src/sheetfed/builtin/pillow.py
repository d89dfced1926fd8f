"""What Pillow says of picture files, right and wrong."""

from __future__ import annotations

import math
import struct
import zlib

from PIL import Image, UnidentifiedImageError

DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""What it is known to raise on garbage."""

_ACROSS, _DOWN, _UNIT, _INCH = 282, 283, 296, 2

HIGHEST = 20_000.0
"""Dots an inch beyond which nobody is believed."""


def damage(error: BaseException) -> str:
    """Return what is wrong with a file; an object's address in our memory is nobody's business."""
    return (
        "it begins as no picture does" if isinstance(error, UnidentifiedImageError) else str(error)
    )


def dpi_of(picture: Image.Image) -> tuple[float, float]:
    """Return the resolution of an open picture; zeros where it has none.

    One dot an inch is none: Pillow says so of a TIFF file that is silent. Nor is one that no paper
    can have.
    """
    across, down = (float(value) for value in picture.info.get("dpi") or _dpi_of_exif(picture))
    if not (math.isfinite(across) and math.isfinite(down)):
        return 0.0, 0.0
    if not 1 < min(across, down) <= max(across, down) <= HIGHEST:
        return 0.0, 0.0
    return across, down


def exif_of(dpi: tuple[float, float]) -> Image.Exif:
    """Return what tells the resolution of a picture that has no other place for it."""
    exif = Image.Exif()
    exif[_ACROSS], exif[_DOWN] = dpi
    exif[_UNIT] = _INCH
    return exif


def _dpi_of_exif(picture: Image.Image) -> tuple[float, float]:
    """Return what a WebP file says: it has no other place for it."""
    if picture.format != "WEBP":
        return 0.0, 0.0
    exif = picture.getexif()
    scale = {_INCH: 1.0, 3: 2.54}.get(exif.get(_UNIT, _INCH), 0.0)
    try:
        return float(exif.get(_ACROSS, 0)) * scale, float(exif.get(_DOWN, 0)) * scale
    except (TypeError, ValueError, ArithmeticError):
        return 0.0, 0.0
