"""The service itself on Windows, and the command line that talks to it through its pipe."""

from __future__ import annotations

import base64
import fcntl
import io
import json
import os
import re
import select
import socket
import subprocess
import termios
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import whole
import windows
from installed import modules
from PIL import Image
from scanner import DEVICE, Rig

pytestmark = pytest.mark.timeout(400)
TWAIN = f"twain:{DEVICE}"
PATIENCE = 300


class Windows:
    """A computer with Windows on which the service runs, in a console."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        python = whole.interpreter(folder / "python")
        (folder / "modules").mkdir()
        words = windows.python(rig.prefix, path=modules(folder / "modules"))
        self._python = (*words[:-1], str(python), "-W", "ignore")
        self.folder = folder
        self.console, inside = os.openpty()
        termios.tcsetwinsize(inside, (25, 200))  # Wine makes no console of none
        self.service = self.begin(
            *("home", "serve"),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # or Ctrl-C is for nobody
        )
        os.close(inside)
        self.port = int(self.heard(rb"sheetfed is at http://127.0.0.1:(\d+)")[1])
        self.program = self._start(windows.there(windows.HERE / "fetcher.py"))
        assert self.program.stdout
        self.pid = self.program.stdout.readline().strip()

    def begin(self, home: str, *words: str, **streams: Any) -> subprocess.Popen[str]:
        """Start a service that has a home of its own."""
        place = self.folder / home
        if not place.exists():
            place.mkdir()
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            (place / "sheetfed.toml").write_text(
                f"port = {port}\ntls = false\n"
                'disabled = ["sample"]\n'  # it draws with numpy, which this Wine cannot load
            )
        return self._start(*self._words(home), *words, **streams)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*self._python, *self._words("home"), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def sheetfed(self, *words: str, most: int = 0) -> str:
        """Run a command that leaves with `most` at most, and return what it prints."""
        done = self.run(*words)
        assert done.returncode <= most, done
        return done.stdout

    def get(self, path: str, token: str = "") -> tuple[int, bytes]:
        """Have a program of Windows ask the service."""
        assert self.program.stdin
        assert self.program.stdout
        self.program.stdin.write(f"http://127.0.0.1:{self.port}{path} {token}\n")
        self.program.stdin.flush()
        status, _, body = self.program.stdout.readline().partition(" ")
        return int(status), base64.b64decode(body)

    def heard(self, pattern: bytes) -> re.Match[bytes]:
        """Return what the console shows next that is like this."""
        shown = b""
        while not (found := re.search(pattern, shown)):
            ready, _, _ = select.select([self.console], [], [], PATIENCE)
            assert ready, shown
            shown += os.read(self.console, 4096)
        return found

    def close(self) -> None:
        """End what is left."""
        for process in (self.service, self.program):
            process.kill()
            process.communicate()
        os.close(self.console)

    def _words(self, home: str) -> tuple[str, ...]:
        program = "from sheetfed.cli import main; main()"
        return ("-c", program, "--home", windows.there(self.folder / home))

    def _start(self, *words: str, **streams: Any) -> subprocess.Popen[str]:
        given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*self._python, *words], text=True, **{**given, **streams})


@pytest.fixture(scope="module")
def computer(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """Start the service once for all of these tests."""
    made = Windows(rig, tmp_path_factory.mktemp("served"))
    yield made
    made.close()


def test_it_says_where_it_is_and_answers_who_has_a_token(computer: Windows) -> None:
    """The token comes through the pipe; without one nothing is told."""
    token = computer.sheetfed("token").strip()
    status, told = computer.get("/v1/devices", token)
    devices = {device["id"] for device in json.loads(told)["items"]}

    assert (status, TWAIN in devices) == (200, True)
    assert computer.get("/v1/devices")[0] == 401


def test_what_is_no_program_of_this_account_is_refused(computer: Windows) -> None:
    """R8: programs of Linux reach the same loopback, and Windows knows no account of theirs."""
    token = computer.sheetfed("token").strip()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{computer.port}/v1/documents",
        headers={"Authorization": f"Bearer {token}"},
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=PATIENCE)
    refused.value.close()
    told, _ = computer.get("/v1/documents", token)

    assert (refused.value.code, told) == (403, 200)


def test_a_second_service_for_the_same_store_is_refused(computer: Windows) -> None:
    """The lock is Windows' own; who has it can be read all the same."""
    second = computer.run("serve")

    assert second.returncode == 4
    assert re.match(r"sheetfed: Process \d+ uses the store ", second.stderr), second


def test_a_feeder_of_pages_is_scanned_into_its_own_store(computer: Windows) -> None:
    """By the word a person uses, through the pipe, with a 64-bit driver."""
    wishes = ("-s", "source=duplex", "-s", "resolution=75")
    computer.sheetfed("scan", "-d", TWAIN, *wishes, "--title", "Post")
    (document,) = json.loads(computer.sheetfed("documents", "--json"))["items"]
    token = computer.sheetfed("token").strip()
    found = json.loads(computer.get(f"/v1/documents/{quote(document['id'])}", token)[1])
    pages = [computer.get(f"/v1/pages/{page['id']}/image", token) for page in found["pages"]]

    assert document["title"] == "Post"
    assert [status for status, _ in pages] == [200] * 6
    assert {Image.open(io.BytesIO(body)).size for _, body in pages} == {(600, 825)}


def test_the_doctor_names_the_pipe_and_whose_connections_are(computer: Windows) -> None:
    """R8: it asks Windows about a connection of its own."""
    said = json.loads(computer.sheetfed("doctor", "--json", most=1))
    found: dict[str, Any] = {each["name"]: each for each in said["items"]}

    assert found["Service"]["text"].startswith("it runs, at \\\\.\\pipe\\sheetfed-")
    assert found["Addon twain"]["state"] == "ok"
    assert found["Other accounts"]["state"] == "ok"


def test_one_that_is_monitored_stops_in_good_order_and_leaves_no_port_file(
    computer: Windows,
) -> None:
    """Its input ends, which is how the monitor stops it; its store is not gone with it."""
    watched = computer.begin("watched", "serve", "--monitored")
    assert watched.stdout
    assert watched.stdout.readline().startswith("sheetfed is at ")
    _, told = watched.communicate(timeout=PATIENCE)

    assert (watched.returncode, told) == (0, "Stopped.\n")
    assert not (computer.folder / "watched/run/port").exists()
    assert list((computer.folder / "watched/store").rglob("store.db"))
