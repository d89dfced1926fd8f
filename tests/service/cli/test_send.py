"""`sheetfed send`: it waits until the file is there, or says why it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest


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
