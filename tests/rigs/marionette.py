"""Firefox, driven over the protocol that it brings itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from spare import free_port

QUIET = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "security.OCSP.enabled": 0,
    "toolkit.telemetry.enabled": False,
}
"""Nothing here changes whom Firefox trusts: it only keeps it from asking the network."""


COMMAND = ("firefox-esr", "--headless", "--marionette", "--no-remote", "--profile")


class Refused(Exception):
    """Firefox did not do it; the message is its own."""


class Firefox:
    """One running Firefox with a profile of its own."""

    def __init__(
        self,
        profile: Path,
        *,
        home: Path,
        inside: Sequence[str] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.port = free_port()
        profile.mkdir(parents=True, exist_ok=True)
        chosen = {**QUIET, **(settings or {}), "marionette.port": self.port}
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in chosen.items()]
        (profile / "user.js").write_text("".join(lines))
        self._number = 0
        self._buffer = b""
        self._process = subprocess.Popen(
            [*inside, *COMMAND, str(profile)],
            env={**_without_desktop(), "HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wire = self._connect()
        self._read()  # its greeting
        self.ask("WebDriver:NewSession", {})
        self.ask("WebDriver:SetTimeouts", {"pageLoad": 60_000, "script": 60_000})

    @property
    def process(self) -> int:
        """The id of its first process; the others are its children."""
        return self._process.pid

    def goto(self, address: str) -> None:
        """Load a page. Raises Refused."""
        self.ask("WebDriver:Navigate", {"url": address})

    def evaluate(self, function: str) -> Any:
        """Return what a function of JavaScript resolves to, called in the page."""
        script = f"const done = arguments[0]; ({function})().then(done, e => done(String(e)));"
        return self.ask("WebDriver:ExecuteAsyncScript", {"script": script, "args": []})["value"]

    def ask(self, command: str, parameters: Mapping[str, Any]) -> Any:
        """Send one command and return its result. Raises Refused."""
        self._number += 1
        sent = json.dumps([0, self._number, command, parameters]).encode()
        self._wire.sendall(b"%d:%s" % (len(sent), sent))
        _, _, error, result = self._read()
        if error:
            raise Refused(f"{error['error']}: {error['message']}")
        return result

    def close(self) -> None:
        """Quit, as a person does: the profile is written."""
        try:
            self.ask("Marionette:Quit", {"flags": ["eForceQuit"]})
            self._process.wait(20)
        except (OSError, Refused, ValueError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> socket.socket:
        end = time.monotonic() + 90
        while time.monotonic() < end and self._process.poll() is None:
            try:
                wire = socket.create_connection(("127.0.0.1", self.port), timeout=90)
            except OSError:
                time.sleep(0.1)
            else:
                return wire
        self._process.kill()
        self._process.wait()
        raise AssertionError("Firefox does not listen")

    def _read(self) -> Any:
        while b":" not in self._buffer:
            self._fill()
        size, _, self._buffer = self._buffer.partition(b":")
        while len(self._buffer) < int(size):
            self._fill()
        told, self._buffer = self._buffer[: int(size)], self._buffer[int(size) :]
        return json.loads(told)

    def _fill(self) -> None:
        more = self._wire.recv(65536)
        if not more:
            raise ConnectionError("Firefox closed the wire")
        self._buffer += more


def _without_desktop() -> dict[str, str]:
    kept = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in kept and not name.startswith("XDG_")
    }
