"""Which addresses a target may lead to.

A name that resolves to this computer, or into its network, would let whoever owns the name reach
what only this computer can. The connection is made to an address that was looked at here, never to
what the name says a moment later.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from typing import Any

from sheetfed.api.errors import TargetRefused, TargetUnreachable

NOWHERE = "no address of a computer"
LINK_LOCAL = "link-local, as those of cloud metadata are"
METADATA = "where a cloud tells its machines their secrets"
RESERVED = "reserved"
NEVER = (NOWHERE, LINK_LOCAL, METADATA, RESERVED)
"""What is wrong with addresses that are not allowed inside either."""

_NOT_THERE = (ConnectionRefusedError, socket.gaierror)
_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH)
_OWN_NUMBERS = (ssl.SSLError, socket.gaierror)

_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254")))
"""Alibaba's, and Amazon's over IPv6: the others are link-local."""

_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""Of carriers, and of networks over the internet as Tailscale's: neither global nor private."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def reason(error: OSError) -> str:
    """Return the system's words: asyncio has others, which name its own calls."""
    number = 0 if isinstance(error, _OWN_NUMBERS) else error.errno or 0
    if sys.platform != "win32" and number > 0:  # on Windows they are Winsock's
        return os.strerror(number)
    return error.strerror or str(error) or "it was closed"


def lost(error: OSError | EOFError) -> TargetUnreachable:
    """Return what it means that a server is not there, or that the line to it ended."""
    words = reason(error) if isinstance(error, OSError) else "it was closed"
    if isinstance(error, _NOT_THERE) or getattr(error, "errno", None) in _NO_WAY:
        return TargetUnreachable(f"The server cannot be reached: {words}")
    return TargetUnreachable(f"The connection broke: {words}")


def check_host(host: str, *, internal: bool) -> None:
    """Refuse a host that is an address no target may have; names are looked at once resolved.

    Raises TargetRefused.
    """
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return
    if fault := _fault(address, internal=internal):
        raise refusal(fault)


def allowed(addresses: Iterable[str], *, internal: bool) -> list[str]:
    """Return those addresses that a target may have. Raises TargetRefused where none is."""
    faults: list[str] = []
    found: list[str] = []
    for text in addresses:
        fault = _fault(ipaddress.ip_address(text.partition("%")[0]), internal=internal)
        if fault:
            faults.append(fault)
        else:
            found.append(text)
    if faults and not found:
        raise refusal(faults[0])
    return found


def guard_process(*, internal: bool) -> None:
    """Have every look-up of this process answer with allowed addresses only.

    For the child of one target: it holds whatever library opens the connection.
    """
    socket.getaddrinfo = _Guarded(
        getattr(socket.getaddrinfo, "plain", socket.getaddrinfo), internal
    )


def refusal(fault: str) -> TargetRefused:
    """Return the error for an address that no target may have."""
    advice = "If that is meant, set `internal = true` in the target's table."
    if fault in NEVER:
        advice = "No setting allows that; name another one."
    return TargetRefused(f"The target's address is {fault}", advice=advice)


class _Guarded:
    """A look-up that leaves out what no target may have."""

    def __init__(self, plain: Callable[..., Any], internal: bool) -> None:  # noqa: FBT001
        self.plain = plain
        self._internal = internal

    def __call__(self, host: Any, port: Any, *rest: Any, **named: Any) -> list[Any]:
        found = self.plain(host, port, *rest, **named)
        good = set(allowed((row[4][0] for row in found), internal=self._internal))
        return [row for row in found if row[4][0] in good]


def _fault(address: Address, *, internal: bool) -> str:
    """Say what is wrong with an address; empty where nothing is."""
    real = _real(address)
    if real.is_unspecified or real.is_multicast:
        return NOWHERE
    if real.is_link_local:
        return LINK_LOCAL
    if real in _METADATA:
        return METADATA
    if internal:
        return "" if real.is_global or real.is_private or real in _SHARED else RESERVED
    if real.is_loopback:
        return "this computer itself"
    return "" if real.is_global else "inside a private network"


def _real(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv6Address):
        teredo = address.teredo
        inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address
