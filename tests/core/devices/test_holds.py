"""A device that is kept, and for how long."""

from __future__ import annotations

import pytest

from sheetfed.api.errors import DeviceBusy
from sheetfed.holds import LONGEST, Holds

SITE = "https://scan.example"


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_hold_ends_by_itself_unless_it_is_asked_for_again() -> None:
    """Whoever forgets theirs keeps nobody out for long."""
    clock = Clock()
    holds = Holds(clock)
    name = holds.begin("sample:paper", SITE, 60, "").id
    clock.now += 59
    assert holds.begin("sample:paper", SITE, 10 * LONGEST, name).id == name

    clock.now += LONGEST - 1
    with pytest.raises(DeviceBusy):
        holds.check("sample:paper", SITE)
    clock.now += 1
    holds.check("sample:paper", SITE)
    assert holds.begin("sample:paper", "https://other.example", 5, name).id != name


def test_a_name_is_good_for_its_owner_only() -> None:
    holds = Holds()
    name = holds.begin("sample:paper", SITE, 60, "").id
    holds.check("sample:paper", SITE, name)

    for asker in ("https://other.example", "local"):
        with pytest.raises(DeviceBusy):
            holds.check("sample:paper", asker, name)
    with pytest.raises(DeviceBusy):
        holds.begin("sample:paper", SITE, 60, "hold_x")


def test_a_hold_is_ended_by_its_owner_by_its_name_and_by_the_person() -> None:
    changes: list[str] = []
    holds = Holds(changed=lambda: changes.append("hold"))
    assert holds.on("sample:paper") is None
    for owner, named, ends in (
        ("https://other.example", "", False),
        (SITE, "hold_x", False),
        (SITE, "", True),
        ("local", "", True),
        ("local", "hold_x", False),
    ):
        name = holds.begin("sample:paper", SITE, 60, "").id
        assert holds.begin("sample:paper", SITE, 60, name).id == name
        assert holds.on("sample:paper") == (SITE, 60)
        holds.end("sample:paper", owner, named)

        if ends:
            holds.check("sample:paper", SITE)
        else:
            holds.end("sample:paper", SITE, name)
    holds.begin("sample:paper", SITE, 60, "")
    holds.end_all(SITE)
    holds.end_all(SITE)
    holds.check("sample:paper", SITE)
    assert changes == ["hold"] * 12  # each began and each ended, and nothing else is news
