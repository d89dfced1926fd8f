"""Draws the pictures of docs/addons/imaging.md: pages before and after an edit.

python docs/images/imaging.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit
from sheetfed_imaging.edits.border import Border
from sheetfed_imaging.edits.deskew import Deskew
from sheetfed_imaging.edits.despeckle import Despeckle
from sheetfed_imaging.edits.holes import Holes
from sheetfed_imaging.edits.shadows import Shadows
from sheetfed_imaging.edits.threshold import AdaptiveThreshold

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/rigs"))
import sheets

HERE = Path(__file__).parent
DPI = 100
WIDE, GAP = 210, 12


def edited(picture: Image.Image, *kinds: type[Edit]) -> Image.Image:
    """Return a picture after edits that find what they need."""
    for kind in kinds:
        picture.info["dpi"] = (DPI, DPI)
        picture = kind(kind({}).find(picture, 1.0)).apply(picture, 1.0)
    return picture


def filed() -> Image.Image:
    """Return a letter that was punched, lay in dust and under an open lid."""
    sheet = sheets.Sheet(dpi=DPI)
    sheet.picture.paste(sheets.letter(dpi=DPI))
    for kind in ("punched", "dusty"):
        sheets.BLANKS[kind](sheet)
    return sheets.captured(sheets.shaded(sheet.picture, wide=14, dpi=DPI))


def photographed() -> Image.Image:
    """Return a report on a table, seen from aside."""
    corners = np.array([[150, 110], [900, 180], [960, 1340], [80, 1260]], float)
    page = sheets.mixed(dpi=DPI)
    return sheets.captured(sheets.lying(page, sheets.table(1060, 1460), corners))


def main() -> None:
    """Write one picture for each pair."""
    skewed = sheets.captured(sheets.skewed(sheets.form(dpi=DPI), 6))
    half = sheets.captured(sheets.shaded(sheets.letter(dpi=DPI), wide=150, dpi=DPI))
    pairs = {
        "deskew": (skewed, edited(skewed, Deskew)),
        "border": (photographed(), edited(photographed(), Border)),
        "cleaned": (filed(), edited(filed(), Holes, Shadows, Despeckle)),
        "adaptive-threshold": (half, edited(half, AdaptiveThreshold)),
    }
    for name, pair in pairs.items():
        small = [one.convert("RGB") for one in pair]
        small = [one.resize((WIDE, WIDE * one.height // one.width), 1) for one in small]
        both = Image.new(
            "RGB", (2 * WIDE + 3 * GAP, max(s.height for s in small) + 2 * GAP), "#888"
        )
        for at, one in enumerate(small):
            both.paste(one, (GAP + at * (WIDE + GAP), GAP))
        both.quantize(64).save(HERE / f"imaging-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
