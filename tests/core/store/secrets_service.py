"""A private Secret Service: gnome-keyring on a bus of its own."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Self

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class Secrets:
    """A keyring that can be started locked or open, and taken away."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        socket = folder / "bus"
        (folder / "bus.conf").write_text(_BUS.format(socket=socket))
        self.environ = {
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}",
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(folder),
            "HOME": str(folder),
        }
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--nopidfile"],
            stdout=subprocess.DEVNULL,
        )
        wait_for(socket.exists)

    def start(self, *, password: str | None = "password") -> None:
        """Start it, unlocked where there is a password."""
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        self._daemon = subprocess.Popen(
            [*command, "--unlock"] if password else command,
            env={**os.environ, **self.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._daemon.stdin
        self._daemon.stdin.write((password or "").encode())
        self._daemon.stdin.close()
        wait_for(self._answers)

    def stop(self) -> None:
        """Take it away, as a logout does."""
        if self._daemon:
            self._daemon.terminate()
            self._daemon.wait(10)
            self._daemon = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._bus.terminate()
        self._bus.wait(10)

    def _answers(self) -> bool:
        question = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus"]
        asked = subprocess.run(
            [*question, "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
            env={**os.environ, **self.environ},
            capture_output=True,
            check=False,
        )
        return b"true" in asked.stdout


def wait_for(condition: object) -> None:
    """Return once it holds."""
    assert callable(condition)
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "the keyring did not come up"
        time.sleep(0.02)
