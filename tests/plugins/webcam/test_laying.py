"""A photographed sheet is laid flat, evenly lit, and its size is known."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
import tabletops
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api.errors import BadSettings, Unreadable
from sheetfed.api.hooks import EditSpec
from sheetfed.api.model import Page, PageInfo, Settings, Value
from sheetfed.catalogue import package_for
from sheetfed.testing.edit import EditContract
from sheetfed.testing.step import StepContract
from sheetfed_webcam.sheets.edit import LaySheet
from sheetfed_webcam.sheets.offers import BOOK, FIND_SHEET, SHEET
from sheetfed_webcam.sheets.steps import FindSheet, PartBook

CORNERS = "30,20 330,40 320,460 25,450"


@cache
def page_of(kind: str, seed: int = 0) -> Page:
    """Return a photograph as a camera sends it."""
    picture = tabletops.photograph(kind, seed).picture
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=92)
    return Page(
        data=data.getvalue(),
        media_type="image/jpeg",
        width=picture.shape[1],
        height=picture.shape[0],
    )


def written(corners: NDArray[np.float64]) -> str:
    return " ".join(f"{x:.3f},{y:.3f}" for x, y in corners)


def flat_by_hand(
    picture: NDArray[np.uint8], corners: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float64]:
    """Return a sheet laid flat by nothing but NumPy: eight equations, and four neighbours."""
    wide, high = size
    rows, right = [], []
    own = ((0, 0), (wide, 0), (wide, high), (0, high))
    for (u, v), (x, y) in zip(own, corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        right += [x, y]
    h = np.append(np.linalg.solve(np.array(rows, float), np.array(right, float)), 1).reshape(3, 3)
    u, v = np.meshgrid(np.arange(wide) + 0.5, np.arange(high) + 0.5)
    x, y, depth = np.einsum("ij,jkl->ikl", h, np.stack([u, v, np.ones_like(u)]))
    x, y = x / depth - 0.5, y / depth - 0.5
    left, top = (np.floor(each).astype(int) for each in (x, y))
    left = left.clip(0, picture.shape[1] - 2)
    top = top.clip(0, picture.shape[0] - 2)
    a, b = (x - left)[:, :, None], (y - top)[:, :, None]
    at = picture.astype(float)
    upper = at[top, left] * (1 - a) + at[top, left + 1] * a
    lower = at[top + 1, left] * (1 - a) + at[top + 1, left + 1] * a
    made: NDArray[np.float64] = upper * (1 - b) + lower * b
    return made


def test_each_pixel_comes_from_where_geometry_says() -> None:
    """Held against a computation of its own."""
    seen = tabletops.photograph("dark", 0)
    options = {"corners": written(seen.corners), "lighting": "off", "clean-edges": False}

    made = np.asarray(LaySheet({**options, "page-size": "a4"}).apply(picture_of(seen), 1.0))

    expected = flat_by_hand(seen.picture, seen.corners, (made.shape[1], made.shape[0]))
    apart = np.abs(made.astype(float) - expected)
    assert apart.mean() < 0.6
    assert np.quantile(apart, 0.999) < 4


@pytest.mark.parametrize(
    ("paper", "name"),
    [(tabletops.A4, "a4"), (tabletops.LETTER, "letter"), ((160.0, 90.0), "free")],
)
def test_the_paper_is_told_by_its_true_shape_however_it_is_seen(
    paper: tuple[float, float], name: str
) -> None:
    """A sheet seen from aside is shorter than it is: the lens is reckoned with."""
    blank = Image.new("L", (1600, 1200))
    for roll, tilt in ((0, 0), (18, 0), (-14, 12), (10, -16)):
        pose = tabletops.Pose(turn=7, roll=roll, tilt=tilt, share=0.7)
        corners = tabletops.corners_of(pose, paper, blank.size)

        found = LaySheet({"corners": written(corners)}).find(blank, 1.0)

        assert found == {"page-size": name}, f"seen at {roll}, {tilt}"


def test_its_resolution_is_that_of_the_paper() -> None:
    options = {"corners": "100,100 940,100 940,1288 100,1288", "page-size": "a4"}

    page, transform = LaySheet(options).measure(PageInfo(width=2000, height=1500, dpi=(72, 72)))

    assert (page.width, page.height) == (840, 1188)
    assert page.dpi == pytest.approx((840 / 210 * 25.4, 1188 / 297 * 25.4))
    assert transform == pytest.approx((1, 0, -100, 0, 1, -100, 0, 0, 1), abs=1e-9)


def test_shadows_go_and_print_stays() -> None:
    """Half of a sheet is in shade; its paper becomes white there too, and no letter is lost."""
    sheet = np.full((600, 420, 3), (238, 236, 228), np.uint8)
    sheet[60:540:24, 40:380] = 40
    sheet[60:540:24, 200:220] = (238, 236, 228)
    shade = np.ones((600, 420, 1))
    shade[:, 180:] = 0.55
    picture = Image.fromarray((sheet * shade).astype(np.uint8))

    for light, white, black in (("gentle", 236, 90), ("strong", 253, 30)):
        made = np.asarray(LaySheet({"lighting": light}).apply(picture, 1.0))
        paper, print_ = made[sheet.max(axis=2) > 200], made[sheet.max(axis=2) < 100]
        assert np.quantile(paper, 0.02) >= white, light
        assert np.median(print_) <= black, light


def test_a_picture_on_the_sheet_keeps_its_tones() -> None:
    """What is dark and restless is no paper in a shadow."""
    chance = np.random.default_rng(3)
    sheet = np.full((600, 420), 240, np.uint8)
    cloud = np.kron(chance.uniform(50, 130, (25, 20)), np.ones((8, 12))).astype(np.uint8)
    sheet[200:400, 90:330] = cloud

    made = np.asarray(LaySheet({}).apply(Image.fromarray(sheet), 1.0))

    assert made[200:400, 90:330].mean() < 1.12 * cloud.mean()
    assert made[:150].mean() > 244


def test_the_table_at_an_edge_becomes_paper_and_a_head_does_not() -> None:
    """Only what is dark along the edge alone."""
    sheet = np.full((800, 560), 240, np.uint8)
    sheet[:, :4] = 30
    sheet[796:, 100:300] = 60
    sheet[:70, 200:] = 50
    options = {"corners": "0,0 560,0 560,800 0,800", "lighting": "off"}

    made = np.asarray(LaySheet(options).apply(Image.fromarray(sheet), 1.0))

    assert made[100:, :8].min() > 200
    assert made[790:].min() > 200
    assert made[10:60, 210:550].max() < 60


def test_a_page_without_a_sheet_stays_whole() -> None:
    blank = Image.new("RGB", (640, 480), (90, 60, 30))

    found = LaySheet({"lighting": "off"}).find(blank, 0.5)

    assert found == {"corners": "0.0,0.0 1280.0,0.0 1280.0,960.0 0.0,960.0", "page-size": "free"}


def test_a_page_without_a_sheet_keeps_its_resolution_and_every_pixel() -> None:
    """It may have been scanned, and was looked at in a smaller picture, whose sides are rounded."""
    page = Image.new("L", (1239, 1755), 255)
    edit = LaySheet({"lighting": "off", "page-size": "a4"})
    found = edit.find(page.resize((565, 800)), 800 / 1755)
    laid = LaySheet({"lighting": "off", "page-size": "a4", "clean-edges": False, **found})
    info = PageInfo(width=1239, height=1755, dpi=(150.0, 150.0))

    assert found["page-size"] == "free"
    assert laid.measure(info)[0] == info
    assert laid.apply(page, 1.0) is page
    assert laid.apply(page.resize((62, 88)), 88 / 1755).size == (62, 88)


@pytest.mark.parametrize(
    "corners",
    ["1,2 3,4", "a,b c,d e,f g,h", "0,0 9,9 9,0 0,9", "0,0 5,5 9,9 0,9", "0,0 1e9,0 9,9 0,9"],
)
def test_corners_that_are_none_are_refused(corners: str) -> None:
    with pytest.raises(BadSettings) as refused:
        LaySheet({"corners": corners})
    assert refused.value.details["option"] == "corners"


def picture_of(seen: tabletops.Photograph) -> Image.Image:
    return Image.fromarray(seen.picture)


class TestLaySheet(EditContract):
    """The edit keeps its promises at any size, in every mode, in its box."""

    @pytest.fixture
    def spec(self) -> EditSpec:
        return SHEET

    @pytest.fixture
    def settings(self) -> Settings:
        return {"corners": CORNERS, "page-size": "free"}


@pytest.mark.parametrize("factory", [FIND_SHEET.factory, BOOK.factory])
class TestSteps(StepContract):
    """Each step proposes, and changes nothing."""

    @pytest.fixture
    def page(self) -> Page:
        return page_of("wood")


def test_the_step_proposes_an_edit_with_all_its_values() -> None:
    """What was asked of the step, and what it found, so that nothing is looked for again."""
    page = page_of("wood")

    (made,) = FindSheet({"lighting": "strong"}).apply(page)

    (edit,) = made.edits
    assert edit.name == "sheet"
    assert edit.options["lighting"] == "strong"
    assert edit.options["page-size"] in {"a4", "letter", "free"}
    assert LaySheet(edit.options).find(Image.new("L", (page.width, page.height)), 1.0) == {}
    (mark,) = made.marks
    assert (mark.kind, mark.value, mark.by) == ("sheet", "", "sheet")  # its name says it all
    true = tabletops.photograph("wood", 0).corners
    assert np.abs(np.array(mark.corners) - true).max() < 6


def test_a_large_page_is_looked_at_small_and_its_corners_are_its_own() -> None:
    seen = tabletops.photograph("dark", 0)
    data = io.BytesIO()
    Image.fromarray(seen.picture).resize((3840, 2160)).save(data, "JPEG")
    page = Page(data=data.getvalue(), media_type="image/jpeg", width=3840, height=2160)

    (made,) = FindSheet({}).apply(page)

    assert np.abs(np.array(made.marks[0].corners) - 3 * seen.corners).max() < 12


def test_a_page_without_a_sheet_goes_on_as_it_came() -> None:
    page = page_of("none")

    assert list(FindSheet({}).apply(page)) == [page]


@pytest.mark.parametrize(
    ("asked", "sides"), [({}, ["left", "right"]), ({"from-right": True}, ["right", "left"])]
)
def test_an_open_book_becomes_two_pages(asked: dict[str, Value], sides: list[str]) -> None:
    """Each keeps the photograph, and shows one page of the book through its own edit."""
    true = dict(zip(("left", "right"), tabletops.photograph("book", 0).sheets, strict=True))

    made = list(PartBook(asked).apply(page_of("book")))

    assert [page.marks[-1].value for page in made] == sides
    assert all(page.data == page_of("book").data for page in made)
    for page, side in zip(made, sides, strict=True):
        assert np.abs(np.array(page.marks[-1].corners) - true[side]).max() < 6
        assert (
            page.edits[0].options["corners"] != made[0].edits[0].options["corners"]
            or page is made[0]
        )


def test_a_single_sheet_is_no_book() -> None:
    (made,) = PartBook({}).apply(page_of("wood"))

    assert [edit.name for edit in made.edits] == ["sheet"]


def test_a_page_that_is_not_what_it_says_is_refused() -> None:
    page = Page(data=page_of("wood").data, media_type="image/jpeg", width=500, height=500)

    with pytest.raises(Unreadable):
        list(FindSheet({}).apply(page))


def test_the_core_knows_who_brings_what() -> None:
    """Where the addon is missing, a person is told which package to install."""
    assert package_for("edit", SHEET.name) == "sheetfed-webcam"
    assert {package_for("step", spec.name) for spec in (FIND_SHEET, BOOK)} == {"sheetfed-webcam"}
