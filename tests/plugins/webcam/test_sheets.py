"""Sheets are found where they lie, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import tabletops

from sheetfed_webcam.sheets.finder import find

SEEDS = {"clutter": 1, "cloth": 2, "partial": 1}
"""Which picture of a kind is looked at; the first where nothing is said."""


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


@pytest.mark.parametrize("seed", range(3))
def test_a_picture_without_a_sheet_has_none(seed: int) -> None:
    assert find(tabletops.photograph("none", seed).picture) is None


@pytest.mark.parametrize("shape", [(1, 1), (31, 400), (40, 40, 3), (600, 500)])
def test_nothing_is_found_in_nothing(shape: tuple[int, ...]) -> None:
    """A camera that gives black, and pictures of a few pixels."""
    assert find(np.zeros(shape, np.uint8)) is None
