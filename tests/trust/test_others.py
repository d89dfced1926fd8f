"""Other people's profiles: an administrator acts as each of them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from machine import Machine
from test_words import profile_of

from sheetfed.trust import authority
from sheetfed.trust.stores import read_root

SOURCE = Path(__file__).parents[2] / "core/src"
NUMBER = 54321
AS_ROOT = """
import json, sys
from pathlib import Path
from sheetfed.trust.databases import Account, Database
from sheetfed.trust.stores import Root

folder, file, der, program = sys.argv[1:]
account = Account(home=Path(folder).parents[2], uid=54321, gid=54321)
database = Database(name="x", folder=Path(folder), account=account, restart="")
root = Root(file=Path(file), der=bytes.fromhex(der))
if program:
    sys.executable = program
print(json.dumps([database.install(root).state, database.remove().state]))
"""


@pytest.fixture
def home(machine: Machine) -> Iterator[Path]:
    """The home of somebody else, whom the machine knows by a number only."""
    del machine
    place = Path(tempfile.mkdtemp(prefix="sheetfed-others-"))
    person = [*_become(), "chown", str(NUMBER), str(place)]
    subprocess.run(person, check=True)
    yield place
    subprocess.run([*_become(), "rm", "-r", place], check=True)


def _become() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def acted(machine: Machine, profile: Path, tmp_path: Path, *, child: str = "") -> Any:
    """Return how installing and removing went, as root, with the system's own interpreter."""
    authority.make(tmp_path / "trust")
    root = read_root(tmp_path / "trust")
    words = ["env", f"PYTHONPATH={SOURCE}", "PASSWORD=of root", "/usr/bin/python3", "-c", AS_ROOT]
    done = subprocess.run(
        [*machine.inside, *words, str(profile), str(root.file), root.der.hex(), child],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    return json.loads(done.stdout)


def test_a_profile_is_changed_as_the_person_it_belongs_to(
    machine: Machine, home: Path, tmp_path: Path
) -> None:
    person = [*_become(), "setpriv", f"--reuid={NUMBER}", f"--regid={NUMBER}", "--clear-groups"]
    profile = profile_of(home, *person)

    states = acted(machine, profile, tmp_path)

    assert states == ["trusted", "missing"]
    owners = subprocess.run(
        [*_become(), "find", home, "-not", "-uid", str(NUMBER)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert owners.stdout == ""


def test_root_opens_nothing_that_the_person_may_not(
    machine: Machine, home: Path, tmp_path: Path
) -> None:
    """A person could lay a link where root would follow it."""
    profile = profile_of(home, *_become())

    states = acted(machine, profile, tmp_path)

    assert states == ["refused", "refused"]


def test_a_person_does_not_see_the_environment_of_root(
    machine: Machine, home: Path, tmp_path: Path
) -> None:
    """The child is theirs: whatever it was given stands in /proc."""
    person = [*_become(), "setpriv", f"--reuid={NUMBER}", f"--regid={NUMBER}", "--clear-groups"]
    profile = profile_of(home, *person)
    child = f"#!/bin/sh\nenv > {home}/seen\n"
    subprocess.run([*person, "tee", home / "child"], input=child.encode(), check=True)
    subprocess.run([*person, "chmod", "755", home / "child"], check=True)

    states = acted(machine, profile, tmp_path, child=str(home / "child"))

    seen = subprocess.run([*_become(), "cat", home / "seen"], capture_output=True, check=True)
    names = {line.partition(b"=")[0] for line in seen.stdout.splitlines()}
    assert states == ["refused", "refused"]
    assert names <= {b"PATH", b"PYTHONPATH", b"LD_LIBRARY_PATH", b"PWD", b"OLDPWD", b"SHLVL", b"_"}
