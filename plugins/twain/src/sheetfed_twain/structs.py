"""The structures of TWAIN 2.x that pytwain does not have."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import ctypes
from typing import ClassVar

OURS_BY_POINTER = 0x1 | 0x8
"""The memory of a strip is the application's, and told by its address."""

NOT_KNOWN = 0xFFFFFFFF


class Setup(ctypes.Structure):
    """How large a strip may be (TW_SETUPMEMXFER)."""

    _pack_ = 2
    _fields_: ClassVar = [
        ("least", ctypes.c_uint32),
        ("most", ctypes.c_uint32),
        ("liked", ctypes.c_uint32),
    ]


class Strip(ctypes.Structure):
    """Some rows of an image (TW_IMAGEMEMXFER, its TW_MEMORY flattened)."""

    _pack_ = 2
    _fields_: ClassVar = [
        ("compression", ctypes.c_uint16),
        ("row", ctypes.c_uint32),
        ("columns", ctypes.c_uint32),
        ("rows", ctypes.c_uint32),
        ("left", ctypes.c_uint32),
        ("top", ctypes.c_uint32),
        ("written", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
        ("memory", ctypes.c_void_p),
    ]


class Custom(ctypes.Structure):
    """The driver's own settings (TW_CUSTOMDSDATA)."""

    _pack_ = 2
    _fields_: ClassVar = [("length", ctypes.c_uint32), ("handle", ctypes.c_void_p)]
