"""Who has the ports that we listen on."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from sheetfed.config import Config
from sheetfed.system.findings import Finding

if sys.platform != "win32":
    import pwd

_LISTENS = "0A"


def finding(config: Config, usual: Sequence[int], *, runs: bool) -> Finding:
    """Say on which port the service is, and who has the one it would rather have."""
    name = "Port"
    wanted = (config.port,) if config.port is not None else tuple(usual)
    mine = _kept(config) if runs else None
    taken = {port: holder(port) for port in wanted if port != mine and not _is_free(port)}
    others = ", ".join(f"{port} by {who}" for port, who in taken.items())
    if mine is not None:
        if others and wanted[0] in taken:
            text = f"{mine}, for the first one is taken: {others}"
            advice = "Pages that use our client find it; nothing else need be done."
            return Finding(name=name, state="weak", text=text, advice=advice)
        return Finding(name=name, state="ok", text=f"http://127.0.0.1:{mine}")
    if len(taken) == len(wanted):
        advice = "Stop what has it, or name another port with `sheetfed config set port 20000`."
        return Finding(name=name, state="broken", text=f"none is free: {others}", advice=advice)
    free = next(port for port in wanted if port not in taken)
    text = f"{free} is free" + (f"; taken are {others}" if others else "")
    return Finding(name=name, state="ok", text=text)


def holder(port: int) -> str:
    """Return whose program listens on a port of this computer, as far as the system says."""
    if sys.platform == "win32":
        return "another program"
    for table in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            parts = line.split()
            if parts[3] == _LISTENS and int(parts[1].rpartition(":")[2], 16) == port:
                return _account(int(parts[7]))
    return "another program"


def _account(uid: int) -> str:
    try:
        return f"a program of {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"a program of user {uid}"


def _kept(config: Config) -> int | None:
    try:
        return int((config.runtime / "port").read_text())
    except (OSError, ValueError):
        return None


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
