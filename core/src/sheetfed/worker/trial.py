"""A step that tries to break out of its box, and tells."""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from sheetfed.api.contracts import Step
from sheetfed.api.model import Page

if sys.platform != "win32":
    import resource

_SEIZE = 0x4206  # attaches without stopping whom it traces
_GIGABYTES = 4 << 30
_TERMINATE = 1  # a right to a process, of Windows


class Trial(Step):
    """Tries everything once; the page comes back with a list of what it could do, as JSON."""

    def apply(self, page: Page) -> list[Page]:
        """Try, and tell."""
        tried = {name: _succeeds(attempt) for name, attempt in ATTEMPTS.items()}
        return [replace(page, data=json.dumps(tried).encode(), media_type="application/json")]


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError, ValueError):
        return False
    return True


def _read() -> None:
    Path(sys.executable).open().close()


def _write() -> None:
    tempfile.TemporaryFile().close()


def _connect(kind: int) -> None:
    """Send to a port of this machine; that nobody listens there is no refusal."""
    with socket.socket(socket.AF_INET, kind) as asked:
        asked.settimeout(1)
        try:
            asked.connect(("127.0.0.1", 9))
        except (ConnectionRefusedError, TimeoutError):
            return


def _eat() -> None:
    """Take it without a look at it, which would take seconds where nobody refuses it."""
    mmap.mmap(-1, _GIGABYTES).close()


def _thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


if sys.platform == "win32":

    def _execute() -> None:
        os.spawnl(os.P_WAIT, sys.executable, "python", "-c", "0")  # noqa: S606 - our own program

    def _end() -> None:
        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        if not kernel.OpenProcess(_TERMINATE, False, os.getppid()):  # noqa: FBT003 - Win32's order
            raise PermissionError

    _OF_SYSTEM: Mapping[str, Callable[[], object]] = {
        "execute a program": _execute,
        "end the service": _end,
    }

else:

    def _connect_local() -> None:
        with socket.socket(socket.AF_UNIX) as asked:
            try:
                asked.connect("\0sheetfed-trial")
            except ConnectionRefusedError:
                return

    def _fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    def _execute() -> None:
        os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}), 0)

    def _signal() -> None:
        os.kill(os.getppid(), signal.SIGCONT)

    def _trace() -> None:
        call = ctypes.CDLL(None, use_errno=True).ptrace
        call.restype = ctypes.c_long
        if call(_SEIZE, os.getppid(), None, None) < 0:
            raise PermissionError

    def _dump() -> None:
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            raise PermissionError

    _OF_SYSTEM = {
        "reach a local socket": _connect_local,
        "fork": _fork,
        "execute a program": _execute,
        "signal the service": _signal,
        "trace the service": _trace,
        "leave a core file": _dump,
    }


ATTEMPTS: Mapping[str, Callable[[], object]] = {
    "read a file": _read,
    "write a file": _write,
    "connect by TCP": lambda: _connect(socket.SOCK_STREAM),
    "send by UDP": lambda: _connect(socket.SOCK_DGRAM),
    **_OF_SYSTEM,
    "take 4 GiB": _eat,
    "start a thread": _thread,
}
"""By what it is called. The last one a codec may do, and should."""
