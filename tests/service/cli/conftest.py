"""Runs the command line as a person does: real processes, a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheetfed.cli.client import Client
from sheetfed.config import load
from sheetfed.system.account import WARNING

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import lives
from program import PATIENCE, SHEETFED
from spare import free_port

AT_START = {"AIOHTTP_NO_EXTENSIONS", "LC_ALL", "LD_PRELOAD"}
"""What changes how an interpreter starts, or what aiohttp is once it is imported."""

QUICK = ("-d", "sample:paper", "-s", "resolution=75", "-s", "speed=0")
"""A scan of the sample scanner that takes no longer than it must."""

SLOW = ("-d", "sample:paper", "-s", "resolution=75", "-s", "speed=60", "-s", "sheets=50")
"""A scan that takes about a second for a page, and does not end by itself."""


class Shell:
    """A terminal of somebody who works in one folder, with one home."""

    def __init__(self, folder: Path, home: Path | None = None) -> None:
        self.folder = folder
        self.home = home or folder / "home"
        if home is None:
            self.home.mkdir()
            # Looking for network scanners takes seconds, and none is to be found here.
            (self.home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
        self._running: list[Any] = []

    def start(self, *words: str, **more: Any) -> Any:
        """Start a command, whose imports were made before; or else the program itself."""
        environ = more.pop("environ", {})
        environment = {**os.environ, **environ}
        if not more and not AT_START & {*environ} and sys.platform != "win32":
            life = lives.begin("--home", self.home, *words, environ=environment, cwd=self.folder)
            self._running.append(life)
            return life
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(
            [*SHEETFED, "--home", self.home, *words],
            cwd=self.folder,
            env=environment,
            **{"text": True, **given, **more},
        )
        self._running.append(process)
        return process

    def run(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def serve(self, *words: str) -> tuple[Any, str]:
        """Start the service, on a free port unless one is named; return it and its address."""
        if "--port" not in words:
            words = (*words, "--port", str(free_port()))
        process = self.start("serve", *words, environ={"SHEETFED_TLS": "false"})
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("sheetfed is at http://"), process.communicate()
        return process, line.split()[-1]

    def documents(self) -> list[Any]:
        """Return the documents that are kept."""
        done = self.run("documents", "--json")
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout)["items"])

    def close(self) -> None:
        """End what a test left running."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.communicate()


class Beside(Shell):
    """The same beside a running service, which does the work of its commands."""

    @property
    def service(self) -> Client:
        """The service, past the command line."""
        return Client(load(home=self.home).socket)

    def documents(self) -> list[Any]:
        """Return the documents that are kept."""
        return list(self.service.get("/v1/documents")["items"])


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    """A shell beside a running service, for tests that leave nothing behind."""
    shell = Beside(tmp_path_factory.mktemp("served"))
    shell.serve()
    yield shell
    shell.close()


@pytest.fixture
def beside(served: Beside, tmp_path: Path) -> Iterator[Beside]:
    """A shell in a folder of its own, and nothing kept yet in the service that it shares."""
    shell = Beside(tmp_path, served.home)
    yield shell
    shell.close()
    for document in shell.documents():
        shell.service.delete(f"/v1/documents/{document['id']}")


@pytest.fixture
def quick() -> tuple[str, ...]:
    return QUICK


@pytest.fixture
def slow() -> tuple[str, ...]:
    return SLOW


def read_until(process: Any, event: str) -> dict[str, Any]:
    """Return the first line of this event that a command tells in JSON."""
    assert process.stdout
    for line in process.stdout:
        told: dict[str, Any] = json.loads(line)
        if told["event"] == event:
            return told
    raise AssertionError(f"no {event}: {process.communicate()}")


@pytest.fixture
def until() -> Any:
    return read_until


def stop(process: Any, name: str = "SIGINT") -> tuple[float, str, str]:
    """Send a signal; return how long the end took, and what was said, root's warning left out."""
    begun = time.monotonic()
    process.send_signal(signal.Signals[name])
    out, err = process.communicate(timeout=30)
    return time.monotonic() - begun, out, err.removeprefix(WARNING)


@pytest.fixture
def stopping() -> Any:
    return stop
