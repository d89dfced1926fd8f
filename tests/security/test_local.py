"""What another program of this computer could find, or make the service do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from suite.serving import PROGRAM, serving

OUT = re.compile(r"(connect|sendto|sendmsg)\(\d+, .*?(AF_\w+)(?:.*?inet_(?:addr|pton)\((.*?)\))?")

FAMILIES = {"AF_UNIX", "AF_NETLINK", "AF_INET", "AF_INET6", "AF_UNSPEC"}  # the last one hangs up


@pytest.mark.parametrize("line", ['bind = "0.0.0.0"', 'host = "0.0.0.0"', 'address = "::"'])
def test_no_setting_opens_another_address(tmp_path: Path, line: str) -> None:
    """R1 (L01): whoever writes such a line hears that there is none; nothing starts."""
    file = tmp_path / "sheetfed.toml"
    file.write_text(f"{line}\n")
    words = [PROGRAM, "--config", file, "--home", tmp_path / "home", "serve", "--no-open"]

    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode != 0
    assert "sheetfed.toml" in done.stderr


def test_a_kill_leaves_nothing_to_read(tmp_path: Path) -> None:
    """R22 (L08): what was scanned is ciphertext in every file, also where nobody tidied up."""
    with serving(tmp_path / "home") as target:
        held = target.a.held[0]
        path = f"/v1/pages/{held.page}/image"
        page = target.ask("GET", path, *target.a.lines).body
        os.kill(target.pid, 9)

    middle = len(page) // 2
    marks = (page[middle : middle + 32], b"IDAT", target.a.token.encode(), target.local.encode())
    found = {
        (file.name, mark[:8])
        for file in tmp_path.rglob("*")
        if file.is_file() and file.parent.name != "feed"  # a device's own pages
        for mark in marks
        if mark in file.read_bytes()
    }
    assert found == set()


def test_the_service_talks_to_nobody(tmp_path: Path) -> None:
    """R31 (L11): not at the start, not for a scan, not for a file; loopback is all it knows.

    SANE's own drivers call into the local network, but only when somebody asks for devices.
    """
    strace = shutil.which("strace")
    assert strace, "this test needs strace"
    trace = tmp_path / "trace"
    calls = "trace=connect,sendto,sendmsg"
    command = (strace, "-f", "-qq", "-e", calls, "-o", trace, PROGRAM)
    with serving(tmp_path / "home", command=command) as target:
        document = f"/v1/documents/{target.a.held[0].document}/file?type=application/pdf"
        assert target.ask("GET", document, *target.a.lines).status == 200

    told = {
        match.groups()[1:] for line in trace.read_text().splitlines() if (match := OUT.search(line))
    }
    assert {family for family, _ in told} <= FAMILIES
    abroad = {where for family, where in told if family.startswith("AF_INET") and not near(where)}
    assert abroad == set()


def near(where: str | None) -> bool:
    """Tell whether an address in a trace is this computer's own."""
    return where is not None and bool(re.search(r'"(127\.|::1")', where))
