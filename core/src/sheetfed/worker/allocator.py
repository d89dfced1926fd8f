"""How the C library keeps memory that was freed."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""What mallopt(3) calls free bytes, a piece that has no heap, and the number of heaps."""

HEAPS = 2
"""Threads wait for one another when they ask for memory, not for what they do with it."""

KEPT = 32 << 20
"""Free bytes that a heap keeps, and bytes of a piece that comes from one: glibc's most."""


def share_heaps() -> None:
    """Have all threads ask few heaps, of which each keeps what was freed in it.

    glibc makes eight for each processor: after ten minutes of work 40 MB were free in sixteen. To
    be called before there are threads.
    """
    _ask("mallopt", _ARENA_MAX, HEAPS)


def keep_freed() -> None:
    """Have memory that one page needed serve the next one.

    Else a page of A4 at 300 dpi asks the system for 12 to 20 MB, which clears them in 3 000 to
    5 000 pieces: 5 to 10 of 40 ms of processor time.
    """
    _ask("mallopt", _MMAP_THRESHOLD, KEPT)
    _ask("mallopt", _TRIM_THRESHOLD, KEPT)


def give_back() -> None:
    """Give the system what is free."""
    _ask("malloc_trim", 0)


def _ask(name: str, *words: int) -> None:
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library than glibc
            getattr(ctypes.CDLL(None), name)(*words)
