"""Blank pages are told from those with little on them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from sheetfed.api.errors import Unreadable
from sheetfed.api.model import Page, Settings
from sheetfed.builtin.blank.ink import ink_on
from sheetfed.builtin.blank.step import MarkBlank
from sheetfed.testing.addon import AddonContract
from sheetfed.testing.step import StepContract

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import sheets

DPI = 120


class TestAddon(AddonContract):
    """It comes with the core, written as anyone else's."""

    @pytest.fixture
    def addon(self) -> str:
        return "blank"


class TestStep(StepContract):
    """It marks, and changes nothing."""

    @pytest.fixture
    def factory(self) -> str:
        return "sheetfed.builtin.blank.step:MarkBlank"

    @pytest.fixture
    def page(self) -> Page:
        return page_of(sheets.Sheet(dpi=72).picture)


def page_of(picture: Image.Image, kind: str = "PNG") -> Page:
    """Return a picture as it comes from a device."""
    out = io.BytesIO()
    picture.save(out, kind)
    media_type = f"image/{kind.lower()}"
    return Page(
        data=out.getvalue(), media_type=media_type, width=picture.width, height=picture.height
    )


def is_blank(picture: Image.Image, kind: str = "PNG", settings: Settings | None = None) -> bool:
    """Return whether the step marks a picture."""
    page = page_of(picture, kind)
    (same,) = MarkBlank(settings or {}).apply(page)
    assert same.data == page.data
    return [mark.kind for mark in same.marks] == ["blank"]


@pytest.mark.parametrize("kind", sheets.BLANKS)
def test_every_kind_of_blank_page_is_marked(kind: str) -> None:
    """Who has to look for the one that was missed, looks at all of them."""
    assert is_blank(sheets.captured(sheets.nearly_blank(kind, dpi=DPI)))


@pytest.mark.parametrize("kind", sheets.CONTENTS)
def test_no_page_with_anything_on_it_is_marked(kind: str) -> None:
    """A page that is taken for blank may be gone for good."""
    assert not is_blank(sheets.captured(sheets.nearly_blank(kind, dpi=DPI)))


@pytest.mark.parametrize("spoil", [sheets.shaded, sheets.edged])
@pytest.mark.parametrize(("kind", "blank"), [("dusty", True), ("a page number", False)])
def test_shadows_and_black_edges_do_not_count(spoil: object, kind: str, *, blank: bool) -> None:
    """They come from the lid and the glass, not from the paper."""
    assert callable(spoil)
    picture = spoil(sheets.nearly_blank(kind, dpi=DPI), dpi=DPI)

    assert is_blank(sheets.captured(picture)) == blank


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "BMP"])
@pytest.mark.parametrize(("sheet", "blank"), [("plain", True), ("a short line", False)])
def test_the_format_does_not_matter(kind: str, sheet: str, *, blank: bool) -> None:
    """Drivers deliver what they like."""
    picture = sheets.captured(sheets.nearly_blank(sheet, dpi=DPI))
    mode = {"TIFF": "1", "JPEG": "RGB", "BMP": "L"}[kind]

    if mode == "1":
        picture = picture.point([0] * 128 + [255] * 128)

    assert is_blank(picture.convert(mode), kind) == blank


@pytest.mark.parametrize("kind", ["dusty", "a page number"])
def test_the_resolution_does_not_matter(kind: str) -> None:
    """The same sheet is blank at 200 dpi and at 300, or it is not."""
    blank = kind in sheets.BLANKS

    for dpi in (200, 300):
        assert is_blank(sheets.captured(sheets.nearly_blank(kind, dpi=dpi))) == blank


def test_a_colour_that_fills_the_sheet_is_paper() -> None:
    """The back of a blue form is blank."""
    assert is_blank(Image.new("RGB", (620, 877), (120, 160, 220)))


def test_the_threshold_is_what_a_page_may_have() -> None:
    """Its number is the one that the mark shows, so that a person can tune it."""
    picture = sheets.captured(sheets.nearly_blank("a page number", dpi=DPI))
    share = ink_on(picture).share

    assert is_blank(picture, settings={"threshold": round(share) + 1})
    assert not is_blank(picture, settings={"threshold": round(share) - 1})


def test_what_shows_through_counts_where_asked() -> None:
    """On thick paper, faint is written and not shown through."""
    picture = sheets.captured(sheets.nearly_blank("showing through", dpi=DPI))

    assert not is_blank(picture, settings={"ignore-bleed-through": False})


def test_what_was_left_out_is_told() -> None:
    """A person sees why a page with holes and dust counts as blank."""
    (page,) = MarkBlank({}).apply(page_of(sheets.nearly_blank("punched", dpi=DPI)))

    (mark,) = page.marks
    assert (mark.kind, mark.value, mark.by) == ("blank", "0", "blank")
    assert mark.details == {"ink": 0.0, "holes": 2, "specks": 0}


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (20, 20)])
def test_a_picture_of_any_shape_is_judged(size: tuple[int, int]) -> None:
    """A strip is no reason to fail."""
    assert is_blank(Image.new("L", size, 255))


def test_garbage_is_refused_by_name() -> None:
    """The page is kept as it came, and the job tells why."""
    with pytest.raises(Unreadable):
        list(MarkBlank({}).apply(Page(data=b"none", media_type="image/png", width=1, height=1)))
