"""One service for one store."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from sheetfed.api.errors import BadConfig, StoreLocked
from sheetfed.disk import PLAIN, room

if sys.platform == "win32":
    import ctypes
    import msvcrt

    _NOW, _ALONE = 1, 2  # LockFileEx's flags

    class _Place(ctypes.Structure):
        """OVERLAPPED."""

        _fields_ = (
            ("state", ctypes.c_size_t * 2),
            ("offset", ctypes.c_uint64),
            ("event", ctypes.c_void_p),
        )
else:
    import fcntl

FILE = "store.lock"

_LONGEST = 400
_FAR = 1 << 30
"""Where Windows locks a byte: beyond the note, which others must be able to read."""


class StoreLock:
    """The kernel's lock on a file in the store; it ends with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock and write down who has it. Raises StoreLocked, BadConfig."""
        try:
            with room():
                descriptor = os.open(self._folder / FILE, os.O_RDWR | os.O_CREAT | PLAIN, 0o600)
        except OSError as error:
            raise BadConfig(
                f"The store's lock {self._folder / FILE} cannot be used: {error.strerror}"
            ) from error
        if not lock(descriptor):
            os.lseek(descriptor, 0, os.SEEK_SET)
            holder = os.read(descriptor, _LONGEST * 4).decode(errors="replace")
            os.close(descriptor)
            raise _locked(self._folder, holder)
        self._descriptor = descriptor
        note = os.fsencode(f"{os.getpid()}\n{shlex.join(sys.orig_argv)[:_LONGEST]}\n")
        with suppress(OSError):  # on a full disk the lock holds all the same, only nameless
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, note)

    def release(self) -> None:
        """Let go. Safe twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file until that is closed; say whether nobody else had it.

    Several may share it, one may have it alone.
    """
    if sys.platform == "win32":
        kind = _NOW if shared else _NOW | _ALONE
        place = _Place(offset=_FAR)
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
        taken = ctypes.WinDLL("kernel32").LockFileEx(handle, kind, 0, 1, 0, ctypes.byref(place))
        return bool(taken)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked(folder: Path, holder: str) -> StoreLocked:
    pid, _, command = holder.partition("\n")
    if not pid.isdecimal():
        return StoreLocked(f"Another process uses the store {folder}")
    command = command.strip()
    return StoreLocked(
        f"Process {pid} uses the store {folder}: {command}", pid=int(pid), command=command
    )
