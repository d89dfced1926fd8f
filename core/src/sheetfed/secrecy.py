"""Keeps what is in this process's memory in it."""

from __future__ import annotations

import ctypes
import sys

if sys.platform != "win32":
    import resource

_DUMPABLE = 4


def keep_memory() -> None:
    """Leave no core file, whoever collects them, and let no other process of the account look in.

    A limit alone does not stop a system that pipes cores to a program.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
