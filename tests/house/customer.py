"""A customer who has the core and one addon, from wheels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pikepdf
import pytest
import tabletops
import zxingcpp
from PIL import Image

A4 = (595.3, 841.9)


class Site:
    """A folder with packages, and the program that runs from it."""

    def __init__(self, folder: Path, libraries: Path) -> None:
        self.folder = folder
        self._path = f"{folder / 'site'}{os.pathsep}{libraries}"
        self.packages = folder / "site"

    def unpack(self, built: Path, *names: str) -> Site:
        """Lay the wheels of these packages into the folder."""
        for name in names:
            (wheel,) = built.glob(f"{name}-*.whl")
            zipfile.ZipFile(wheel).extractall(self.packages)
        return self

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the program in the folder."""
        program = "import sheetfed.cli; sheetfed.cli.main()"
        home = str(self.folder / "home")
        return subprocess.run(
            [sys.executable, "-S", "-c", program, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": self._path, "SHEETFED_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )


def stock(folder: Path) -> None:
    """Lay out a batch of two letters, each behind a sheet with a code, and a PDF of one page."""
    feed, home = folder / "feed", folder / "home"
    feed.mkdir()
    home.mkdir()
    (home / "sheetfed.toml").write_text(f'[addons.folder]\nfolders = "{feed}"\n')
    for at, text in enumerate(("INV-1", "", "INV-2", "", "")):
        sheet = Image.new("L", (600, 700), 255)
        if text:
            code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code39)
            sheet.paste(Image.fromarray(np.asarray(code.to_image(scale=2))), (60, 60))
        sheet.save(feed / f"{at}.png", dpi=(100, 100))
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 100))
    pdf.pages[0].Contents = pdf.make_stream(b"20 20 40 40 re f")
    pdf.save(folder / "drawn.pdf")


SPLIT = "barcode:format=Code 39,title={barcode:CODE39}"
BATCH = ("scan", "--device", "folder", "--step", "barcode", "--split", SPLIT, "--out", "out.pdf")


def a_camera_works_alone(built: Path, libraries: Path, tmp_path: Path) -> None:
    """A photograph of a sheet on a table becomes a PDF as large as the sheet, with the rest cut."""
    desk = Site(tmp_path / "desk", libraries).unpack(built, "sheetfed", "sheetfed_webcam")
    shots, home = desk.folder / "shots", desk.folder / "home"
    shots.mkdir()
    home.mkdir()
    seen = tabletops.photograph("wood", 1)
    Image.fromarray(seen.picture).save(shots / "one.jpg", quality=92)
    (home / "sheetfed.toml").write_text(f'[addons.webcam]\ncameras = "Desk = {shots}"\n')

    listed = desk.run("devices", "--json")
    taken = desk.run("scan", "-d", "Desk", "--step", "sheet", "--out", "sheet.pdf")

    assert "Desk" in [device["title"] for device in json.loads(listed.stdout)["items"]], listed
    assert taken.returncode == 0, taken.stderr
    with pikepdf.open(desk.folder / "sheet.pdf") as made:
        (page,) = made.pages
        left, low, right, high = (float(side) for side in page.MediaBox)
    assert (right - left, high - low) == pytest.approx(A4, abs=0.02 * A4[0])


def an_addon_works_alone_beside_the_core(built: Path, libraries: Path, tmp_path: Path) -> None:
    """A customer who bought one thing has no other; who has none is told what brings it."""
    codes = Site(tmp_path / "codes", libraries).unpack(built, "sheetfed", "sheetfed_barcode")
    files = Site(tmp_path / "files", libraries).unpack(built, "sheetfed", "sheetfed_pdf")
    for site in (codes, files):
        stock(site.folder)

    batch = codes.run(*BATCH)
    listed = codes.run("barcodes", "--json", "feed/0.png", "drawn.pdf")
    drawn = files.run("pdf", "render", "--dpi", "50", "--out", "pictures", "drawn.pdf")
    merged = files.run("pdf", "merge", "--out", "all.pdf", "drawn.pdf", "feed/1.png")
    missing = files.run(*BATCH)

    assert batch.returncode == 0, batch.stderr
    parts = [pikepdf.open(codes.folder / name) for name in ("out-001.pdf", "out-002.pdf")]
    assert [len(part.pages) for part in parts] == [2, 3]
    assert json.loads(listed.stdout)["text"] == "INV-1", listed.stderr
    assert "drawn.pdf: " in listed.stderr
    assert "sheetfed-pdf" in listed.stderr
    assert [path.name for path in (files.folder / "pictures").iterdir()] == ["drawn-001.png"]
    assert drawn.returncode == merged.returncode == 0, drawn.stderr + merged.stderr
    assert len(pikepdf.open(files.folder / "all.pdf").pages) == 2
    assert missing.returncode == 1
    assert "sheetfed-barcode" in missing.stderr
