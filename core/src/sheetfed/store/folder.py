"""The store's folder: locked, opened, swept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sheetfed.api.errors import SheetfedError, StoreDamaged
from sheetfed.disk import private_folder
from sheetfed.events import Events
from sheetfed.store import clock, documents, files, log, place
from sheetfed.store.blobs import Blobs
from sheetfed.store.clock import Moment, moment
from sheetfed.store.database import Database
from sheetfed.store.keys import RESTORE, Master, Masters, new_key
from sheetfed.store.lock import StoreLock
from sheetfed.store.place import Wish
from sheetfed.store.room import Room, teller
from sheetfed.store.texts import Texts

_log = logging.getLogger(__name__)

DATABASE = "store.db"


class Store:
    """The parts of one store, ready. Made by `open`."""

    def __init__(
        self,
        path: Path,
        lock: StoreLock,
        masters: Masters,
        database: Database,
        moment: Callable[[], Moment],
    ) -> None:
        self.path = path
        self.master = masters.kept
        self.masters = masters
        self.database = database
        self.moment = moment
        self.hidden = 0.0
        """Seconds of the store's time that only the date tells: the computer was off."""
        self.events = Events()
        self.room = Room(path / "blobs", teller(self.events))
        self.blobs = Blobs(path / "blobs", self.room)
        self._lock = lock

    @classmethod
    async def open(
        cls, path: Path, *, key: Wish = "auto", moment: Callable[[], Moment] = moment
    ) -> Store:
        """Open the store, made where missing; what a crash left half is gone afterwards.

        `key` says where a new store has its key. Raises StoreLocked, BadConfig, StoreDamaged,
        KeyUnavailable, DiskFull.
        """
        lock, found = await asyncio.to_thread(_prepare, path, key)
        masters = Masters(kept=Master(found), passing=Master(new_key()))
        try:
            database = await Database.open(path / DATABASE, teach=Texts(masters).teach)
        except BaseException:
            lock.release()
            raise
        store = cls(path, lock, masters, database, moment)
        try:
            await store._begin()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Finish what is being written, close, and let another one in. Safe twice."""
        self.events.close()
        try:
            with suppress(SheetfedError):  # what is left goes at the next start
                await self._forget_private()
            await self.database.close()
        finally:
            self._lock.release()

    async def _begin(self) -> None:
        self.hidden = await self.database.tidy(lambda row: clock.resume(row, self.moment()))
        await self._forget_private()
        known = await self.database.read(files.blobs)
        for name in await asyncio.to_thread(self.blobs.sweep, known):
            _log.info("removed %s, left behind by a crash", name)
        self.events.last = await self.database.read(log.last)
        self.database.after_commit = log.teller(self.events, self.events.last)
        now = time.time()
        await self.database.tidy(lambda connection: log.prune(connection, now))

    async def _forget_private(self) -> None:
        """Delete private documents: with this process their keys are gone."""
        if await self.database.read(documents.has_private):
            await self.database.tidy(documents.forget_private)
            known = await self.database.read(files.blobs)
            await asyncio.to_thread(self.blobs.sweep, known)
            await self.database.scrub()


def _check_whole(path: Path, blobs: Path) -> None:
    """Refuse pages without the database that knows of them: a new one would know of none.

    What no database knows of is swept. Raises StoreDamaged.
    """
    if not (path / DATABASE).exists() and any(blobs.iterdir()):
        raise StoreDamaged(
            f"The store's database {path / DATABASE} is gone, and pages are there; restore it",
            advice=RESTORE,
        )


def _prepare(path: Path, wish: Wish) -> tuple[StoreLock, bytes]:
    private_folder(path)
    lock = StoreLock(path)
    lock.take()
    try:
        _check_whole(path, private_folder(path / "blobs"))
        return lock, place.load(path, wish)
    except BaseException:
        lock.release()
        raise
