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


def simplejpeg() -> Any | None:
    """Return simplejpeg, or None; it needs numpy."""
    return _module("simplejpeg")


def _module(name: str) -> Any | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
