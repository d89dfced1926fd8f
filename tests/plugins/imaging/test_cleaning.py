"""What does not belong to a page is taken off, and nothing else."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import sheets
from PIL import Image, ImageDraw, ImageFont

from sheetfed.api.contracts import Edit
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo, Settings
from sheetfed.worker.files import Held
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deed, Measured, Recipe, Sheet, Tool
from sheetfed_imaging.edits.despeckle import Despeckle
from sheetfed_imaging.edits.dropout import Dropout
from sheetfed_imaging.edits.holes import Holes
from sheetfed_imaging.edits.shadows import Shadows
from sheetfed_imaging.edits.threshold import AdaptiveThreshold
from sheetfed_imaging.offers import HOLES

DPI = 150


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    return sheets.letter(dpi=DPI)


def edited(kind: type[Edit], picture: Image.Image, settings: Settings | None = None) -> Image.Image:
    """Return a picture as a page shows it that was given the edit."""
    picture.info["dpi"] = (DPI, DPI)
    settings = settings or {}
    settings = {**settings, **kind(settings).find(picture, 1.0)}
    made = kind(settings).apply(picture, 1.0)
    assert isinstance(made, Image.Image)
    return made


def levels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L")).astype(int)


@pytest.mark.parametrize("mode", ["L", "1", "RGB"])
def test_specks_go_and_every_letter_stays(letter: Image.Image, mode: str) -> None:
    """Dots of letters are as small as specks; what is near writing is writing."""
    clean = letter.point([0] * 128 + [255] * 128, "1") if mode == "1" else letter.convert(mode)
    dirty = clean.copy()
    pen, chance = ImageDraw.Draw(dirty), np.random.default_rng(3)
    specks = []
    for _ in range(300):
        x, y, size = chance.integers(20, 1200), chance.integers(20, 1700), chance.integers(1, 5)
        specks.append((x, y, size))
        pen.rectangle([x, y, x + size - 1, y + size - 1], fill=0 if mode != "RGB" else (30, 30, 30))

    made = levels(edited(Despeckle, dirty))

    before = levels(clean)
    alone = [
        (x, y, size)
        for x, y, size in specks
        if before[max(0, y - 20) : y + 24, max(0, x - 20) : x + 24].min() > 200
    ]
    assert len(alone) > 60
    assert all(made[y : y + size, x : x + size].min() > 200 for x, y, size in alone)
    assert not ((before < 128) & (made > 200)).any()


def test_white_specks_in_ink_are_filled() -> None:
    """A worn drum leaves them."""
    picture = Image.new("L", (300, 300), 20)
    ImageDraw.Draw(picture).rectangle([150, 150, 152, 152], fill=250)

    assert levels(edited(Despeckle, picture)).max() == 250
    assert levels(edited(Despeckle, picture, {"specks": "white"})).max() == 20


@pytest.mark.parametrize(("kind", "many"), [("punched", 2), ("punched over white", 4)])
def test_holes_become_paper(letter: Image.Image, kind: str, many: int) -> None:
    """The page looks as it did before it was filed."""
    sheet = sheets.Sheet(dpi=DPI)
    sheet.picture.paste(letter)
    sheets.BLANKS[kind](sheet)
    punched = sheets.captured(sheets.skewed(sheet.picture, 1))
    whole = levels(sheets.captured(sheets.skewed(letter, 1)))

    punched.info["dpi"] = (DPI, DPI)
    found = str(Holes({}).find(punched, 1.0)["circles"])
    made = levels(edited(Holes, punched))

    assert len(found.split()) == many
    assert abs(levels(punched) - whole).max() > 50
    assert abs(made - whole).max() < 25  # of grain


@pytest.mark.parametrize("kind", sheets.TEXTS)
def test_a_page_without_holes_has_none(kind: str) -> None:
    """A letter O near the edge is not punched."""
    picture = sheets.captured(sheets.TEXTS[kind](dpi=100))
    picture.info["dpi"] = (100.0, 100.0)

    assert Holes({}).find(picture, 1.0) == {"circles": "none"}


@pytest.mark.parametrize("text", ["1,2", "a", "1,2,3;4,5,6", "1,2,-3", "1e9,1,1"])
def test_circles_that_are_none_are_refused(text: str) -> None:
    """They are told, and no picture is made."""
    with pytest.raises(BadSettings):
        Holes({"circles": text})


@pytest.mark.parametrize("spoil", [sheets.shaded, sheets.edged])
def test_shadows_are_lifted_off(letter: Image.Image, spoil: object) -> None:
    """The edge is as bright as the rest, and the rest is untouched."""
    assert callable(spoil)
    spoiled = sheets.captured(spoil(letter, dpi=DPI))
    whole = levels(sheets.captured(letter))

    made = levels(edited(Shadows, spoiled))

    before, after = abs(levels(spoiled) - whole), abs(made - whole)
    assert after.mean() < before.mean() / 4
    assert (after[100:1500, 120:1000] == 0).all()


def test_writing_in_a_shadow_stays() -> None:
    """A book's gutter is dark, and has letters in it."""
    sheet = sheets.Sheet(dpi=DPI)
    for line in range(40):
        sheet.words(4, 10 + 7 * line, width=100)
    spoiled = sheets.shaded(sheet.picture, wide=20, dpi=DPI)

    made = levels(edited(Shadows, spoiled))[:, :60]

    ink = levels(sheet.picture)[:, :60] < 100
    assert made[ink].mean() < 110
    assert np.median(made[~ink]) > 225


