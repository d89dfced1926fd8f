"""Sockets that the system opened before we were started."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sheetfed.config import Config
from sheetfed.server.guard.strangers import Entrance

FIRST = 3
"""The descriptor of the first one (sd_listen_fds(3))."""

_WORDS = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What each of them is for; empty where nobody opened any."""

    plain: tuple[socket.socket, ...] = ()
    secure: tuple[socket.socket, ...] = ()
    local: socket.socket | None = None


def take(config: Config, environ: MutableMapping[str, str]) -> Handed:
    """Return the sockets that were opened for us; no child of ours gets them.

    What does not fit the configuration is closed: then we open our own.
    """
    sockets = _taken(environ)
    local = [each for each in sockets if _is_local(each, config.socket)]
    ports = [each for each in sockets if each.family in (socket.AF_INET, socket.AF_INET6)]
    first = config.port or min((_port(each) for each in ports), default=0)
    plain = tuple(each for each in ports if _port(each) == first)
    twin = (config.tls_port or first + 1) if config.tls else 0
    secure = tuple(each for each in ports if plain and _port(each) == twin)
    kept = (*local[:1], *plain, *secure)
    for each in sockets:
        if each not in kept:
            each.close()
        else:
            each.settimeout(0)
    return Handed(plain=plain, secure=secure, local=local[0] if local else None)


def _taken(environ: MutableMapping[str, str]) -> list[Entrance]:
    for_us = environ.get("LISTEN_PID") == str(os.getpid())
    count = environ.get("LISTEN_FDS", "")
    for word in _WORDS:
        environ.pop(word, None)
    if not for_us or not count.isdigit():
        return []
    found = []
    for number in range(FIRST, FIRST + int(count)):
        with suppress(OSError):  # what is no socket is none of ours
            os.set_inheritable(number, False)  # noqa: FBT003 - it takes no name
            found.append(Entrance(fileno=number))
    return found


def _is_local(given: socket.socket, path: Path) -> bool:
    return (
        hasattr(socket, "AF_UNIX")
        and given.family == socket.AF_UNIX
        and given.getsockname() == str(path)
    )


def _port(given: socket.socket) -> int:
    port: int = given.getsockname()[1]
    return port
