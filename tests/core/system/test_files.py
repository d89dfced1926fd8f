"""What each system is given: units, an agent, a task."""

from __future__ import annotations

import plistlib
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sheetfed.api.errors import SystemRefused
from sheetfed.cli.service import check_seen
from sheetfed.system import launchd, logon, units

AWKWARD = '/opt/50% off/"sheet" $HOME\\fed'
WANTED = units.Wanted(
    command=("/bin/echo", AWKWARD, "serve"),
    ports=(18910, 18911),
    local=units.of_path(Path("/run/a b%/s.sock")),
)


def written(folder: Path, texts: dict[str, str]) -> list[Path]:
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def test_the_unit_of_a_computer_is_as_closed_as_promised(tmp_path: Path) -> None:
    """2.0 of 10 at most, as systemd itself counts; the usual service has 9.6."""
    service, _ = written(tmp_path, units.for_machine(WANTED))

    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", service],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert found
    assert float(found[1]) <= 2.0


def test_the_groups_of_the_machine_are_named_in_the_unit() -> None:
    """A group that is not there would keep the service from starting."""
    for groups in ((), ("scanner", "lp")):
        unit = units.for_machine(replace(WANTED, groups=groups))[units.SERVICE]

        assert f"SupplementaryGroups={' '.join(groups)}\n" in unit


def test_a_program_in_a_home_is_none_of_the_computer_s(tmp_path: Path) -> None:
    """Its own service sees no home: it would fail with a number that says nothing."""
    link = tmp_path / "sheetfed"
    link.symlink_to("/home/ann/.local/bin/sheetfed")

    check_seen([Path("/opt/sheetfed/bin/sheetfed"), Path("/usr")])
    for place in (link, Path("/root/.local/share/uv/python")):
        with pytest.raises(SystemRefused, match="sees no home"):
            check_seen([place])


def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    for texts in (units.for_account(WANTED), units.for_machine(WANTED)):
        files = written(tmp_path, texts)

        done = subprocess.run(
            ["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False
        )

        assert (done.returncode, done.stderr) == (0, "")


def test_systemd_reads_awkward_words_as_they_are(tmp_path: Path) -> None:
    """A folder may have any name; a percent sign or a dollar means something to systemd."""
    line = f"{units.quoted('/bin/echo')} {units.quoted(AWKWARD)}"
    text = units.for_account(WANTED)[units.SERVICE]
    assert line in text

    inside = line.replace("%%", "%").replace("$$", "$")
    (echo, word) = shlex.split(inside)
    assert (echo, word) == ("/bin/echo", AWKWARD)


def test_the_sockets_open_both_families_and_the_tools_socket() -> None:
    text = units.for_account(WANTED)[units.SOCKET]

    streams = re.findall(r"^ListenStream=(.*)$", text, re.MULTILINE)
    assert streams == [
        "127.0.0.1:18910",
        "[::1]:18910",
        "127.0.0.1:18911",
        "[::1]:18911",
        "/run/a b%%/s.sock",
    ]


def test_the_agent_starts_at_logon_and_again_after_a_crash_only() -> None:
    """Written from launchd.plist(5); nobody has run it on macOS yet."""
    told = plistlib.loads(launchd.plist(["/opt/sheetfed", AWKWARD], Path("/tmp/logs")))

    assert told["ProgramArguments"] == ["/opt/sheetfed", AWKWARD]
    assert told["RunAtLoad"] is True
    assert told["KeepAlive"] == {"SuccessfulExit": False}
    assert told["HardResourceLimits"] == {"Core": 0}


def test_the_task_runs_in_the_session_without_more_rights_or_a_limit() -> None:
    """Written from the schema of the task scheduler; nobody has run it on Windows yet."""
    root = ET.fromstring(logon.task(["C:\\p y\\pythonw.exe", "a b", "--x"], "OFFICE\\ann"))
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}

    def text(path: str) -> str | None:
        return root.findtext(path, namespaces=space)

    assert text("t:Triggers/t:LogonTrigger/t:UserId") == "OFFICE\\ann"
    assert text("t:Principals/t:Principal/t:LogonType") == "InteractiveToken"
    assert text("t:Principals/t:Principal/t:RunLevel") == "LeastPrivilege"
    assert text("t:Settings/t:ExecutionTimeLimit") == "PT0S"
    assert text("t:Actions/t:Exec/t:Command") == "C:\\p y\\pythonw.exe"
    assert text("t:Actions/t:Exec/t:Arguments") == '"a b" --x'
