"""Accounts of Windows, as their SIDs in words."""

from __future__ import annotations

import sys

SYSTEM = "S-1-5-18"
"""Windows itself, LocalSystem: what root is elsewhere."""

ADMINISTRATORS = "S-1-5-32-544"
INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
"""TrustedInstaller, whose Windows' own files are."""

if sys.platform == "win32":
    import _winapi
    import ctypes
    from collections.abc import Iterator
    from contextlib import contextmanager
    from ctypes import wintypes

    _QUERY, _USER = 0x8, 1
    _FILE, _OWNER = 1, 1
    _LIMITED = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
    _MOST = 1024

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _security = ctypes.WinDLL("advapi32", use_last_error=True)
    _kernel.GetCurrentProcess.argtypes = []
    _kernel.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel.OpenProcess.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.LocalFree.argtypes = [ctypes.c_void_p]
    _kernel.LocalFree.restype = ctypes.c_void_p
    _security.OpenProcessToken.argtypes = [wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p]
    _security.GetTokenInformation.argtypes = [
        *(wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p)
    ]
    _security.ConvertSidToStringSidW.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    _security.LookupAccountNameW.argtypes = [
        *(wintypes.LPCWSTR, wintypes.LPCWSTR, ctypes.c_void_p, ctypes.c_void_p),
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
    ]

    _security.GetNamedSecurityInfoW.argtypes = [
        *(wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD),
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
    ]

    def ours() -> str:
        """Return the account that this process runs as."""
        return _of(_kernel.GetCurrentProcess())

    def of_process(process: int) -> str:
        """Return the account that an open process runs as. Raises OSError."""
        return _of(process)

    @contextmanager
    def opened(pid: int) -> Iterator[int]:
        """Hold a process open: as long as it is, no other one gets its number. Raises OSError."""
        process = _kernel.OpenProcess(_LIMITED, False, pid)  # noqa: FBT003 - Win32's order
        must(process)
        try:
            yield process
        finally:
            _winapi.CloseHandle(process)

    def named(name: str) -> str:
        """Return the account of a name, as this computer and its domain know it. Raises OSError."""
        sid, domain = ctypes.create_string_buffer(_MOST), ctypes.create_unicode_buffer(_MOST)
        length, letters, kind = wintypes.DWORD(_MOST), wintypes.DWORD(_MOST), ctypes.c_int()
        must(
            _security.LookupAccountNameW(
                *(None, name, sid, ctypes.byref(length)),
                *(domain, ctypes.byref(letters), ctypes.byref(kind)),
            )
        )
        return in_words(ctypes.c_void_p(ctypes.addressof(sid)))

    def of_file(path: str) -> str:
        """Return the account that a file or a folder belongs to. Raises OSError."""
        sid, descriptor = ctypes.c_void_p(), ctypes.c_void_p()
        told = (ctypes.byref(sid), None, None, None, ctypes.byref(descriptor))
        if code := _security.GetNamedSecurityInfoW(path, _FILE, _OWNER, *told):
            raise ctypes.WinError(code)
        try:
            return in_words(sid)
        finally:
            _kernel.LocalFree(descriptor)

    def in_words(sid: ctypes.c_void_p) -> str:
        """Return how a SID is written."""
        words = ctypes.c_void_p()
        must(_security.ConvertSidToStringSidW(sid, ctypes.byref(words)))
        try:
            return ctypes.wstring_at(words.value or 0)
        finally:
            _kernel.LocalFree(words)

    def must(done: int | None) -> None:
        """Raise what Windows says, where it did not do it."""
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())

    def _of(process: int) -> str:
        token = wintypes.HANDLE()
        must(_security.OpenProcessToken(process, _QUERY, ctypes.byref(token)))
        try:
            told, length = ctypes.create_string_buffer(_MOST), wintypes.DWORD()
            must(_security.GetTokenInformation(token, _USER, told, _MOST, ctypes.byref(length)))
        finally:
            _winapi.CloseHandle(token.value or 0)
        return in_words(ctypes.c_void_p.from_buffer(told))
