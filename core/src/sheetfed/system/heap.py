"""Memory that nobody uses goes back to the system."""

from __future__ import annotations

import asyncio
import time

from sheetfed.worker.allocator import give_back

EVERY = 20.0
"""Seconds between two looks whether there was work."""

WORK = 0.2
"""Seconds of processor time after which something may be left over."""


async def tend() -> None:
    """Give back what a start and then work left over, for ever; at rest it costs nothing."""
    rest, before = 1.0, 0.0
    while True:
        await asyncio.sleep(rest)
        if time.process_time() - before > WORK:
            await asyncio.to_thread(give_back)
        rest, before = EVERY, time.process_time()
