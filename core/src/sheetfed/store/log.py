"""The event log: append, replay, forget the oldest."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sheetfed.events import Event, Events, Topic

KEPT = 10_000
KEPT_SECONDS = 24 * 3600.0
ALWAYS_KEPT = 1000
"""Kept however old they look: a clock that jumps must not empty the log."""

_PRUNE_EVERY = 500


def append(
    connection: sqlite3.Connection,
    topic: Topic,
    data: Mapping[str, Any],
    owner: str,
    now: float,
    *,
    private: bool = False,
) -> Event:
    """Write an event in the transaction that runs; the database tells it after the commit.

    What is told of a private document dies with this process.
    """
    number = connection.execute(
        "INSERT INTO events (topic, data, at, owner, private)"
        " VALUES (:topic, sealed(:data, :private), :now, :owner, :private)",
        {
            "topic": topic,
            "data": json.dumps(data, separators=(",", ":")),
            "now": now,
            "owner": owner,
            "private": private,
        },
    ).lastrowid
    assert number
    if number % _PRUNE_EVERY == 0:
        prune(connection, now)
    return Event(number=number, topic=topic, data=data, at=now, owner=owner)


def last(connection: sqlite3.Connection) -> int:
    """Return the number of the newest event ever, 0 where there was none."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(row["seq"]) if row else 0


def replay(connection: sqlite3.Connection, after: int, owner: str) -> list[Event] | None:
    """Return an owner's events after a number; None where some of them are gone already."""
    newest = last(connection)
    (oldest,) = connection.execute("SELECT min(number) FROM events").fetchone()
    first_kept = newest + 1 if oldest is None else oldest
    if not first_kept - 1 <= after <= newest:
        return None
    return _after(connection, after, "AND owner IN ('', ?)", owner)


def prune(connection: sqlite3.Connection, now: float) -> None:
    """Forget events beyond the number kept, and those a day old beyond the newest thousand."""
    newest = last(connection)
    connection.execute(
        "DELETE FROM events WHERE number <= ? OR (number <= ? AND at < ?)",
        (newest - KEPT, newest - ALWAYS_KEPT, now - KEPT_SECONDS),
    )


def teller(events: Events, told: int) -> Callable[[sqlite3.Connection], None]:
    """Return what a database calls after each commit so that new events are told.

    They are read back from their rows: what is told is what is kept, in its order, even if the one
    who wrote them no longer waits.
    """
    loop = asyncio.get_running_loop()

    def tell(connection: sqlite3.Connection) -> None:
        nonlocal told
        if fresh := _after(connection, told):
            told = fresh[-1].number
            loop.call_soon_threadsafe(events.publish, fresh)

    return tell


def _after(
    connection: sqlite3.Connection, number: int, condition: str = "", *values: str
) -> list[Event]:
    rows = connection.execute(
        "SELECT number, topic, opened(data) AS data, at, owner FROM events"  # noqa: S608 - our words
        f" WHERE number > ? {condition} ORDER BY number",
        (number, *values),
    )
    return [
        Event(
            number=row["number"],
            topic=row["topic"],
            data=json.loads(row["data"]),
            at=row["at"],
            owner=row["owner"],
        )
        for row in rows
    ]
