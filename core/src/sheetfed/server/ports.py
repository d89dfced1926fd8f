"""The ports: plain and TLS, on loopback, side by side."""

from __future__ import annotations

import errno
import socket
import sys

from sheetfed.api.errors import PortTaken
from sheetfed.config import Config
from sheetfed.server.guard.strangers import Entrance

PORTS = (18910, 18912, 18914, 18916)
"""The ports that are tried, in this order; each one's TLS twin is the next number."""

Sockets = list[socket.socket]


def bind(config: Config) -> tuple[Sockets, Sockets]:
    """Return sockets for plain and for TLS, where it is on, on the first pair that is free.

    Both families of addresses, where there are two. Raises PortTaken.
    """
    ports = PORTS if config.port is None else (config.port,)
    refusals = []
    for port in ports:
        try:
            return _bind_pair(port, _twin(port, config))
        except PortTaken as refused:
            if refused.details.get("final"):
                raise
            refusals.append(refused)
    if len(refusals) == 1:
        raise refusals[0]
    denied = next((each for each in refusals if "advice" in each.details), None)
    told = " or ".join(map(str, ports))
    raise denied or PortTaken(f"Another program listens on port {told}", ports=[*ports])


def _twin(port: int, config: Config) -> int | None:
    """Return the port for TLS; 0 is any that is free, None is none."""
    if not config.tls:
        return None
    if config.tls_port is not None:
        return config.tls_port
    if port == 65535:
        raise PortTaken(
            "There is no port after 65535 for TLS",
            ports=[port],
            advice="Set `tls_port` in sheetfed.toml, or choose another --port.",
        )
    return port + 1 if port else 0


def _bind_pair(port: int, twin: int | None) -> tuple[Sockets, Sockets]:
    plain = bind_port(port)
    try:
        return plain, [] if twin is None else bind_port(twin)
    except PortTaken:
        for bound in plain:
            bound.close()
        raise


def bind_port(port: int) -> Sockets:
    """Return sockets on one port. Raises PortTaken, final where another port would not help."""
    try:
        return _bind_both(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"Another program listens on port {port}", ports=[port]) from error
        if error.errno == errno.EACCES:
            raise PortTaken(
                f"This account may not listen on port {port}",
                ports=[port],
                advice="Choose a port above 1023 with --port.",
            ) from error
        raise PortTaken(f"Port {port}: {error.strerror}", ports=[port], final=True) from error


def _bind_both(port: int) -> list[socket.socket]:
    first = _bind(socket.AF_INET, "127.0.0.1", port)
    try:
        return [first, _bind(socket.AF_INET6, "::1", first.getsockname()[1])]
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            first.close()
            raise
        return [first]  # this computer has no such addresses


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = Entrance(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
        bound.listen(128)  # two may bind with SO_REUSEADDR, but only one listens
        bound.settimeout(0)
    except OSError:
        bound.close()
        raise
    return bound
