"""Which account the other end of a connection belongs to."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

from sheetfed import sids
from sheetfed.api.errors import BadConfig
from sheetfed.config import Config
from sheetfed.server.guard import blocks, tables

ROOT = 0

_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST = 1
_ERROR = 2
_HEAD = struct.Struct("=IHHII")
_ASK = struct.Struct("=BBBxI")
_PORTS = struct.Struct("!HH")
_ANYWHERE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # interface, and no cookie
_TOLD = struct.Struct("=BBBB48sIIIII")
_CREDENTIALS = struct.Struct("=iII")  # pid, uid, gid
_PATIENCE = struct.pack("@ll", 0, 200_000)

_LOCAL = getattr(socket, "AF_UNIX", None)

_UNSUPPORTED = (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPERM, errno.EACCES)

Address = tuple[str, int]
Account = int | str
"""A number; on Windows a SID."""


def are_told() -> bool:
    """Tell whether this system says whose a connection is: Linux and Windows do.

    macOS has to show it, with a connection of our own to ourselves: if its list is another than we
    know, nobody is told apart, rather than everybody refused. Where there is no connection to be
    had just now, it is asked again the next time.
    """
    if sys.platform == "darwin":
        try:
            return _shows_us()
        except OSError:
            return True
    return sys.platform in ("linux", "win32")


@cache
def _shows_us() -> bool:
    """Connect to ourselves, and tell whether the system says that it is us. Raises OSError."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as connected,
    ):
        return uid_of(connected) == os.geteuid()


def is_local(transport: asyncio.BaseTransport) -> bool:
    """Tell whether a connection came by the socket or pipe for local tools."""
    connected = transport.get_extra_info("socket")
    if connected is None:
        return transport.get_extra_info("pipe") is not None
    return connected.family not in (socket.AF_INET, socket.AF_INET6)


def is_ours(connected: socket.socket, others: Collection[Account] = ()) -> bool:
    """Tell whether a connection comes from this account, from root or from one of `others`.

    Root is LocalSystem on Windows. One whose account cannot be told is not ours. Where no account
    is told, all are.
    """
    if sys.platform == "win32":
        return tables.account_of(connected) in (sids.ours(), sids.SYSTEM, *others)
    if not are_told() and not (sys.platform == "darwin" and connected.family == _LOCAL):
        return True
    return uid_of(connected) in (os.getuid(), ROOT, *others)


def is_known(connected: socket.socket) -> bool:
    """Tell whether the system says whose this connection is."""
    if sys.platform == "win32":
        return tables.account_of(connected) is not None
    return uid_of(connected) is not None


def accounts(config: Config) -> frozenset[Account]:
    """Return the other accounts that the configuration lets connect. Raises BadConfig."""
    found = set()
    for name in config.accounts:
        try:
            found.add(_named(name))
        except (KeyError, OSError) as error:
            place = config.place("accounts")
            raise BadConfig(f"{place}: there is no account '{name}' on this computer") from error
    return frozenset(found)


def _named(name: str) -> Account:
    """Return the account of a name. Raises KeyError, on Windows OSError."""
    if sys.platform == "win32":
        return sids.named(name)
    import pwd  # noqa: PLC0415 - not on every system

    return pwd.getpwnam(name).pw_uid


def uid_of(connected: socket.socket) -> int | None:
    """Return the account of the other end, None where the system does not say."""
    if sys.platform == "darwin":
        return blocks.uid_of(connected)
    try:
        if connected.family == _LOCAL:
            told = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            uid: int = _CREDENTIALS.unpack(told)[1]
            return uid
        here, there = connected.getsockname()[:2], connected.getpeername()[:2]
        try:
            return _asked(connected.family, here, there)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            return _listed(connected.family, here, there)
    except OSError:
        return None


def _asked(family: int, here: Address, there: Address) -> int | None:
    """Ask the kernel for the one socket from there to here. Raises OSError."""
    places = [socket.inet_pton(family, host).ljust(16, b"\0") for host, _ in (there, here)]
    body = (
        _ASK.pack(family, socket.IPPROTO_TCP, 0, 0xFFFFFFFF)
        + _PORTS.pack(there[1], here[1])
        + b"".join(places)
        + _ANYWHERE
    )
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
        line.sendto(_HEAD.pack(_HEAD.size + len(body), _BY_FAMILY, _REQUEST, 1, 0) + body, (0, 0))
        answer = line.recv(4096)
    kind = _HEAD.unpack_from(answer)[1]
    if kind == _ERROR:
        code = -struct.unpack_from("=i", answer, _HEAD.size)[0]
        raise OSError(code, os.strerror(code))
    if kind != _BY_FAMILY:
        return None
    *_, uid, inode = _TOLD.unpack_from(answer, _HEAD.size)
    return _owner(uid, inode)


def _listed(family: int, here: Address, there: Address) -> int | None:
    """Look the socket up in the list of all."""
    wanted = [_written(family, place) for place in (there, here)]
    name = "tcp" if family == socket.AF_INET else "tcp6"
    with Path("/proc/net", name).open() as lines:
        for line in lines:
            parts = line.split()
            if parts[1:3] == wanted:
                return _owner(int(parts[7]), int(parts[9]))
    return None


def _owner(uid: int, inode: int) -> int | None:
    """Return the account of a socket; one that was closed already says root's and has no inode."""
    return uid if inode else None


def _written(family: int, place: Address) -> str:
    host, port = place
    words = struct.unpack(f"={_words(family)}I", socket.inet_pton(family, host))
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"


@cache
def _words(family: int) -> int:
    return 1 if family == socket.AF_INET else 4
