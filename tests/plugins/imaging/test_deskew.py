"""Pages are found askew, and straightened."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import sheets
from PIL import Image, ImageDraw

from sheetfed.api.contracts import Transform
from sheetfed.api.errors import BadSettings, Unreadable
from sheetfed.api.model import Mark, Page, PageInfo, Settings
from sheetfed_imaging.edits.deskew import Deskew
from sheetfed_imaging.skew import skew_of
from sheetfed_imaging.steps.skew import MarkSkew

ANGLES = {"letter": -9.7, "form": 6.27, "mixed": 0.87, "photo": -3.3, "sparse": 10.0}


@pytest.fixture(scope="module", params=ANGLES)
def askew(request: pytest.FixtureRequest) -> tuple[Image.Image, float]:
    """Return a page as a scanner sends it, and how it lies."""
    angle = ANGLES[request.param]
    page = sheets.TEXTS[request.param](dpi=200, seed=7)
    return sheets.captured(sheets.skewed(page, angle)), angle


def moved(transform: Transform, x: float, y: float) -> tuple[float, float]:
    """Return where a point goes."""
    across, down, depth = np.reshape(transform, (3, 3)) @ (x, y, 1)
    return across / depth, down / depth


def straightened(picture: Image.Image, **settings: object) -> tuple[Image.Image, Transform]:
    """Return a picture as a page shows it that was given this edit, and where its points went."""
    asked: Settings = settings  # type: ignore[assignment]
    edit = Deskew({**asked, **Deskew(asked).find(picture, 1.0)})
    _, transform = edit.measure(PageInfo(width=picture.width, height=picture.height))
    return edit.apply(picture, 1.0), transform


def test_the_angle_is_found_to_a_tenth_of_a_degree(askew: tuple[Image.Image, float]) -> None:
    """A reader sees what is further off."""
    picture, angle = askew

    found = skew_of(np.asarray(picture))

    assert found is not None
    assert found.angle == pytest.approx(angle, abs=0.1)


def test_a_preview_shows_the_angle_that_the_page_will_have(
    askew: tuple[Image.Image, float],
) -> None:
    """What is seen on the screen is what is saved."""
    picture, angle = askew
    small = picture.resize((picture.width * 10 // 23, picture.height * 10 // 23))

    found = skew_of(np.asarray(small))

    assert found is not None
    assert found.angle == pytest.approx(angle, abs=0.1)


@pytest.mark.parametrize("quarters", [1, 3])
def test_lines_that_run_down_the_page_are_straightened_too(quarters: int) -> None:
    """A sheet fed sideways is as askew as any other."""
    picture = sheets.captured(sheets.skewed(sheets.letter(dpi=100), 3.2))

    found = skew_of(np.rot90(np.asarray(picture), quarters))

    assert found is not None
    assert found.angle == pytest.approx(3.2, abs=0.1)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16"])
def test_every_kind_of_picture_keeps_its_kind(mode: str) -> None:
    """Black and white stays that, and sixteen bits are not thrown away."""
    picture = sheets.skewed(sheets.letter(dpi=72), 4)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    picture.info["dpi"] = (72.0, 72.0)

    straight, _ = straightened(picture)

    assert (straight.mode, straight.size) == (picture.mode, picture.size)
    assert straight.info["dpi"] == (72.0, 72.0)
    samples = np.asarray(straight.convert("L") if mode != "I;16" else straight)
    found = skew_of((samples >> 8).astype(np.uint8) if mode == "I;16" else samples)
    assert found is not None
    assert found.angle == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("canvas", ["keep", "grow"])
def test_points_are_where_the_transform_says(canvas: str) -> None:
    """A barcode that was found before is marked in the right place after."""
    picture = Image.new("L", (400, 300), 255)
    places = [(120, 90), (300, 110), (150, 220)]
    for x, y in places:
        ImageDraw.Draw(picture).ellipse([x - 6, y - 6, x + 5, y + 5], fill=0)

    made, transform = straightened(picture, angle=12.5, canvas=canvas, fill="#ffffff")

    ink = 255.0 - np.asarray(made)
    rows, columns = np.indices(ink.shape) + 0.5
    for x, y in places:
        across, down = moved(transform, x, y)
        near = ink * ((columns - across) ** 2 + (rows - down) ** 2 < 15**2)
        middle = (near * columns).sum() / near.sum(), (near * rows).sum() / near.sum()
        assert middle == pytest.approx((across, down), abs=0.15)


def test_the_picture_is_what_another_library_makes_of_the_same_turn() -> None:
    """The pixels themselves, not only their place."""
    picture = sheets.letter(dpi=100)
    angle = 3.0
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x, y = picture.width / 2, picture.height / 2
    back = (cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y)
    expected = picture.transform(
        picture.size, Image.Transform.AFFINE, back, Image.Resampling.BILINEAR, fillcolor=255
    )

    made, _ = straightened(picture, angle=angle, fill="#ffffff")

    difference = abs(np.asarray(made).astype(int) - np.asarray(expected))
    assert np.quantile(difference, 0.999) <= 6
    assert difference.mean() < 0.2


def test_a_canvas_that_grows_shows_every_corner() -> None:
    """Nothing that was scanned is cut off unless a person wants that."""
    picture = Image.new("RGB", (300, 200), (200, 30, 30))

    made, transform = straightened(picture, angle=-20.0, canvas="grow")

    corners = [moved(transform, *corner) for corner in ((0, 0), (300, 0), (0, 200), (300, 200))]
    assert min(x for x, _ in corners) == pytest.approx(0, abs=1)
    assert max(x for x, _ in corners) == pytest.approx(made.width, abs=1)
    assert min(y for _, y in corners) == pytest.approx(0, abs=1)
    assert max(y for _, y in corners) == pytest.approx(made.height, abs=1)


@pytest.mark.parametrize("noise", [0.0, 2.8, 12.0])
def test_a_page_without_lines_is_left_alone(noise: float) -> None:
    """Grain has no angle; turning by chance would be worse than nothing."""
    picture = sheets.captured(sheets.Sheet(dpi=150).picture, noise=noise)

    made, transform = straightened(picture)

    assert made is picture
    assert transform == (1, 0, 0, 0, 1, 0, 0, 0, 1)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (17, 40)])
def test_a_picture_too_small_to_judge_is_left_alone(size: tuple[int, int]) -> None:
    """A strip of one pixel is no page, and no reason to fail."""
    picture = Image.new("L", size, 0)

    made, _ = straightened(picture)

    assert made.size == size


@pytest.mark.parametrize(
    "settings", [{"angle": 46}, {"angle": "much"}, {"canvas": "shrink"}, {"fill": "red"}]
)
def test_what_cannot_be_asked_is_refused(settings: dict[str, float | str]) -> None:
    """A value out of range is a mistake to be told, not a picture to be made."""
    with pytest.raises(BadSettings):
        Deskew(settings)


def test_new_corners_have_the_colour_of_the_paper() -> None:
    """White corners on a yellowed page would be the first thing one sees."""
    picture = Image.new("RGB", (400, 500), (235, 228, 200))
    ImageDraw.Draw(picture).rectangle([60, 60, 340, 80], fill=(20, 20, 20))

    made, _ = straightened(picture, angle=8)

    assert made.getpixel((0, 0)) == (235, 228, 200)


def page_of(picture: Image.Image, format_name: str, media_type: str) -> Page:
    """Return a picture as it comes from a device."""
    out = io.BytesIO()
    picture.save(out, format_name)
    return Page(
        data=out.getvalue(), media_type=media_type, width=picture.width, height=picture.height
    )


@pytest.mark.parametrize(("format_name", "mode"), [("PNG", "L"), ("JPEG", "RGB"), ("TIFF", "1")])
def test_the_step_marks_the_angle(format_name: str, mode: str) -> None:
    """The mark says what the edit can be given."""
    picture = sheets.captured(sheets.skewed(sheets.letter(dpi=120), -2.4)).convert(mode)
    page = page_of(picture, format_name, f"image/{format_name.lower()}")

    (marked,) = MarkSkew({}).apply(page)

    (mark,) = marked.marks
    assert (mark.kind, mark.by) == ("skew", "skew")
    assert float(mark.value) == pytest.approx(-2.4, abs=0.1)
    assert mark.details["angle"] == pytest.approx(float(mark.value), abs=0.005)


def test_a_blank_page_gets_no_angle() -> None:
    """A mark that says nothing would be taken for one that says level."""
    page = page_of(sheets.captured(sheets.Sheet(dpi=100).picture), "PNG", "image/png")

    assert list(MarkSkew({}).apply(page)) == [page]


def test_garbage_is_refused_by_name() -> None:
    """The page is kept as it came, and the job tells why."""
    page = Page(data=b"no picture", media_type="image/png", width=1, height=1)

    with pytest.raises(Unreadable):
        list(MarkSkew({}).apply(page))


def test_other_marks_stay() -> None:
    """What another step found is not this one's to drop."""
    earlier = Mark(kind="barcode", value="1", by="another")
    page = page_of(sheets.skewed(sheets.letter(dpi=100), 2), "PNG", "image/png")
    page = Page(data=page.data, media_type=page.media_type, width=1, height=1, marks=(earlier,))

    (marked,) = MarkSkew({}).apply(page)

    assert [mark.kind for mark in marked.marks] == ["barcode", "skew"]
