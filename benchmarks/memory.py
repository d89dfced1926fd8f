"""The most memory that all children of a program hold."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from watching import Watch, descendants


class Memory(Watch):
    """Watches what this process's children hold, shared pages counted once (PSS); in MB."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0

    def look(self) -> None:
        """Add up until it is over."""
        while not self.over.wait(0.1):
            self.most = max(self.most, sum(map(held, descendants(os.getpid()))) // 1024)


def held(pid: int) -> int:
    """Return the kilobytes that a process holds; 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
