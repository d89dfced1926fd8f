"""The addon where it belongs: installed in a Python for Windows, with all of the core."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import elsewhere
import own
import pytest
from installed import ROOT, modules
from scanner import Rig
from windows import WINDOWS, there

pytestmark = pytest.mark.timeout(300)
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def run(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs the interpreter and returns its exit status and what it said."""
    folder = tmp_path_factory.mktemp("installed")
    command = WINDOWS.python(rig.prefix, path=modules(folder, ROOT / "tests/rigs/twain"))

    def program(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [*command, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=280,
        )
        return done.returncode, done.stdout.decode("utf-8", "replace")

    return program


def test_the_addon_passes_the_conformance_kit(run: Run) -> None:
    """All that every source and every open device must prove, and the addon's hooks."""
    kit = there(ROOT / "tests/rigs/twain/kit.py")
    status, said = run(
        "-m", "pytest", "-q", "--durations=9", "-p", "no:cacheprovider", "-o", "timeout=120", kit
    )

    assert status == 0, said
    assert " passed in " in said
    assert "skipped" not in said


def test_the_addon_is_ready_on_windows(run: Run, tmp_path: Path) -> None:
    """Elsewhere it is disabled, and says why."""
    program = "import sheetfed.cli; sheetfed.cli.main()"
    home = there(tmp_path / "home")
    status, said = run("-W", "ignore", "-c", program, "--home", home, "addons", "--json")
    rows = {row["name"]: row for row in json.loads(said)["items"]}

    assert status == 0
    assert rows["twain"]["state"] == "ready"
    assert rows["twain"]["offers"] == {"sources": ["twain"]}


def test_our_own_tests_pass_on_windows(rig: Rig, tmp_path: Path) -> None:
    """Paths, times, locks, pipes and the ends of processes are where a port dies.

    What cannot run there is named in `elsewhere`, with its reason, and must fail.
    """
    status, said = own.run(rig.prefix, tmp_path, elsewhere.QUICK)

    assert status == 0, said
    assert int(said.rpartition(" passed")[0].split()[-1]) > 230


def test_a_program_left_behind_with_the_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Else a run of our own tests would end long after they do."""
    os.mkfifo(tmp_path / "end")
    status, said = own.heard("sh", "-c", "cat end & echo done", folder=tmp_path)
    (tmp_path / "end").write_text("")

    assert (status, said.split()) == (0, ["done"])
