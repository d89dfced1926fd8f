"""Pages are told apart: colour, tones, which way is up."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping

import numpy as np
import pytest
import sheets
from PIL import Image, ImageDraw

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings
from sheetfed_imaging.steps.color import MarkColor
from sheetfed_imaging.steps.histogram import MarkHistogram
from sheetfed_imaging.steps.orientation import MarkOrientation
from sheetfed_imaging.steps.skew import MarkSkew

DPI = 150


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    return sheets.letter(dpi=DPI)


def marks_on(
    picture: Image.Image, step: type[Step], settings: Settings | None = None, kind: str = "PNG"
) -> list[Mark]:
    """Return what a step marks on a picture as it comes from a device."""
    out = io.BytesIO()
    picture.save(out, kind)
    page = Page(
        data=out.getvalue(),
        media_type=f"image/{kind.lower()}",
        width=picture.width,
        height=picture.height,
    )
    (marked,) = step(settings or {}).apply(page)
    assert marked.data == page.data
    return list(marked.marks)


def color_of(picture: Image.Image, kind: str = "PNG") -> str:
    (mark,) = marks_on(picture, MarkColor, kind=kind)
    assert (mark.kind, mark.by) == ("color", "color")
    return mark.value


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [("letter", "bw"), ("sparse", "bw"), ("mixed", "gray"), ("photo", "gray"), ("form", "gray")],
)
def test_grey_is_told_from_black_and_white(sheet: str, expected: str) -> None:
    """Scanned in colour, all of them: print is black and white, a photograph is grey."""
    picture = sheets.captured(sheets.TEXTS[sheet](dpi=DPI)).convert("RGB")

    assert color_of(picture) == expected


def test_a_signature_in_blue_is_colour(letter: Image.Image) -> None:
    """The one thing on a contract that must not become grey."""
    page = letter.convert("RGB")
    points = [((120 + 0.8 * at) * 5.9, (240 + 4 * math.sin(0.8 * at)) * 5.9) for at in range(60)]
    ImageDraw.Draw(page).line(points, fill=(40, 60, 170), width=3)
    picture = sheets.captured(page)

    assert color_of(picture) == "color"
    assert color_of(picture, "JPEG") == "color"


def test_yellow_paper_is_no_colour(letter: Image.Image) -> None:
    """What is printed on it counts; the paper's colour stands in the mark."""
    tinted = np.asarray(letter.convert("RGB")) * np.array([1, 0.97, 0.7])
    picture = sheets.captured(Image.fromarray(tinted.astype(np.uint8)))

    (mark,) = marks_on(picture, MarkColor)

    assert mark.value == "bw"
    paper = bytes.fromhex(str(mark.details["paper"])[1:])
    assert list(paper) == pytest.approx([246, 238, 172], abs=4)


def test_a_scanners_fringes_are_no_colour() -> None:
    """Red and blue beside each letter come from the three rows of a sensor."""
    page = np.asarray(sheets.captured(sheets.letter(dpi=DPI))).astype(int)
    above, below = (page + np.roll(page, 1, 0)) // 2, (page + np.roll(page, -1, 0)) // 2
    fringed = np.stack([above, page, below], axis=2).astype(np.uint8)

    assert color_of(Image.fromarray(fringed)) == "bw"


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_a_page_without_colours_is_judged_by_its_tones(letter: Image.Image, mode: str) -> None:
    """As it came, not as it was converted."""
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(letter).astype(np.uint16) * 257)
    else:
        picture = letter.convert(mode)

    assert color_of(picture) == "bw"


def counts(details: Mapping[str, object], name: str) -> list[int]:
    return [int(number) for number in str(details[name]).split()]


