"""Whether the server has what it needs of this machine."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

from sheetfed.server import parser
from sheetfed.server.guard import peers
from sheetfed.system.findings import Finding


def findings() -> Iterator[Finding]:
    """Say how requests are read, and whether other accounts are told apart."""
    yield _parser()
    yield _peers()


def _parser() -> Finding:
    if parser.is_native():
        return Finding(name="HTTP parser", state="ok", text="the one in C")
    return Finding(
        name="HTTP parser",
        state="broken",
        text="aiohttp has no C parser here; the service does not start",
        advice="Install a wheel of aiohttp for this system, and unset AIOHTTP_NO_EXTENSIONS.",
    )


def _peers() -> Finding:
    """Connect to ourselves, and ask the system who that is."""
    name = "Other accounts"
    if not peers.are_told():
        text = "on this system other accounts can reach the port; they still need a token"
        return Finding(name=name, state="weak", text=text)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        server.accept()[0] as connected,
    ):
        client.sendall(b"?")  # before that, Wine does not know the program
        known = peers.is_known(connected)
    if known:
        return Finding(name=name, state="ok", text="their connections are told apart and refused")
    text = "the system does not say whose a connection is: every one is refused"
    advice = "Let it read /proc/net/tcp."
    if sys.platform == "win32":
        advice = "Ask what keeps programs from reading the table of connections (netstat -ano)."
    return Finding(name=name, state="broken", text=text, advice=advice)
