"""Two people at one computer, under a real systemd as PID 1."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from computer import Computer

ASK = """
import http.client, sys
for port in sys.argv[1:]:
    line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    line.request("GET", "/.well-known/sheetfed")
    print(line.getresponse().status)
"""


@pytest.mark.timeout(240)
def test_each_of_two_people_at_one_computer_has_a_service_and_finds_their_own(
    tmp_path: Path,
) -> None:
    """Fast user switching: the second takes the next ports, and neither answers the other."""
    with Computer(tmp_path / "computer") as computer:
        serve = (computer.python, "-c", "from sheetfed.cli import main; main()", "serve")
        told = []
        for person in ("12345", "12346"):
            process = computer.start(*serve, user=person)
            assert process.stdout
            told.append(process.stdout.readline())
        first = computer.run("python3", "-c", ASK, 18910, 18912, user="12345")
        second = computer.run("python3", "-c", ASK, 18910, 18912, user="12346")
        looks = computer.run(*serve[:-1], "doctor", user="12346")
        stores = [f"/tmp/{person}/.local/state/sheetfed/store" for person in ("12345", "12346")]
        homes = computer.run("stat", "-c", "%u %a", *stores)

    assert told == [f"sheetfed is at http://127.0.0.1:{port}\n" for port in (18910, 18912)]
    assert first.stdout.split() == ["200", "403"]
    assert second.stdout.split() == ["403", "200"]
    assert homes.stdout.splitlines() == ["12345 700", "12346 700"]
    assert "18910 by a program of user 12345" in looks.stdout
