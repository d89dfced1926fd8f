"""`sheetfed scan`: alone and through a running service, to the end and cut short."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pypdfium2
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from program import PATIENCE, SHEETFED
from terminals import Terminal

from sheetfed.cli.client import Client
from sheetfed.cli.saving import Out
from sheetfed.config import load


def pages_of(file: Path) -> int:
    """Count the pages of a file with readers that are not ours."""
    if file.suffix == ".pdf":
        with pypdfium2.PdfDocument(file.read_bytes()) as document:
            return len(document)
    with Image.open(file) as picture:
        picture.load()
        return getattr(picture, "n_frames", 1)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


@pytest.mark.parametrize("name", ["out.pdf", "out.PDF", "out.tiff", "out.tif"])
def test_pages_become_one_file(beside: Any, quick: Sequence[str], name: str) -> None:
    done = beside.run("scan", *quick, "-s", "pages=3", "--out", name)

    assert done.returncode == 0, done.stderr
    renamed = (beside.folder / name).rename(beside.folder / name.lower())
    assert pages_of(renamed) == 3
    assert f"3 pages are in {name}, kept as doc_" in done.stderr
    assert done.stdout == ""
    assert not leftovers(beside.folder)


@pytest.mark.parametrize("ending", ["png", "jpg", "jpeg", "bmp"])
def test_pages_of_a_one_page_type_become_numbered_files(
    beside: Any, quick: Sequence[str], ending: str
) -> None:
    done = beside.run("scan", *quick, "-s", "pages=2", "--out", f"out.{ending}")

    assert done.returncode == 0, done.stderr
    found = sorted(path.name for path in beside.folder.glob(f"*.{ending}"))
    assert found == [f"out-001.{ending}", f"out-002.{ending}"]
    assert all(pages_of(beside.folder / name) == 1 for name in found)


def test_what_parts_a_batch_is_looked_for_without_being_asked(
    beside: Any, quick: Sequence[str]
) -> None:
    """A batch that came in one piece, and no word of why, would look like a broken scanner."""
    done = beside.run(
        "scan", *quick, "-s", "source=duplex", "-s", "pages=6", "--split", "blank", "--out", "o.pdf"
    )

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in beside.folder.glob("*.pdf")) == ["o-001.pdf", "o-002.pdf"]


def test_single_page_keeps_its_name(shell: Any, quick: Sequence[str]) -> None:
    done = shell.run("scan", *quick, "-s", "pages=1", "--out", "one.png")

    assert done.returncode == 0, done.stderr
    assert pages_of(shell.folder / "one.png") == 1


def test_standard_output_gets_the_file_and_nothing_else(beside: Any, quick: Sequence[str]) -> None:
    process = beside.start("scan", *quick, "-s", "pages=1", "-o", "-", "--type", "png", text=False)
    out, err = process.communicate(timeout=PATIENCE)

    with Image.open(io.BytesIO(out)) as picture:
        picture.load()
    assert process.returncode == 0
    assert b"1 page is" in err


def test_without_a_file_the_document_is_kept_and_named(beside: Any, quick: Sequence[str]) -> None:
    done = beside.run("scan", *quick, "-s", "pages=2", "--title", "Letters")

    (document,) = beside.documents()
    assert done.returncode == 0
    assert document["id"] in done.stderr
    assert (document["title"], document["page_count"]) == ("Letters", 2)


def test_pages_are_added_to_a_document(beside: Any, quick: Sequence[str]) -> None:
    beside.run("scan", *quick, "-s", "pages=1")
    (document,) = beside.documents()

    done = beside.run(
        "scan", *quick, "-s", "pages=2", "--document", document["id"], "-o", "all.pdf"
    )

    assert done.returncode == 0, done.stderr
    assert pages_of(beside.folder / "all.pdf") == 3


def test_kept_as_jpeg_is_smaller(beside: Any, quick: Sequence[str]) -> None:
    beside.run("scan", *quick, "-s", "pages=1", "-o", "lossless.pdf")
    beside.run("scan", *quick, "-s", "pages=1", "-o", "jpeg.pdf", "--keep=jpeg", "--quality=50")

    sizes = [(beside.folder / f"{name}.pdf").stat().st_size for name in ("jpeg", "lossless")]
    assert sizes[0] < sizes[1] / 2


def test_running_service_does_the_work(beside: Any, quick: Sequence[str]) -> None:
    """The service has the store; the command only asks."""
    done = beside.run("scan", *quick, "-s", "pages=2", "-o", "out.pdf", "--json")

    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [event["event"] for event in told].count("page") == 2
    assert told[0]["event"] == "started"
    assert told[-1]["event"] == "ended"
    assert told[-1]["files"] == ["out.pdf"]
    assert pages_of(beside.folder / "out.pdf") == 2


def test_two_commands_meet_in_the_service_of_the_first(
    shell: Any, quick: Sequence[str], until: Any
) -> None:
    """The first one to end must not take the service away from the other."""
    first = shell.start("scan", *quick, "-s", "pages=1", "--json")
    until(first, "started")
    second = shell.run("documents", "--json")
    third = shell.start("devices", "--json")

    assert first.wait(30) == 0
    assert second.returncode == 0
    assert third.wait(30) == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["-d", "sample:nope"], 3, "nope"),
        (["-d", "smaple"], 3, "Did you mean 'sample'?"),
        (["-d", "nobody:home"], 3, "nobody"),
        (["-d", "sample:paper", "-s", "resolution=9999"], 2, "75 to 600 dpi"),
        (["-d", "sample:paper", "-s", "resolution=high"], 2, "75 to 600 dpi"),
        (["-d", "sample:paper", "-s", "reslution=300"], 2, "Did you mean 'resolution'?"),
        (["-d", "sample:paper", "-s", "mode=sepia"], 2, "lineart, gray, color"),
        (["-d", "sample:paper", "-s", "fault-repeat=maybe"], 2, "true, false"),
        (["--document", "doc_nope"], 1, "doc_nope"),
        (["-d", "sample:paper", "-s", "fault=device-busy"], 4, "busy"),
        (["-d", "sample:paper", "-s", "fault=device-denied"], 3, "group 'scanner'"),
        (["-d", "sample:paper", "-s", "fault=feeder-empty"], 5, "Load paper"),
        (["-d", "sample:paper", "-s", "fault=cover-open"], 5, "Close the cover"),
    ],
)
def test_every_fault_has_one_fact_one_advice_and_its_code(
    served: Any, words: list[str], code: int, told: str
) -> None:
    done = served.run("scan", *words, "-o", "out.pdf")

    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert [line[:10] for line in done.stderr.splitlines()][-2] == "sheetfed: "
    assert not (served.folder / "out.pdf").exists()
    assert not served.documents()


def test_jam_keeps_the_pages_before_it_and_writes_them(beside: Any, quick: Sequence[str]) -> None:
    jam = ("-s", "fault=paper-jam", "-s", "fault-page=3", "-s", "fault-repeat=true")

    done = beside.run("scan", *quick, *jam, "-o", "out.pdf")

    assert done.returncode == 5
    assert pages_of(beside.folder / "out.pdf") == 2
    assert "2 pages are in out.pdf" in done.stderr
    assert "Take out the stuck sheet" in done.stderr


def test_crash_of_the_driver_is_told_with_its_record(shell: Any, quick: Sequence[str]) -> None:
    crash = ("-s", "fault=crash", "-s", "fault-page=2")

    brief = shell.run("scan", *quick, *crash, "-o", "brief.pdf")
    long = shell.run("-v", "scan", *quick, *crash)

    assert brief.returncode == long.returncode == 1
    assert pages_of(shell.folder / "brief.pdf") == 1
    assert "stack" not in brief.stderr
    assert "stack" in long.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("place", ["shell", "beside"])
def test_stopped_in_mid_batch_keeps_what_is_complete(
    request: Any, slow: Sequence[str], until: Any, stopping: Any, *, name: str, place: str
) -> None:
    shell = request.getfixturevalue(place)
    process = shell.start("scan", *slow, "-o", "out.pdf", "--json")
    until(process, "page")

    _, out, said = stopping(process, name)

    ended = next(event for event in map(json.loads, out.splitlines()) if event["event"] == "ended")
    (document,) = shell.documents()
    assert process.returncode == 130, said
    assert ended["job"]["state"] == "cancelled"
    assert ended["files"] == ["out.pdf"]
    assert document["id"] == ended["job"]["document"]
    assert pages_of(shell.folder / "out.pdf") == document["page_count"]
    assert 1 <= document["page_count"] < 50
    assert not leftovers(shell.folder)


def test_second_signal_leaves_at_once(
    shell: Any, quick: Sequence[str], until: Any, stopping: Any
) -> None:
    """A driver that hangs must not hold the person."""
    process = shell.start("scan", *quick, "-s", "fault=hang", "-s", "fault-page=2", "--json")
    until(process, "page")
    process.send_signal(signal.SIGINT)
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        took, _, _ = stopping(process)
        assert took < 2

    (document,) = shell.documents()
    assert process.returncode == 130
    assert document["page_count"] == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("there.pdf", "exists"),
        ("many.png", "many-007.png exists already; --force overwrites it"),
        ("o.pdf --split blank", "o-001.pdf exists already; --force overwrites it"),
        ("out.xyz", "nobody here writes '.xyz'"),
        ("out", "no ending"),
        ("absent/out.pdf", "no such folder"),
        ("folder.pdf", "is a folder"),
        ("link.pdf", "exists"),
    ],
)
def test_file_that_cannot_be_is_refused_before_paper_moves(
    served: Any, quick: Sequence[str], name: str, told: str
) -> None:
    (served.folder / "there.pdf").write_text("mine")
    (served.folder / "many-007.png").write_text("mine")
    (served.folder / "o-001.pdf").write_text("mine")
    (served.folder / "folder.pdf").mkdir(exist_ok=True)
    link = served.folder / "link.pdf"
    link.unlink(missing_ok=True)
    link.symlink_to("nowhere/out.pdf")

    done = served.run("scan", *quick, "-o", *name.split())

    assert done.returncode == 2
    assert told in done.stderr
    assert (served.folder / "there.pdf").read_text() == "mine"
    assert not served.documents()


@pytest.mark.parametrize(
    ("name", "told"), [("/proc/out.pdf", "/proc: no file"), (f"{'n' * 300}.pdf", "too long")]
)
def test_place_that_takes_no_file_is_refused_before_paper_moves(
    served: Any, quick: Sequence[str], name: str, told: str
) -> None:
    """/proc takes no file from anybody, root neither, though it says that root may write there."""
    done = served.run("scan", *quick, "-s", "pages=1", "-o", name)

    assert done.returncode == 2
    assert told in done.stderr
    assert not served.documents()


def test_full_disk_for_the_file_keeps_the_document(beside: Any, quick: Sequence[str]) -> None:
    done = beside.run("scan", *quick, "-s", "pages=1", "-o", "/dev/full", "--type", "pdf")

    (document,) = beside.documents()
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert document["id"] in done.stderr


def test_name_may_be_as_long_as_the_disk_takes(beside: Any, quick: Sequence[str]) -> None:
    name = f"{'n' * 251}.pdf"

    done = beside.run("scan", *quick, "-s", "pages=1", "-o", name)

    assert done.returncode == 0, done.stderr
    assert pages_of(beside.folder / name) == 1
    assert not leftovers(beside.folder)


def test_words_may_be_no_text_at_all(shell: Any, quick: Sequence[str]) -> None:
    """Linux takes any bytes for a file's name, and the store's lock notes the command."""
    name = os.fsdecode(b"letter-\xff.pdf")

    done = shell.run("scan", *quick, "-s", "pages=1", "-o", name)

    assert done.returncode == 0, done.stderr
    assert pages_of(shell.folder / name) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(shell: Any, quick: Sequence[str], closed: str) -> None:
    """As a daemon closes them; no file of the store may get their numbers."""
    words = ("scan", *quick, "-s", "pages=1", "-o", "out.pdf")
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *SHEETFED, "--home", shell.home, *words],
        cwd=shell.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert pages_of(shell.folder / "out.pdf") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", ["nan", "inf", "1e999"])
def test_number_that_is_none_is_told_by_its_name(
    served: Any, quick: Sequence[str], number: str
) -> None:
    done = served.run("scan", *quick, "-s", f"width={number}")

    assert done.returncode == 2
    assert "'width' cannot be" in done.stderr


@pytest.mark.parametrize("links", [True, False])
def test_file_that_appears_meanwhile_is_left_alone(
    beside: Any, quick: Sequence[str], monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """A memory stick has no hard links."""
    beside.run("scan", *quick, "-s", "pages=2")
    (document,) = beside.documents()
    client = beside.service
    pages = [page["id"] for page in client.get(f"/v1/documents/{document['id']}")["pages"]]
    formats = client.get("/v1/formats")["items"]
    out = Out.plan(formats, str(beside.folder / "out.png"), kind=None, force=False)
    (beside.folder / "out-002.png").write_text("mine")
    if not links:
        monkeypatch.setattr(os, "link", refuse_links)

    with pytest.raises(click.UsageError, match="appeared in the meantime"):
        out.write(client, document["id"], pages)

    assert pages_of(beside.folder / "out-001.png") == 1
    assert (beside.folder / "out-002.png").read_text() == "mine"
    assert not leftovers(beside.folder)


def refuse_links(source: object, *_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), source)


def test_force_replaces_a_file_whole(beside: Any, quick: Sequence[str]) -> None:
    (beside.folder / "out.pdf").write_text("old")

    done = beside.run("scan", *quick, "-s", "pages=1", "-o", "out.pdf", "--force")

    assert done.returncode == 0
    assert pages_of(beside.folder / "out.pdf") == 1


def test_service_that_cannot_listen_is_told(shell: Any, quick: Sequence[str]) -> None:
    """And does not leave the command waiting for it."""
    socket = shell.home / "run" / "sheetfed.sock"
    socket.mkdir(parents=True)

    done = shell.run("scan", *quick, "-s", "pages=1", "-o", "out.pdf")

    assert done.returncode == 1
    assert str(socket) in done.stderr
    assert "--home" in done.stderr
    assert "Traceback" not in done.stderr


def test_service_that_dies_is_told_with_the_document(
    shell: Any, slow: Sequence[str], until: Any
) -> None:
    service, _ = shell.serve()
    process = shell.start("scan", *slow, "--json")
    job = until(process, "started")["job"]
    until(process, "page")

    service.kill()
    _, said = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "The service stopped" in said
    assert "Traceback" not in said
    (document,) = shell.documents()
    assert document["id"] == job["document"]
    assert document["page_count"] >= 1


@pytest.mark.parametrize(
    ("speed", "pages", "told"),
    [(1, 0, "No page was complete yet.\n"), (300, 2, "Complete pages are kept as doc_")],
)
def test_service_that_dies_is_told_with_what_is_kept(
    shell: Any, slow: Sequence[str], speed: int, pages: int, told: str
) -> None:
    """Nobody is sent to look for pages that never were."""
    service, _ = shell.serve()
    client = Client(load(home=shell.home).socket)
    process = shell.start("scan", *slow, "-s", f"speed={speed}")
    while not any(
        job["state"] == "scanning" and job["pages"] >= pages
        for job in client.get("/v1/jobs")["items"]
    ):
        time.sleep(0.02)

    service.kill()
    _, said = process.communicate(timeout=20)

    assert process.returncode == 1
    assert told in said


def test_quiet_says_nothing_when_all_is_well(shell: Any, quick: Sequence[str]) -> None:
    done = shell.run("-q", "scan", *quick, "-s", "pages=1", "-o", "out.pdf")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("answer", "code", "pages"), [("continue", 0, 3), ("k", 0, 1), ("discard", 130, 0)]
)
def test_terminal_asks_what_to_do_after_a_jam(
    beside: Any, quick: Sequence[str], answer: str, code: int, pages: int
) -> None:
    jam = ("-s", "fault=paper-jam", "-s", "fault-page=2", "-s", "sheets=3")
    terminal = Terminal(beside, "scan", *quick, *jam, "-o", "out.pdf")

    terminal.wait_for("iscard them?")
    terminal.type(f"{answer}\n")

    assert terminal.end() == code, terminal.seen
    assert "Take out the stuck sheet" in terminal.seen
    assert "1 page is safe so far" in terminal.seen
    out = beside.folder / "out.pdf"
    assert (pages_of(out) if out.exists() else 0) == pages


@pytest.mark.parametrize(("decision", "pages"), [("keep", 1), ("continue", 3)])
def test_terminal_follows_what_somebody_else_decided(
    beside: Any, quick: Sequence[str], decision: str, pages: int
) -> None:
    """A page in the browser shows the same question."""
    jam = ("-s", "fault=paper-jam", "-s", "fault-page=2", "-s", "sheets=3")
    terminal = Terminal(beside, "scan", *quick, *jam, "-o", "out.pdf")
    terminal.wait_for("iscard them?")
    other = beside.service
    (job,) = (job for job in other.get("/v1/jobs")["items"] if job["state"] == "paused")

    other.post(f"/v1/jobs/{job['id']}/{decision}")
    terminal.type("c\n")

    assert terminal.end() == 0, terminal.seen
    assert pages_of(beside.folder / "out.pdf") == pages


def test_terminal_that_keeps_nothing_tells_the_fault(beside: Any, quick: Sequence[str]) -> None:
    """There is no file, so a script must not go on as if there were one."""
    jam = ("-s", "fault=paper-jam", "-s", "fault-page=1")
    terminal = Terminal(beside, "scan", *quick, *jam, "-o", "out.pdf")

    terminal.wait_for("iscard them?")
    terminal.type("keep\n")

    assert terminal.end() == 5, terminal.seen
    assert "No page was kept" in terminal.seen
    assert terminal.seen.count("Take out the stuck sheet") == 1
    assert not (beside.folder / "out.pdf").exists()


def test_terminal_shows_a_bar(shell: Any, slow: Sequence[str]) -> None:
    terminal = Terminal(shell, "scan", *slow, "-s", "pages=2")

    assert terminal.end() == 0, terminal.seen
    assert "Page 1" in terminal.seen
    assert "Page 2" in terminal.seen
    assert "%" in terminal.seen
    assert "2 pages are kept" in terminal.seen


@pytest.mark.parametrize("way", ["NO_COLOR", "--no-color"])
def test_color_can_be_switched_off(beside: Any, way: str) -> None:
    words = ["--no-color"] if way == "--no-color" else []
    environ = {"NO_COLOR": "1"} if way == "NO_COLOR" else {}
    terminal = Terminal(beside, *words, "devices", **environ)

    assert terminal.end() == 0
    assert "Sample scanner" in terminal.seen
    assert "\x1b[3" not in terminal.seen
