"""Patch codes, as they are printed and as they are scanned."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sheetfed_barcode.patches import PATCHES
from sheetfed_barcode.step import Patches

sys.path.insert(0, str(Path(__file__).parent))
from printing import page, patch_sheet, patches


@pytest.mark.parametrize("where", ["top", "left", "bottom", "right"])
@pytest.mark.parametrize("name", [*PATCHES])
def test_a_patch_is_read_at_whichever_edge_it_is(name: str, where: str) -> None:
    """Read from the edge inwards: turned round, I would be VI and III would be T."""
    assert patches(page(patch_sheet(name, where=where), dpi=100)) == [name]


@pytest.mark.parametrize("way", ["askew", "noise", "black and white", "blur", "faint", "small"])
def test_a_patch_is_read_on_a_bad_scan(way: str) -> None:
    sheet = patch_sheet("T", dpi=150)
    grain = np.random.default_rng(1).normal(0, 45, (sheet.height, sheet.width))
    noisy = np.asarray(sheet) + grain
    scanned = {
        "askew": sheet.rotate(7, fillcolor=255),
        "noise": Image.fromarray(noisy.clip(0, 255).astype(np.uint8)),
        "black and white": Image.fromarray(noisy > 128),
        "blur": sheet.filter(ImageFilter.GaussianBlur(3)),
        "faint": sheet.point(lambda level: 140 + level // 4),
        "small": sheet.resize((sheet.width * 7 // 10, sheet.height * 7 // 10)),
    }

    assert patches(page(scanned[way], dpi=150)) == ["T"]


def test_a_patch_is_read_where_the_resolution_is_unknown() -> None:
    assert patches(page(patch_sheet("II", dpi=300), dpi=0)) == ["II"]


def test_what_is_no_patch_is_not_marked() -> None:
    """Bars of equal width, three wide ones, lines of text, a ruled table."""
    paper = Image.new("L", (827, 1169), 255)
    pen = ImageDraw.Draw(paper)
    for at in range(8):
        pen.rectangle((200, 40 + at * 16, 600, 47 + at * 16), fill=0)
    for start, width in ((300, 20), (328, 20), (356, 20), (384, 8)):
        pen.rectangle((200, start, 600, start + width), fill=0)
    for line in range(20):
        pen.text((60, 500 + line * 24), "Nothing to be seen here", 0, ImageFont.load_default(16))

    assert patches(page(paper, dpi=100)) == []
    assert patches(page(Image.new("L", (10, 10), 255))) == []
    assert patches(page(Image.new("L", (827, 1169), 0), dpi=100)) == []


def test_a_region_bounds_where_patches_are_looked_for() -> None:
    one = page(patch_sheet("IV"), dpi=100)

    for region, found in (("0,0,100%,20%", ["IV"]), ("0,50%,100%,50%", [])):
        (seen,) = Patches({"region": region}).apply(one)
        assert [mark.value for mark in seen.marks] == found
