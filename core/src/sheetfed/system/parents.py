"""Notices the end of the program that we belong to."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable

POLL = 1.0
"""Seconds between two looks, where the system tells no end by itself."""

LAST = 10.0
"""Seconds that a service whose parent is gone may take to stop."""

_SYNCHRONIZE = 0x00100000
_FOREVER = 0xFFFFFFFF


def when_gone(pid: int, then: Callable[[], None]) -> None:
    """Call `then` in this event loop once a process has ended. Raises ProcessLookupError."""
    loop = asyncio.get_running_loop()
    if hasattr(os, "pidfd_open"):
        handle = os.pidfd_open(pid)

        def gone() -> None:
            loop.remove_reader(handle)
            os.close(handle)
            then()

        loop.add_reader(handle, gone)
        return
    wait = _waiting(pid)
    _watch(lambda: (wait(), loop.call_soon_threadsafe(then)), "parent")


def when_input_ends(then: Callable[[], None]) -> None:
    """Call `then` in this event loop once nobody holds our standard input any more.

    A loop that is stuck then cannot hear it: after `LAST` seconds this process ends anyway.
    """
    loop = asyncio.get_running_loop()

    def listen() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(then)
        time.sleep(LAST)
        os._exit(1)

    _watch(listen, "input")


def _watch(wait: Callable[[], object], name: str) -> None:
    threading.Thread(target=wait, name=name, daemon=True).start()


def _waiting(pid: int) -> Callable[[], None]:
    """Return what waits for the end of a process. Raises ProcessLookupError."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        kernel.WaitForSingleObject.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, pid)  # noqa: FBT003 - Win32's order
        if not handle:
            raise ProcessLookupError(pid)
        return lambda: kernel.WaitForSingleObject(handle, _FOREVER)
    os.kill(pid, 0)

    def poll() -> None:
        while _lives(pid):
            time.sleep(POLL)

    return poll


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