@pytest.mark.parametrize("kind", sheets.TEXTS)
def test_a_page_without_shadows_stays_as_it_is(kind: str) -> None:
    """A photograph at the edge is no shadow."""
    picture = sheets.captured(sheets.TEXTS[kind](dpi=100))

    assert edited(Shadows, picture) is picture


def f1(black: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (black & truth).sum() / (black.sum() + truth.sum()))


@pytest.mark.parametrize("kind", ["letter", "form"])
@pytest.mark.parametrize("light", ["even", "shadow", "faint", "dark paper"])
def test_black_and_white_is_what_was_printed(kind: str, light: str) -> None:
    """In a shadow, in faint print and on dark paper; Otsu's method alone fails at some of them."""
    page = sheets.TEXTS[kind](dpi=DPI)
    truth = np.asarray(page) < 140
    faint = page.point([round(246 - (246 - min(level, 246)) * 0.3) for level in range(256)])
    spoiled = {
        "even": page,
        "shadow": sheets.shaded(page, wide=70, dpi=DPI),
        "faint": faint,
        "dark paper": page.point([round(level * 0.7) for level in range(256)]),
    }[light]
    picture = sheets.captured(spoiled)

    made = edited(AdaptiveThreshold, picture)

    _, plain = cv2.threshold(np.asarray(picture), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    assert made.mode == "1"
    score = f1(~np.asarray(made), truth)
    assert score > 0.9
    assert score > f1(plain == 0, truth) - 0.02


def test_white_print_in_a_dark_bar_stays() -> None:
    """The head of a table is read like the rest of it."""
    page = Image.new("L", (1200, 1700), 245)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(36)
    pen.rectangle([60, 100, 1140, 160], fill=45)
    pen.text((90, 108), "Description  Quantity  Price  Amount", fill=245, font=font)
    truth = np.asarray(page) < 140

    made = ~np.asarray(edited(AdaptiveThreshold, sheets.captured(page)))

    assert f1(made, truth) > 0.97


@pytest.mark.parametrize("light", [0.3, 1.0])
def test_sauvola_reads_faint_print_too(light: float) -> None:
    """It measures contrast by the page's own."""
    page = sheets.letter(dpi=DPI)
    truth = np.asarray(page) < 140
    made = page.point([round(246 - (246 - min(level, 246)) * light) for level in range(256)])

    picture = edited(AdaptiveThreshold, sheets.captured(made), {"method": "sauvola"})

    assert f1(~np.asarray(picture), truth) > 0.75


def test_more_darkness_is_more_black(letter: Image.Image) -> None:
    """A person moves it until the print is right."""
    picture = sheets.captured(letter)

    black = [
        (~np.asarray(edited(AdaptiveThreshold, picture, {"darkness": darkness}))).sum()
        for darkness in (-60, 0, 60)
    ]

    assert black[0] < black[1] < black[2]


def test_one_colour_drops_out_and_the_others_stay() -> None:
    """The form's red goes, what was filled in is there."""
    form = Image.new("RGB", (800, 300), (250, 248, 240))
    pen, font = ImageDraw.Draw(form), ImageFont.load_default(40)
    for y in (30, 150, 270):
        pen.line([20, y, 780, y], fill=(220, 60, 50), width=3)
    pen.text((60, 60), "blue ink", fill=(30, 40, 140), font=font)
    pen.text((60, 180), "black ink", fill=(20, 20, 20), font=font)
    before = np.asarray(form).astype(int)
    red = before[:, :, 0] - before[:, :, 1:].max(axis=2) > 60
    dark = before.max(axis=2) < 150

    made = np.asarray(edited(Dropout, form)).astype(int)

    assert abs(made[red] - (250, 248, 240)).max() <= 8
    assert (made[dark & ~red] == before[dark & ~red]).all()


def test_a_grey_page_has_no_colour_to_drop(letter: Image.Image) -> None:
    """It is given back as it is."""
    assert edited(Dropout, letter) is letter


def test_holes_are_found_in_a_page_of_the_store(tmp_path: Path) -> None:
    """The child that looks at a smaller picture tells its resolution, so that mm are mm."""
    sheet = sheets.Sheet(dpi=300)
    sheets.BLANKS["punched"](sheet)
    stream = io.BytesIO()
    sheet.picture.save(stream, "PNG", dpi=(300, 300))

    file = Held(stream.getvalue())

    async def measured() -> Sequence[Measured]:
        tool = Tool(name="holes", factory=HOLES.factory, settings={"circles": ""})
        codec = "sheetfed.builtin.formats.codec:Images"
        recipe = Recipe(kind="edit", name="holes", factory=codec, tools=(tool,))
        worker = Worker(recipe, crashes=tmp_path)
        width, height = sheet.picture.size
        page = PageInfo(width=width, height=height, dpi=(300.0, 300.0))
        given = Sheet(file="page", size=file.size, index=0, page=page)
        deed = Deed(name="holes", options={"circles": ""})
        try:
            return await worker.measure(given, file, [deed], known=0)
        finally:
            await worker.close()

    (found,) = asyncio.run(measured())

    circles = [circle.split(",") for circle in str(found.found["circles"]).split()]
    middles = [(float(x) / 300 * 25.4, float(y) / 300 * 25.4) for x, y, _ in circles]
    assert middles == [pytest.approx((12, 108.5), abs=0.5), pytest.approx((12, 188.5), abs=0.5)]
