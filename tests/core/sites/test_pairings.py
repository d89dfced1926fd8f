"""Who asks waits a minute for a person, and cannot crowd others out of it for longer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sheetfed.api.errors import Conflict, NotFound, TooMany
from sheetfed.pairings import ENDED, LASTS, PENDING, REMEMBERED, Pairings

KEY, KEY2 = b"key one", b"key two"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pairings(clock: Clock) -> Pairings:
    return Pairings(clock)


def sites() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"https://site{number}.example"


def test_five_may_wait_and_the_sixth_is_told_when_to_come_back(
    pairings: Pairings, clock: Clock
) -> None:
    """R11: a flood of sites does not bury the person in questions."""
    names = sites()
    for _ in range(PENDING):
        pairings.ask(next(names), KEY)
        clock.now += 1

    with pytest.raises(TooMany) as told:
        pairings.ask(next(names), KEY)

    assert told.value.details["retry_after"] == LASTS - PENDING
    clock.now += LASTS - PENDING
    assert pairings.ask(next(names), KEY).state == "pending"


def test_all_codes_are_different_and_have_six_digits(
    pairings: Pairings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chance gives a code twice now and then; here it does so at once."""
    drawn = iter([7, 7, 7, 8, 123456])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))

    codes = [pairings.ask(site, KEY).code for site, _ in zip(sites(), range(3), strict=False)]

    assert codes == ["000007", "000008", "123456"]


def test_the_same_browser_asking_again_gets_the_same_code(pairings: Pairings) -> None:
    """A person reloads the page."""
    first = pairings.ask("https://a.example", KEY)

    assert pairings.ask("https://a.example", KEY) == first
    with pytest.raises(TooMany):
        pairings.ask("https://a.example", KEY2)


def test_after_a_minute_it_is_too_late(pairings: Pairings, clock: Clock) -> None:
    pairing = pairings.ask("https://a.example", KEY)
    clock.now += LASTS - 0.5
    assert pairings.get(pairing.id).state == "pending"
    assert pairings.seconds_left(pairing) == 1

    clock.now += 0.5

    assert pairings.get(pairing.id).state == "expired"
    assert pairings.pending() == []
    with pytest.raises(Conflict):
        pairings.still_pending(pairing.id)
    assert pairings.ask("https://a.example", KEY2).state == "pending"


def test_how_it_ended_is_told_for_a_while(pairings: Pairings, clock: Clock) -> None:
    pairing = pairings.ask("https://a.example", KEY)
    pairings.settle(pairing, "approved")

    clock.now += LASTS + REMEMBERED - 1
    assert pairings.get(pairing.id).state == "approved"
    clock.now += 1
    with pytest.raises(NotFound):
        pairings.get(pairing.id)


def test_memory_holds_only_so_many_that_ended(pairings: Pairings) -> None:
    """An approved site may ask without end."""
    waiting = pairings.ask("https://a.example", KEY)

    asked = [pairings.admit("https://b.example", KEY).id for _ in range(ENDED + 10)]

    assert pairings.get(waiting.id).state == "pending"
    assert pairings.get(asked[-1]).state == "approved"
    with pytest.raises(NotFound):
        pairings.get(asked[0])


async def test_who_waits_hears_at_once(pairings: Pairings) -> None:
    pairing = pairings.ask("https://a.example", KEY)
    waiting = [asyncio.create_task(pairings.wait(pairing.id, 30)) for _ in range(3)]
    await asyncio.sleep(0.01)

    pairings.settle(pairing, "blocked")

    async with asyncio.timeout(1):
        assert [(await task).state for task in waiting] == ["blocked"] * 3


async def test_who_waits_is_let_go_when_the_service_stops(pairings: Pairings) -> None:
    pairing = pairings.ask("https://a.example", KEY)
    waiting = asyncio.create_task(pairings.wait(pairing.id, 30))
    await asyncio.sleep(0.01)

    pairings.close()

    async with asyncio.timeout(1):
        assert (await waiting).state == "pending"


async def test_nobody_waits_longer_than_they_asked(pairings: Pairings) -> None:
    pairing = pairings.ask("https://a.example", KEY)

    async with asyncio.timeout(1):
        assert (await pairings.wait(pairing.id, 0.01)).state == "pending"
        assert (await pairings.wait(pairing.id, 0)).state == "pending"
