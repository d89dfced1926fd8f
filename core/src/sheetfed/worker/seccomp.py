"""Seccomp: the few system calls that arithmetic needs."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

_SET_FILTER, _ALL_THREADS = 1, 1
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in what the filter sees

_THREAD = 0x10000
_EXECUTABLE = 4
_EMPTY_PATH = 0x1000
_READ_FLAGS = (1, 3)  # F_GETFD and F_GETFL


@dataclass(frozen=True, slots=True)
class Call:
    """A system call: its numbers on x86-64 and 64-bit ARM, None where it is not there.

    `where` limits it: the argument's place, how it is compared, and with what. A call that only has
    an `error` is refused with that one.
    """

    name: str
    intel: int | None
    arm: int | None
    where: tuple[int, Literal["is", "has", "lacks"], int] | None = None
    error: int | None = None


def calls(process: int) -> tuple[Call, ...]:
    """Return all that a process in a box may ask for; everything else is refused."""
    return (
        Call("read", 0, 63),
        Call("write", 1, 64),
        Call("futex", 202, 98),
        Call("mmap", 9, 222, (2, "lacks", _EXECUTABLE)),
        Call("munmap", 11, 215),
        Call("mremap", 25, 216),
        Call("mprotect", 10, 226, (2, "lacks", _EXECUTABLE)),
        Call("madvise", 28, 233),
        Call("brk", 12, 214),
        Call("readv", 19, 65),
        Call("writev", 20, 66),
        Call("pread64", 17, 67),
        Call("pwrite64", 18, 68),
        Call("lseek", 8, 62),
        Call("fstat", 5, 80),
        Call("newfstatat", 262, 79, (3, "has", _EMPTY_PATH)),  # that is what fstat has become
        *(Call("fcntl", 72, 25, (1, "is", command)) for command in _READ_FLAGS),
        Call("close", 3, 57),
        Call("poll", 7, None),
        Call("ppoll", 271, 73),
        Call("select", 23, None),
        Call("pselect6", 270, 72),
        Call("clone", 56, 220, (0, "has", _THREAD)),
        Call("clone3", 435, 435, error=errno.ENOSYS),  # its flags lie in memory; clone is next
        Call("set_robust_list", 273, 99),
        Call("set_tid_address", 218, 96),
        Call("rseq", 334, 293),
        Call("membarrier", 324, 283),
        Call("sched_yield", 24, 124),
        Call("sched_getaffinity", 204, 123),
        Call("getcpu", 309, 168),
        Call("rt_sigaction", 13, 134),
        Call("rt_sigprocmask", 14, 135),
        Call("rt_sigreturn", 15, 139),
        Call("sigaltstack", 131, 132),
        Call("restart_syscall", 219, 128),
        Call("tgkill", 234, 131, (0, "is", process)),  # abort, and last words
        Call("exit", 60, 93),
        Call("exit_group", 231, 94),
        Call("clock_gettime", 228, 113),
        Call("clock_getres", 229, 114),
        Call("clock_nanosleep", 230, 115),
        Call("nanosleep", 35, 101),
        Call("gettimeofday", 96, 169),
        Call("time", 201, None),
        Call("times", 100, 153),
        Call("getrusage", 98, 165),
        Call("prlimit64", 302, 261, (0, "is", 0)),  # its own; the hard limits stand
        Call("getrandom", 318, 278),
        Call("getpid", 39, 172),
        Call("gettid", 186, 178),
        Call("getppid", 110, 173),
        Call("getuid", 102, 174),
        Call("geteuid", 107, 175),
        Call("getgid", 104, 176),
        Call("getegid", 108, 177),
        Call("uname", 63, 160),
        Call("sysinfo", 99, 179),
        Call("openat", 257, 56, error=errno.EACCES),
        Call("open", 2, None, error=errno.EACCES),
    )


@dataclass(frozen=True, slots=True)
class _Machine:
    """An architecture: its name for the kernel, its number of `seccomp`."""

    audit: int
    seccomp: int
    column: Literal["intel", "arm"]


_MACHINES: Mapping[str, _Machine] = {
    "x86_64": _Machine(0xC000003E, 317, "intel"),
    "aarch64": _Machine(0xC00000B7, 277, "arm"),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def restrict(process: int) -> bool:
    """Refuse every thread of this process, whose number it takes, all but a few calls.

    Return whether that holds. New privileges must be given up before.
    """
    machine = _machine()
    if machine is None:
        return False
    steps = b"".join(_steps(machine, process))
    program = _Program(len(steps) // 8, steps)
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    done: int = call(machine.seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(program))
    return done == 0


def _machine() -> _Machine | None:
    """Return what this process runs on; a 32-bit one on a 64-bit kernel is not known here."""
    if sys.platform != "linux" or struct.calcsize("P") != 8:
        return None
    return _MACHINES.get(os.uname().machine)


def _steps(machine: _Machine, process: int) -> Iterator[bytes]:
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, machine.audit, yes=1)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER)
    for call in calls(process):
        number = call.intel if machine.column == "intel" else call.arm
        if number is None:
            continue
        if call.error is not None:
            yield from _unless(number, _step(_RETURN, _REFUSE | call.error))
        elif call.where is None:
            yield from _unless(number, _step(_RETURN, _ALLOW))
        else:
            yield from _unless(number, *_where(*call.where), _step(_LOAD, _NUMBER))
    yield _step(_RETURN, _REFUSE | errno.EPERM)


def _unless(number: int, *steps: bytes) -> Iterator[bytes]:
    """Yield steps that are skipped by other calls."""
    yield _step(_EQUAL, number, no=len(steps))
    yield from steps


def _where(place: int, how: str, value: int) -> Iterator[bytes]:
    yield _step(_LOAD, _ARGUMENTS + 8 * place)  # the low half, which is all the kernel looks at
    yes, no = (1, 0) if how == "lacks" else (0, 1)
    yield _step(_EQUAL if how == "is" else _ANY_BIT, value, yes=yes, no=no)
    yield _step(_RETURN, _ALLOW)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
