"""Where `coverage` looks again on paper."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

sys.path.insert(0, str(Path(__file__).parent))
from printing import Printed, marks, page, read, symbol

from sheetfed_barcode.codes import box_of
from sheetfed_barcode.ink import inked
from sheetfed_barcode.picture import Part

DPI = 200
SIZE = (1654, 2339)


def letter() -> Image.Image:
    """Return a page of text with a table."""
    paper = Image.new("L", SIZE, 240)
    pen = ImageDraw.Draw(paper)
    font = ImageFont.load_default(22)
    for line in range(44):
        words = "what was scanned is not lost, what is lost was not kept " * 2
        pen.text((150, 150 + line * 40), words, 30, font)
    for at in range(12):
        pen.line((150 + at * 110, 1950, 150 + at * 110, 2200), fill=40, width=2)
    return paper


def seen(paper: Image.Image) -> list[Part]:
    """Return the places of a page that are grainy as from a scanner."""
    grain = np.random.default_rng(1).normal(0, 9, paper.size[::-1])
    pixels = (np.asarray(paper) + grain).clip(0, 255).astype(np.uint8)
    return inked(Part(pixels=pixels), DPI)


def area(places: list[Part]) -> float:
    """Return the share of the page that places are."""
    return sum(place.pixels.size for place in places) / (SIZE[0] * SIZE[1])


def test_a_page_of_text_has_next_to_no_place_for_a_code() -> None:
    """So a page without codes costs little more than one look, even where all is tried."""
    assert area(seen(letter())) < 0.05


def test_codes_are_in_a_place_however_faint_and_blurred() -> None:
    """What is not looked at again cannot be found."""
    paper = letter()
    codes = {
        (300, 300): symbol(Printed(text="Doc 12345678", format="Code128", scale=2)),
        (900, 1100): symbol(Printed(text="DM 1", format="DataMatrix", scale=2)),
        (300, 1500): symbol(Printed(text="faint", scale=4)).point(lambda level: 190 + level // 5),
    }
    for place, code in codes.items():
        paper.paste(code.filter(ImageFilter.GaussianBlur(3)), place)

    places = seen(paper)

    assert area(places) < 0.3
    for (left, top), code in codes.items():
        quiet = min(code.size) // 4
        assert any(
            place.left <= left + quiet
            and place.top <= top + quiet
            and left + code.width - quiet <= place.left + place.pixels.shape[1]
            and top + code.height - quiet <= place.top + place.pixels.shape[0]
            for place in places
        ), (left, top)


def test_a_blurred_code_among_text_is_read_by_coverage_where_it_is() -> None:
    """Its corners are those of the page, not of the place that was looked at."""
    paper = letter()
    code = symbol(Printed(text="4006381333931", format="EAN13", scale=3))
    blurred = code.filter(ImageFilter.GaussianBlur(1.7))
    paper.paste(blurred, (500, 900))
    one = page(paper, dpi=DPI)

    assert read(one) == []
    (mark,) = marks(one, preset="coverage")
    assert mark.value == "4006381333931"
    box = box_of(mark.corners)
    assert 500 < box.left < 560
    assert 900 < box.top + box.height / 2 < 900 + code.height
