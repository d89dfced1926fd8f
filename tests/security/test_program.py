"""The attacks as a program, for a service that somebody runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from suite.target import Target

PROGRAM = Path(__file__).with_name("attack.py")


def test_the_program_tells_one_line_each_and_leaves_nothing(target: Target) -> None:
    """Whoever runs it on their own service gets their own service back."""
    words = ["--home", str(target.home), "--only", "H01,T05,M03"]

    done = subprocess.run(
        [sys.executable, PROGRAM, *words], capture_output=True, text=True, check=False
    )

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(" | ")[0] for line in lines[:-1]] == ["H01", "T05", "M03"]
    assert all(line.endswith("| ok") for line in lines[:-1])
    assert lines[-1] == "3 of 3 attacks were held off"
    assert target.word("sites", "--json").count('"approved"') == 0
    assert target.tool("GET", "/v1/documents").json["items"] == []
