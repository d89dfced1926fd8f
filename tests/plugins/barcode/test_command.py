"""`sheetfed barcodes`, and batches that are parted by what it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "service"))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import lives
from printing import Printed, patch_sheet, sheet
from running import Running

from sheetfed.api.errors import BadSettings
from sheetfed_barcode import drawing, sheets
from sheetfed_barcode.formats import without_patches

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    return home


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return lives.run("--home", home, "barcodes", *words, environ=os.environ, cwd=tmp_path)

    return call


def test_codes_of_files_are_listed_as_json(run: Run, tmp_path: Path) -> None:
    """One object a code, in the order of files and pages; what cannot be read is told beside."""
    sheet(Printed(text="one"), Printed(text="4006381333931", format="EAN13", place=(60, 500))).save(
        tmp_path / "a.png"
    )
    more = [sheet(Printed(text=f"page {at}")) for at in range(3)]
    more[0].save(tmp_path / "b.tif", save_all=True, append_images=more[1:])
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    patch_sheet("T").save(tmp_path / "d.png", dpi=(100, 100))

    done = run("--json", "a.png", "c.png", "b.tif", "d.png", "gone.png")

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["file"], one["page"], one["format"], one["text"]) for one in found] == [
        ("a.png", 1, "QR Code", "one"),
        ("a.png", 1, "EAN-13", "4006381333931"),
        ("b.tif", 1, "QR Code", "page 0"),
        ("b.tif", 2, "QR Code", "page 1"),
        ("b.tif", 3, "QR Code", "page 2"),
        ("d.png", 1, "Patch Code", "T"),
    ]
    assert found[-1]["engine"] == "patch"
    for one in (found[0], found[-1]):
        assert {"bytes", "corners", "engine", "ms"} <= set(one)
        assert len(one["corners"]) == 4
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["c.png", "gone.png"]
    assert not [*(tmp_path / "home" / "store").iterdir()]


def test_codes_of_files_are_listed_as_a_table(run: Run, tmp_path: Path) -> None:
    """P08: nothing that a code says moves the cursor of a terminal."""
    sheet(Printed(text="a\x1b[2Jb\nc", scale=4)).save(tmp_path / "a.png")

    done = run("a.png")
    none = run("--formats", "EAN-13", "a.png")
    wrong = run("--formats", "EAN-14", "a.png")

    assert done.stdout.splitlines() == [
        "FILE   PAGE  FORMAT   TEXT",
        "a.png  1     QR Code  a␛[2Jb␊c",
    ]
    assert (none.stdout, none.returncode) == ("", 0)
    assert "No code was found." in none.stderr
    assert wrong.returncode == 2
    assert "EAN-14" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_patch_codes_are_named_like_formats() -> None:
    assert without_patches("") == ("", True)
    assert without_patches("QR, all") == ("QR, all", True)
    assert without_patches("qr, Patch Code") == ("qr", True)
    assert without_patches("PATCH") == (None, True)
    assert without_patches("qr") == ("qr", False)


def test_codes_are_written(run: Run, tmp_path: Path) -> None:
    assert run("write", "INV-7", "--format", "code39", "--out", "c.png").returncode == 0
    assert run("write", "https://example.org", "--out", "q.svg").returncode == 0
    refused = run("write", "again", "--out", "c.png")
    listed = run("c.png")

    assert listed.stdout.split()[-3:] == ["Code", "39", "INV-7"]
    assert (tmp_path / "q.svg").read_text().startswith("<svg xmlns=")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    with pytest.raises(BadSettings):
        drawing.run(["ABC", "--format", "EAN-13", "--out", str(tmp_path / "x.png")])
    assert not (tmp_path / "x.png").exists()


def drawn(pdf: Path, folder: Path) -> list[Image.Image]:
    """Return the pages of a PDF as another program sees them."""
    subprocess.run(["pdftoppm", "-r", "150", "-png", pdf, folder / "page"], check=True)
    return [Image.open(file).convert("L") for file in sorted(folder.glob("page-*.png"))]


def test_separator_sheets_are_printed_and_read(run: Run, tmp_path: Path) -> None:
    """What poppler makes of the PDF is what a printer does."""
    from printing import page, patches, read

    done = run(
        "sheet", "--patch", "T", "--patch", "2", "--code", "CASE-17", "--paper", "letter",
        "--out", "sheets.pdf",
    )  # fmt: skip
    subprocess.run(["qpdf", "--check", tmp_path / "sheets.pdf"], check=True, capture_output=True)
    (first, second, third) = drawn(tmp_path / "sheets.pdf", tmp_path)

    assert done.returncode == 0, done.stderr
    assert first.size == (1275, 1650)
    assert set(patches(page(first, dpi=150))) == {"T"}
    assert set(patches(page(second.rotate(180), dpi=150))) == {"II"}
    assert read(page(third, dpi=150)) == [("Code 39", "CASE-17")]
    for impossible in (["--patch", "V"], ["--code", "x" * 500]):
        with pytest.raises(BadSettings):
            sheets.run([*impossible, "--out", str(tmp_path / "none.pdf")])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    home, feed = folder / "home", folder / "feed"
    home.mkdir()
    feed.mkdir()
    (home / "sheetfed.toml").write_text('disabled = ["sane"]\n')
    letter = sheet(size=(400, 500))
    pages = [
        sheet(Printed(text="INV-1", format="Code39"), size=(600, 700)),
        letter,
        patch_sheet("T"),
        sheet(Printed(text="INV-2", format="Code39"), size=(600, 700)),
        letter,
        letter,
    ]
    for at, one in enumerate(pages):
        one.save(feed / f"{at}.png", dpi=(100, 100))
    with (home / "sheetfed.toml").open("a") as config:
        config.write(f'[addons.folder]\nfolders = "{feed}"\n')
    with Running(home, environ=dict(os.environ)) as service:
        yield service


def scan(service: Running, **request: Any) -> list[tuple[str, int]]:
    """Scan the folder; return title and number of pages of each document."""
    devices = service.get("/v1/devices").json["items"]
    device = next(one["id"] for one in devices if one["id"].startswith("folder:"))
    answer = service.post("/v1/jobs", {"device": device, **request})
    assert answer.status == 201, answer.body
    done = service.settled(answer.json["id"])
    assert (done["state"], done["problems"]) == ("done", []), done
    documents = [service.get(f"/v1/documents/{name}").json for name in done["documents"]]
    return [(one["title"], len(one["pages"])) for one in documents]


def test_a_batch_is_parted_at_codes_and_at_patches_and_named(service: Running) -> None:
    """In a job, through the boxed steps; then again on demand, over HTTP."""
    by_code = scan(
        service,
        steps=[{"name": "barcode", "options": {"formats": "Code 39"}}],
        split={"by": "barcode", "pattern": "INV-*", "title": "{barcode:CODE39}"},
    )
    by_patch = scan(service, steps=[{"name": "patch"}], split={"by": "patch", "title": "{n:2}"})

    assert by_code == [("INV-1", 3), ("INV-2", 3)]
    assert by_patch == [("01", 2), ("02", 3)]


def test_what_parts_a_batch_is_looked_for_without_being_named(service: Running) -> None:
    """A rule without the step that finds what it parts at would part nothing, silently."""
    by_patch = scan(service, split={"by": "patch", "title": "{n:2}"})
    by_code = scan(service, steps=[{"name": "blank"}], split={"by": "barcode"})

    assert by_patch == [("01", 2), ("02", 3)]
    assert [count for _, count in by_code] == [3, 3]


@pytest.mark.parametrize(
    ("options", "option"),
    [({"formats": "Code 40"}, "formats"), ({"region": "1, 2, 3"}, "region")],
)
def test_wrong_options_are_refused_at_the_request(
    service: Running, options: dict[str, str], option: str
) -> None:
    """Not at each page: a person who mistyped a name learns it before paper moves."""
    devices = service.get("/v1/devices").json["items"]
    device = next(one["id"] for one in devices if one["id"].startswith("folder:"))
    jobs = service.get("/v1/jobs").json["items"]
    document = service.post("/v1/documents").json["id"]
    steps = [{"name": "barcode", "options": options}]

    job = service.post("/v1/jobs", {"device": device, "steps": steps})
    later = service.post(f"/v1/documents/{document}/steps", {"steps": steps})

    for answer in (job, later):
        assert (answer.status, answer.json["code"]) == (422, "bad-settings"), answer.body
        (fault,) = answer.json["errors"]
        assert fault["pointer"] == f"/steps/0/options/{option}"
    assert service.get("/v1/jobs").json["items"] == jobs
