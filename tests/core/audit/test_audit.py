"""What is noted stays, is bounded, and says nothing it must not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sheetfed import audit as room
from sheetfed.api.errors import BadConfig
from sheetfed.audit import SEVERAL, Audit
from sheetfed.chain import files_of, lines_of, verify

PROGRAM = Path(sys.executable).with_name("sheetfed")

WRITER = """
import itertools, sys
from pathlib import Path
from sheetfed.audit import Audit
audit = Audit(Path(sys.argv[1]), file_size=20_000)
for number in itertools.count():
    audit.note("local", "scan", "done", number=number)
    if number % 10 == 0:
        print(number, flush=True)
"""


def lines(folder: Path) -> list[dict[str, Any]]:
    return [*lines_of(folder)]


def test_a_line_says_who_what_when_and_how_it_ended(folder: Path) -> None:
    audit = Audit(folder)
    audit.note("https://clinic.example", "scan", "done", device="sample:paper", pages=3)
    audit.close()

    (line,) = lines(folder)
    at = line.pop("at")
    assert at.endswith("+00:00")
    assert line == {
        "n": 1,
        "who": "https://clinic.example",
        "what": "scan",
        "result": "done",
        "device": "sample:paper",
        "pages": 3,
    }


def test_folder_and_files_are_private(folder: Path, written: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o644, 0o620])
def test_a_log_open_to_others_is_refused(folder: Path, written: Path, mode: int) -> None:
    written.chmod(mode)

    with pytest.raises(BadConfig, match="chmod go-rwx"):
        Audit(folder)


def test_a_log_behind_a_link_is_refused(folder: Path, written: Path, tmp_path: Path) -> None:
    written.rename(tmp_path / "theirs")
    written.symlink_to(tmp_path / "theirs")

    with pytest.raises(BadConfig):
        Audit(folder)


def test_the_next_service_continues_the_chain(folder: Path, written: Path) -> None:
    audit = Audit(folder)
    audit.note("local", "delete", "done")
    audit.close()

    assert (verify(folder).lines, verify(folder).fault) == (11, "")


def test_what_repeats_is_counted(folder: Path) -> None:
    """A site that asks a thousand times fills no disk."""
    audit = Audit(folder)
    for _ in range(1000):
        audit.note("https://evil.example", "refuse", "not-allowed")
    audit.note("https://evil.example", "scan", "done")
    audit.close()

    told = [(line["what"], line.get("times")) for line in lines(folder)]
    assert told == [("refuse", None), ("scan", None), ("refuse", 999)]


def test_many_names_for_one_stranger_are_counted_together(folder: Path) -> None:
    audit = Audit(folder)
    for number in range(5000):
        audit.note(f"https://evil{number}.example", "refuse", "not-allowed")
    audit.close()

    told = lines(folder)
    assert len(told) == room.STRANGERS + 1 < 10
    assert (told[-1]["who"], told[-1]["times"]) == (SEVERAL, 5000 - room.STRANGERS)


def test_strangers_hide_nothing_of_a_site_that_was_approved(folder: Path) -> None:
    audit = Audit(folder)
    for number in range(100):
        audit.note(f"https://evil{number}.example", "refuse", "not-allowed")
    audit.note("https://clinic.example", "scan", "device-gone", device="sample:paper")
    audit.note("https://clinic.example", "view", "done", document="doc_1")
    audit.close()

    told = [line["what"] for line in lines(folder) if line["who"] == "https://clinic.example"]
    assert told == ["scan", "view"]


@pytest.mark.parametrize("what", ["delete", "save", "view"])
def test_what_a_site_does_and_undoes_is_counted_beyond_some(folder: Path, what: str) -> None:
    """A loop that makes and deletes a document must not make the log forget the rest."""
    audit = Audit(folder)
    for number in range(1000):
        audit.note("https://busy.example", what, "done", document=f"doc_{number}")
    audit.close()

    told = lines(folder)
    assert len(told) == room.DISTINCT + 1
    assert told[-1]["who"] == "https://busy.example"
    assert told[-1]["times"] == 1000 - room.DISTINCT


def test_of_a_person_every_deletion_is_written(folder: Path) -> None:
    audit = Audit(folder)
    for number in range(200):
        audit.note("local", "delete", "done", document=f"doc_{number}")
    audit.close()

    assert len(lines(folder)) == 200


@pytest.mark.parametrize(
    ("what", "result"), [("token", "refused"), ("token", "done"), ("scan", "device-gone")]
)
def test_nothing_that_a_site_repeats_drives_out_what_was_noted(
    folder: Path, what: str, result: str
) -> None:
    """Only so much is kept: who could write lines at will could make the log forget."""
    audit = Audit(folder, file_size=1000)
    audit.note("local", "approve", "done", site="https://evil.example")
    for _ in range(1000):
        audit.note("https://evil.example", what, result)
    audit.close()

    told = [(line["what"], line.get("times")) for line in lines(folder)]
    assert told == [("approve", None), (what, None), (what, 999)]


def test_every_file_is_on_the_disk_before_it_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut the head must not name lines of it that the disk never got."""
    synced: set[tuple[int, int]] = set()
    sync = os.fdatasync

    def watched(descriptor: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.05)  # a slow disk: lines come faster than it takes them
        sync(descriptor)
        facts = os.fstat(descriptor)
        synced.add((facts.st_ino, facts.st_size))

    monkeypatch.setattr(os, "fdatasync", watched)
    audit = Audit(folder, file_size=2000)
    for number in range(80):
        audit.note("local", "scan", "done", number=number)
    audit.close()

    left = [file.stat() for file in files_of(folder)]
    assert len(left) > 3
    assert {(facts.st_ino, facts.st_size) for facts in left} <= synced


