"""Tells that the disk fills up, before pages are refused."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sheetfed.disk import disk_bytes, free_bytes
from sheetfed.events import Event, Events

RESERVE = 4 * 1024 * 1024
"""No page takes the last of the disk: the database needs some to go on, and to delete."""

LOW = 256 * 1024 * 1024
"""A page is begun only where a twentieth of the disk is free, but more than this is not asked."""

_SHARE = 20
_WARN = 4
"""It is told while there are so many times the room that a page needs to begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """What is free on a disk, and what has to be for a page to begin."""

    bytes: int
    least: int

    @property
    def low(self) -> bool:
        """Whether it is time to make room."""
        return self.bytes < _WARN * self.least


class Room:
    """Watches one disk while pages come. May be asked from any thread."""

    def __init__(self, folder: Path, tell: Callable[[Free], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._low = False
        self._lock = threading.Lock()

    def look(self) -> Free:
        """Return what is free; tell it when that becomes little, and when it no longer is."""
        least = max(RESERVE, min(LOW, disk_bytes(self._folder) // _SHARE))
        free = Free(bytes=free_bytes(self._folder), least=least)
        with self._lock:
            news = free.low != self._low
            self._low = free.low
        if news:
            self._tell(free)
        return free


def teller(events: Events) -> Callable[[Free], None]:
    """Return what tells everybody who listens; whoever begins later has to ask."""
    loop = asyncio.get_running_loop()

    def tell(free: Free) -> None:
        data = {"low_disk": free.low, "free_bytes": free.bytes}
        event = Event(number=0, topic="service", data=data, at=time.time(), owner="")
        loop.call_soon_threadsafe(events.publish, [event])

    return tell
