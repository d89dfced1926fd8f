"""`sheetfed doctor` says how things are, with a service and without."""

from __future__ import annotations

import json
import signal
from typing import Any


def rows(shell: Any, **environ: str) -> dict[str, dict[str, str]]:
    done = shell.run("doctor", "--json", environ=environ)
    assert done.returncode in {0, 1}, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["items"]}


def test_a_healthy_machine_leaves_with_zero(shell: Any) -> None:
    done = shell.run("doctor")

    assert done.returncode == 0, done.stdout
    assert "broken" not in done.stdout
    for name in ("Service", "Python", "Packages", "HTTP parser", "Box, tried", "Addon sample"):
        assert name in done.stdout


def test_a_running_service_is_found(shell: Any, stopping: Any) -> None:
    shell.home.chmod(0o700)
    before = rows(shell)
    process, _ = shell.serve()
    during = rows(shell)
    stopping(process, signal.SIGTERM)

    assert before["Service"]["state"] == "missing"
    assert before["Key"]["state"] == "missing"
    assert during["Service"]["state"] == "ok"
    assert during["Home"]["state"] == during["Key"]["state"] == "ok"


def test_looking_makes_nothing(shell: Any) -> None:
    before = sorted(shell.home.rglob("*"))

    rows(shell)

    assert sorted(shell.home.rglob("*")) == before


def test_what_is_broken_has_an_exit_code(shell: Any, stopping: Any) -> None:
    process, _ = shell.serve()
    stopping(process, signal.SIGTERM)
    (shell.home / "store").chmod(0o755)

    done = shell.run("doctor")

    assert done.returncode == 1
    assert "chmod 700" in done.stdout


def test_without_the_c_parser_nothing_starts(shell: Any) -> None:
    """The one in Python let smuggled requests through; a service must not fall back to it."""
    slow = {"AIOHTTP_NO_EXTENSIONS": "1"}

    done = shell.run("serve", environ=slow)

    assert done.returncode == 2
    assert "no C parser" in done.stderr
    assert rows(shell, **slow)["HTTP parser"]["state"] == "broken"
