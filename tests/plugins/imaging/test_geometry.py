"""Fast turns and sizes are what slow ones are."""

from __future__ import annotations

import numpy as np
import pytest
import sheets
from PIL import Image

from sheetfed.api.model import PageInfo
from sheetfed_imaging.edits.geometry import FastResize, FastRotate


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    return sheets.letter(dpi=72).convert("RGB")


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_move_every_pixel_and_change_none(
    letter: Image.Image, mode: str, quarters: int
) -> None:
    """Exactly, as NumPy turns them."""
    picture = letter.convert(mode)

    made = FastRotate({"angle": 90.0 * quarters}).apply(picture, 1.0)

    assert made.mode == mode
    assert np.array_equal(np.asarray(made), np.rot90(np.asarray(picture), -quarters))


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16"])
@pytest.mark.parametrize("quarters", [1, 3])
@pytest.mark.parametrize("size", [(60, 43), (43, 60)])
def test_quarter_turns_on_a_canvas_that_stays_change_none(
    size: tuple[int, int], quarters: int, mode: str
) -> None:
    """Not where the middle of the page lies between two pixels, either."""
    grain = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    picture = Image.fromarray(grain).convert("RGB" if mode == "RGB" else "L")
    if mode in {"1", "I;16"}:
        picture = picture.convert("1") if mode == "1" else Image.fromarray(
            np.asarray(picture).astype(np.uint16) * 257
        )  # fmt: skip
    edit = FastRotate({"angle": 90.0 * quarters, "canvas": "keep"})

    made, turned = np.asarray(edit.apply(picture, 1.0)), np.rot90(np.asarray(picture), -quarters)

    after, transform = edit.measure(PageInfo(width=size[0], height=size[1]))
    assert (after.width, after.height) == size == made.shape[1::-1]
    for y, x in ((20, 20), (21, 30), (30, 21)):
        a, b, c, d, e, f, *_ = transform
        there = a * (x + 0.5) + b * (y + 0.5) + c, d * (x + 0.5) + e * (y + 0.5) + f
        assert there == pytest.approx([round(n - 0.5) + 0.5 for n in there])
        column, row = int(there[0]), int(there[1])
        assert np.array_equal(made[row, column], np.asarray(picture)[y, x])
    down, across = (size[1] - size[0]) // 2, (size[0] - size[1]) // 2
    inner = made[max(0, down) : size[1] - max(0, down), max(0, across) : size[0] - max(0, across)]
    assert any(
        np.array_equal(inner[:40, :40], turned[y : y + 40, x : x + 40])
        for y in range(turned.shape[0] - 39)
        for x in range(turned.shape[1] - 39)
    )


@pytest.mark.parametrize("angle", [-33.0, 5.0, 120.0])
def test_other_turns_are_those_of_another_library(letter: Image.Image, angle: float) -> None:
    """On a canvas that grows, as Pillow does it."""
    made = FastRotate({"angle": angle}).apply(letter, 1.0)

    other = letter.rotate(-angle, Image.Resampling.BILINEAR, expand=True, fillcolor="#ffffff")
    assert made.size == pytest.approx(other.size, abs=2)
    small = [np.asarray(one.convert("L").resize((150, 150)), float) for one in (made, other)]
    assert abs(small[0] - small[1]).mean() < 3


def test_smaller_by_a_whole_number_is_the_mean_of_blocks(letter: Image.Image) -> None:
    """Each new pixel is the average of those that it stands for."""
    whole = np.asarray(letter)[:840, :594]

    made = FastResize({"width": 198}).apply(Image.fromarray(whole), 1.0)

    blocks = whole.reshape(280, 3, 198, 3, 3).mean(axis=(1, 3))
    assert made.size == (198, 280)
    assert abs(np.asarray(made) - blocks).max() <= 0.51


def test_sizes_are_told_before_they_are_made() -> None:
    """Its size on paper stays, so that the resolution changes with the pixels."""
    page = PageInfo(width=800, height=600, dpi=(200.0, 200.0))

    after, transform = FastResize({"percent": 50.0}).measure(page)
    wider, _ = FastResize({"width": 1000}).measure(page)

    assert (after.width, after.height, after.dpi) == (400, 300, (100.0, 100.0))
    assert transform == (0.5, 0, 0, 0, 0.5, 0, 0, 0, 1)
    assert (wider.width, wider.height) == (1000, 750)
