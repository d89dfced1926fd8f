"""What a child may use of the machine, and when it must go."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from sheetfed.worker.confinement import Confinement

if sys.platform != "win32":
    import resource

MEMORY = 2 * 1024 * 1024 * 1024
"""Address space of a codec or a step whose recipe names none."""

FILE_SIZE = 1024 * 1024
"""All that a codec or a step may write to any file: enough for its crash record."""

FILES = 64
"""Descriptors of a codec or a step, those it was born with included."""

SECONDS = 120
"""Processor time for one question, or one page of it."""

_DIE_WITH_PARENT, _DUMPABLE, _NO_NEW_PRIVILEGES, _ASK_PRIVILEGES = 1, 4, 38, 39


def settle() -> None:
    """Tie this process to its parent, and keep its memory to itself. For every child."""
    if sys.platform == "linux":
        control = ctypes.CDLL(None).prctl
        control(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        control(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        control(_DUMPABLE, 0, 0, 0, 0)  # no core, and no debugger of the same account
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold pictures of documents


def limit(memory: int | None) -> None:
    """Limit memory and files, for code that reads what strangers made."""
    if sys.platform != "win32":
        _lower(resource.RLIMIT_AS, memory or MEMORY)
        _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
        _lower(resource.RLIMIT_NOFILE, FILES)


def close() -> Confinement:
    """Close the box around this process: from now on there are only memory and open pipes.

    To be called before a thread is started: Landlock holds the thread that asks for it.
    """
    from sheetfed.worker import landlock, seccomp  # noqa: PLC0415 - most children have no box

    held = confinement()
    if not held.privileges:
        return held
    return Confinement(
        limits=held.limits,
        privileges=True,
        landlock=landlock.restrict(),
        seccomp=seccomp.restrict(os.getpid()),
        user=held.user,
    )


def confinement() -> Confinement:
    """Return what holds a process without a box."""
    if sys.platform == "win32":
        return Confinement()
    asked = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    return Confinement(
        limits=resource.getrlimit(resource.RLIMIT_FSIZE)[1] == FILE_SIZE,
        privileges=asked is not None and asked(_ASK_PRIVILEGES, 0, 0, 0, 0) == 1,
        user=os.getuid(),
    )


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
