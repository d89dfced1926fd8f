"""What was done to a page can be undone, and done again, to the last edit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetfed.api.contracts import Transform
from sheetfed.api.errors import Conflict
from sheetfed.api.model import Box, Mark, PageInfo
from sheetfed.store.history import MOST, UNEDITED, Done, History, read, written
from sheetfed.transforms import inverse, moved, shown, then, traced

PAGE = PageInfo(width=100, height=200, dpi=(300.0, 300.0))
QUARTER: Transform = (0.0, -1.0, 200.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
"""A page of 100 x 200 turned clockwise."""


def edit(name: str) -> Done:
    return Done(name=name, options={"amount": 1.5, "text": "ä"}, page=PAGE, transform=QUARTER)


@given(
    st.lists(st.one_of(st.sampled_from(["undo", "redo", "undo all", "redo all"]), st.integers()))
)
def test_a_history_is_a_list_and_a_place_in_it(asked: list[Any]) -> None:
    """Held against the plainest model there is: what was done, and what was taken back."""
    history = UNEDITED
    done: list[str] = []
    undone: list[str] = []
    for what in asked:
        if what == "undo":
            history = history.undone()
            undone += [done.pop()] if done else []
        elif what == "redo":
            history = history.redone()
            done += [undone.pop()] if undone else []
        elif what == "undo all":
            history = history.undone(every=True)
            undone += done[::-1]
            done = []
        elif what == "redo all":
            history = history.redone(every=True)
            done += undone[::-1]
            undone = []
        else:
            history = history.grown([edit(str(what))], without_last=False)
            done, undone = [*done, str(what)], []

        assert [one.name for one in history.in_force] == done
        assert [one.name for one in history.edits] == [*done, *undone[::-1]]


def test_undo_and_redo_are_each_other_s_reverse() -> None:
    history = UNEDITED.grown([edit("a"), edit("b")], without_last=False)

    assert history.undone().redone() == history
    assert history.undone(every=True).redone(every=True) == history
    assert UNEDITED.undone() == UNEDITED


def test_a_replaced_edit_leaves_nothing_to_do_again() -> None:
    """A slider that is dragged makes one edit, not a hundred."""
    history = UNEDITED.grown([edit("a"), edit("b")], without_last=False).undone()

    dragged = history.grown([edit("c")], without_last=True)

    assert [one.name for one in dragged.edits] == ["c"]
    with pytest.raises(Conflict):
        UNEDITED.grown([edit("a")], without_last=True)


def test_an_edit_made_without_another_takes_it_along() -> None:
    """Out of force with it, and back when it is undone; one of that name done later stays."""
    history = UNEDITED.grown([edit("a"), edit("b"), edit("a")], without_last=False)
    later = history.grown([replace(edit("c"), without=("a",)), edit("a")], without_last=False)

    assert [one.name for one in later.in_force] == ["b", "c", "a"]
    assert later.left_out == ("a", "a")
    assert [one.name for one in later.undone().undone().in_force] == ["a", "b", "a"]
    assert later.since.left_out == ("a", "a")


def test_a_history_ends() -> None:
    full = UNEDITED.grown([edit("a")] * MOST, without_last=False)

    with pytest.raises(Conflict):
        full.grown([edit("b")], without_last=False)
    assert full.grown([edit("b")], without_last=True).count == MOST


def test_what_is_written_is_read() -> None:
    history = UNEDITED.grown([edit("a"), edit("b")], without_last=False).undone()

    assert read(written(history), history.count) == history
    assert "without" not in written(history), "an earlier version reads it, too"
    later = history.grown([replace(edit("c"), without=("a",))], without_last=False)
    assert read(written(later), later.count) == later
    assert read("", 0) == UNEDITED
    assert written(UNEDITED) == ""


def test_something_hides_while_it_is_in_force() -> None:
    hidden = History(edits=(Done(name="redact", options={}, page=PAGE, hides=True),), count=1)

    assert hidden.hides
    assert not hidden.undone().hides


@given(st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_two_transforms_in_one_do_what_both_do(x: float, y: float) -> None:
    double: Transform = (2.0, 0.0, 5.0, 0.0, 3.0, -7.0, 0.0, 0.0, 1.0)

    at_once = moved(then(QUARTER, double), (x, y))

    assert math.dist(at_once, moved(double, moved(QUARTER, (x, y)))) < 1e-6


@given(st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_the_way_back_ends_where_it_began(x: float, y: float) -> None:
    """Also from a picture that was straightened in perspective."""
    askew = then(QUARTER, (0.9, 0.2, 30.0, -0.1, 1.2, 5.0, 0.0001, -0.0002, 1.0))
    back = inverse(askew)

    assert back
    assert math.dist(moved(back, moved(askew, (x, y))), (x, y)) < 1e-3


def test_a_box_that_is_found_askew_is_shown_as_it_was_found() -> None:
    """There and back it does not grow, as boxes around boxes do."""
    box = Box(left=10, top=20, width=60, height=40)
    askew: Transform = (0.8, -0.6, 50.0, 0.6, 0.8, 10.0, 0.0, 0.0, 1.0)
    found = Mark(kind="word", value="a", by="o", box=box)

    (again,) = shown([traced(found, inverse(askew))], askew, (200, 200))

    assert again.box
    told = (again.box.left, again.box.top, again.box.width, again.box.height)
    assert told == pytest.approx((10, 20, 60, 40), abs=0.01)


def test_without_a_way_back_a_mark_is_on_the_page_as_a_whole() -> None:
    flat: Transform = (1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    found = Mark(kind="word", value="a", by="o", box=Box(left=1, top=2, width=3, height=4))

    assert inverse(flat) is None
    assert traced(found, inverse(flat)) == Mark(kind="word", value="a", by="o")


def test_marks_follow_their_page() -> None:
    """A box stays a box around what it was around, and its corners go along."""
    mark = Mark(
        kind="barcode",
        value="1",
        by="b",
        box=Box(left=10, top=20, width=30, height=40),
        corners=((10.0, 20.0), (40.0, 20.0), (40.0, 60.0), (10.0, 60.0)),
    )

    (turned,) = shown([mark], QUARTER, (200, 100))

    assert turned.box == Box(left=140, top=10, width=40, height=30)
    assert turned.corners == ((180.0, 10.0), (180.0, 40.0), (140.0, 40.0), (140.0, 10.0))


def test_a_mark_that_was_cut_away_is_not_told() -> None:
    away: Transform = (1.0, 0.0, -60.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    inside = Mark(kind="code", value="in", by="b", box=Box(left=70, top=5, width=9, height=9))
    outside = Mark(kind="code", value="out", by="b", box=Box(left=5, top=5, width=9, height=9))
    whole = Mark(kind="blank", value="", by="b")

    told = shown([inside, outside, whole], away, (40, 100))

    assert [mark.value for mark in told] == ["in", ""]
