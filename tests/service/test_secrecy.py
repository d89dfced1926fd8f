"""Nothing of a page is to be found outside the service, and nothing of it can be forged."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sheetfed.chain import lines_of, verify

sys.path.insert(0, str(Path(__file__).parent))
from running import Running

MARKER = b"MARKER-of-a-patient-4711"
PROGRAM = Path(sys.executable).with_name("sheetfed")


def marked_picture(number: int) -> bytes:
    """Return a PNG that holds the marker as text, and noise that is as telling."""
    noise = np.random.default_rng(number).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    info = PngInfo()
    info.add_text("Comment", MARKER.decode())
    written = io.BytesIO()
    Image.fromarray(noise).save(written, "PNG", pnginfo=info)
    return written.getvalue()


def family(pid: int) -> list[int]:
    """Return a process and all that came from it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def held(folder: Path, *markers: bytes) -> list[str]:
    """Return the files below a folder that hold one of the markers."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return [str(file) for file in files if any(mark in file.read_bytes() for mark in markers)]


class Ward:
    """A service that scans marked pictures, and has a temporary folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.temporary = folder / "tmp"
        self.pictures = folder / "pictures"
        for path in (self.temporary, self.pictures):
            path.mkdir(mode=0o700)
        for number in range(3):
            (self.pictures / f"{number}.png").write_bytes(marked_picture(number))
        config = folder / "sheetfed.toml"
        config.write_text(
            'key = "file"\ndisabled = ["sane", "webcam"]\n'
            f'[addons.folder]\nfolders = "{self.pictures}"\n'
        )
        self.environ = {"SHEETFED_CONFIG": str(config), "TMPDIR": str(self.temporary)}

    def start(self, *, program: bool = False) -> Running:
        return Running(self.home, environ=self.environ, program=program).wait()

    def scan(self, service: Running, **wishes: object) -> list[str]:
        """Scan the pictures and return the pages."""
        items = service.get("/v1/devices").json["items"]
        device = next(item["id"] for item in items if item["id"].startswith("folder:"))
        body = {"device": device, "title": MARKER.decode(), **wishes}
        started = service.post("/v1/jobs", body)
        assert started.status == 201, started.body
        job = service.settled(started.json["id"])
        assert (job["state"], job["pages"]) == ("done", 3)
        document = service.get(f"/v1/documents/{job['document']}").json
        return [page["id"] for page in document["pages"]]


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.fixture
def service(ward: Ward) -> Iterator[Running]:
    with ward.start() as service:
        yield service


@pytest.fixture
def program(ward: Ward) -> Iterator[Running]:
    """The service as the system sees it: its processes are the program and what it starts."""
    with ward.start(program=True) as service:
        yield service


def image(service: Running, page: str) -> tuple[int, bytes]:
    answer = service.get(f"/v1/pages/{page}/image")
    return answer.status, answer.body


@pytest.mark.timeout(120)
def test_a_page_leaves_no_trace_outside_the_service(ward: Ward, program: Running) -> None:
    """Every file it has, its temporary files, and what the system tells of its processes."""
    pages = ward.scan(program)
    document = program.get(f"/v1/pages/{pages[0]}").json["document"]
    for page in pages:
        assert image(program, page)[1] == (ward.pictures / f"{pages.index(page)}.png").read_bytes()
        assert program.get(f"/v1/pages/{page}/image?width=100&type=image/jpeg").status == 200
    for kind in ("application/pdf", "image/tiff"):
        assert program.get(f"/v1/documents/{document}/file?type={kind}").status == 200
    raw = (ward.pictures / "0.png").read_bytes()
    telling = (MARKER, raw[1000:1024], raw[-1024:-1000])
    tokens = program.headers["Authorization"].split()[1].encode()

    children = family(program.process.pid)
    told = b""
    for pid in children:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            told += b"".join(
                Path(f"/proc/{pid}/{it}").read_bytes() for it in ("environ", "cmdline")
            )

    assert len(children) > 1
    assert told.count(b"sheetfed.worker.child") >= 1, "what the children tell was not read"
    assert not any(mark in told for mark in (*telling, tokens))
    assert held(ward.home, *telling, tokens) == []
    assert held(ward.temporary, *telling, tokens) == []
    program.kill()
    assert held(ward.home, *telling, tokens) == []
    assert held(ward.temporary, *telling, tokens) == []


