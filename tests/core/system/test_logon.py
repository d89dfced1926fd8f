"""Windows' task scheduler, as a stand-in that answers in German."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sheetfed.system.logon import Logon

PROGRAM = """#!/bin/sh
case "$*" in
*/V*) echo '"PC","\\sheetfed","N/V","{state}","Interaktiv","27.11.2026 08:00:00","{code}"' ;;
*) echo '"\\sheetfed","N/V","{state}"' ;;
esac
"""


@pytest.mark.parametrize(
    ("state", "code", "runs"), [("Wird ausgef\u00fchrt", 267009, True), ("Bereit", 0, False)]
)
def test_whether_the_task_runs_is_told_in_every_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, code: int, *, runs: bool
) -> None:
    """The word for it is the system's own; the number is not."""
    program = tmp_path / "schtasks"
    program.write_text(PROGRAM.format(state=state, code=code))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    found = Logon(b"").standing()

    assert (found.installed, found.runs) == (True, runs)
