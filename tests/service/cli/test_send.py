"""`sheetfed send`: it waits until the file is there, or says why it is not."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import pytest
from terminals import Terminal


@pytest.fixture
def inbox(shell: Any) -> Any:
    """A target that is a folder."""
    folder = shell.folder / "inbox"
    folder.mkdir()
    with (shell.home / "sheetfed.toml").open("a") as config:
        config.write(
            f'[targets.inbox]\nprotocol = "folder"\npath = {json.dumps(str(folder))}\n'
            'name = "{field:case}/{document}"\ncollision = "fail"\n'
            'fields.case = "Case"\n'
        )
    return folder


def test_any_file_arrives_as_it_stands(shell: Any, inbox: Any) -> None:
    """No document is made of it, and nothing of it is changed."""
    data = bytes(range(256)) * 5000
    (shell.folder / "any.thing").write_bytes(data)

    done = shell.run("send", "any.thing", "--to", "inbox", "--set", "case=A/1")

    assert done.returncode == 0, done.stderr
    assert (inbox / "A_1" / "any.thing").read_bytes() == data
    assert str(inbox) in done.stdout
    assert shell.documents() == []


def test_what_stops_a_file_is_said_and_is_the_exit_code(shell: Any, inbox: Any) -> None:
    """A script looks at the code, a person at the words."""
    (shell.folder / "a.txt").write_text("one")
    (inbox / "1").mkdir()
    (inbox / "1" / "a.txt").write_text("another")
    shell.serve()

    for words, code, hint in (
        (["--to", "inbx"], 1, "Did you mean 'inbox'?"),
        (["--to", "inbox"], 2, "Case"),
        (["--to", "inbox", "--set", "cas=1"], 2, "Did you mean 'case'?"),
        (["--to", "inbox", "--set", "case=1"], 6, "another one"),
    ):
        done = shell.run("send", "a.txt", *words)
        assert done.returncode == code, done.stderr
        assert hint in done.stderr
        assert "Traceback" not in done.stderr
    assert [file.name for file in (inbox / "1").iterdir()] == ["a.txt"]
    assert (inbox / "1" / "a.txt").read_text() == "another"


def test_what_has_not_arrived_stays_queued_and_goes_on(shell: Any, inbox: Any) -> None:
    """The drive was not there; the next service that runs sends it, with nobody's help."""
    (shell.folder / "a.txt").write_text("one")
    inbox.rmdir()
    service, _ = shell.serve()

    test = shell.run("targets", "test", "inbox")
    words = ("send", "a.txt", "--to", "inbox", "--set", "case=1")
    waiting = shell.start(*words)
    said = next(line for line in waiting.stderr if "waiting" in line)
    waiting.kill()
    left = shell.run(*words, "--wait", "0")
    service.terminate()
    service.communicate()
    inbox.mkdir()
    shell.serve()
    listed = json.loads(shell.run("deliveries", "--json").stdout)["items"]
    for _ in range(100):
        if {one["state"] for one in listed} == {"done"}:
            break
        listed = json.loads(shell.run("deliveries", "--json").stdout)["items"]

    assert (test.returncode, left.returncode) == (6, 6)
    assert "is the drive there?" in test.stderr
    assert "a.txt: waiting: " in said  # and why, also where nobody watches a line change
    assert "is the drive there?" in said
    assert "It stays queued" in left.stderr
    assert (inbox / "1" / "a.txt").read_text() == "one"
    assert not [*inbox.glob(".*")]


def deliveries(shell: Any) -> list[Any]:
    return list(json.loads(shell.run("deliveries", "--json").stdout)["items"])


