"""Named pipes of Windows that only this account can use."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import _winapi
    import ctypes
    import time
    from ctypes import wintypes
    from typing import Any, Self

    from sheetfed import sids

    MOST = 255
    """So many ends Windows gives a pipe at most: as many as it may have."""

    _BUFFER = 64 * 1024
    _FIRST = 0x00080000  # FILE_FLAG_FIRST_PIPE_INSTANCE
    _LOCAL_ONLY = 0x8  # PIPE_REJECT_REMOTE_CLIENTS
    _KNOWN_NOT_BECOME = 0x00110000  # SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION
    _ABSENT, _BUSY, _PENDING = 2, 231, 997
    _KERNEL_OBJECT, _OWNER = 6, 1
    _FOREVER = 0xFFFFFFFF
    _TIMED_OUT = 0x102

    class _Attributes(ctypes.Structure):
        """SECURITY_ATTRIBUTES."""

        _fields_ = (
            ("length", wintypes.DWORD),
            ("descriptor", ctypes.c_void_p),
            ("inherit", wintypes.BOOL),
        )

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _security = ctypes.WinDLL("advapi32", use_last_error=True)
    _kernel.LocalFree.argtypes = [ctypes.c_void_p]
    _security.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = [
        *(wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p)
    ]
    _security.GetSecurityInfo.argtypes = [
        *(wintypes.HANDLE, ctypes.c_int, wintypes.DWORD),
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
    ]

    def made(path: Path, *, first: bool) -> int:
        """Return one end of a pipe that no other account and no other computer can open.

        The first end is refused where anybody has a pipe of this name. Raises PermissionError.
        """
        attributes = _Attributes(ctypes.sizeof(_Attributes), _for_us_alone(), inherit=False)
        flags = _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED
        try:
            return _winapi.CreateNamedPipe(
                str(path),
                flags | (_FIRST if first else 0),
                _winapi.PIPE_WAIT | _LOCAL_ONLY,
                MOST,
                _BUFFER,
                _BUFFER,
                0,
                ctypes.addressof(attributes),
            )
        finally:
            _kernel.LocalFree(attributes.descriptor)

    class Pipe:
        """The other end of such a pipe, as `http.client` uses a socket."""

        def __init__(self, handle: int, timeout: float | None) -> None:
            self._handle = handle
            self._timeout = timeout
            self._users = 1

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def settimeout(self, timeout: float | None) -> None:
            """Wait so many seconds for each piece, for ever where it is None."""
            self._timeout = timeout

        def sendall(self, data: bytes) -> None:
            """Send everything. Raises TimeoutError, BrokenPipeError."""
            view = memoryview(data).cast("B")
            for at in range(0, len(view), _BUFFER):
                piece = bytes(view[at : at + _BUFFER])
                self._done(*_winapi.WriteFile(self._handle, piece, overlapped=True))

        def receive(self, most: int) -> bytes:
            """Return what comes next, nothing at its end. Raises TimeoutError."""
            try:
                asked, state = _winapi.ReadFile(self._handle, most, overlapped=True)
                count = self._done(asked, state)
            except BrokenPipeError:
                return b""
            return bytes((asked.getbuffer() or b"")[:count])

        def makefile(self, mode: str) -> io.BufferedReader:
            """Return a file that reads; the pipe is open as long as it is."""
            assert mode == "rb"
            self._users += 1
            return io.BufferedReader(_Incoming(self), _BUFFER)

        def close(self) -> None:
            """Let go of it; it closes when nobody reads it any more."""
            self._users -= 1
            if self._users == 0:
                _winapi.CloseHandle(self._handle)

        def _done(self, asked: Any, state: int) -> int:
            """Wait until it is done; return how many bytes it was."""
            if state == _PENDING:
                wait = _FOREVER if self._timeout is None else int(self._timeout * 1000)
                try:
                    ended = _winapi.WaitForMultipleObjects([asked.event], False, wait)  # noqa: FBT003 - Win32's order
                except BaseException:
                    asked.cancel()
                    raise
                if ended == _TIMED_OUT:
                    asked.cancel()
                    raise TimeoutError
            count: int = asked.GetOverlappedResult(True)[0]  # noqa: FBT003 - Win32's order
            return count

    class _Incoming(io.RawIOBase):
        """What comes through a pipe."""

        def __init__(self, pipe: Pipe) -> None:
            self._pipe = pipe

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            data = self._pipe.receive(len(buffer))
            buffer[: len(data)] = data
            return len(data)

        def close(self) -> None:
            if not self.closed:
                super().close()
                self._pipe.close()

    def dial(path: Path, timeout: float | None) -> Pipe:
        """Return the other end of a pipe of this account.

        Raises FileNotFoundError, PermissionError where it is somebody else's, TimeoutError.
        """
        until = time.monotonic() + (3600 if timeout is None else timeout)
        while True:
            try:
                handle = _winapi.CreateFile(
                    str(path),
                    _winapi.GENERIC_READ | _winapi.GENERIC_WRITE,
                    0,
                    _winapi.NULL,
                    _winapi.OPEN_EXISTING,
                    _winapi.FILE_FLAG_OVERLAPPED | _KNOWN_NOT_BECOME,
                    _winapi.NULL,
                )
                break
            except OSError as error:
                if error.winerror != _BUSY:
                    raise
                if time.monotonic() > until:
                    raise TimeoutError from error
            time.sleep(0.01)
        if _owner(handle) != sids.ours():
            _winapi.CloseHandle(handle)
            raise PermissionError(13, "it belongs to another account", str(path))
        return Pipe(handle, timeout)

    def _for_us_alone() -> int:
        """Return a security descriptor that names us as owner and lets nobody else in."""
        descriptor = ctypes.c_void_p()
        us = sids.ours()
        words = f"O:{us}D:P(A;;GA;;;{us})"
        sids.must(
            _security.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                words, 1, ctypes.byref(descriptor), None
            )
        )
        assert descriptor.value
        return descriptor.value

    def _owner(handle: int) -> str:
        """Return whose a pipe is, as a SID in words."""
        owner, descriptor = ctypes.c_void_p(), ctypes.c_void_p()
        failed = _security.GetSecurityInfo(
            *(handle, _KERNEL_OBJECT, _OWNER, ctypes.byref(owner)),
            *(None, None, None, ctypes.byref(descriptor)),
        )
        if failed:
            raise ctypes.WinError(failed)
        try:
            return sids.in_words(owner)
        finally:
            _kernel.LocalFree(descriptor)


def named(home: Path) -> Path:
    """Return the name of the pipe of the service that has this home."""
    place = os.path.normcase(os.path.realpath(home))
    digest = hashlib.sha256(place.encode(errors="surrogatepass")).hexdigest()[:32]
    return Path(rf"\\.\pipe\sheetfed-{digest}")