@pytest.mark.timeout(120)
def test_no_process_leaves_a_core(ward: Ward, program: Running) -> None:
    """Whatever the system does with cores: there is none, of the service or of a child."""
    ward.scan(program)
    everybody = family(program.process.pid)
    for pid in everybody[1:]:
        os.kill(pid, signal.SIGABRT)
        limits = Path(f"/proc/{program.process.pid}/limits").read_text()
        assert any(
            line.split()[4:6] == ["0", "0"] for line in limits.splitlines() if "core" in line
        )
    time.sleep(0.5)
    os.kill(program.process.pid, signal.SIGABRT)
    _, status = os.waitpid(program.process.pid, 0)

    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    assert held(ward.home, MARKER) == []
    assert held(ward.temporary, MARKER) == []


@pytest.mark.timeout(120)
def test_swapped_and_changed_files_are_damage_never_content(ward: Ward, service: Running) -> None:
    """M05: who can write to the folder can destroy a page, not show another one in its place."""
    pages = ward.scan(service)
    first, second, third = sorted((ward.home / "store" / "blobs").iterdir())
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    data = bytearray(third.read_bytes())
    for place in (len(data) // 2, -1):  # the page is in one chunk, its preview in the next
        data[place] ^= 1
    third.write_bytes(data)

    for page in pages:
        answers = [
            service.get(f"/v1/pages/{page}/image"),
            service.get(f"/v1/pages/{page}/image?width=100&type=image/jpeg"),
        ]
        assert {answer.status for answer in answers} <= {404, 410}
        assert all(MARKER not in answer.body for answer in answers)


@pytest.mark.timeout(120)
def test_a_private_document_is_gone_after_a_kill(ward: Ward, service: Running) -> None:
    pages = ward.scan(service, private=True)
    kept = ward.scan(service)
    assert image(service, pages[0])[0] == 200
    document = service.get(f"/v1/pages/{pages[0]}").json["document"]
    assert service.get(f"/v1/documents/{document}").json["private"]
    service.kill()

    with ward.start() as again:
        known = [item["id"] for item in again.get("/v1/documents").json["items"]]
        jobs = again.get("/v1/jobs").json["items"]
        gone = [image(again, page)[0] for page in pages]
        there = [image(again, page)[0] for page in kept]

    assert document not in known
    assert len(jobs) == 1
    assert (gone, there) == ([404] * 3, [200] * 3)
    assert len(list((ward.home / "store" / "blobs").iterdir())) == 3


@pytest.mark.timeout(120)
def test_private_pages_can_be_made_without_a_scan(ward: Ward, service: Running) -> None:
    made = service.post("/v1/documents", {"title": "x", "private": True})
    pages = ward.scan(service, document=made.json["id"])

    assert made.json["private"]
    assert len(service.get(f"/v1/documents/{made.json['id']}").json["pages"]) == 3
    kept = service.post("/v1/documents", {}).json["id"]
    moved = service.post(f"/v1/documents/{kept}/move", {"pages": pages})
    asked = service.post("/v1/jobs", {"device": "sample:paper", "document": kept, "private": True})
    assert (moved.status, asked.status) == (409, 409)


@pytest.mark.timeout(120)
def test_a_copy_opens_with_its_key_only(ward: Ward, tmp_path: Path) -> None:
    """On another computer: the folder alone is noise; with the key it is the store."""
    with ward.start() as service:
        pages = ward.scan(service)
    without, whole = tmp_path / "without", tmp_path / "whole"
    for copy in (without, whole):
        shutil.copytree(ward.home, copy)
    (without / "store" / "master.key").unlink()

    refused = subprocess.run(
        [PROGRAM, "--home", without, "documents"],
        env={**os.environ, **ward.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    with Running(whole, environ=ward.environ).wait() as service:
        found = [image(service, page)[0] for page in pages]

    assert refused.returncode != 0
    assert "master.key is gone; restore it" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert found == [200] * 3


@pytest.mark.timeout(120)
def test_retention_ends_documents_while_the_service_runs(ward: Ward) -> None:
    config = Path(ward.environ["SHEETFED_CONFIG"])
    config.write_text('retention = "2s"\n' + config.read_text())
    with ward.start() as service:
        pages = ward.scan(service)
        end = time.monotonic() + 20
        while service.get("/v1/documents").json["items"] and time.monotonic() < end:
            time.sleep(0.3)

        assert [image(service, page)[0] for page in pages] == [404] * 3
        assert list((ward.home / "store" / "blobs").iterdir()) == []


@pytest.mark.timeout(120)
def test_a_quota_pauses_the_job_until_there_is_room(ward: Ward) -> None:
    config = Path(ward.environ["SHEETFED_CONFIG"])
    config.write_text("quota = { pages = 4 }\n" + config.read_text())
    with ward.start() as service:
        first = ward.scan(service)
        items = service.get("/v1/devices").json["items"]
        device = next(item["id"] for item in items if item["id"].startswith("folder:"))
        job = service.settled(service.post("/v1/jobs", {"device": device}).json["id"])

        assert (job["state"], job["error"]["code"], job["pages"]) == ("paused", "quota-reached", 1)
        assert service.get("/v1/service").json["quota"]["pages"] == 4
        for page in first:
            service.ask("DELETE", f"/v1/pages/{page}")
        service.post(f"/v1/jobs/{job['id']}/continue")
        done = service.settled(job["id"])

    assert (done["state"], done["pages"]) == ("done", 3)


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        (".", 0o777),
        ("store", 0o755),
        ("audit", 0o750),
        ("crashes", 0o777),
        ("store/key.json", 0o644),
    ],
)
def test_a_place_open_to_others_is_refused_and_named(tmp_path: Path, place: str, mode: int) -> None:
    home = tmp_path / "home"
    command = [PROGRAM, "--home", home, "documents"]
    subprocess.run(command, check=True, capture_output=True)
    (home / place).chmod(mode)

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "chmod go-" in done.stderr


def test_a_home_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    """R21 (L06): the folder's owner could put other files in the place of ours."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 12345, -1)

    done = subprocess.run(
        [PROGRAM, "--home", home, "documents"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "belongs to user 12345" in done.stderr
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", ["audit", "store", "crashes"])
def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    """R21 (L07): what it leads to is left alone."""
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    home.mkdir(mode=0o700)
    theirs.mkdir(mode=0o700)
    (home / name).symlink_to(theirs)

    done = subprocess.run(
        [PROGRAM, "--home", home, "documents"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "not a plain folder" in done.stderr
    assert list(theirs.iterdir()) == []


@pytest.mark.timeout(120)
def test_the_audit_log_says_what_was_done_and_names_nothing(ward: Ward, service: Running) -> None:
    """R37: who scanned, looked, saved and deleted; no title, no token, no content."""
    pages = ward.scan(service)
    document = service.get(f"/v1/pages/{pages[0]}").json["document"]
    for page in pages:
        image(service, page)
    service.get(f"/v1/documents/{document}/file?type=application/pdf")
    service.ask("DELETE", f"/v1/documents/{document}")
    token = service.headers["Authorization"].split()[1]
    assert service.stop() == 0

    told = [*lines_of(ward.home / "audit")]
    verdict = verify(ward.home / "audit")

    done = [(line["who"], line["what"]) for line in told if line.get("document") == document]
    assert done == [("local", "view"), ("local", "save"), ("local", "delete"), ("local", "view")]
    assert told[-1]["times"] == 2
    assert any(line["what"] == "scan" for line in told)
    assert verdict.fault == ""
    assert held(ward.home / "audit", MARKER, token.encode()) == []
