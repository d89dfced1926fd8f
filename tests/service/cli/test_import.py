"""Files taken in and saved from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

NOISE = np.random.default_rng(2).integers(0, 256, (60, 80, 3), np.uint8)


def picture(number: int) -> Image.Image:
    return Image.fromarray(np.roll(NOISE, number))


def pages_of(file: Path) -> Iterator[np.ndarray[Any, Any]]:
    with Image.open(file) as found:
        for number in range(getattr(found, "n_frames", 1)):
            found.seek(number)
            yield np.asarray(found.convert("RGB"))


def same(file: Path, expected: Sequence[np.ndarray[Any, Any]]) -> bool:
    found = [*pages_of(file)]
    return len(found) == len(expected) and all(map(np.array_equal, found, expected))


@pytest.fixture
def folder(served: Any) -> Path:
    """A folder with a file of two pages, one of one page, and one that is nothing."""
    folder: Path = served.folder
    picture(0).save(folder / "two.tif", save_all=True, append_images=[picture(1)])
    picture(2).save(folder / "called.pdf", "PNG")
    (folder / "notes.png").write_text("no picture")
    return folder


def test_files_become_one_document_in_their_order(served: Any, folder: Path) -> None:
    """What a file is called says nothing; a pipe is as good as a file."""
    with (folder / "two.tif").open() as pipe:
        done = served.run("import", "called.pdf", "two.tif", "-", "--title", "All", stdin=pipe)
    assert done.returncode == 0, done.stderr
    assert "Imported two.tif: 2 pages" in done.stderr
    document = done.stdout.strip()

    saved = served.run("documents", "save", document, "all.tiff", "--set", "compression=packbits")

    assert saved.returncode == 0, saved.stderr
    expected = [np.roll(NOISE, number) for number in (2, 0, 1, 0, 1)]
    assert same(folder / "all.tiff", expected)


def test_black_and_white_is_saved_behind_the_box_as_well(served: Any, folder: Path) -> None:
    """Pillow asks where a picture's file lies, for which there is no answer in the box."""
    drawn = Image.fromarray(NOISE[..., 0] > 99).convert("1")
    names = [f"bw.{ending}" for ending in ("png", "tif", "bmp", "pbm", "webp", "gif")]
    for name in names:
        drawn.save(folder / name, lossless=True)
    imported = served.run("import", *names)
    assert imported.returncode == 0, imported.stderr
    document = imported.stdout.strip()

    for words in ([], ["--set", "compression=g4"], ["--set", "compression=g3"]):
        saved = served.run("documents", "save", document, "bw-all.tif", "--force", *words)
        assert saved.returncode == 0, saved.stderr
        assert same(folder / "bw-all.tif", [np.asarray(drawn.convert("RGB"))] * len(names))


def test_what_is_no_picture_leaves_no_document(served: Any, folder: Path) -> None:
    """The first file that cannot be read is named, and nothing of it stays."""
    before = served.documents()

    done = served.run("import", "notes.png")
    absent = served.run("import", "absent.png")

    assert done.returncode != 0
    assert "notes.png" in done.stderr
    assert absent.returncode != 0
    assert "no file absent.png" in absent.stderr
    assert served.documents() == before
    assert (folder / "notes.png").exists()


def test_what_came_before_a_file_that_cannot_be_read_is_told(served: Any, folder: Path) -> None:
    """Pages that were kept without a word would be taken in twice."""
    done = served.run("import", "two.tif", "notes.png")

    assert done.returncode == 2
    assert "Imported two.tif: 2 pages" in done.stderr
    assert [each["title"] for each in served.documents() if each["id"] in done.stderr] == ["two"]


def test_pages_are_appended_to_a_file(served: Any, folder: Path) -> None:
    """What the file had stays in front, and no document of it stays behind."""
    document = served.run("import", "called.pdf").stdout.strip()
    before = len(served.documents())

    done = served.run("documents", "save", document, "two.tif", "--append")

    assert done.returncode == 0, done.stderr
    expected = [np.roll(NOISE, number) for number in (0, 1, 2)]
    assert same(folder / "two.tif", expected)
    assert len(served.documents()) == before
    refused = served.run("documents", "save", document, "called.png", "--append")
    assert refused.returncode == 0  # it was not there, so it is made
    again = served.run("documents", "save", document, "called.png", "--append")
    assert again.returncode == 2
    assert "holds one page" in again.stderr


def test_formats_are_listed(served: Any) -> None:
    done = served.run("formats", "--json")

    items = {item["type"]: item for item in json.loads(done.stdout)["items"]}
    assert items["image/webp"]["endings"] == ["webp"]
    assert "JPEG 2000" in served.run("formats").stdout
