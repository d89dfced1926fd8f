"""macOS' list of connections: whose the other end is.

Each row is a protocol control block as xnu shows it to every account (netinet/tcp_var.h: xtcpcb64,
sys/sysctl.h: net.inet.tcp.pcblist64). Its headers pack all of it to four bytes.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import NamedTuple

Address = tuple[str, int]


class Layout(NamedTuple):
    """Where a row has what we look for, in bytes."""

    row: int
    """How long a row is at least."""
    remote_port: int
    local_port: int
    families: int
    remote: int
    local: int
    handle: int
    uid: int


LAYOUT = Layout(
    row=256,
    remote_port=20,
    local_port=22,
    families=96,
    remote=100,
    local=116,
    handle=152,
    uid=252,
)

_BITS = {socket.AF_INET: 0x1, socket.AF_INET6: 0x2}
"""INP_IPV4 and INP_IPV6; a client for both families has the first where it reached IPv4."""

_LENGTH = 16
"""Of an address; one of IPv4 stands at its end."""


def uid_in(rows: bytes, family: int, here: Address, there: Address) -> int | None:
    """Return the account that has the socket from there to here, None where no row is it.

    Each row says how long it is, so that later systems may add to it; so does what comes before
    them, and what ends them is shorter than any (netinet/in_pcb.h: xinpgen).
    """
    near, far = _bytes(family, there), _bytes(family, here)
    start = _length(rows, 0)
    while (length := _length(rows, start)) >= LAYOUT.row:
        row = rows[start : start + length]
        if (
            len(row) == length
            and row[LAYOUT.families] & _BITS[socket.AddressFamily(family)]
            and _place(row, family, LAYOUT.local, LAYOUT.local_port) == near
            and _place(row, family, LAYOUT.remote, LAYOUT.remote_port) == far
        ):
            handle, uid = (struct.unpack_from(f"={form}", row, at)[0] for form, at in _WHOSE)
            return uid if handle else None  # without its socket it would say that it is root's
        start += length
    return None


_WHOSE = (("Q", LAYOUT.handle), ("I", LAYOUT.uid))


def _length(rows: bytes, start: int) -> int:
    if start + 4 > len(rows):
        return 0
    length: int = struct.unpack_from("=I", rows, start)[0]
    return length


def _bytes(family: int, place: Address) -> bytes:
    return socket.inet_pton(family, place[0].partition("%")[0]) + struct.pack("!H", place[1])


def _place(row: bytes, family: int, address: int, port: int) -> bytes:
    width = 4 if family == socket.AF_INET else _LENGTH
    return row[address + _LENGTH - width : address + _LENGTH] + row[port : port + 2]


if sys.platform == "darwin":
    import ctypes
    import os

    _LIST = b"net.inet.tcp.pcblist64"
    _TRIES = 8
    _PEER = (0, 1, 76)  # SOL_LOCAL, LOCAL_PEERCRED, sizeof(struct xucred)

    _system = ctypes.CDLL(None, use_errno=True)
    _system.sysctlbyname.argtypes = [
        *(ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    ]

    def uid_of(connected: socket.socket) -> int | None:
        """Return the account of the other end, None where the system does not say."""
        try:
            if connected.family == socket.AF_UNIX:
                version, uid = struct.unpack_from("=II", connected.getsockopt(*_PEER))
                return None if version else int(uid)
            here, there = connected.getsockname()[:2], connected.getpeername()[:2]
            return uid_in(_listed(), connected.family, here, there)
        except (OSError, struct.error):
            return None

    def _listed() -> bytes:
        """Return all connections. Raises OSError."""
        for _ in range(_TRIES):  # it may have grown meanwhile
            size = ctypes.c_size_t()
            if _system.sysctlbyname(_LIST, None, ctypes.byref(size), None, 0) == 0:
                size.value += size.value // 4 + LAYOUT.row
                told = ctypes.create_string_buffer(size.value)
                if _system.sysctlbyname(_LIST, told, ctypes.byref(size), None, 0) == 0:
                    return told.raw[: size.value]
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
