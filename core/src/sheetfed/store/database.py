"""SQLite: one writer thread, a few readers."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sheetfed.api.errors import (
    BadConfig,
    DiskFull,
    ServiceGone,
    SheetfedError,
    StoreDamaged,
    StoreLocked,
)
from sheetfed.disk import PLAIN, room
from sheetfed.store.reserve import Reserve
from sheetfed.store.texts import teach_plain

log = logging.getLogger(__name__)

T = TypeVar("T")
READERS = 2
PATIENCE = 10.0
"""Seconds to wait for another program that holds the database."""

SQL = Path(__file__).parent / "sql"

_HEAD = 100
"""Bytes at a database's beginning that say what it is."""

_NO_ROOM = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,  # any other errno than ENOSPC: quota, file size limit
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
    }
)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR})


class Database:
    """The store's tables. Made by `open`; never blocks the event loop."""

    def __init__(self, path: Path, teach: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path
        self._teach = teach
        self._reserve = Reserve(path.parent)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._write_connection: sqlite3.Connection | None = None
        self.after_commit: Callable[[sqlite3.Connection], None] | None = None

    @classmethod
    async def open(
        cls, path: Path, *, teach: Callable[[sqlite3.Connection], None] = teach_plain
    ) -> Database:
        """Open a database, made where missing and brought up to date.

        `teach` gives each connection the functions that seal words; see `texts`.
        Raises DiskFull, StoreDamaged, and BadConfig where a newer sheetfed wrote it.
        """
        database = cls(path, teach)
        try:
            await database._run(database._writer, lambda: database._with_reserve(database._start))
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run `change` in one transaction on the writer thread; durable when this returns.

        A caller that is cancelled while it runs does not stop it: it happens whole or not at all.
        """
        return await self._run(self._writer, lambda: self._transact(change))

    async def tidy(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Do as `write` does, on a full disk too: what makes room or ends something must not fail.

        There `change` may run twice, so that it touches the database and nothing else.
        """
        return await self._run(
            self._writer, lambda: self._with_reserve(lambda: self._transact(change))
        )

    async def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Run `question` on a reader thread; it sees one state of the database."""
        return await self._run(self._readers, lambda: self._ask(question))

    async def scrub(self) -> None:
        """Leave no copy of deleted rows: none in the write-ahead log, as far as readers allow.

        Nor in what was kept of an older form: a key that is destroyed must be nowhere.
        """
        await self._run(self._writer, self._scrub)

    async def close(self) -> None:
        """Finish what runs and close. Safe twice."""
        await asyncio.to_thread(self._stop)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            future = threads.submit(work)
        except RuntimeError as error:  # the pool was shut down
            raise ServiceGone("The store is closed") from error
        return await asyncio.wrap_future(future)

    def _with_reserve(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except DiskFull:
            if not self._reserve.give():
                raise
            log.warning("the disk is full: room that was set aside is used to go on")
            return work()

    def _start(self) -> None:
        self._reserve.give_if_needed()
        try:
            if not self._path.exists():
                with room():  # SQLite gives its other files the mode of this one
                    os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | PLAIN, 0o600))
            connection = self._connect()
            self._write_connection = connection
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            _bring_up_to_date(connection, self._path)
        except OSError as error:
            raise BadConfig(f"{self._path} cannot be made: {error.strerror}") from error
        except sqlite3.Error as error:
            raise _typed(error) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._connections.append(connection)
        connection.row_factory = sqlite3.Row
        self._teach(connection)
        return connection

    def _transact(self, change: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._write_connection
        assert connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = change(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            _roll_back(connection)
            if isinstance(error, sqlite3.Error):
                raise _typed(error) from error
            raise
        self._tell(connection)
        self._reserve.set_aside()
        return result

    def _scrub(self) -> None:
        assert self._write_connection
        for kept in backups(self._path):
            kept.unlink(missing_ok=True)
        try:
            self._write_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:  # what was deleted is deleted; the next one may succeed
            log.warning("the write-ahead log could not be emptied: %s", error)

    def _tell(self, connection: sqlite3.Connection) -> None:
        if self.after_commit:
            try:
                self.after_commit(connection)
            except (sqlite3.Error, RuntimeError) as error:  # what was committed stays committed
                log.warning("events wait for the next change: %s", error)

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
            if connection is None:
                connection = self._connect()
                connection.execute("PRAGMA query_only = ON")
                self._own.connection = connection
            connection.execute("BEGIN")
            try:
                return question(connection)
            finally:
                _roll_back(connection)
        except sqlite3.Error as error:
            raise _typed(error) from error

    def _stop(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        # The writer's is the last one to close: then SQLite folds the WAL into the database.
        while self._connections:
            self._connections.pop().close()


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def newest_form() -> int:
    """Return the form that this sheetfed brings a store to."""
    return max(int(step.name[:3]) for step in SQL.glob("[0-9][0-9][0-9]_*.sql"))


def form_of(path: Path) -> int | None:
    """Return the form that a database has by its head; None where it is no database.

    Nothing is opened: a running service has what is newer in its log.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return int.from_bytes(head[60:64], "big") if head.startswith(b"SQLite format 3\0") else None


def backups(path: Path) -> list[Path]:
    """Return what was kept of a database when a newer sheetfed brought it up to date."""
    return sorted(path.parent.glob(f"{path.name}.form-*"))


def _back_up(connection: sqlite3.Connection, path: Path, form: int) -> None:
    """Keep the database in the form that it has, for the sheetfed that wrote it.

    It stays until a document is deleted: see `Database.scrub`.
    """
    kept = path.with_name(f"{path.name}.form-{form}")
    fresh = kept.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with room():
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | PLAIN, 0o600))
    copy = sqlite3.connect(fresh)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    for old in backups(path):
        old.unlink()
    fresh.rename(kept)


