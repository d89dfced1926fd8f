"""`sheetfed serve`: starts, says where it is, stops, and says why it cannot start."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from program import PATIENCE, SHEETFED, finding
from spare import free_port

from sheetfed.system.account import WARNING


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_service_answers_and_stops(shell: Any, stopping: Any, name: str) -> None:
    port = free_port()
    process, address = shell.serve("--port", str(port))
    with urllib.request.urlopen(f"{address}/.well-known/sheetfed") as answer:
        product = json.load(answer)["product"]

    took, _, said = stopping(process, name)

    assert address == f"http://127.0.0.1:{port}"
    assert product == "sheetfed"
    assert process.returncode == 0
    assert took < 2.5
    assert said == "Stopped.\n"
    assert not (shell.home / "run" / "sheetfed.sock").exists()


def test_port_in_use_is_said(shell: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = shell.run("serve", "--port", str(port))

    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


REFUSED = """
import ctypes, os, platform, struct, sys

BIND = {"x86_64": 49, "aarch64": 200}[platform.machine()]
STEPS = (  # where it is bind and the address is one of IPv4, 16 bytes long: EACCES
    (0x20, 0, 0, 0), (0x15, 0, 3, BIND), (0x20, 0, 0, 32), (0x15, 0, 1, 16),
    (0x06, 0, 0, 0x00050000 | 13), (0x06, 0, 0, 0x7FFF0000),
)

class Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.c_char_p))

code = b"".join(struct.pack("HBBI", *step) for step in STEPS)
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
assert libc.prctl(22, 2, ctypes.byref(Program(len(STEPS), code))) == 0, ctypes.get_errno()
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a program that the kernel lets bind no port, whatever the account and the machine allow."""


def test_port_that_this_account_may_not_use_is_said(shell: Any) -> None:
    """Nobody listens there: to look for another program would be in vain."""
    done = subprocess.run(
        [sys.executable, "-c", REFUSED, *SHEETFED, "--home", shell.home, "serve", "--port", "80"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert "This account may not listen on port 80" in done.stderr
    assert "above 1023" in done.stderr
    assert "Traceback" not in done.stderr


def test_second_service_on_one_store_is_refused(shell: Any) -> None:
    first, _ = shell.serve()

    done = shell.run("serve", "--port", str(free_port()))

    assert done.returncode == 4
    assert str(first.pid) in done.stderr
    assert "--home" in done.stderr
    assert first.poll() is None


@pytest.mark.parametrize("way", ["--strict", "file"])
def test_strict_start_fails_while_an_addon_is_broken(shell: Any, way: str) -> None:
    info = shell.folder / "site" / "bad-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sheetfed.v1]\nbad = no_such_module\n")
    words = ["serve", "--port", str(free_port())]
    if way == "file":
        with (shell.home / "sheetfed.toml").open("a") as file:
            file.write("strict = true\n")
    else:
        words.append("--strict")

    done = shell.run(*words, environ=finding(shell.folder / "site"))

    assert done.returncode == 1
    assert "bad" in done.stderr
    assert "no_such_module" in done.stderr


@pytest.mark.parametrize("word", ["serve", "scan", "devices", "documents", "addons"])
def test_bad_configuration_names_the_line(shell: Any, word: str) -> None:
    (shell.home / "sheetfed.toml").write_text("# mine\nprot = 18910\n")

    done = shell.run(word)

    assert done.returncode == 2
    assert "sheetfed.toml, line 2: there is no setting 'prot'; did you mean 'port'?" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_setting_that_the_addon_does_not_know_stops_the_start(shell: Any) -> None:
    with (shell.home / "sheetfed.toml").open("a") as file:
        file.write("[addons.folder]\nshade = 5\n")

    done = shell.run("serve", "--port", str(free_port()))

    assert done.returncode == 2
    assert "sheetfed.toml, line 3" in done.stderr
    assert "'shade'" in done.stderr


def test_table_of_an_addon_that_is_not_installed_is_said(shell: Any, stopping: Any) -> None:
    """It may be away for a while; a table that nobody reads must not look like one that works."""
    with (shell.home / "sheetfed.toml").open("a") as file:
        file.write("[addons.photocopier]\nshade = 5\n")
    told = f"{shell.home / 'sheetfed.toml'}, line 2: no addon 'photocopier' is installed"

    shown = shell.run("config", "show")
    listed = json.loads(shell.run("config", "show", "--json").stdout)
    process, _ = shell.serve()
    _, _, said = stopping(process, "SIGTERM")

    assert f"# {told}\n" in shown.stdout
    assert listed["warnings"] == [told]
    assert said == f"WARNING sheetfed.service: {told}\nStopped.\n"


@pytest.mark.parametrize("word", ["serve", "scan", "devices", "documents"])
def test_home_that_cannot_be_used_is_said(word: str, shell: Any) -> None:
    shell.home = shell.folder / "file"
    shell.home.write_text("")

    done = shell.run(word)

    assert done.returncode == 2
    assert "a file stands where a folder is needed" in done.stderr
    assert "Traceback" not in done.stderr


def test_open_tells_the_address(shell: Any) -> None:
    _, address = shell.serve()

    done = shell.run("open", environ={"DISPLAY": "", "WAYLAND_DISPLAY": ""})

    assert done.returncode == 0
    assert done.stdout.startswith(f"{address}/#nonce=")


def test_open_without_a_service_says_how_to_start_it(shell: Any) -> None:
    done = shell.run("open")

    assert done.returncode == 1
    assert "sheetfed serve" in done.stderr


def test_reader_who_leaves_early_is_no_error(shell: Any) -> None:
    """`sheetfed devices --options sample | head -1` is an ordinary line."""
    process = shell.start("devices", "--options", "sample:paper")
    process.stdout.close()
    process.stdout = None
    _, said = process.communicate(timeout=PATIENCE)

    assert said.removeprefix(WARNING) == ""
    assert process.returncode == 1
