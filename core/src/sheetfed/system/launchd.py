"""The service as macOS keeps it: a LaunchAgent."""

from __future__ import annotations

import os
import plistlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sheetfed.api.errors import SystemRefused
from sheetfed.disk import write_whole
from sheetfed.system.commands import ask, attempt
from sheetfed.system.upkeep import Standing

LABEL = "io.github.sheetfed"


def plist(command: Sequence[str], logs: Path) -> bytes:
    """Return the agent's file (launchd.plist(5)): from logon on, again after a crash."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": [*command],
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 10,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
            "Umask": 0o077,
            "HardResourceLimits": {"Core": 0},
            "StandardErrorPath": str(logs / "launchd.log"),
        }
    )


class Launchd:
    """The launchd of this account."""

    def __init__(self, file: bytes) -> None:
        self._file = file
        self._path = Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    def install(self) -> None:
        """Write the agent's file and load it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(SystemRefused):
            attempt(["launchctl", "bootout", self._target()])
        write_whole(self._path, self._file, mode=0o644)
        self.start()

    def start(self) -> None:
        """Load it, which starts it."""
        if attempt(["launchctl", "kickstart", self._target()]).returncode:
            ask(["launchctl", "bootstrap", _domain(), str(self._path)])

    def stop(self) -> None:
        """Unload it until the next logon."""
        ask(["launchctl", "bootout", self._target()])

    def remove(self) -> None:
        """Unload it and delete its file."""
        if self._path.exists():
            attempt(["launchctl", "bootout", self._target()])
            self._path.unlink()

    def standing(self) -> Standing:
        """Ask launchd."""
        kind = "LaunchAgent"
        if not self._path.exists():
            return Standing(kind=kind, installed=False, text="it is not installed")
        told = attempt(["launchctl", "print", self._target()])
        runs = "state = running" in told.stdout
        text = "it runs" if runs else "it is stopped"
        return Standing(kind=kind, installed=True, runs=runs, text=text, files=(self._path,))

    def _target(self) -> str:
        return f"{_domain()}/{LABEL}"


def _domain() -> str:
    return f"gui/{os.getuid()}" if hasattr(os, "getuid") else ""
