"""A hidden window, and the messages that come to it."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, ClassVar

from sheetfed.api.errors import DeviceFailed

POPUP = 0x80000000
REMOVE = 1
ALL_INPUT = 0x04FF


class Pump(ctypes.Structure):
    """A message of Windows (MSG); an empty one lets a driver speak that waits to be asked."""

    _fields_: ClassVar = [
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("first", ctypes.c_void_p),
        ("second", ctypes.c_void_p),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_long),
        ("y", ctypes.c_long),
    ]


class Window:
    """What a driver is told is its parent; it belongs to the thread that makes it.

    Without a window a driver that signals from a thread of its own is never heard.
    """

    def __init__(self) -> None:
        self._user: Any = _library("user32")
        self._user.CreateWindowExW.restype = ctypes.c_void_p
        self._user.DefWindowProcW.restype = ctypes.c_ssize_t
        self._user.DispatchMessageW.restype = ctypes.c_ssize_t
        parents = [ctypes.c_void_p(None)] * 4
        style = ctypes.c_uint32(POPUP)
        self.handle: int = self._user.CreateWindowExW(
            0, ctypes.c_wchar_p("STATIC"), ctypes.c_wchar_p("sheetfed"), style, 0, 0, 0, 0, *parents
        )
        if not self.handle:
            raise DeviceFailed("Windows gives this process no window; is it a service?")

    def wait(self, heed: Callable[[Any], tuple[bool, int]], seconds: float) -> int:
        """Pass messages on for a while; return what the driver signalled, 0 for nothing.

        `heed` is given each message and says whether it was the driver's, and what that means.
        """
        pump = Pump()
        while self._user.PeekMessageW(ctypes.byref(pump), None, 0, 0, REMOVE):
            theirs, signal = heed(pump)
            if signal:
                return signal
            if not theirs:
                self._user.TranslateMessage(ctypes.byref(pump))
                self._user.DispatchMessageW(ctypes.byref(pump))
        self._user.MsgWaitForMultipleObjects(0, None, 0, round(seconds * 1000), ALL_INPUT)
        return 0

    def bring_to_front(self) -> bool:
        """Raise the dialogs that the driver shows; return whether there is one."""
        raised = []
        thread = _library("kernel32").GetCurrentThreadId()
        kind = vars(ctypes)["WINFUNCTYPE"](ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

        def raise_one(window: int, _more: int) -> int:
            handle = ctypes.c_void_p(window)
            if window != self.handle and self._user.IsWindowVisible(handle):
                self._user.SetForegroundWindow(handle)
                raised.append(window)
            return 1

        self._user.EnumThreadWindows(thread, kind(raise_one), None)
        return bool(raised)

    def close(self) -> None:
        """Let go of the window."""
        self._user.DestroyWindow(ctypes.c_void_p(self.handle))


def _library(name: str) -> Any:
    return vars(ctypes)["WinDLL"](name)
