"""Postal codes, drawn by zint, read by our own engine."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from sheetfed_barcode.postal import australia, intelligent, japan, postnet, royal
from sheetfed_barcode.postal.states import turned

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from postal import GAP, POSTAL, Postal, drawn, printed
from printing import marks, page, read

SAID = sorted((name, one.text) for name, one in POSTAL.items())
READERS: Mapping[str, Callable[[list[int]], object]] = {
    "USPS Intelligent Mail": intelligent.read,
    "POSTNET": postnet.postnet,
    "PLANET": postnet.planet,
    "RM4SCC": royal.royal,
    "Japan Post": japan.read,
    "Australia Post": australia.read,
}


@cache
def letter(dpi: int) -> tuple[Image.Image, Mapping[str, tuple[int, int, int, int]]]:
    """Return a sheet with a code of each format, and where each is."""
    paper = Image.new("L", (6 * dpi, 5 * dpi), 250)
    boxes = {}
    gap = round(GAP * dpi)
    for at, (name, one) in enumerate(POSTAL.items()):
        code = printed(one, dpi)
        left, top = round(0.7 * dpi), round((0.7 + 0.5 * at) * dpi)
        paper.paste(code, (left, top))
        boxes[name] = (left + gap, top + gap, left + code.width - gap, top + code.height - gap)
    return paper, boxes


def bars(one: Postal) -> list[int]:
    """Return what each bar of a code is: bits for up and down."""
    ink = np.asarray(drawn(one)) < 128
    columns = np.flatnonzero(np.diff(np.concatenate(([0], ink.any(axis=0), [0]))) != 0)
    middles = [(a + b) // 2 for a, b in zip(columns[::2], columns[1::2], strict=True)]
    ends = [np.flatnonzero(ink[:, x])[[0, -1]] for x in middles]
    tops, bottoms = {int(top) for top, _ in ends}, {int(bottom) for _, bottom in ends}
    return [
        int(len(tops) > 1 and top == min(tops)) + 2 * int(len(bottoms) > 1 and low == max(bottoms))
        for top, low in ends
    ]


@pytest.mark.parametrize(
    ("dpi", "turn", "way"),
    [
        (300, 0, "clean"), (300, 90, "black and white"), (200, 180, "noise"), (200, 275, "clean"),
        (200, -5, "black and white"), (300, 4, "noise"), (300, 0, "light"), (600, 0, "clean"),
    ],
)  # fmt: skip
def test_every_postal_code_is_read_however_the_sheet_lies(dpi: int, turn: int, way: str) -> None:
    """Text, and corners that begin at the code's own top left."""
    paper, boxes = letter(dpi)
    lying = paper.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=250)
    grain = np.random.default_rng(1).normal(0, 14, (lying.height, lying.width))
    noisy = (np.asarray(lying) + grain).clip(0, 255).astype(np.uint8)
    scanned = {
        "clean": lying,
        "noise": Image.fromarray(noisy),
        "black and white": Image.fromarray(noisy > 128),
        "light": ImageOps.invert(lying),
    }[way]

    found = marks(page(scanned, dpi=dpi))

    assert sorted((str(mark.details["format"]), mark.value) for mark in found) == SAID
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    for mark in found:
        left, top, right, bottom = boxes[str(mark.details["format"])]
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        for (x, y), there in zip(corners, mark.corners, strict=True):
            across, down = x - paper.width / 2, y - paper.height / 2
            wanted = (
                lying.width / 2 + across * cos + down * sin,
                lying.height / 2 - across * sin + down * cos,
            )
            assert math.dist(wanted, there) < 0.03 * dpi, (mark, wanted)
        assert mark.details["engine"] == "postal"


def test_presets_and_names_say_whether_postal_codes_are_looked_for() -> None:
    one = page(printed(POSTAL["RM4SCC"], 200), dpi=200)
    coarse = page(printed(POSTAL["RM4SCC"], 150), dpi=150)
    found = [("RM4SCC", "SN34RD1A")]

    assert read(one) == read(one, formats="royal mail") == found
    assert read(one, preset="speed") == read(coarse) == read(one, engine="zxing") == []
    assert read(one, preset="speed", formats="1d, postal") == found
    assert read(coarse, preset="coverage") == read(coarse, formats="RM4SCC") == found
    assert read(one, formats="POSTNET, KIX") == read(one, region="0,0,50%,100%") == []
    assert read(page(printed(POSTAL["RM4SCC"], 240), dpi=0)) == found
    light = page(ImageOps.invert(printed(POSTAL["KIX"], 200)))
    assert read(light, polarity="dark") == []


def test_a_bar_that_is_wrong_makes_no_other_code() -> None:
    """Each check sees each single bar that is longer or shorter than it should be."""
    for name, reader in READERS.items():
        states = bars(POSTAL[name])
        assert reader(states), name
        assert reader(turned(states)) is None
        for at, state in enumerate(states):
            for other in {0, 1, 2, 3} - {state}:
                wrong = reader([*states[:at], other, *states[at + 1 :]])
                assert wrong is None or wrong.text == POSTAL[name].text, (name, at)  # type: ignore[attr-defined]


def test_australian_codes_are_mended() -> None:
    """Two symbols of three bars each; and what digits and letters both could be is told."""
    states = bars(POSTAL["Australia Post"])
    for at in (8, 26):
        states[at : at + 3] = [3 - state for state in states[at : at + 3]]
    digits = Postal(kind="AUSPOST", given="3954955412345678", text="", bars=23)

    mended = australia.read(states)
    both = australia.read(bars(digits))

    assert mended
    assert (mended.text, mended.corrected) == ("5939549554AbC 1", 2)
    assert both
    assert (both.text, both.other) == ("593954955412345678", "DVNYX")
