"""What a child may use of the machine, and when it must go."""

from __future__ import annotations

import ctypes
import signal
import sys

if sys.platform != "win32":
    import resource

MEMORY = 2 * 1024 * 1024 * 1024
"""Address space of a codec or a step whose recipe names none."""

FILE_SIZE = 1024 * 1024
"""All that a codec or a step may write to any file: enough for its crash record."""

SECONDS = 120
"""Processor time for one question, or one page of it."""

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel end this process with its parent, even when the driver holds everything."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def forbid_core() -> None:
    """Leave no core file behind: it would hold pictures of documents."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def confine(memory: int | None) -> None:
    """Limit memory and files, for code that reads what strangers made."""
    if sys.platform != "win32":
        _lower(resource.RLIMIT_AS, memory or MEMORY)
        _lower(resource.RLIMIT_FSIZE, FILE_SIZE)


def grant_time() -> None:
    """Allow the next question its share of processor time."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _soften(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + SECONDS)


if sys.platform != "win32":

    def _lower(kind: int, limit: int) -> None:
        hard = resource.getrlimit(kind)[1]
        lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lowest, lowest))

    def _soften(kind: int, limit: int) -> None:
        hard = resource.getrlimit(kind)[1]
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (soft, hard))
