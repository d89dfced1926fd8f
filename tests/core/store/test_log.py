"""Events are numbered without gaps, told in order, and replayed."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sheetfed.events import WAITING, Event, Events
from sheetfed.store import log
from sheetfed.store.folder import Store

DAY = 24 * 3600.0


@pytest_asyncio.fixture
async def store(folder: Path) -> AsyncIterator[Store]:
    store = await Store.open(folder)
    yield store
    await store.close()


async def add(store: Store, count: int, *, at: float = 0, owner: str = "me") -> None:
    def change(connection: sqlite3.Connection) -> None:
        for number in range(count):
            log.append(connection, "job", {"n": number}, owner, at)

    await store.database.write(change)


async def numbers(store: Store, after: int, owner: str = "me") -> list[int] | None:
    found = await store.database.read(lambda connection: log.replay(connection, after, owner))
    return None if found is None else [event.number for event in found]


async def prune(store: Store, now: float) -> None:
    await store.database.write(lambda connection: log.prune(connection, now))


async def test_replay_gives_what_came_after_a_number(store: Store) -> None:
    await add(store, 3)
    await add(store, 1, owner="you")
    await add(store, 1, owner="")

    assert await numbers(store, 0) == [1, 2, 3, 5]
    assert await numbers(store, 2) == [3, 5]
    assert await numbers(store, 5) == []
    assert await numbers(store, 0, "you") == [4, 5]


async def test_a_replay_opens_nothing_of_others(store: Store) -> None:
    """A site with a few events must not wait for the thousands of somebody else."""
    await add(store, 1)
    await add(store, 1, owner="you")
    await store.database.write(
        lambda connection: connection.execute("UPDATE events SET data = x'00' WHERE owner = 'you'")
    )

    assert await numbers(store, 0) == [1]


async def test_a_number_from_the_future_is_answered_with_reset(store: Store) -> None:
    """It comes from another store, one that was deleted since."""
    await add(store, 3)

    assert await numbers(store, 4) is None
    assert await numbers(store, -1) is None


async def test_only_the_newest_ten_thousand_are_kept(store: Store) -> None:
    await add(store, 10_700)

    assert await numbers(store, 499) is None
    kept = await numbers(store, 500)
    assert kept == list(range(501, 10_701))


async def test_a_day_old_is_forgotten_but_never_the_newest_thousand(store: Store) -> None:
    await add(store, 1500, at=1000)
    await prune(store, 1000 + DAY - 1)
    assert await numbers(store, 0) == list(range(1, 1501))

    await prune(store, 1000 + DAY + 1)
    assert await numbers(store, 499) is None
    assert await numbers(store, 500) == list(range(501, 1501))


@pytest.mark.parametrize("now", [0.0, 1e6, 4e9])
async def test_a_clock_that_jumps_takes_no_recent_event(store: Store, now: float) -> None:
    await add(store, 900, at=1e6)
    await prune(store, now)
    await add(store, 1, at=now)

    assert await numbers(store, 0) == list(range(1, 902))


async def test_numbers_go_on_after_everything_was_forgotten(store: Store, folder: Path) -> None:
    await add(store, 3)
    await store.database.write(lambda connection: connection.execute("DELETE FROM events"))
    await store.close()

    again = await Store.open(folder)
    await add(again, 1)
    assert again.events.last == 4
    assert await numbers(again, 2) is None
    assert await numbers(again, 3) == [4]
    await again.close()


async def test_an_event_is_told_once_it_is_kept(store: Store) -> None:
    listening = store.events.subscribe("me")
    await add(store, 3)
    await add(store, 2, owner="you")
    await add(store, 1, owner="")

    told = [await anext(listening) for _ in range(4)]

    assert [(event.number, event.data) for event in told] == [
        (1, {"n": 0}),
        (2, {"n": 1}),
        (3, {"n": 2}),
        (6, {"n": 0}),
    ]


async def test_a_change_that_failed_is_not_told(store: Store) -> None:
    listening = store.events.subscribe("me")

    def fail(connection: sqlite3.Connection) -> None:
        log.append(connection, "job", {"change": "lost"}, "me", 0)
        raise KeyError("lost")

    with pytest.raises(KeyError):
        await store.database.write(fail)
    await add(store, 1)

    assert (await anext(listening)).data == {"n": 0}


async def test_an_event_is_told_even_if_its_writer_was_cancelled(store: Store) -> None:
    """Otherwise a page could be kept that no open browser ever hears of."""
    listening = store.events.subscribe("me")
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        begun.set()
        go_on.wait()
        log.append(connection, "page", {}, "me", 0)

    task = asyncio.create_task(store.database.write(slow))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()

    assert (await anext(listening)).topic == "page"


async def test_many_writers_are_told_in_the_order_of_numbers(store: Store) -> None:
    listening = store.events.subscribe("me")

    await asyncio.gather(*(add(store, 3) for _ in range(50)))

    told = [(await anext(listening)).number for _ in range(150)]
    assert told == list(range(1, 151))


def event(number: int, owner: str = "me") -> Event:
    return Event(number=number, topic="job", data={}, at=0, owner=owner)


async def test_a_reader_that_sleeps_is_let_go_without_a_gap() -> None:
    """It holds no memory for ever, and reads on from its last number by replay."""
    events = Events()
    asleep, awake = events.subscribe("me"), events.subscribe("me")
    heard = []
    for number in range(1, WAITING + 101):
        events.publish([event(number)])
        heard.append((await anext(awake)).number)

    assert [heard.number async for heard in asleep] == list(range(1, WAITING + 1))
    assert heard == list(range(1, WAITING + 101))


async def test_an_event_published_twice_is_told_once() -> None:
    events = Events(last=4)
    listening = events.subscribe("me")

    events.publish([event(4), event(5), event(5)])
    events.publish([event(5), event(6)])
    events.publish([event(0)])
    events.publish([event(0)])
    listening.close()

    assert [heard.number async for heard in listening] == [5, 6, 0, 0]


async def test_closing_wakes_whoever_listens() -> None:
    events = Events()
    listening = events.subscribe("me")
    waiting = asyncio.create_task(anext(listening, None))
    await asyncio.sleep(0)

    events.close()

    assert await asyncio.wait_for(waiting, 5) is None
