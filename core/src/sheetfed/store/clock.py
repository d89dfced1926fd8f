"""The store's own clock, which no change of the date moves.

It goes on with the time that the computer runs, whoever sets the date meanwhile. Across a restart
of the computer only the date can tell how much time went by.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the computer's clocks say: the date, the time it has run, and which start that was."""

    wall: float
    running: float
    boot: str


def running() -> float:
    """Return the seconds that the computer has run, asleep too: `time.monotonic` may stand then."""
    if sys.platform == "win32":
        return time.monotonic()
    # macOS' own CLOCK_MONOTONIC goes on; Linux' does not.
    which = time.CLOCK_BOOTTIME if sys.platform == "linux" else time.CLOCK_MONOTONIC
    return time.clock_gettime(which)


def moment() -> Moment:
    """Return what the clocks say now."""
    try:
        boot = _BOOT.read_text("ascii").strip()
    except OSError:
        boot = f"process {os.getpid()}"
    return Moment(wall=time.time(), running=running(), boot=boot)


def resume(connection: sqlite3.Connection, seen: Moment) -> float:
    """Go on counting where the last service stopped.

    Returns the seconds of it that only the date tells, because the computer was restarted.
    """
    row = connection.execute("SELECT * FROM clock").fetchone()
    if row is None:
        keep(connection, 0.0, seen)
        return 0.0
    if _same_run(row, seen):
        keep(connection, now(connection, seen), seen)
        return 0.0
    hidden = max(0.0, seen.wall - float(row["wall"]))
    keep(connection, row["now"] + hidden, seen)
    return hidden


def now(connection: sqlite3.Connection, seen: Moment) -> float:
    """Return the store's time at a moment after `resume`."""
    row = connection.execute("SELECT * FROM clock").fetchone()
    return float(row["now"] + max(0.0, seen.running - row["running"]))


def keep(connection: sqlite3.Connection, time_now: float, seen: Moment) -> None:
    """Write down the store's time, to go on from there."""
    connection.execute(
        "INSERT OR REPLACE INTO clock (only, now, wall, running, boot) VALUES (1, ?, ?, ?, ?)",
        (time_now, seen.wall, seen.running, seen.boot),
    )


def _same_run(row: sqlite3.Row, seen: Moment) -> bool:
    """Tell whether the computer has not been restarted since."""
    return bool(seen.boot == row["boot"] and seen.running >= row["running"])