def test_a_terminal_shows_how_far_it_is_and_ctrl_c_gives_it_up(shell: Any, inbox: Any) -> None:
    """The person sees it go, and what became of it."""
    with (shell.home / "sheetfed.toml").open("a") as config:
        place = json.dumps(str(inbox / "slow"))
        config.write(
            f'[targets.slow]\nprotocol = "folder"\npath = {place}\n'
            'name = "{document}"\nbandwidth = 1000\n'
        )
    (shell.folder / "long.bin").write_bytes(bytes(4_000_000))
    (inbox / "slow").mkdir()
    shell.serve()
    terminal = Terminal(shell, "send", "long.bin", "--to", "slow")

    while not re.search("long.bin: sending [1-9][0-9]? % of 4.0 MB", terminal.seen):
        terminal.read()
    terminal.process.send_signal(signal.SIGINT)

    assert terminal.end() == 130, terminal.seen
    assert "long.bin was given up\r\n  Nothing of it is kept." in terminal.seen
    assert [(one["state"], one["error"]) for one in deliveries(shell)] == [("cancelled", None)]
    assert not [each for each in inbox.rglob("*") if each.is_file()]


class Mute:
    """A server that hears all of a request, and says nothing."""

    def __init__(self) -> None:
        self.heard = Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = Thread(target=self._hear)
        self._thread.start()

    def _hear(self) -> None:
        with suppress(OSError):
            line, _ = self._socket.accept()
            with line:
                data = b""
                while piece := line.recv(65536):
                    data += piece
                    if b"the end" in data:
                        self.heard.set()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.close()


def test_what_is_given_up_too_late_is_told_as_that(shell: Any, mute: Mute) -> None:
    """A POST whose last byte the server has: it may keep the document, whatever we do."""
    with (shell.home / "sheetfed.toml").open("a") as config:
        config.write(
            f'[targets.form]\nprotocol = "http"\nurl = "http://127.0.0.1:{mute.port}/"\n'
            'name = "{document}"\nmethod = "POST"\nplain = true\ninternal = true\n'
        )
    (shell.folder / "a.txt").write_text("from begin to the end")
    shell.serve()
    sending = shell.start("send", "a.txt", "--to", "form")
    assert mute.heard.wait(30)

    sending.send_signal(signal.SIGINT)
    _, said = sending.communicate(30)
    (one,) = deliveries(shell)
    again = shell.run("deliveries", "cancel", one["id"])

    assert sending.returncode == 130, said
    assert "a.txt was given up late: The server had everything" in said
    assert "Look at the target: it may be there." in said
    assert (one["state"], one["error"]["code"]) == ("cancelled", "delivery-unsure")
    assert "is cancelled: The server had everything" in again.stderr


def test_deliveries_are_retried_and_given_up_by_name(shell: Any, inbox: Any) -> None:
    """At once, without waiting for the next try; what has ended cannot be retried."""
    (shell.folder / "a.txt").write_text("one")
    inbox.rmdir()
    shell.serve()
    for _ in range(2):
        shell.run("send", "a.txt", "--to", "inbox", "--set", "case=1", "--wait", "0")
    (given_up, wanted) = [one["id"] for one in deliveries(shell)]

    cancelled = shell.run("deliveries", "cancel", given_up)
    inbox.mkdir()
    retried = shell.run("deliveries", "retry", wanted)
    refused = shell.run("deliveries", "retry", given_up)
    unknown = shell.run("deliveries", "cancel", "dlv_none")
    for _ in range(100):
        now = {one["id"]: one["state"] for one in deliveries(shell)}
        if now[wanted] == "done":
            break

    assert f"{given_up} is cancelled\n" in cancelled.stderr
    assert f"{wanted} is " in retried.stderr
    assert (cancelled.returncode, retried.returncode) == (0, 0)
    assert refused.returncode != 0
    assert "The delivery is cancelled; there is nothing to retry" in refused.stderr
    assert unknown.returncode != 0
    assert "There is no delivery dlv_none" in unknown.stderr
    assert now == {wanted: "done", given_up: "cancelled"}
    assert [file.read_text() for file in inbox.rglob("*.txt")] == ["one"]
