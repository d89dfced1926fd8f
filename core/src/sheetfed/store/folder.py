"""The store's folder: locked, opened, swept."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from sheetfed.api.errors import StoreDamaged
from sheetfed.disk import private_folder
from sheetfed.events import Events
from sheetfed.store import keys, log, pages
from sheetfed.store.blobs import Blobs
from sheetfed.store.database import Database
from sheetfed.store.keys import Master
from sheetfed.store.lock import StoreLock

_log = logging.getLogger(__name__)


class Store:
    """The parts of one store, ready. Made by `open`."""

    def __init__(self, path: Path, lock: StoreLock, master: Master, database: Database) -> None:
        self.path = path
        self.master = master
        self.database = database
        self.blobs = Blobs(path / "blobs")
        self.events = Events()
        self._lock = lock

    @classmethod
    async def open(cls, path: Path) -> Store:
        """Open the store, made where missing; what a crash left half is gone afterwards.

        Raises StoreLocked, BadConfig, StoreDamaged, DiskFull.
        """
        lock, master = await asyncio.to_thread(_prepare, path)
        try:
            database = await Database.open(path / "store.db")
        except BaseException:
            lock.release()
            raise
        store = cls(path, lock, master, database)
        try:
            await store._begin()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Finish what is being written, close, and let another one in. Safe twice."""
        self.events.close()
        await self.database.close()
        self._lock.release()

    async def _begin(self) -> None:
        known = await self.database.read(pages.blobs)
        for name in await asyncio.to_thread(self.blobs.sweep, known):
            _log.info("removed %s, left behind by a crash", name)
        self.events.last = await self.database.read(log.last)
        self.database.after_commit = log.teller(self.events, self.events.last)
        now = time.time()
        await self.database.tidy(lambda connection: log.prune(connection, now))


def _prepare(path: Path) -> tuple[StoreLock, Master]:
    private_folder(path)
    lock = StoreLock(path)
    lock.take()
    try:
        private_folder(path / "blobs")
        if (path / "store.db").exists() and not (path / keys.FILE).exists():
            raise StoreDamaged(
                f"The key file {path / keys.FILE} is gone; restore it", advice=keys.RESTORE
            )
        return lock, Master.load(path)
    except BaseException:
        lock.release()
        raise
