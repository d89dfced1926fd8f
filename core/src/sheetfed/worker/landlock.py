"""Landlock: no file, no port, no signal beyond this box."""

from __future__ import annotations

import ctypes
import os
import sys

_CREATE, _RESTRICT = 444, 446  # the numbers are the same on every architecture
_ASK_VERSION = 1

_FILES = (
    (1, (1 << 13) - 1),  # execute, write, read, list, remove, make
    (2, 1 << 13),  # move to another folder
    (3, 1 << 14),  # truncate
    (5, 1 << 15),  # commands to devices
)
"""Rights over files, by the version that knows them first."""

_NETWORK = (4, 0b11)  # bind and connect of TCP
_BEYOND = (6, 0b11)  # abstract sockets and signals


class _Rules(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("beyond", ctypes.c_uint64),
    ]


def version() -> int:
    """Return which version of Landlock this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION))


def restrict() -> int:
    """Take every right that Landlock knows from this thread and those it starts.

    Open descriptors stay. Return the version that holds; 0 where there is none. New privileges
    must be given up before.
    """
    known = version()
    if not known:
        return 0
    rules = _Rules(files=sum(rights for since, rights in _FILES if since <= known))
    size = 8
    for since, rights, name in ((*_NETWORK, "network"), (*_BEYOND, "beyond")):
        if since <= known:
            setattr(rules, name, rights)
            size += 8
    made = _call(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if made < 0:
        return 0
    try:
        return known if _call(_RESTRICT, made, 0) == 0 else 0
    finally:
        os.close(made)


def _call(number: int, *arguments: object) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return int(call(number, *arguments))
