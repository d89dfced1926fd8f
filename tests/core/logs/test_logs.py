"""The log: few files, one writer, nothing that it must not hold."""

from __future__ import annotations

import io
import json
import logging
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sheetfed.discretion import LONGEST, Discreet, discreet
from sheetfed.system import logs
from sheetfed.system.logs import FILE, Log


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    kept = [(each, each.level) for each in (logging.getLogger(), logging.getLogger("sheetfed"))]
    yield
    for logger, level in kept:
        logger.setLevel(level)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("paper jam in tray 2", "paper jam in tray 2"),
        ("the key of the store is in the keyring", "the key of the store is in the keyring"),
        ("GET https://a.example/doc/7?x=1 failed", "GET https://a.example/(…) failed"),
        ("put ftp://ann:pw@files.example/in", "put ftp://files.example/(…)"),
        ("at http://127.0.0.1:18910", "at http://127.0.0.1:18910"),
        ("Authorization: Bearer abc.def", "Authorization: (…)"),
        ("bearer abc.def, twice", "bearer (…), twice"),
        ("password=hunter2 user=ann", "password=(…) user=ann"),
        ("token: 12345", "token: (…)"),
        ("api_key=12345", "api_key=(…)"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: (…)"),
        ('Authorization: Digest username="ann", response="66"', "Authorization: (…)"),
        ('{"password": "hunter2"}', '{"password": "(…)"}'),
        ("{'token': 'abc'}", "{'token': '(…)'}"),
        ('password="hunter2"', 'password="(…)"'),
        (r'"a \"token\": \"x y\", b", 1', r'"a \"token\": \"(…)\", b", 1'),
        ("rtsp://admin:p@ss@cam/1", "rtsp://cam/(…)"),
        ("http://u:pa/ss@h/x", "http://h/(…)"),
        (f"page {'QUJD' * 60} end", "page (…) end"),
        ("two\nlines\x1b[31m", "two lines [31m"),
        ("x y" * LONGEST, ("x y" * LONGEST)[:LONGEST] + "(…)"),
    ],
)
def test_a_line_is_kept_without_what_is_nobody_elses_business(said: str, kept: str) -> None:
    assert discreet(said) == kept


def test_what_is_printed_goes_out_in_whole_lines_without_secrets() -> None:
    """The journal, launchd and the monitor keep it; a secret may come in pieces."""
    below = io.StringIO()
    stream = Discreet(below)

    for piece in ("tok", "en=", "12345 at http://h/doc?x\nTraceback:\n", "  x" * LONGEST, "\nend"):
        stream.write(piece)
    stream.close()

    first, second, third, *rest = below.getvalue().split("\n")
    assert (first, second) == ("token=(…) at http://h/(…)", "Traceback:")
    assert third == ("  x" * LONGEST)[:LONGEST] + "(…)"
    assert rest == ["", "end", ""]
    with open("/dev/full", "w") as full:  # noqa: PTH123 - no file
        assert Discreet(full).write("nobody keeps it\n") == 16
        with suppress(OSError):
            full.close()


def test_lines_are_kept_in_five_files_of_two_megabytes_for_this_account(tmp_path: Path) -> None:
    log = Log(tmp_path, as_json=False)
    log.begin()
    words = "a line of a driver " * 90
    for number in range(6500):
        logging.getLogger("sheetfed.test").info("%d %s", number, words)
    log.end()

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [FILE, *(f"{FILE}.{number}" for number in range(1, 5))]
    assert all(file.stat().st_size <= logs.SIZE for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    newest = files[0].read_text().splitlines()[-1]
    assert f"INFO sheetfed.test: 6499 {words[:-1]}" in newest


def test_json_says_which_worker_and_which_process(tmp_path: Path) -> None:
    log = Log(tmp_path, as_json=True)
    log.begin()
    ours, theirs = logging.getLogger("sheetfed.x"), logging.getLogger("library")
    ours.info("said %s", "token=1", extra={"worker": "sane", "pid": 7})
    ours.debug("not kept")
    theirs.info("not kept")
    try:
        raise ValueError("password=2")
    except ValueError:
        theirs.exception("it failed")
    log.end()

    told: list[Any] = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert [each["event"] for each in told] == ["said token=(…)", "it failed"]
    assert told[0]["worker"], told[0]["pid"] == ("sane", 7)
    assert told[1]["level"] == "error"
    assert told[1]["stack"][-1] == "ValueError: password=(…)"


def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk may be full or read-only; the scan goes on."""
    log = Log(tmp_path / "not there", as_json=False)
    log.begin()
    logging.getLogger("sheetfed.x").info("anything")
    log.end()

    assert "Traceback" not in capsys.readouterr().err


def test_what_launchd_keeps_of_us_does_not_grow_for_ever(tmp_path: Path) -> None:
    """It only adds to its file, and holds it open meanwhile."""
    file = tmp_path / "launchd.log"
    with file.open("a") as launchd:
        launchd.write("x" * logs.SIZE + "the newest\n")
        launchd.flush()
        log = Log(tmp_path, as_json=False)
        log.begin()
        log.end()
        launchd.write("one line more\n")

    assert file.read_text() == "one line more\n"
    (before,) = tmp_path.glob("launchd.log.*")
    assert before.stat().st_size == logs.SIZE
    assert before.read_text().endswith("the newest\n")
