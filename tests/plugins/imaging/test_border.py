"""The paper is told from what lies around it, and cut out."""

from __future__ import annotations

import numpy as np
import pytest
import sheets
from PIL import Image

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo, Settings
from sheetfed_imaging.edits.border import Border

DPI = 100
SIZE = (1030, 1460)
GROUNDS = {
    "a black lid": Image.new("RGB", SIZE, (20, 20, 20)),
    "a grey lid": Image.new("RGB", SIZE, (160, 160, 160)),
    "a coloured cloth": Image.new("RGB", SIZE, (60, 90, 180)),
    "a table": sheets.table(*SIZE),
}


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    return sheets.letter(dpi=DPI)


def corners(angle: float, *, aslant: float = 0.0) -> np.ndarray:
    """Return where a sheet lies that is turned, and seen a little from aside."""
    width, height = 827, 1169
    own = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turned = own @ np.array([[cosine, sine], [-sine, cosine]]) + np.array(SIZE) / 2
    lean = np.array([[0.9, 0.4], [-0.8, 0.7], [0.5, -0.9], [-0.6, -0.5]]) * aslant * width
    return turned + lean


def found(picture: Image.Image, scale: float = 1.0, **settings: object) -> Settings:
    """Return the options of a page that was given the edit."""
    asked: Settings = settings  # type: ignore[assignment]
    return {**asked, **Border(asked).find(picture, scale)}


def points(settings: Settings) -> np.ndarray:
    """Return the corners that stand in the options."""
    text = str(settings["corners"])
    return np.array([[float(number) for number in pair.split(",")] for pair in text.split()])


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize(("angle", "aslant"), [(0.0, 0.0), (-6.0, 0.0), (4.0, 0.05)])
def test_the_corners_are_found_wherever_the_paper_lies(
    letter: Image.Image, ground: str, angle: float, aslant: float
) -> None:
    """On a lid, on a table, turned, and photographed from aside."""
    truth = corners(angle, aslant=aslant)
    picture = sheets.captured(sheets.lying(letter, GROUNDS[ground], truth), shading=4)

    away = np.hypot(*(points(found(picture)) - truth).T)

    assert away.max() < 4  # a millimetre


def test_what_is_cut_out_is_the_sheet(letter: Image.Image) -> None:
    """The picture that comes out is compared with the sheet that was laid down."""
    picture = sheets.lying(letter, GROUNDS["a table"], corners(3, aslant=0.04))
    edit = Border(found(picture))

    made = edit.apply(picture, 1.0)

    after, _ = edit.measure(PageInfo(width=picture.width, height=picture.height))
    assert made.size == (after.width, after.height)
    small = [np.asarray(one.convert("L").resize((200, 280)), float) for one in (made, letter)]
    assert np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1] > 0.9


def test_corners_go_to_the_corners() -> None:
    """The transform is that of the pixels: marks stay on what they mark."""
    truth = corners(4, aslant=0.05)
    edit = Border({"corners": " ".join(f"{x:.2f},{y:.2f}" for x, y in truth)})

    after, transform = edit.measure(PageInfo(width=SIZE[0], height=SIZE[1]))

    matrix = np.reshape(transform, (3, 3))
    gone = np.array([matrix @ (x, y, 1) for x, y in truth])
    gone = gone[:, :2] / gone[:, 2:]
    flat = [[0, 0], [after.width, 0], [after.width, after.height], [0, after.height]]
    assert gone == pytest.approx(np.array(flat), abs=0.1)


def test_a_preview_finds_the_same_corners(letter: Image.Image) -> None:
    """What is found on a smaller picture holds for the page."""
    picture = sheets.captured(sheets.lying(letter, GROUNDS["a table"], corners(2)))
    small = picture.reduce(2)

    whole, half = points(found(picture)), points(found(small, small.height / picture.height))

    assert np.hypot(*(whole - half).T).max() < 3


@pytest.mark.parametrize("kind", sheets.TEXTS)
def test_a_page_that_fills_the_picture_stays_whole(kind: str) -> None:
    """A photograph on the page is no sheet of paper, nor is a table."""
    picture = sheets.captured(sheets.TEXTS[kind](dpi=DPI))

    made = Border(found(picture)).apply(picture, 1.0)

    assert made is picture


def test_white_paper_under_a_white_lid_stays_whole(letter: Image.Image) -> None:
    """Where nothing tells the two apart, nothing is cut."""
    picture = sheets.lying(letter, Image.new("RGB", SIZE, (250, 250, 250)), corners(1))

    assert Border(found(picture)).apply(picture, 1.0) is picture


def test_content_is_the_box_around_the_writing() -> None:
    """And a margin is left around it where it is asked for."""
    picture = Image.new("L", (800, 1000), 245)
    picture.paste(30, (200, 300, 600, 700))

    made = Border(found(picture, **{"look-for": "content", "margin": 25})).apply(picture, 1.0)

    assert made.size == pytest.approx((450, 450), abs=6)
    assert np.asarray(made)[225, 225] == 30


def test_a_page_without_paper_loses_nothing_where_it_was_looked_at_small() -> None:
    """A smaller picture has rounded sides, which are not those of the page."""
    page = Image.new("L", (1240, 1754), 255)
    small = page.resize((565, 800))

    edit = Border(found(small, 800 / 1754))

    assert edit.measure(PageInfo(width=1240, height=1754))[0].height == 1754
    assert edit.measure(PageInfo(width=1240, height=1754))[0].width == 1240
    assert edit.apply(page, 1.0) is page
    assert edit.find(small, 800 / 1754) == {}


def test_a_margin_that_leaves_nothing_is_refused() -> None:
    """It does not show what lies beyond the middle, upside down."""
    asked = {"corners": "100,100 300,100 300,200 100,200"}
    page = PageInfo(width=400, height=400)

    assert Border({**asked, "margin": -40}).measure(page)[0].height == 20
    with pytest.raises(BadSettings):
        Border({**asked, "margin": -60}).measure(page)
    with pytest.raises(BadSettings):
        Border({**asked, "margin": -400}).measure(page)


@pytest.mark.parametrize("text", ["1,2", "1,2 3,4 5,6", "a,b c,d e,f g,h", "9,9 9,9 9,9 9,9"])
def test_corners_that_are_none_are_refused(text: str) -> None:
    """A value that cannot be used is told, before a picture is made."""
    with pytest.raises(BadSettings):
        Border({"corners": text}).measure(PageInfo(width=100, height=100))
