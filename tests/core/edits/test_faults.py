"""An edit may crash, hang, lie or try to break out: one picture is lost, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from desk import Desk, file_of
from PIL import Image

from sheetfed.api.errors import (
    AddonBroken,
    BadSettings,
    DriverCrashed,
    DriverTimeout,
    SheetfedError,
    TooLarge,
    Unreadable,
)

PAGE = np.full((50, 50), 130, np.uint8)
FILE = file_of(Image.fromarray(PAGE))


@pytest.fixture(autouse=True)
def still_good(desk: Desk) -> Iterator[None]:
    """Whatever happened, the next picture is right."""
    yield
    assert np.array_equal(np.asarray(desk.draw(FILE, ("invert", {}))), 255 - PAGE)


def test_nothing_that_leads_out_of_the_box_succeeds(desk: Desk) -> None:
    """R25: an edit has memory and the pipe; it may start a thread."""
    with pytest.raises(BadSettings) as caught:
        desk.draw(FILE, ("escape", {}))

    assert json.loads(caught.value.message) == ["start a thread"]


def test_an_edit_that_crashes_is_told(desk: Desk) -> None:
    with pytest.raises(DriverCrashed):
        desk.draw(FILE, ("crash", {}))


def test_an_edit_that_hangs_is_stopped(impatient: Desk) -> None:
    with pytest.raises(DriverTimeout):
        impatient.draw(FILE, ("hang", {}))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"size": 60}, AddonBroken),
        ({"text": "x"}, AddonBroken),
        ({"size": -1}, AddonBroken),
        ({"size": 65_501}, TooLarge),
        ({"size": 60_000}, TooLarge),
        ({"transform": "[1, 2]"}, AddonBroken),
        ({"transform": "[NaN, 0, 0, 0, 1, 0, 0, 0, 1]"}, AddonBroken),
        ({"transform": '["a"]'}, AddonBroken),
    ],
)
def test_an_edit_that_lies_is_found_out(
    desk: Desk, options: Any, error: type[SheetfedError]
) -> None:
    """Its picture is held against what it measured."""
    with pytest.raises(error):
        desk.draw(FILE, ("lie", options))


def test_a_fault_is_told_with_its_kind(desk: Desk) -> None:
    with pytest.raises(AddonBroken) as caught:
        desk.draw(FILE, ("raise", {}))

    assert caught.value.details["type"] == "ZeroDivisionError"


def test_a_damaged_page_is_unreadable(desk: Desk) -> None:
    with pytest.raises(Unreadable):
        desk.draw(FILE, ("invert", {}), key="damaged", file=FILE[:-40])


def test_a_page_is_drawn_once_for_many_pictures(desk: Desk) -> None:
    """Dragging a slider, or a look from nearer, asks for no file again."""
    before = desk.read
    for amount in (10.0, 20.0, 30.0):
        desk.draw(FILE, ("brightness", {"amount": amount}), key="one")
    desk.draw(FILE, ("brightness", {"amount": 30.0}), key="one", region=(1.0, 1.0, 9.0, 9.0))

    assert 0 < desk.read - before <= len(FILE)


def test_whoever_looks_from_near_has_the_page_unpacked_once(desk: Desk) -> None:
    """A part, a larger part made smaller, the same once the page is turned: at once, and right."""
    fine = np.random.default_rng(3).integers(0, 256, (400, 300), dtype=np.uint8)
    data = file_of(Image.fromarray(fine))
    desk.draw(data, key="fine", region=(10.0, 10.0, 40.0, 40.0))
    before = desk.read

    part = desk.draw(data, key="fine", region=(50.0, 60.0, 40.0, 30.0))
    half = desk.draw(data, key="fine", region=(40.0, 60.0, 100.0, 80.0), width=50)
    turned = desk.draw(data, ("rotate", {}), key="fine", region=(5.0, 6.0, 40.0, 30.0))

    assert desk.read == before
    assert np.array_equal(np.asarray(part), fine[60:90, 50:90])
    whole = np.asarray(Image.fromarray(fine).reduce(2))
    assert np.array_equal(np.asarray(half), whole[30:70, 20:70])
    assert np.array_equal(np.asarray(turned), np.rot90(fine, -1)[6:36, 5:45])
