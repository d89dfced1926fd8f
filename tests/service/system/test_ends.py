"""The service stops with the program that it belongs to, and when nobody needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from running import Running


@pytest.mark.timeout(120)
def test_it_stops_when_its_parent_has_ended(tmp_path: Path) -> None:
    """A product that embeds it starts it with `--parent`, and leaves nothing behind."""
    parent = subprocess.Popen(["sleep", "600"])
    service = Running(tmp_path / "home", "--parent", str(parent.pid)).wait()

    parent.kill()
    parent.wait()

    _, said = service.process.communicate(timeout=30)
    assert service.process.returncode == 0, said


@pytest.mark.timeout(120)
def test_it_stops_when_nobody_needed_it_for_a_while_and_not_before(tmp_path: Path) -> None:
    """A connection, a job, a document that would die with it: each of these keeps it."""
    service = Running(tmp_path / "home", "--idle", "0.02").wait()
    private = {"device": "sample:paper", "settings": {"sheets": 1, "speed": 0}, "private": True}
    job = service.post("/v1/jobs", private).json
    job = service.settled(job["id"])
    with pytest.raises(subprocess.TimeoutExpired):
        service.process.wait(3)  # a private document dies with the service

    path = f"/v1/documents/{job['document']}"
    assert service.ask("DELETE", path).status < 300

    _, said = service.process.communicate(timeout=30)
    assert service.process.returncode == 0, said


def test_a_parent_that_is_not_there_is_said(tmp_path: Path) -> None:
    service = Running(tmp_path / "home", "--parent", "4194305")

    _, said = service.process.communicate(timeout=30)

    assert service.process.returncode == 2
    assert "There is no process 4194305." in said


@pytest.mark.timeout(120)
def test_what_nohup_has_it_not_hear_does_not_end_it(tmp_path: Path) -> None:
    """Somebody starts it on a server by `nohup sheetfed serve &`, and logs out."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        service = Running(tmp_path / "home", program=True).wait()
    finally:
        signal.signal(signal.SIGHUP, before)

    os.kill(service.process.pid, signal.SIGHUP)
    time.sleep(1)

    assert service.get("/readyz").status == 200
    service.process.terminate()
    assert service.process.wait(30) == 0
    service.process.communicate()