def test_a_log_can_be_closed_at_any_moment(tmp_path: Path) -> None:
    """Also just when its thread has done all and is about to wait."""
    for number in range(300):
        audit = Audit(tmp_path / str(number))
        audit.note("local", "scan", "done")
        time.sleep(number / 300 * 0.002)
        closing = threading.Thread(target=audit.close, daemon=True)
        closing.start()
        closing.join(10)
        assert not closing.is_alive()


def test_a_count_is_told_when_its_window_ends(folder: Path) -> None:
    """A service that nobody asks any more must not keep it to itself."""
    audit = Audit(folder, window=0.2)
    for _ in range(3):
        audit.note("https://evil.example", "refuse", "not-allowed")
    deadline = time.monotonic() + 10
    while len(lines(folder)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)

    assert lines(folder)[-1]["times"] == 2
    audit.close()


def test_long_facts_are_cut(folder: Path) -> None:
    audit = Audit(folder)
    audit.note("https://" + "x" * 100_000, "refuse", "not-allowed", reason="y" * 100_000)
    audit.close()

    assert next(folder.glob("*.jsonl")).stat().st_size < 1000


def test_line_ends_in_facts_make_no_lines(folder: Path) -> None:
    audit = Audit(folder)
    audit.note('https://x\n{"n":2}', "refuse", "not-allowed")
    audit.close()

    assert (verify(folder).lines, verify(folder).fault) == (1, "")


def test_old_files_go_and_the_chain_goes_on(folder: Path) -> None:
    audit = Audit(folder, file_size=1000)
    for number in range(300):
        audit.note("local", "scan", "done", number=number)
    audit.close()

    found = verify(folder)
    assert len(files_of(folder)) == room.FILES
    assert found.fault == ""
    assert 30 < found.lines < 300
    assert lines(folder)[-1]["number"] == 299


def test_an_old_file_that_somebody_removed_is_missed(folder: Path) -> None:
    audit = Audit(folder, file_size=1000)
    for number in range(300):
        audit.note("local", "scan", "done", number=number)
    audit.close()
    files_of(folder)[0].unlink()

    assert "are missing" in verify(folder).fault


def test_half_a_line_is_repaired_and_noted(folder: Path, written: Path) -> None:
    with written.open("ab") as stream:
        stream.write(b'{"n":11,"at":"20')
    assert verify(folder).fault == ""

    Audit(folder).close()

    assert verify(folder).fault == ""
    last = lines(folder)[-1]
    assert (last["what"], last["result"], last["size"]) == ("repair", "half a line", 16)


def test_a_log_survives_kills_at_any_moment(folder: Path) -> None:
    """No line that was noted is lost, and the chain holds through every kill."""
    told = 0
    for patience in (0.0, 0.01, 0.03, 0.05, 0.08):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout
            told = int(writer.stdout.readline())
            time.sleep(patience)
            writer.kill()
            told = int([str(told), *writer.stdout.read().split("\n")[:-1]][-1])

        found = verify(folder)
        assert found.fault == ""
        # The last line may be that of a file that was just begun.
        assert max(line["number"] for line in lines(folder)[-2:] if "number" in line) >= told


def test_a_full_disk_loses_lines_and_says_how_many(folder: Path) -> None:
    """What must be tidied is tidied all the same; the log tells its own gap."""
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from sheetfed.audit import Audit\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "audit = Audit(Path(sys.argv[1]))\n"
        "audit.note('local', 'scan', 'done')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, resource.RLIM_INFINITY))\n"
        "for number in range(5):\n"
        "    audit.note('local', 'scan', 'done', number=number)\n"
        "free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, free)\n"
        "audit.note('local', 'delete', 'done')\n"
        "audit.close()\n"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True, capture_output=True)

    told = lines(folder)
    assert verify(folder).fault == ""
    assert told[-1]["lost"] == 6 - len(told) + 1


def test_a_closed_log_takes_nothing_more(folder: Path) -> None:
    audit = Audit(folder)
    audit.close()
    audit.close()

    audit.note("local", "scan", "done")

    assert lines(folder) == []


def test_the_service_keeps_one_from_start_to_stop(tmp_path: Path) -> None:
    """The command line reads it, whether a service runs or not."""
    home = tmp_path / "home"
    command = [PROGRAM, "--home", home]
    with subprocess.Popen([*command, "serve"], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout
        assert "sheetfed is at" in service.stdout.readline()
        service.send_signal(signal.SIGTERM)

    shown = subprocess.run([*command, "audit", "show", "--json"], capture_output=True, check=True)
    proven = subprocess.run(
        [*command, "audit", "verify"], capture_output=True, text=True, check=False
    )
    assert [json.loads(line)["what"] for line in shown.stdout.splitlines()] == ["start", "stop"]
    assert proven.returncode == 0
    assert proven.stdout.startswith("2 lines, unchanged. The last is 2:")


def test_verify_leaves_with_1_and_names_the_line(written: Path, tmp_path: Path) -> None:
    os.truncate(written, written.stat().st_size - 200)

    command = [PROGRAM, "--home", tmp_path, "audit", "verify"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"{written.name}, line 9: entries 9 to 10 are missing" in done.stderr
