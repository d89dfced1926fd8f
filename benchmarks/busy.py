"""How many processors a program would keep busy."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from watching import Watch, descendants

EVERY = 0.1
"""Seconds between two looks."""


class Busy(Watch):
    """Watches the threads of this process's children: what they run, and what they wait to run.

    Linux counts both for each thread. In each interval no more counts than there are processors.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wall = 0.0
        self.wanted = 0.0

    def look(self) -> None:
        """Count until it is over."""
        began = before = time.perf_counter()
        known: dict[str, int] = {}
        counted = 0.0
        while not self.over.wait(EVERY):
            now = time.perf_counter()
            seen = used()
            grown = sum(spent - known.get(thread, 0) for thread, spent in seen.items()) / 1e9
            counted += min(grown, (now - before) * (os.cpu_count() or 1))
            known, before = seen, now
        self.wall = before - began
        self.wanted = counted / self.wall if self.wall else 0.0


def used() -> dict[str, int]:
    """Return the nanoseconds that each thread of each child ran or waited for a processor."""
    found = {}
    for pid in descendants(os.getpid()):
        for task in Path(f"/proc/{pid}/task").glob("*"):
            with contextlib.suppress(OSError):
                ran, waited, _ = (task / "schedstat").read_text().split()
                found[str(task)] = int(ran) + int(waited)
    return found
