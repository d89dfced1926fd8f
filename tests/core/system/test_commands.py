"""Programs of the system are asked, and what they leave behind is not waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sheetfed.api.errors import SystemRefused
from sheetfed.system.commands import ask, attempt


def test_what_a_program_leaves_behind_is_not_waited_for(tmp_path: Path) -> None:
    """The one that it started holds its output, and lives on."""
    end = tmp_path / "end"
    os.mkfifo(end)

    told = attempt(["sh", "-c", f"cat {end} & echo out; echo err >&2; exit 3"])
    end.write_text("")

    assert (told.returncode, told.stdout, told.stderr) == (3, "out\n", "err\n")


def test_one_that_does_not_end_or_is_not_there_is_said() -> None:
    with pytest.raises(SystemRefused, match="`sleep 600` does not end"):
        attempt(["sleep", "600"], patience=0.1)
    with pytest.raises(SystemRefused, match="There is no program sheetfeed"):
        attempt(["sheetfeed"])


def test_the_last_line_of_what_it_says_is_the_reason() -> None:
    with pytest.raises(SystemRefused, match=r"`sh -c .*`: two"):
        ask(["sh", "-c", "echo one >&2; echo two >&2; exit 1"])
    assert ask(["sh", "-c", "echo said"]) == "said\n"
