"""The service itself on Windows, and the command line that talks to it through its pipe."""

from __future__ import annotations

import io
import json
import socket
import subprocess
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
    """A computer with Windows on which the service runs."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        python = whole.interpreter(folder / "python")
        (folder / "modules").mkdir()
        words = windows.python(rig.prefix, path=modules(folder / "modules"))
        home = windows.there(folder / "home")
        program = ("-W", "ignore", "-c", "from sheetfed.cli import main; main()", "--home", home)
        self.command = (*words[:-1], str(python), *program)
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        (folder / "home").mkdir()
        (folder / "home/sheetfed.toml").write_text(
            f"port = {self.port}\ntls = false\n"
            'disabled = ["sample"]\n'  # it draws with numpy, which this Wine cannot load
        )
        self.service = subprocess.Popen(
            [*self.command, "serve", "--monitored"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.service.stdout
        self.said = self.service.stdout.readline()

    def sheetfed(self, *words: str, most: int = 0) -> str:
        """Run a command that leaves with `most` at most, and return what it prints."""
        done = subprocess.run(
            [*self.command, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode <= most, (done.stdout + done.stderr).decode()
        return done.stdout.decode()

    def get(self, path: str, token: str = "") -> tuple[int, bytes]:
        """Ask the service from this side of the computer's loopback."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"http://127.0.0.1:{self.port}{path}"
        try:
            asked = urllib.request.Request(address, headers=headers)
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def stop(self) -> tuple[int, str]:
        """End its input, as the monitor does; return its exit code and last words."""
        _, told = self.service.communicate(timeout=PATIENCE)
        return self.service.returncode, told


@pytest.fixture(scope="module")
def computer(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """Start the service once for all of these tests."""
    made = Windows(rig, tmp_path_factory.mktemp("served"))
    yield made
    if made.service.poll() is None:
        made.stop()


def test_it_says_where_it_is_and_answers_who_has_a_token(computer: Windows) -> None:
    """The token comes through the pipe; without one nothing is told."""
    token = computer.sheetfed("token").strip()
    status, told = computer.get("/v1/devices", token)
    devices = {device["id"] for device in json.loads(told)["items"]}

    assert computer.said == f"sheetfed is at http://127.0.0.1:{computer.port}\n"
    assert (status, TWAIN in devices) == (200, True)
    assert computer.get("/v1/devices")[0] == 401


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


def test_the_doctor_names_the_pipe_and_what_is_not_looked_at(computer: Windows) -> None:
    """Whose a connection is, nobody looks at, and that is said."""
    said = json.loads(computer.sheetfed("doctor", "--json", most=1))
    found: dict[str, Any] = {each["name"]: each for each in said["items"]}

    assert found["Service"]["text"].startswith("it runs, at \\\\.\\pipe\\sheetfed-")
    assert found["Addon twain"]["state"] == "ok"
    assert found["Other accounts"]["state"] == "weak"


def test_it_stops_in_good_order_and_leaves_no_port_file(computer: Windows) -> None:
    """This one is the last: the service is gone then, and its pages are not."""
    status, told = computer.stop()

    assert (status, told) == (0, "Stopped.\n")
    assert not (computer.folder / "home/run/port").exists()
    assert list((computer.folder / "home/store").rglob("store.db"))
