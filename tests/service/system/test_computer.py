"""The hardened unit of a computer without a person, under a real systemd as PID 1."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from computer import Computer, environ

ASK = """
import http.client, sys
for port in sys.argv[1:]:
    line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    line.request("GET", "/.well-known/sheetfed")
    print(line.getresponse().status)
"""

TRIES = """
import os, sys
pid = sys.argv[1]
facts = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
print(facts["CapEff"].strip(), facts["NoNewPrivs"].strip(), facts["Seccomp"].strip())
"""


@pytest.mark.timeout(240)
def test_the_closed_service_of_a_computer_scans_and_answers_whom_it_should(tmp_path: Path) -> None:
    """Every restriction is in force while SANE's test backend scans; one boot for all of it."""
    words = " ".join(f"{name}={value}" for name, value in environ().items())
    with Computer(tmp_path / "computer") as computer:
        computer.write("/etc/sane.d/dll.conf", "test\n")
        computer.write("/etc/sheetfed/conf.d/kiosk.toml", 'accounts = ["nobody"]\n')
        drop_in = "/etc/systemd/system/sheetfed.service.d/test.conf"
        computer.write(drop_in, f"[Service]\nEnvironment={words}\n")

        installed = computer.sheetfed("service", "install", "--system")
        theirs = computer.run("python3", "-c", ASK, 18910, user="nobody")
        others = computer.run("python3", "-c", ASK, 18910, user="12345")
        pid = computer.run("systemctl", "show", "sheetfed", "-p", "MainPID", "--value").stdout
        held = computer.run("python3", "-c", TRIES, pid.strip())
        there = ("--home", "/var/lib/sheetfed")
        scan = (*there, "scan", "-d", "sane:test:0", "-s", "resolution=75", "-o", "/tmp/x.pdf")
        scanned = computer.sheetfed(*scan)
        removed = computer.sheetfed("service", "remove", "--system")
        left = computer.run("ls", "/etc/systemd/system")

    assert (installed.returncode, installed.stderr) == (0, "")
    assert (theirs.stdout, others.stdout) == ("200\n", "403\n")
    assert held.stdout.split() == ["0000000000000000", "1", "2"]
    assert scanned.returncode == 0, scanned.stderr
    assert "/tmp/x.pdf, kept as doc_" in scanned.stderr
    assert removed.returncode == 0, removed.stderr
    assert {"sheetfed.service", "sheetfed.socket"}.isdisjoint(left.stdout.split())


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
