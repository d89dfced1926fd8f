"""The service as systemd keeps it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sheetfed.api.errors import SystemRefused
from sheetfed.disk import write_whole
from sheetfed.system.commands import ask, attempt
from sheetfed.system.units import SERVICE, SOCKET
from sheetfed.system.upkeep import Standing

MACHINE = Path("/etc/systemd/system")
PACKAGED = Path("/usr/lib/systemd")
"""Where a package of the system puts units: `system` and `user` below it."""

_ASKED = ("LoadState", "ActiveState", "Result", "MainPID", "NRestarts", "StatusText")


class Systemd:
    """One of its managers: this account's, or the computer's."""

    def __init__(self, units: Mapping[str, str], *, machine: bool) -> None:
        self._units = units
        self._machine = machine
        self._folder = MACHINE if machine else _account_folder()
        self._packaged = PACKAGED / ("system" if machine else "user")
        self._words = ("systemctl",) if machine else ("systemctl", "--user")

    def install(self) -> None:
        """Write the units; open the ports now, and from each start of the system on."""
        self._require()
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in self._units.items():
            write_whole(self._folder / name, text.encode(), mode=0o644)
        self._ask("daemon-reload")
        self._ask("enable", SOCKET)
        self._ask("stop", SOCKET, SERVICE)  # what runs does not have what is written now
        self._open()

    def start(self) -> None:
        """Open the ports and start the service."""
        self._installed()
        self._open()
        self._ask("start", SERVICE)

    def stop(self) -> None:
        """Close the ports and stop the service."""
        self._installed()
        self._ask("stop", SOCKET, SERVICE)

    def remove(self) -> None:
        """Stop everything and take the units away, but for those of the system's package."""
        found = [name for name in (SOCKET, SERVICE) if (self._folder / name).exists()]
        if found:
            attempt([*self._words, "stop", *found])
            attempt([*self._words, "disable", SOCKET])
        for name in found:
            (self._folder / name).unlink()
        if found:
            attempt([*self._words, "daemon-reload"])
        if (self._packaged / SOCKET).exists():
            raise SystemRefused(
                "The service is there by the package sheetfed of this system",
                advice=(
                    "Remove the package; or switch it off: "
                    f"`{' '.join(self._words)} mask --now {SOCKET} {SERVICE}`."
                ),
            )

    def standing(self) -> Standing:
        """Ask the manager."""
        kind = "systemd, for this computer" if self._machine else "systemd, for this account"
        files = tuple(file for n in (SERVICE, SOCKET) if (file := self._file(n)).exists())
        if not files:
            return Standing(kind=kind, installed=False, text="it is not installed")
        service, socket = self._shown(SERVICE), self._shown(SOCKET)
        pid = int(service.get("MainPID") or 0)
        return Standing(
            kind=kind,
            installed=True,
            runs=service.get("ActiveState") == "active",
            waits=socket.get("ActiveState") == "active",
            pid=pid or None,
            restarts=int(service.get("NRestarts") or 0),
            text=_text(service, socket),
            files=files,
        )

    def _file(self, name: str) -> Path:
        """Return the file that counts: the one that was installed, before a package's."""
        return next((f for f in (self._folder / name, self._packaged / name) if f.exists()),
                    self._folder / name)  # fmt: skip

    def _open(self) -> None:
        self._ask("reset-failed", SOCKET, SERVICE)
        attempt([*self._words, "start", SOCKET])  # where a port is taken, the service starts alone

    def _shown(self, unit: str) -> dict[str, str]:
        told = self._ask("show", unit, "--property", ",".join(_ASKED))
        return dict(line.partition("=")[::2] for line in told.splitlines())

    def _installed(self) -> None:
        if not self._file(SOCKET).exists():
            raise SystemRefused(
                "The service is not installed", advice="Run `sheetfed service install` first."
            )

    def _require(self) -> None:
        if self._machine and os.geteuid() != 0:
            raise SystemRefused(
                "Only root can install a service of the computer",
                advice="Run it with sudo, or without --system for this account alone.",
            )

    def _ask(self, *words: str) -> str:
        try:
            return ask([*self._words, *words])
        except SystemRefused as error:
            if any(sign in error.message for sign in ("bus", "booted", "Host is down")):
                error.details["advice"] = (
                    "systemd does not run for this account here; use `sheetfed monitor` instead."
                )
            raise


def listens(*, machine: bool) -> list[int]:
    """Return the ports that installed units open, in their order."""
    folder = MACHINE if machine else _account_folder()
    try:
        text = (folder / SOCKET).read_text()
    except OSError:
        return []
    found = re.findall(r"^ListenStream=\S*:(\d+)$", text, re.MULTILINE)
    return [*dict.fromkeys(map(int, found))]


def _account_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "systemd" / "user"


def _text(service: Mapping[str, str], socket: Mapping[str, str]) -> str:
    """Say in words what the two units' states mean together."""
    if service.get("ActiveState") == "active":
        told = service.get("StatusText") or "it runs"
        taken = socket.get("ActiveState") == "failed"
        return f"{told}; another program has a port of its own" if taken else told
    if service.get("ActiveState") in ("activating", "deactivating", "reloading"):
        return f"it is {service['ActiveState']}"
    if service.get("ActiveState") == "failed":
        return f"it failed: {service.get('Result', 'unknown')}"
    if socket.get("ActiveState") == "active":
        return "it starts as soon as somebody connects"
    return "it is stopped"


def restart_if_kept() -> bool:
    """Start this account's service again if systemd keeps it and it runs; say whether it was."""
    if not any((folder / SERVICE).exists() for folder in (_account_folder(), PACKAGED / "user")):
        return False
    if attempt(["systemctl", "--user", "is-active", "--quiet", SERVICE]).returncode:
        return False
    return not attempt(["systemctl", "--user", "restart", SERVICE]).returncode
