"""Nothing that was announced is ever lost."""

from __future__ import annotations

import http.client
import io
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
from running import PROGRAM, Ear, Running, free_port

LEAVES = 300
"""Pages of a file that comes in when the plug is pulled."""

BATCH: dict[str, Any] = {
    "source": "feeder",
    "sheets": 200,
    "resolution": 75,
    "mode": "gray",
    "speed": 0,
}


def announced(ear: Ear) -> list[dict[str, Any]]:
    return [data for name, data in ear if name == "page" and data["change"] == "added"]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What the sample's pages are, from a batch that nobody disturbed."""
    with Running(tmp_path_factory.mktemp("truth")) as service:
        job = service.settled(service.scan(**{**BATCH, "sheets": 60})["id"])
        assert job["state"] == "done", job
        pages = service.get(f"/v1/documents/{job['document']}").json["pages"]
        return [service.get(f"/v1/pages/{page['id']}/image").body for page in pages]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", range(4))
def test_a_killed_service_has_every_announced_page(
    seed: int, tmp_path: Path, truth: list[bytes]
) -> None:
    """The plug is pulled 50 times at random moments of a batch, 200 times with all seeds."""
    chance = random.Random(seed)
    total = 0
    told: list[dict[str, Any]] = []
    job: dict[str, Any] | None = None
    for _ in range(51):
        service = Running(tmp_path).wait()
        if job:
            check(service, job, told, truth)
            total += len(told)
        ear = Ear(service)
        ear.start()
        ear.ready.wait(5)
        job = service.scan(**BATCH)
        wait_for(ear, chance.choice((0, 0, 1, 2, 4)))
        time.sleep(chance.uniform(0.0, 0.1))
        service.kill()
        assert service.process.returncode == -signal.SIGKILL, "it ended by itself"
        ear.join(5)
        told = announced(ear)

    assert total > 50, "the plug was pulled too early to prove anything"


def wait_for(ear: Ear, count: int) -> None:
    """Return once so many pages were announced: how soon that is depends on the machine."""
    end = time.monotonic() + 60
    while len(announced(ear)) < count:
        assert time.monotonic() < end, f"no {count} pages come"
        time.sleep(0.005)


def check(
    service: Running, job: dict[str, Any], told: list[dict[str, Any]], truth: list[bytes]
) -> None:
    """The pages are there as announced, and no more than whole ones; the job is offered again.

    Their seals prove that every byte is the one that was written. Another scan of the same sheet
    was seen, rarely, to have the same pixels in other bytes, so that is compared by its pixels.
    """
    again = service.get(f"/v1/jobs/{job['id']}").json
    assert again["state"] == "paused", again
    assert again["error"]["code"] == "service-gone"
    document = service.get(f"/v1/documents/{job['document']}").json
    kept = [page["id"] for page in document["pages"]]
    assert [page["id"] for page in told] == kept[: len(told)]
    assert [page["etag"] for page in told] == [page["etag"] for page in document["pages"]][
        : len(told)
    ]
    for page, whole in zip(document["pages"], truth, strict=False):
        answer = service.get(f"/v1/pages/{page['id']}/image")
        assert answer.status == 200
        assert len(answer.body) == page["size"]
        if fact := difference(answer.body, whole, service):
            pytest.fail(f"page {page['position'] + 1}: {fact}")
    files = [file for file in (service.home / "store/blobs").rglob("*") if file.is_file()]
    stored = sum(found["page_count"] for found in service.get("/v1/documents").json["items"])
    assert len(files) == stored, "a file that belongs to no page, or half of one"
    assert service.post(f"/v1/jobs/{job['id']}/discard").json["state"] == "cancelled"


def difference(found: bytes, whole: bytes, service: Running) -> str:
    """Say how a page's pixels differ from what they should be, and leave both files behind."""
    if found == whole:
        return ""
    for name, data in (("found.png", found), ("whole.png", whole)):
        (service.home.parent / name).write_bytes(data)
    fact = f"{len(found)} bytes, not {len(whole)}; both in {service.home.parent}"
    try:
        pixels = np.asarray(Image.open(io.BytesIO(found)))
    except (OSError, SyntaxError) as error:
        return f"{fact}; it is no readable picture: {error}"
    true = np.asarray(Image.open(io.BytesIO(whole)))
    if pixels.shape != true.shape:
        return f"{fact}; its size is {pixels.shape}, not {true.shape}"
    rows = np.flatnonzero((pixels != true).any(axis=tuple(range(1, true.ndim))))
    if not len(rows):
        return ""
    return f"{fact}; other pixels in {len(rows)} rows, the first {rows[0]}, the last {rows[-1]}"


def send(service: Running, leaves: int) -> None:
    """Send a file of many pages, and watch it."""
    file = io.BytesIO()
    leaf = Image.new("1", (300, 400))
    leaf.save(file, "TIFF", save_all=True, append_images=[leaf] * (leaves - 1))
    connection = service.connect()
    headers = {**service.headers, "Content-Type": "application/octet-stream"}
    with suppress(OSError, http.client.HTTPException):  # the plug is pulled
        connection.request("POST", "/v1/imports?watch=it", file.getvalue(), headers)
        connection.getresponse().read()


