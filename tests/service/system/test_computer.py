"""The hardened unit of a computer without a person, under a real systemd as PID 1."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from computer import Computer, environ

ASK = """
import http.client
line = http.client.HTTPConnection("127.0.0.1", 18910, timeout=60)
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
        theirs = computer.run("python3", "-c", ASK, user="nobody")
        others = computer.run("python3", "-c", ASK, user="12345")
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
