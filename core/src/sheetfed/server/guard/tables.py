"""Windows' table of connections: who has the other end."""

from __future__ import annotations

import socket
import struct
import sys
from typing import NamedTuple

Address = tuple[str, int]


class Layout(NamedTuple):
    """Where a row of a table has what we look for, in bytes (iphlpapi: MIB_TCPROW_OWNER_PID)."""

    address: int
    """The length of an address."""
    row: int
    local: int
    local_port: int
    remote: int
    remote_port: int
    pid: int


LAYOUTS = {
    socket.AF_INET: Layout(4, 24, local=4, local_port=8, remote=12, remote_port=16, pid=20),
    socket.AF_INET6: Layout(16, 56, local=0, local_port=20, remote=24, remote_port=44, pid=52),
}
"""By family; the second is MIB_TCP6ROW_OWNER_PID."""


def pid_in(table: bytes, family: int, here: Address, there: Address) -> int | None:
    """Return the process that has the socket from there to here, None where no row is it."""
    layout = LAYOUTS[socket.AddressFamily(family)]
    (count,) = struct.unpack_from("=I", table)
    near, far = (_bytes(family, place) for place in (there, here))
    for start in range(4, 4 + count * layout.row, layout.row):
        row = table[start : start + layout.row]
        local = _place(row, layout.address, layout.local, layout.local_port)
        if local == near and _place(row, layout.address, layout.remote, layout.remote_port) == far:
            pid: int = struct.unpack_from("=I", row, layout.pid)[0]
            return pid or None
    return None


def _bytes(family: int, place: Address) -> bytes:
    return socket.inet_pton(family, place[0].partition("%")[0]) + struct.pack("!H", place[1])


def _place(row: bytes, length: int, address: int, port: int) -> bytes:
    return row[address : address + length] + row[port : port + 2]


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    from sheetfed import sids

    _ALL = 5  # TCP_TABLE_OWNER_PID_ALL
    _TOO_SMALL = 122  # ERROR_INSUFFICIENT_BUFFER
    _TRIES = 8

    _network = ctypes.WinDLL("iphlpapi")
    _network.GetExtendedTcpTable.argtypes = [
        *(ctypes.c_void_p, ctypes.c_void_p, wintypes.BOOL),
        *(wintypes.ULONG, ctypes.c_int, wintypes.ULONG),
    ]
    _network.GetExtendedTcpTable.restype = wintypes.DWORD

    def account_of(connected: socket.socket) -> str | None:
        """Return the account of the other end as a SID, None where Windows does not say."""
        try:
            here, there = connected.getsockname()[:2], connected.getpeername()[:2]
            family = connected.family
            pid = pid_in(_table(family), family, here, there)
            if pid is None:
                return None
            with sids.opened(pid) as process:
                if pid_in(_table(family), family, here, there) != pid:
                    return None  # it has ended, and its number was another's
                return sids.of_process(process)
        except OSError:
            return None

    def _table(family: int) -> bytes:
        """Return all connections of a family. Raises OSError."""
        size = wintypes.DWORD(1 << 14)
        for _ in range(_TRIES):  # it may have grown meanwhile
            told = ctypes.create_string_buffer(size.value)
            failed = _network.GetExtendedTcpTable(told, ctypes.byref(size), False, family, _ALL, 0)  # noqa: FBT003 - Win32's order
            if failed != _TOO_SMALL:
                break
        if failed:
            raise ctypes.WinError(failed)
        return told.raw
