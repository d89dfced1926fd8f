"""The service itself on Windows, and the command line that talks to it through its pipe."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import whole
from consoles import PATIENCE, Desk
from installed import modules
from PIL import Image
from scanner import DEVICE, Rig
from windows import HERE, there

from sheetfed.system import monitor

pytestmark = pytest.mark.timeout(400)
TWAIN = f"twain:{DEVICE}"


class Computer(Desk):
    """A Windows on which the service runs, in a console, and a program that asks it."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        (folder / "modules").mkdir()
        path, program = modules(folder / "modules"), whole.interpreter(folder / "python")
        self.everybodys = rig.prefix / "drive_c/ProgramData"
        # What the sample scanner draws with is among the libraries of addons, which are not here.
        config = 'disabled = ["sample"]\n'
        super().__init__(rig.windows.python(rig.prefix, path=path, program=program), folder, config)
        self.service = self.console("home", "serve")
        self.port = int(self.service.heard(rb"sheetfed is at http://127.0.0.1:(\d+)")[1])
        self.program = self.start(there(HERE / "fetcher.py"))
        assert self.program.stdout
        self.pid = self.program.stdout.readline().strip()

    def sheetfed(self, *words: str, most: int = 0) -> str:
        """Run a command that leaves with `most` at most, and return what it prints."""
        done = self.run("home", *words)
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

    def close(self) -> None:
        """End what is left."""
        self.service.close()
        self.program.kill()
        self.program.communicate()


@pytest.fixture(scope="module")
def computer(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    """Start the service once for all of these tests."""
    made = Computer(rig, tmp_path_factory.mktemp("served"))
    yield made
    made.close()


def test_it_says_where_it_is_and_answers_who_has_a_token(computer: Computer) -> None:
    """The token comes through the pipe; without one nothing is told."""
    token = computer.sheetfed("token").strip()
    status, told = computer.get("/v1/devices", token)
    devices = {device["id"] for device in json.loads(told)["items"]}

    assert (status, TWAIN in devices) == (200, True)
    assert computer.get("/v1/devices")[0] == 401


def test_what_is_no_program_of_this_account_is_refused(computer: Computer) -> None:
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


def test_a_second_service_for_the_same_store_is_refused(computer: Computer) -> None:
    """The lock is Windows' own; who has it can be read all the same."""
    second = computer.run("home", "serve")

    assert second.returncode == 4
    assert re.match(r"sheetfed: Process \d+ uses the store ", second.stderr), second


def test_a_feeder_of_pages_is_scanned_into_its_own_store(computer: Computer) -> None:
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


def test_the_doctor_names_the_pipe_and_whose_connections_are(computer: Computer) -> None:
    """R8: it asks Windows about a connection of its own."""
    said = json.loads(computer.sheetfed("doctor", "--json", most=1))
    found: dict[str, Any] = {each["name"]: each for each in said["items"]}

    assert found["Service"]["text"].startswith("it runs, at \\\\.\\pipe\\sheetfed-")
    assert found["Addon twain"]["state"] == "ok"
    assert found["Other accounts"]["state"] == "ok"


def test_one_that_is_monitored_stops_in_good_order_and_leaves_no_port_file(
    computer: Computer,
) -> None:
    """Its input ends, which is how the monitor stops it; its store is not gone with it."""
    watched = computer.begin("watched", "serve", "--monitored")
    assert watched.stdout
    said = next(line for line in watched.stdout if not line.startswith("sheetfed:"))
    assert said.startswith("sheetfed is at "), "what else it says is for the monitor"
    _, told = watched.communicate(timeout=PATIENCE)

    assert (watched.returncode, told) == (0, "Stopped.\n")
    assert not (computer.folder / "watched/run/port").exists()
    assert list((computer.folder / "watched/store").rglob("store.db"))


def test_what_another_account_puts_into_the_administrators_folder_is_left_out(
    computer: Computer,
) -> None:
    """On Windows everybody may make files there; one may name a program that others would run."""
    place = computer.everybodys / "sheetfed/conf.d"
    place.mkdir(parents=True)
    file = place / "50-office.toml"
    file.write_text('log = "json"\n')
    try:
        ours = computer.sheetfed("config", "show")
        os.chown(file, 12345, 12345)
        theirs = computer.sheetfed("config", "show")
    finally:
        shutil.rmtree(place.parent)

    assert 'log = "json"' in ours.splitlines()
    assert 'log = "text"' in theirs.splitlines()
    assert "50-office.toml is not read: " in theirs


def test_the_task_is_for_this_account_whatever_domain_it_is_of(computer: Computer) -> None:
    """A name alone may be somebody else's, or nobody's."""
    printed = computer.sheetfed("service", "install", "--print")

    assert len(re.findall(r"<UserId>S-1-5-21-[-0-9]+</UserId>", printed)) == 2


def test_a_monitor_that_is_killed_takes_its_service_along(computer: Computer) -> None:
    """By a job object: a service that is stuck does not notice anything."""
    state = computer.folder / "monitor.json"
    words = (there(HERE / "ward.py"), there(Path(monitor.__file__)), there(state))
    process = computer.start(*words)

    told, said = process.communicate(timeout=PATIENCE)

    assert json.loads(told) == {"second": monitor.SEVERAL, "ended": True}, said
