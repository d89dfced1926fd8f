"""What the C library keeps of memory that nobody uses."""

from __future__ import annotations

import asyncio
import ctypes
import sys
import time
from contextlib import suppress

_ARENA_MAX = -8
"""What mallopt(3) calls the number of heaps."""

HEAPS = 2
"""Threads wait for one another when they ask for memory, not for what they do with it."""

EVERY = 20.0
"""Seconds between two looks whether there was work."""

WORK = 0.2
"""Seconds of processor time after which something may be left over."""


def share_heaps() -> None:
    """Have all threads ask few heaps, of which each keeps what was freed in it.

    glibc makes eight for each processor: after ten minutes of work 40 MB were free in sixteen. To
    be called before there are threads.
    """
    _ask("mallopt", _ARENA_MAX, HEAPS)


async def tend() -> None:
    """Give back what a start and then work left over, for ever; at rest it costs nothing."""
    rest, before = 1.0, 0.0
    while True:
        await asyncio.sleep(rest)
        if time.process_time() - before > WORK:
            await asyncio.to_thread(_ask, "malloc_trim", 0)
        rest, before = EVERY, time.process_time()


def _ask(name: str, *words: int) -> None:
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library than glibc
            getattr(ctypes.CDLL(None), name)(*words)
