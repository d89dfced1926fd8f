"""An account of its own: home, command line, browsers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from marionette import Firefox, Refused
from playwright.sync_api import Error, Playwright
from shop import EVERYTHING
from spare import free_port

from sheetfed.config import load
from sheetfed.trust import places

PROGRAM = Path(sys.executable).with_name("sheetfed")


class Person:
    """An account of its own: a home, a state folder, the command line."""

    def __init__(self, home: Path, inside: Sequence[str] = ()) -> None:
        home.mkdir()
        self.home = home
        self.state = home / ".local/state/sheetfed"
        self.authority = self.state / "trust"
        self.inside = inside

    @property
    def environ(self) -> dict[str, str]:
        """What the person's programs find: nothing of ours."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("XDG_", "SHEETFED_"))}
        return {**kept, "HOME": str(self.home)}

    def trust(self, *words: str, code: int = 0) -> list[dict[str, Any]]:
        """Run `sheetfed trust` and return its rows."""
        done = subprocess.run(
            [*self.inside, str(PROGRAM), "--home", str(self.state), "trust", *words, "--json"],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)["items"]
        return rows

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Run the service and yield its port for TLS."""
        service = subprocess.Popen(
            [PROGRAM, "--home", self.state, "serve", "--port", str(free_port())],
            env=self.environ,
            stdout=subprocess.DEVNULL,
        )
        told = load(home=self.state, environ=self.environ).runtime / places.PORT
        try:
            end = time.monotonic() + 20
            while not told.exists():
                assert service.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield int(told.read_text())
        finally:
            service.terminate()
            service.wait(20)

    def files(self) -> set[str]:
        """Return every file in the home."""
        return {str(f.relative_to(self.home)) for f in self.home.rglob("*") if not f.is_dir()}


class Browsers:
    """Chromium and Firefox of one person."""

    def __init__(self, play: Playwright, person: Person) -> None:
        self._play = play
        self._person = person

    @contextmanager
    def chromium(self, name: str = "chromium") -> Iterator[Any]:
        """Run a Chromium with its own profile."""
        program = self._person.home / "browser"
        program.write_text(
            "#!/bin/sh\nexec " + " ".join([*self._person.inside, "/usr/bin/chromium"]) + ' "$@"\n'
        )
        program.chmod(0o700)
        context = self._play.chromium.launch_persistent_context(
            self._person.home / name,
            executable_path=program,
            env=self._person.environ,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--host-resolver-rules=MAP evil.example 127.0.0.1",
            ],
        )
        try:
            yield context.pages[0]
        finally:
            context.close()
            program.unlink()

    @contextmanager
    def firefox(self, profile: str = "first.default") -> Iterator[Firefox]:
        """Run a Firefox with its own profile, where new profiles are."""
        place = self._person.home / ".config/mozilla/firefox" / profile
        settings = {"network.dns.localDomains": "evil.example"}
        with Firefox(
            place, home=self._person.home, inside=self._person.inside, settings=settings
        ) as firefox:
            yield firefox


def visit(browser: Any, address: str) -> Any:
    """Return what page, fetch and socket say, or why the browser refused."""
    try:
        browser.goto(address)
    except (Error, Refused) as error:
        return str(error)
    return browser.evaluate(EVERYTHING)