def test_an_interrupted_job_can_be_continued(tmp_path: Path) -> None:
    """After the plug is back in, the person goes on where the paper lies."""
    service = Running(tmp_path).wait()
    job = service.scan(**{**BATCH, "speed": 600})
    while service.get(f"/v1/jobs/{job['id']}").json["pages"] < 2:
        time.sleep(0.02)
    ear = Ear(service)
    ear.start()
    ear.ready.wait(60)
    sending = threading.Thread(target=send, args=(service, LEAVES), daemon=True)
    sending.start()
    while not any(name == "file" for name, _ in ear):
        assert sending.is_alive(), "the file came in unseen"
        time.sleep(0.002)
    service.kill()
    sending.join(60)

    with Running(tmp_path) as after:
        documents = [one["page_count"] for one in after.get("/v1/documents").json["items"]]
        assert set(documents[:-1]) <= {LEAVES}, "a file that was seen came in by half"
        had = after.get(f"/v1/jobs/{job['id']}").json["pages"]
        resumed = after.post(f"/v1/jobs/{job['id']}/continue")
        while after.get(f"/v1/jobs/{job['id']}").json["pages"] < had + 2:
            time.sleep(0.02)
        ended = after.post(f"/v1/jobs/{job['id']}/cancel").json

        assert resumed.status == 200
        assert resumed.json["state"] == "scanning"
        assert ended["state"] == "cancelled"
        pages = after.get(f"/v1/documents/{job['document']}").json["pages"]
        assert len(pages) == ended["pages"] >= had + 2


def test_a_second_service_on_one_store_is_refused(tmp_path: Path) -> None:
    """Two writers would lose each other's pages."""
    with Running(tmp_path) as first:
        second = subprocess.run(
            [PROGRAM, "--home", tmp_path, "serve", "--no-open", "--port", str(free_port())],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

        assert second.returncode == 4
        assert str(first.process.pid) in second.stderr
        assert "Traceback" not in second.stderr
        assert first.get("/readyz").status == 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """Mount a disk of 64 MB; needs root, as the test set-up has."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.timeout(120)
def test_a_full_disk_pauses_the_job_and_loses_nothing(small_disk: Path) -> None:
    """Space runs out in the middle of a batch; with space again, the job goes on.

    Pictures in a folder can be given again, so that not one of them may be missing in the end.
    """
    pictures = small_disk.parent / "pictures"
    pictures.mkdir()
    for number in range(60):
        noise = np.random.default_rng(number).integers(0, 256, (200, 400, 3), dtype=np.uint8)
        Image.fromarray(noise).save(pictures / f"{number:02d}.png")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 52_000_000)
    config = small_disk.parent / "sheetfed.toml"
    config.write_text(f'disabled = ["sane"]\n[addons.folder]\nfolders = "{pictures}"\n')
    with Running(small_disk / "home", environ={"SHEETFED_CONFIG": str(config)}) as service:
        ear = Ear(service)
        ear.start()
        ear.ready.wait(5)
        (device,) = (
            device["id"]
            for device in service.get("/v1/devices").json["items"]
            if device["id"].startswith("folder:")
        )
        job = service.scan(device)

        full = service.settled(job["id"])

        assert full["state"] == "paused"
        assert full["error"]["code"] == "disk-full"
        document = service.get(f"/v1/documents/{job['document']}").json
        kept = [page["id"] for page in document["pages"]]
        assert 0 < len(kept) < 60
        assert {page["id"] for page in announced(ear)} <= set(kept)
        for page in document["pages"]:
            assert service.get(f"/v1/pages/{page['id']}/image").status == 200

        ballast.unlink()
        resumed = service.post(f"/v1/jobs/{job['id']}/continue")
        done = service.settled(job["id"])

        assert resumed.status == 200
        assert (done["state"], done["pages"]) == ("done", 60)
        pages = service.get(f"/v1/documents/{job['document']}").json["pages"]
        assert [page["id"] for page in pages][: len(kept)] == kept
        for number, page in enumerate(pages):
            image = service.get(f"/v1/pages/{page['id']}/image").body
            assert image == (pictures / f"{number:02d}.png").read_bytes()


@pytest.mark.timeout(120)
def test_a_disk_that_others_filled_can_still_be_tidied(small_disk: Path) -> None:
    """Who has no room left must be able to delete, and to start the service that deletes."""
    ballast = small_disk / "ballast"
    service = Running(small_disk / "home").wait()
    job = service.settled(service.scan(**{**BATCH, "sheets": 8})["id"])
    time.sleep(0.2)
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    service.kill()

    with Running(small_disk / "home") as again:
        pages = again.get(f"/v1/documents/{job['document']}").json["pages"]
        whole = [again.get(f"/v1/pages/{page['id']}/image").status for page in pages]
        deleted = again.ask("DELETE", f"/v1/pages/{pages[0]['id']}")
        left = again.get(f"/v1/documents/{job['document']}").json["pages"]

    assert whole == [200] * 8
    assert deleted.status == 204
    assert len(left) == 7
