"""Notices that nobody has needed us for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LOOKS = 10
"""So often we look within the time that must pass; at least once in `LONGEST` seconds."""

LONGEST = 15.0


async def until_idle(seconds: float, busy: Callable[[], Awaitable[bool]]) -> None:
    """Return once nothing was busy for so long."""
    pause = min(LONGEST, seconds / LOOKS)
    quiet = 0.0
    while quiet < seconds:
        await asyncio.sleep(pause)
        quiet = 0.0 if await busy() else quiet + pause
