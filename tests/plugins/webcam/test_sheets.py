"""Sheets are found where they lie, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import tabletops
from gallery import photographs

from sheetfed_webcam.sheets.finder import find

SEEDS = {"clutter": 1, "cloth": 2, "partial": 1}
"""Which picture of a kind is looked at; the first where nothing is said."""

TABLES = ("grass.png", "motorcycle_left.png", "rocket.jpg")
"""Photographs in which nothing is as straight as a sheet."""


@pytest.fixture(scope="module")
def gallery() -> Mapping[str, tabletops.Picture]:
    """Photographs that others took."""
    return photographs()


def off(found: tabletops.Numbers, true: tabletops.Numbers) -> float:
    """Return how far off the worst corner is, in shares of the sheet's diagonal."""
    diagonal = np.hypot(*(true[0] - true[2]))
    return float(np.hypot(*(found - true).T).max() / diagonal)


@pytest.mark.parametrize("kind", tabletops.ONE)
def test_corners_are_within_one_per_cent_of_the_diagonal(kind: str) -> None:
    """Whatever lies below the sheet and falls upon it; clockwise, its top left first."""
    seen = tabletops.photograph(kind, SEEDS.get(kind, 0))

    sheet = find(seen.picture[:, :, ::-1])

    assert sheet is not None
    assert off(sheet.corners, seen.corners) <= 0.01
    assert 0.4 <= sheet.score <= 1


def test_the_best_of_ten_sheets_is_taken_and_the_others_are_counted() -> None:
    seen = tabletops.photograph("many", 0)

    sheet = find(seen.picture[:, :, ::-1])

    assert sheet is not None
    assert min(off(sheet.corners, one) for one in seen.sheets) <= 0.01
    assert sheet.sheets == 10


@pytest.mark.parametrize("seed", range(2))
def test_a_picture_without_a_sheet_has_none(seed: int) -> None:
    assert find(tabletops.photograph("none", seed).picture) is None


def test_no_sheet_is_seen_in_public_photographs(gallery: Mapping[str, tabletops.Picture]) -> None:
    """People, a cat, bricks, and pages from so near that they have no corners."""
    assert [name for name, seen in gallery.items() if find(seen[:, :, ::-1]) is not None] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_sheet_that_lies_on_a_public_photograph_is_found(
    gallery: Mapping[str, tabletops.Picture], name: str
) -> None:
    """What lies below it was taken by nobody who knew how sheets are found."""
    seen = tabletops.photograph_on(gallery[name], 0)

    sheet = find(seen.picture[:, :, ::-1])

    assert sheet is not None
    assert off(sheet.corners, seen.corners) <= 0.01


@pytest.mark.parametrize("shape", [(1, 1), (31, 400), (40, 40, 3), (600, 500)])
def test_nothing_is_found_in_nothing(shape: tuple[int, ...]) -> None:
    """A camera that gives black, and pictures of a few pixels."""
    assert find(np.zeros(shape, np.uint8)) is None
