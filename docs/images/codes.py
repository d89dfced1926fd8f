"""Draws the pictures of docs/addons/barcode.md: what was found, postal codes, separator sheets.

python docs/images/codes.py
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sheetfed_barcode import sheets
from sheetfed_barcode.formats import FORMATS
from sheetfed_barcode.picture import Part
from sheetfed_barcode.reading import Wish, read

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/rigs"))
import coded
from postal import POSTAL, printed

HERE = Path(__file__).parent
DPI, GAP = 40, 20


def found(grey: coded.Grey) -> Image.Image:
    """Return a page, small, with an outline and the text of each code that `balance` finds."""
    codes = read(Part(pixels=grey), Wish(formats=FORMATS), float(coded.FINE))
    page = Image.fromarray(grey).convert("RGB")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=44)
    for code in codes:
        first = code.corners[0]
        pen.line([*code.corners, first], fill=(0, 110, 255), width=9)
        pen.circle(first, 22, fill=(230, 40, 40))  # its own top left
        place = (min(x for x, _ in code.corners), max(y for _, y in code.corners) + 12)
        words = f"{code.format}: {code.text}"
        pen.rectangle(pen.textbbox(place, words, font=font), fill=(255, 255, 255))
        pen.text(place, words, font=font, fill=(0, 80, 200))
    return page.reduce(3).quantize(32)


def letter() -> coded.Grey:
    """Return a sheet, askew, with each kind of postal code on it."""
    paper = Image.new("L", (2000, 1900), 250)
    for at, one in enumerate(POSTAL.values()):
        paper.paste(printed(one, coded.FINE), (200, 150 + 240 * at))
    return np.asarray(paper.rotate(2, Image.Resampling.BICUBIC, fillcolor=250))


def separators() -> Image.Image:
    """Return two sheets side by side, as poppler draws them."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "sheets.pdf"
        sheets.run(["--patch", "T", "--code", "CASE-17", "--out", str(file)])
        command = ["pdftoppm", "-r", str(DPI), "-png", file, file.with_suffix("")]
        subprocess.run(command, check=True)
        pages = [Image.open(one).convert("L") for one in sorted(file.parent.glob("*.png"))]
        both = Image.new("L", (sum(p.width + GAP for p in pages) + GAP, pages[0].height + 2 * GAP),
                         200)  # fmt: skip
        for at, page in enumerate(pages):
            both.paste(page, (GAP + at * (page.width + GAP), GAP))
        return both.quantize(16)


def pictures() -> dict[str, Image.Image]:
    """Return each picture by the name of its file."""
    page = coded.sheet(random.Random(1), 6)  # noqa: S311 - the same page each time
    return {
        "barcodes.png": found(page.grey),
        "postal.png": found(letter()),
        "separators.png": separators(),
    }


def main() -> None:
    """Write them."""
    for name, picture in pictures().items():
        picture.save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
