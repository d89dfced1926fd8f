"""PDF files on the command line, without a service."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image


def letter(path: Path, *words: str, **protection: str) -> Path:
    """Write a PDF with a page for each word."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for word in words:
        pdf.add_blank_page(page_size=(200, 100))
        page = pdf.pages[-1].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pikepdf.Stream(pdf, b"BT /F1 20 Tf 20 50 Td (%s) Tj ET" % word.encode())
    pdf.save(path, encryption=pikepdf.Encryption(**protection) if protection else False)
    return path


def text(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        return [word for page in document for word in page.get_textpage().get_text_range().split()]


def test_pages_become_pictures_in_a_folder(shell: Any) -> None:
    """Numbered in order, at the resolution asked for; no picture takes another's place.

    No service is started for it.
    """
    letter(shell.folder / "a.pdf", *"abcde")
    (shell.folder / "more").mkdir()
    letter(shell.folder / "more" / "A.pdf", *"abcde")
    words = ("pdf", "render", "--dpi", "72", "--pages", "5,1-3", "--format", "jpeg",
             "--out", "there", "a.pdf")  # fmt: skip

    done = shell.run(*words, "more/A.pdf")
    again = shell.run(*words)

    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "a.pdf: 4 of 4 pages drawn into there\n"
        f"{Path('more/A.pdf')}: 4 of 4 pages drawn into there\n"
    )
    made = [*(shell.folder / "there").iterdir()]
    names = [f"{stem}-00{n}.jpg" for stem in ("A-2", "a") for n in (1, 2, 3, 4)]
    assert sorted(path.name for path in made) == names
    assert (again.returncode, "a-001.jpg exists; --force" in again.stderr) == (2, True)
    for path in made:
        with Image.open(path) as picture:
            assert picture.size == (200, 100)
    assert not (shell.home / "store" / "lock").exists()


def test_files_are_told_of_searched_merged_and_split(shell: Any) -> None:
    """What goes in comes out: text as text, a JPEG to the byte, ranges in their order."""
    folder = shell.folder
    letter(folder / "a.pdf", "one", "two", "three")
    letter(folder / "locked.pdf", "four", owner="o", user="geheim")
    photo = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(photo, "JPEG", dpi=(72, 72))
    (folder / "photo.jpg").write_bytes(photo.getvalue())
    (folder / "note.xml").write_text("<note/>")

    merged = shell.run("pdf", "merge", "--out", "all.pdf", "--input-password", "geheim",
                       "--title", "All of it", "--attach", "note.xml",
                       "--attachments", '[{"name": "more.txt", "text": "more"}]',
                       "a.pdf", "3,1", "photo.jpg", "locked.pdf")  # fmt: skip
    told = shell.run("pdf", "info", "--json", "--text", "all.pdf")
    found = shell.run("pdf", "info", "--find", "FOUR", "all.pdf")
    split = shell.run("pdf", "split", "--range", "4", "--range=2-", "--out", "parts", "all.pdf")

    assert merged.returncode == 0, merged.stderr
    assert text(folder / "all.pdf") == ["three", "one", "four"]
    assert photo.getvalue() in (folder / "all.pdf").read_bytes()
    said = json.loads(told.stdout)
    assert (said["title"], said["attachments"]) == ("All of it", True)
    assert [page["is"] for page in said["pages"]] == ["text", "text", "picture", "text"]
    assert [page["text"] for page in said["pages"]] == ["three", "one", "", "four"]
    assert said["pages"][0]["fonts"] == [{"name": "Helvetica", "type": "Type1", "embedded": False}]
    assert "page 4: 71 x 35 mm, text" in found.stdout
    assert "page 1:" not in found.stdout
    with pikepdf.open(folder / "all.pdf") as pdf:
        assert set(pdf.attachments) == {"note.xml", "more.txt"}
    assert split.returncode == 0, split.stderr
    assert text(folder / "parts" / "all-001.pdf") == ["four"]
    with pikepdf.open(folder / "parts" / "all-002.pdf") as pdf:
        assert len(pdf.pages) == 3


def test_what_goes_wrong_has_a_name_and_leaves_nothing_half(shell: Any) -> None:
    """The exit code tells a script, the words a person; a file that was there stays."""
    folder = shell.folder
    letter(folder / "locked.pdf", "four", owner="o", user="geheim")
    (folder / "all.pdf").write_bytes(b"as it was")

    locked = shell.run("pdf", "merge", "--out", "all.pdf", "locked.pdf")
    missing = shell.run("pdf", "render", "--out", "there", "gone.pdf")
    wrong = shell.run("pdf", "info", "--pages", "7", "--password", "geheim", "locked.pdf")
    unknown = shell.run("pdf", "turn", "locked.pdf")

    assert (locked.returncode, missing.returncode) == (2, 1)
    assert "locked" in locked.stderr
    assert "gone.pdf" in missing.stderr
    assert (wrong.returncode, unknown.returncode) == (2, 2)
    assert "there is no page 7; the file has 1" in wrong.stderr
    assert "render" in unknown.stderr
    assert (folder / "all.pdf").read_bytes() == b"as it was"
    assert {path.name for path in folder.iterdir()} <= {"all.pdf", "locked.pdf", "home", "there"}
    for done in (locked, missing, wrong, unknown):
        assert "Traceback" not in done.stderr


def test_a_file_that_does_not_open_is_named(shell: Any) -> None:
    """Among forty files it must be found."""
    letter(shell.folder / "a.pdf", "a")
    (shell.folder / "b.pdf").write_bytes(b"%PDF-1.7 and nothing more")

    done = shell.run("pdf", "merge", "a.pdf", "b.pdf", "--out", "c.pdf")

    assert done.returncode == 1
    assert "b.pdf: " in done.stderr
    assert not (shell.folder / "c.pdf").exists()