SEALED = 3
"""The first form whose words are sealed; one before it is not kept: they would lie there open."""


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    steps = sorted(SQL.glob("[0-9][0-9][0-9]_*.sql"))
    newest = int(steps[-1].name[:3])
    if found > newest:
        raise BadConfig(
            f"This store was written by a newer sheetfed (form {found}, known here: {newest})",
            advice=_way_back(path, newest),
        )
    if SEALED <= found < newest:
        _back_up(connection, path, found)
    for step in steps:
        number = int(step.name[:3])
        if number > found:
            body = step.read_text("utf-8")
            try:
                connection.executescript(
                    f"BEGIN IMMEDIATE;\n{body}\nPRAGMA user_version = {number};\nCOMMIT;"
                )
            except BaseException:
                _roll_back(connection)
                raise


def _way_back(path: Path, form: int) -> str:
    kept = path.with_name(f"{path.name}.form-{form}")
    if not kept.exists():
        return "Install that sheetfed again, or name another folder with --home."
    return (
        f"Install that sheetfed again. Or go back to what this one knew, without what came since:"
        f" move {kept} to {path}, and delete {path.name}-wal and {path.name}-shm."
    )


def _typed(error: sqlite3.Error) -> SheetfedError | sqlite3.Error:
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _NO_ROOM:
        return DiskFull("The disk takes no more: the database could not be written")
    if code & 0xFF in _DAMAGED:
        return StoreDamaged(f"The store's database is damaged: {error}")
    if "user-defined function" in str(error):  # words of ours that cannot be opened
        return StoreDamaged("The store's database holds words that are not as they were kept")
    if code & 0xFF == sqlite3.SQLITE_BUSY:
        return StoreLocked("Another program holds the store's database")
    if code & 0xFF == sqlite3.SQLITE_CANTOPEN:
        with room():  # or nothing at all can be opened
            os.close(os.open(os.devnull, os.O_RDONLY))
        return BadConfig("The store's database cannot be opened: it is no plain file of ours")
    return error
