"""A step that tries to break out of its box, and tells."""

from __future__ import annotations

import ctypes
import json
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
    os.kill(os.getppid(), 0 if sys.platform == "win32" else signal.SIGCONT)


def _trace() -> None:
    call = ctypes.CDLL(None, use_errno=True).ptrace
    call.restype = ctypes.c_long
    if call(_SEIZE, os.getppid(), None, None) < 0:
        raise PermissionError


def _eat() -> None:
    bytearray(_GIGABYTES)


def _dump() -> None:
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        raise PermissionError


def _thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


ATTEMPTS: Mapping[str, Callable[[], object]] = {
    "read a file": _read,
    "write a file": _write,
    "connect by TCP": lambda: _connect(socket.SOCK_STREAM),
    "send by UDP": lambda: _connect(socket.SOCK_DGRAM),
    "reach a local socket": _connect_local,
    "fork": _fork,
    "execute a program": _execute,
    "signal the service": _signal,
    "trace the service": _trace,
    "take 4 GiB": _eat,
    "leave a core file": _dump,
    "start a thread": _thread,
}
"""By what it is called. The last one a codec may do, and should."""
