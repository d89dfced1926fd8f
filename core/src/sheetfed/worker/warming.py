"""What Python looks for late, found before the box closes."""

from __future__ import annotations

import importlib
import io
import sys

LATE = (
    "encodings.ascii",
    "encodings.cp1252",
    "encodings.cp437",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_16",
    "encodings.utf_16_be",
    "encodings.utf_16_le",
    "encodings.utf_8_sig",
    "linecache",
    "locale",
    "platform",
    "tempfile",
    "stringprep",
)
"""Modules that the standard library imports where it first needs them."""

LATE_PICTURES = (
    "PIL.BmpImagePlugin",
    "PIL.ExifTags",
    "PIL.GifImagePlugin",
    "PIL.ImageCms",
    "PIL.ImageColor",
    "PIL.ImageFile",
    "PIL.ImageFilter",
    "PIL.ImagePalette",
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "PIL.TiffImagePlugin",
)
"""The same of Pillow, for an addon that uses it."""


def warm() -> None:
    """Import them all, and take a stack apart once, as for a message."""
    for name in LATE:
        importlib.import_module(name)
    if "PIL.Image" in sys.modules:
        for name in LATE_PICTURES:
            importlib.import_module(name)
    if "sheetfed.api.libraries" in sys.modules:
        sys.modules["sheetfed.api.libraries"].load()
    import platform  # noqa: PLC0415 - as above
    import traceback  # noqa: PLC0415 - as above

    platform.uname()
    try:
        io.BytesIO().fileno()
    except io.UnsupportedOperation as error:
        traceback.format_exception(error)
