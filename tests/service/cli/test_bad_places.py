"""A bad place to live is said in words, and never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from program import SHEETFED

CLOCK = Path(__file__).parents[2] / "rigs/clock.c"


def said(done: Any) -> str:
    """Return what a command complained about, once it is sure that these are words."""
    assert "Traceback" not in done.stderr
    assert "Traceback" not in done.stdout
    return str(done.stderr)


def test_a_home_that_cannot_be_made_is_said(shell: Any) -> None:
    """No home at all, as for an account of a daemon."""
    words = [*SHEETFED, "serve"]
    done = subprocess.run(
        words,
        env={"PATH": os.environ["PATH"], "HOME": "/proc/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "/proc/nowhere" in said(done)
    assert "cannot be made" in done.stderr


def test_a_disk_that_is_read_only_is_said(shell: Any, tmp_path: Path) -> None:
    place = tmp_path / "readonly"
    place.mkdir()
    program = shlex.join(SHEETFED)
    inside = f"mount -t tmpfs -o ro none {place} && exec {program} --home {place}/home serve"
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]

    done = subprocess.run(
        [*become, "unshare", "--mount", "sh", "-c", inside],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "Read-only file system" in said(done)


def test_a_disk_that_became_read_only_is_said_and_the_doctor_looks_all_the_same(
    shell: Any, tmp_path: Path
) -> None:
    """As after an error of the disk: nothing can be written, not even for a moment."""
    assert shell.run("documents").returncode == 0
    program = shlex.join([*SHEETFED, "--home", str(shell.home)])
    places = shlex.join(["/tmp", "/var/tmp", str(shell.home)])
    freeze = f"for p in {places}; do mount --bind $p $p && mount -o remount,bind,ro $p; done"
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]

    def run(words: str) -> Any:
        return subprocess.run(
            [*become, "unshare", "--mount", "sh", "-c", f"{freeze}; cd /proc; {program} {words}"],
            capture_output=True,
            text=True,
            check=False,
        )

    serve, looked = run("serve"), run("doctor --json")

    assert serve.returncode == 2
    assert "mounted so that it can only be read" in said(serve)
    said(looked)
    found = {each["name"]: each for each in json.loads(looked.stdout)["items"]}
    assert found["Disk"]["state"] == "broken"
    assert "can only be read" in found["Disk"]["text"]
    assert found["Box, tried"]["state"] == "ok"


def test_an_account_without_a_home_is_told_to_name_a_folder(tmp_path: Path) -> None:
    """One that no list of accounts knows, as in a container: `~` is no folder's name."""
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    nobody = ["unshare", "--user", "--map-user=54321"]  # whose files root's are then
    bare = ["env", "-i", f"PATH={os.environ['PATH']}"]

    def run(*words: str) -> Any:
        return subprocess.run(
            [*become, *nobody, *bare, *SHEETFED, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    serve = run("serve")
    trust = run("--home", str(tmp_path / "home"), "trust", "list")
    looked = run("--home", str(tmp_path / "home"), "doctor", "--json")

    assert serve.returncode == 2
    assert "This account has no home folder" in said(serve)
    assert "--home" in serve.stderr
    assert trust.returncode != 0
    assert "no home folder, and so no browser" in said(trust)
    assert "no browser" in said(looked) + looked.stdout
    assert "Addon sample" in looked.stdout
    assert [*tmp_path.iterdir()] == []


def test_a_store_from_the_future_is_refused_with_a_way_out(shell: Any) -> None:
    assert shell.run("documents").returncode == 0
    with sqlite3.connect(shell.home / "store/store.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    done = shell.run("documents")

    assert done.returncode == 2
    assert "written by a newer sheetfed (form 999" in said(done)
    assert "Install that sheetfed again" in done.stderr


def test_a_computer_without_systemd_is_told_what_to_do_instead(shell: Any, tmp_path: Path) -> None:
    none = shell.run("service", "install", environ={"PATH": str(tmp_path)})
    silent = shell.run("service", "install", environ={"XDG_RUNTIME_DIR": str(tmp_path)})

    for done in (none, silent):
        assert done.returncode == 1
        assert "sheetfed monitor" in said(done)


@pytest.mark.parametrize("mask", ["0000", "0777"])
def test_whatever_the_umask_what_we_make_is_ours_alone(shell: Any, mask: str) -> None:
    """One that gives all away, and one that hides from us what we make ourselves."""
    program = shlex.join(SHEETFED)
    scan = f"{program} --home {shell.home} scan -d sample:paper -s sheets=1 -s speed=0 --json"

    done = subprocess.run(
        ["sh", "-c", f"umask {mask} && {scan}"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, said(done)
    made = [place for place in shell.home.rglob("*") if place.name != "sheetfed.toml"]
    assert {place.stat().st_mode & 0o777 for place in made if place.is_dir()} == {0o700}
    assert {place.stat().st_mode & 0o777 for place in made if place.is_file()} == {0o600}


def test_a_terminal_without_the_letters_of_a_title_shows_the_rest(shell: Any) -> None:
    """A computer without a locale has ASCII only."""
    title = "Rechnung für Žofie"
    made = shell.run("scan", "-d", "sample:paper", "-s", "sheets=1", "--title", title, "--json")
    assert made.returncode == 0
    bare = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

    table = shell.run("documents", environ=bare, errors="replace")
    told = shell.run("documents", "--json", environ=bare)

    assert table.returncode == 0, said(table)
    assert "Rechnung f" in table.stdout
    assert json.loads(told.stdout)["items"][0]["title"] == title


def test_a_clock_years_behind_and_no_message_bus_cost_no_page(shell: Any, tmp_path: Path) -> None:
    """An old board without a battery: what it scans in 2001 is not too old when the date comes."""
    clock = tmp_path / "clock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", clock, CLOCK], check=True)
    years = 25 * 365 * 86_400
    wrong = {
        "LD_PRELOAD": str(clock),
        "AHEAD": f"-{years}",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'nowhere'}",
    }

    scanned = shell.run("scan", "-d", "sample:paper", "-s", "sheets=1", environ=wrong)
    looked = shell.run("doctor", "--json", environ=wrong)
    found = {each["name"]: each for each in json.loads(looked.stdout)["items"]}
    shell.serve()
    kept = shell.documents()

    assert scanned.returncode == 0, said(scanned)
    assert found["Clock"]["state"] == "broken"
    assert "Set the clock" in found["Clock"]["advice"]
    assert found["Key"]["text"].startswith(f"in {shell.home}"), "no keyring can be asked"
    assert [document["page_count"] for document in kept] == [1]
