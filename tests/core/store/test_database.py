"""Changes happen whole or not at all."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

from sheetfed.api.errors import BadConfig, ServiceGone, StoreDamaged, StoreLocked
from sheetfed.store import files, log
from sheetfed.store.database import SEALED, SQL, Database, backups
from sheetfed.store.texts import teach_plain

PRIVATE = 0o666 if sys.platform == "win32" else 0o600
"""The mode of our files; Windows has none, and says so to all."""


def add_job(connection: sqlite3.Connection, job_id: str) -> None:
    connection.execute(
        "INSERT INTO jobs (id, owner, state, request, created, changed)"
        " VALUES (?, 'me', 'done', '{}', 0, 0)",
        (job_id,),
    )


def jobs(connection: sqlite3.Connection) -> list[str]:
    return [row["id"] for row in connection.execute("SELECT id FROM jobs ORDER BY rowid")]


def modes(folder: Path) -> dict[str, int]:
    return {entry.name: entry.stat().st_mode & 0o777 for entry in folder.iterdir()}


async def test_a_change_that_fails_leaves_nothing(folder: Path) -> None:
    database = await Database.open(folder / "db")

    def half(connection: sqlite3.Connection) -> None:
        add_job(connection, "a")
        raise KeyError("a")

    with pytest.raises(KeyError):
        await database.write(half)
    await database.write(lambda connection: add_job(connection, "b"))

    assert await database.read(jobs) == ["b"]
    await database.close()


async def test_a_cancelled_change_still_happens_whole(folder: Path) -> None:
    """A client that hangs up must not leave half an order behind."""
    database = await Database.open(folder / "db")
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        add_job(connection, "a")
        begun.set()
        go_on.wait()
        add_job(connection, "b")

    task = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()

    await database.write(lambda connection: add_job(connection, "c"))
    assert await database.read(jobs) == ["a", "b", "c"]
    await database.close()


async def test_readers_cannot_write(folder: Path) -> None:
    database = await Database.open(folder / "db")

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(lambda connection: add_job(connection, "a"))
    await database.close()


async def test_what_was_written_is_there_after_opening_again(folder: Path) -> None:
    database = await Database.open(folder / "db")
    await database.write(lambda connection: add_job(connection, "a"))
    await database.close()
    await database.close()

    again = await Database.open(folder / "db")
    assert await again.read(jobs) == ["a"]
    await again.close()
    assert sorted(modes(folder)) == ["db", "reserve"]


async def test_a_closed_database_says_so(folder: Path) -> None:
    database = await Database.open(folder / "db")
    await database.close()

    with pytest.raises(ServiceGone):
        await database.read(jobs)


async def test_a_store_of_a_newer_sheetfed_is_left_alone(folder: Path) -> None:
    await (await Database.open(folder / "db")).close()
    with sqlite3.connect(folder / "db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = (folder / "db").read_bytes()

    with pytest.raises(BadConfig, match="newer sheetfed") as told:
        await Database.open(folder / "db")
    assert "Install that sheetfed again" in told.value.details["advice"]
    assert (folder / "db").read_bytes() == before


FORMS = [int(step.name[:3]) for step in sorted(SQL.glob("*.sql"))]


def written_by(path: Path, form: int) -> None:
    """Write a database as the sheetfed of that form did, with a job in it."""
    with sqlite3.connect(path) as connection:
        teach_plain(connection)
        for step in sorted(SQL.glob("*.sql")):
            if int(step.name[:3]) <= form:
                connection.executescript(step.read_text())
        connection.execute(f"PRAGMA user_version = {form}")
        add_job(connection, "old")
    connection.close()
    path.chmod(0o600)


@pytest.mark.parametrize("form", FORMS)
async def test_a_store_of_every_older_sheetfed_is_brought_up_to_date(
    folder: Path, form: int
) -> None:
    """With what it held, and a copy for whoever has to go back."""
    written_by(folder / "db", form)

    database = await Database.open(folder / "db")
    await database.write(lambda connection: add_job(connection, "new"))
    held = await database.read(jobs)
    kept = [file.name for file in backups(folder / "db")]
    files = modes(folder)
    await database.scrub()
    left = backups(folder / "db")
    await database.close()

    assert held == ["old", "new"]
    assert kept == ([f"db.form-{form}"] if SEALED <= form < FORMS[-1] else [])
    assert set(files.values()) == {PRIVATE}
    assert left == [], "a document was deleted: no key of it may be left anywhere"


async def test_what_an_owner_holds_is_counted_from_indexes(folder: Path) -> None:
    """It is asked before each page: rows are large, and there may be ten thousand."""
    database = await Database.open(folder / "db")
    asked: list[str] = []

    def plans(connection: sqlite3.Connection) -> list[str]:
        connection.set_trace_callback(asked.append)
        files.usage(connection, "me")
        connection.set_trace_callback(None)
        return [
            str(row["detail"])
            for question in asked
            for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")
        ]

    found = await database.read(plans)
    await database.close()

    looks = [plan for plan in found if re.match(r"SEARCH (pages|pictures) ", plan)]
    assert len(looks) == 3
    assert all("COVERING INDEX" in look for look in looks), looks


async def test_what_was_kept_of_an_older_form_opens_there(folder: Path) -> None:
    written_by(folder / "db", SEALED)
    await (await Database.open(folder / "db")).close()

    with sqlite3.connect(folder / f"db.form-{SEALED}") as connection:
        (form,) = connection.execute("PRAGMA user_version").fetchone()
        connection.row_factory = sqlite3.Row
        assert (form, jobs(connection)) == (SEALED, ["old"])
    connection.close()


@pytest.mark.parametrize(
    "damage", [b"not a database at all" * 300, b"SQLite format 3\0" + b"\7" * 5000]
)
async def test_a_damaged_database_is_named(folder: Path, damage: bytes) -> None:
    (folder / "db").write_bytes(damage)

    with pytest.raises(StoreDamaged):
        await Database.open(folder / "db")


async def test_what_is_no_database_file_is_named(folder: Path) -> None:
    (folder / "db").mkdir()

    with pytest.raises(BadConfig):
        await Database.open(folder / "db")


async def test_another_program_in_the_database_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sheetfed.store.database.PATIENCE", 0.05)
    database = await Database.open(folder / "db")
    other = sqlite3.connect(folder / "db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreLocked):
        await database.write(lambda connection: add_job(connection, "a"))
    other.close()
    await database.write(lambda connection: add_job(connection, "b"))

    assert await database.read(jobs) == ["b"]
    await database.close()


async def test_files_are_for_their_owner_only(folder: Path) -> None:
    database = await Database.open(folder / "db")
    await database.write(lambda connection: add_job(connection, "a"))

    found = modes(folder)
    await database.close()
    assert found == dict.fromkeys(("db", "db-wal", "db-shm", "reserve"), 0o600)


async def test_every_commit_waits_for_the_disk(folder: Path) -> None:
    database = await Database.open(folder / "db")

    def settings(connection: sqlite3.Connection) -> tuple[int, str]:
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        return synchronous, journal

    assert await database.write(settings) == (2, "wal")
    await database.close()


async def test_a_number_of_a_failed_change_is_used_again(folder: Path) -> None:
    """Event numbers have no gaps."""
    database = await Database.open(folder / "db")

    def fail(connection: sqlite3.Connection) -> None:
        log.append(connection, "job", {}, "me", 0)
        raise KeyError("a")

    with pytest.raises(KeyError):
        await database.write(fail)
    event = await database.write(lambda connection: log.append(connection, "job", {}, "me", 0))

    assert event.number == 1
    await database.close()