def test_tones_are_counted_pixel_by_pixel() -> None:
    """As a count by hand gives them."""
    picture = Image.new("RGB", (100, 60), (255, 128, 0))
    picture.paste((10, 10, 10), (0, 0, 50, 30))

    (mark,) = marks_on(picture, MarkHistogram, {"bins": 16})

    assert (mark.kind, mark.by) == ("histogram", "histogram")
    assert counts(mark.details, "red") == [1500, *[0] * 14, 4500]
    assert counts(mark.details, "green") == [1500, *[0] * 7, 4500, *[0] * 7]
    assert counts(mark.details, "blue") == [6000, *[0] * 15]
    assert mark.details["darkest"] == 10
    assert float(mark.value) == pytest.approx((1500 * 10 + 4500 * 151) / 6000, abs=0.5)


def test_a_grey_page_has_one_count(letter: Image.Image) -> None:
    """It sums up to all pixels, of a JPEG file too."""
    (mark,) = marks_on(letter, MarkHistogram, kind="JPEG")

    assert "red" not in mark.details
    assert len(counts(mark.details, "gray")) == 32
    assert sum(counts(mark.details, "gray")) == letter.width * letter.height


@pytest.mark.parametrize("quarters", range(4))
def test_a_letter_tells_which_way_is_up(letter: Image.Image, quarters: int) -> None:
    """Turned as the mark says, it stands upright again."""
    page = np.asarray(sheets.captured(sheets.skewed(letter, 2.5)))

    (mark,) = marks_on(Image.fromarray(np.rot90(page, quarters)), MarkOrientation)

    assert (mark.kind, mark.by) == ("orientation", "orientation")
    turn = int(mark.value)
    assert np.array_equal(np.rot90(np.rot90(page, quarters), -turn // 90), page)


def test_a_page_is_seen_as_it_is_shown_whatever_its_samples_are(letter: Image.Image) -> None:
    """A palette in any order, inks, grey on glass, 16 bits as a Mac writes them."""
    askew = sheets.skewed(letter, 2.5)
    plain, black = np.asarray(askew), np.asarray(askew) < 128
    listed = Image.fromarray(black.astype(np.uint8), "P")
    listed.putpalette([255, 255, 255, 0, 0, 0])
    clear = Image.merge("LA", [askew.point(lambda _: 0), askew.point(lambda level: 255 - level)])
    samples = (plain.astype(np.uint16) << 8).astype(">u2").tobytes()
    wide = Image.frombytes("I;16B", askew.size, samples)
    shown = [(listed, "PNG"), (Image.merge("RGB", [askew] * 3).convert("CMYK"), "JPEG"),
             (clear, "PNG"), (wide, "TIFF")]  # fmt: skip

    for picture, kind in shown:
        (skew,) = marks_on(picture, MarkSkew, kind=kind)
        (orientation,) = marks_on(picture, MarkOrientation, kind=kind)
        (tones,) = marks_on(picture, MarkHistogram, kind=kind)
        assert float(skew.value) == pytest.approx(2.5, abs=0.1), picture.mode
        assert orientation.value == "0", picture.mode
        assert float(tones.value) == pytest.approx(plain.mean(), abs=9), picture.mode


def capitals() -> Image.Image:
    """Return lines without letters that reach up or down."""
    sheet = sheets.Sheet(dpi=DPI)
    for line in range(25):
        sheet.write(20, 20 + 8 * line, "THE QUICK BROWN FOX 0123456789 OVER")
    return sheet.picture


@pytest.mark.parametrize("quarters", [0, 2])
@pytest.mark.parametrize("kind", ["capitals", "form", "photo", "sparse", "blank"])
def test_where_it_is_not_certain_nothing_is_said(kind: str, quarters: int) -> None:
    """A page turned the wrong way by a guess is worse than one that lies as it came."""
    drawn = {"capitals": capitals, "blank": lambda: sheets.Sheet(dpi=DPI).picture}
    picture = drawn[kind]() if kind in drawn else sheets.TEXTS[kind](dpi=DPI)
    page = np.rot90(np.asarray(sheets.captured(picture)), quarters)

    assert marks_on(Image.fromarray(page), MarkOrientation) == []
