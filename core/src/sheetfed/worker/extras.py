"""Third-party libraries that a child may have to do without.

A 32-bit interpreter, or one with a driver of another licence, has the standard library alone. Then
pages are still kept without loss, only slower and larger, and without pictures.
"""

from __future__ import annotations

import importlib
from typing import Any


def deflate() -> Any:
    """Return the module that deflates: ISA-L where it is there, otherwise zlib."""
    return _module("isal.isal_zlib") or importlib.import_module("zlib")


def numpy() -> Any | None:
    """Return numpy, or None."""
    return _module("numpy")


def pillow() -> Any | None:
    """Return Pillow's module Image, or None."""
    return _module("PIL.Image")


def rare() -> Any:
    """Return what has Pillow read rare files, where that is there."""
    return _module("sheetfed.api.rare")


def colours() -> Any | None:
    """Return Pillow's module for colour profiles, or None."""
    return _module("PIL.ImageCms")


def simplejpeg() -> Any | None:
    """Return simplejpeg, or None; without numpy it is there but cannot be used."""
    found = _module("simplejpeg")
    return found if found is not None and numpy() is not None else None


def _module(name: str) -> Any | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
