"""What deliveries share: files, rows, queues."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sheetfed.api.errors import Conflict, DiskFull, NotFound, SheetfedError
from sheetfed.api.hooks import TargetSpec
from sheetfed.api.model import Settings, Value
from sheetfed.audit import Audit
from sheetfed.documents import Documents
from sheetfed.events import LOCAL, Event
from sheetfed.ledger import problem_data
from sheetfed.outgoing import Pace
from sheetfed.saving import Saving
from sheetfed.store import deliveries
from sheetfed.store import log as event_log
from sheetfed.store.blobs import BlobReader, BlobWriter
from sheetfed.store.deliveries import DeliveryRow
from sheetfed.store.documents import DocumentRow
from sheetfed.store.folder import Store
from sheetfed.store.keys import new_key
from sheetfed.store.pages import PageRow
from sheetfed.targets import Place, Targets
from sheetfed.worker.files import Data
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

log = logging.getLogger(__name__)

PIECE = 1 << 20
"""Bytes that go to the disk together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rests:
    """How long a delivery rests between tries, in seconds: doubled each time, with some jitter."""

    first: float = 5.0
    longest: float = 900.0

    def after(self, tries: int) -> float:
        """Return the rest after so many tries."""
        rest = min(self.longest, self.first * 2.0 ** min(tries - 1, 30))
        return rest * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True)
class Asked:
    """A document and the pages of it that go, as they were when that was asked."""

    document: DocumentRow
    pages: tuple[PageRow, ...]


class Outbox:
    """What all deliveries share: the store, the codecs, the targets, a queue for each target."""

    def __init__(
        self,
        *,
        store: Store,
        documents: Documents,
        saving: Saving,
        targets: Targets,
        audit: Audit,
        crashes: Path,
        rests: Rests,
    ) -> None:
        self.store = store
        self._documents = documents
        self._saving = saving
        self.targets = targets
        self.audit = audit
        self.rests = rests
        self._crashes = crashes
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._paces: dict[str, Pace] = {}

    def gate(self, place: Place) -> asyncio.Semaphore:
        """Return the queue of a target: so many of its deliveries go at once."""
        return self._gates.setdefault(place.name, asyncio.Semaphore(place.at_once))

    def pace(self, place: Place) -> Pace:
        """Return what limits a target's bytes."""
        return self._paces.setdefault(place.name, Pace(place.bandwidth << 10))

    def data(
        self, row: DeliveryRow, *, sent: int = 0, next_try: float | None = None
    ) -> dict[str, Any]:
        """Return a delivery as clients are told of it.

        Where it arrived is the person's to know: an address, a folder.
        """
        hidden = row.hidden | self.targets.secret_fields(row.target)  # of then, and of now
        receipt = row.receipt
        return {
            "id": row.id,
            "state": row.state,
            "target": row.target,
            "document": row.document,
            "job": row.job,
            "name": row.name,
            "type": row.media_type,
            "fields": {key: value for key, value in row.fields.items() if key not in hidden},
            "private": row.private,
            "size": row.size,
            "sent": (row.size or 0) if row.state == "done" else sent,
            "tries": row.tries,
            "next_try": next_try,
            "receipt": None
            if receipt is None
            else {
                "place": receipt.place if row.owner == LOCAL else "",
                "details": dict(receipt.details),
            },
            "error": None if row.error is None else problem_data(row.error, owner=row.owner),
            "history": [asdict(one) for one in row.history],
            "version": row.version,
            "created": row.created,
            "changed": row.changed,
        }

    def tell(self, row: DeliveryRow, *, sent: int = 0, next_try: float | None = None) -> None:
        """Tell what need not survive: how far a delivery is."""
        data = self.data(row, sent=sent, next_try=next_try)
        passing = Event(number=0, topic="delivery", data=data, at=time.time(), owner=row.owner)
        self.store.events.publish([passing])

    async def change(
        self, row: DeliveryRow, *, next_try: float | None = None, **changes: Any
    ) -> DeliveryRow:
        """Write down how a delivery stands, with its event; without room it is only told."""
        row = replace(row, **changes, version=row.version + 1, changed=time.time())
        data = self.data(row, next_try=next_try)

        def write(connection: sqlite3.Connection) -> None:
            deliveries.put(connection, row)
            event_log.append(
                connection, "delivery", data, row.owner, row.changed, private=row.private
            )

        try:
            await self.store.database.tidy(write)
        except DiskFull:
            log.warning("the disk is full: the state of %s could not be written down", row.id)
            self.tell(row, next_try=next_try)
        return row

    async def remember(self, row: DeliveryRow, state: Mapping[str, Any]) -> DeliveryRow:
        """Write down what a target wants to be told at the next try. Raises DiskFull."""
        row = replace(row, resume=dict(state))
        await self.store.database.tidy(lambda connection: deliveries.put(connection, row))
        return row

    async def let_go(self, row: DeliveryRow, **changes: Any) -> DeliveryRow:
        """End a delivery and destroy its file's key, then the file."""
        row = await self.change(row, blob=None, resume={}, **changes)
        # By its name: who gave up while it was written does not know whether there is a file.
        await self._delete(_file_of(row))
        await self.store.database.scrub()
        await self.forget_old(row.owner)
        return row

    async def forget_old(self, owner: str) -> None:
        """Forget what ended long ago, and the files of what failed long ago."""
        try:
            old = await self.store.database.tidy(
                lambda connection: deliveries.forget_old(connection, owner)
            )
        except DiskFull:
            log.warning("the disk is full: old deliveries are forgotten once one more ends")
            return
        if old:
            await self.store.database.scrub()
        for name in old:
            await self._delete(name)

    async def _delete(self, blob: str) -> None:
        """Delete a file whose key is gone; how a delivery ended does not hang on it."""
        try:
            await asyncio.to_thread(self.store.blobs.delete, blob)
        except OSError as error:
            log.warning("the file %s stays until the next start: %s", blob, error)

    async def keep(
        self,
        row: DeliveryRow,
        pieces: AsyncIterator[Data],
        *,
        add: Callable[[sqlite3.Connection, DeliveryRow], None] = lambda *_: None,
    ) -> DeliveryRow:
        """Write a delivery's file, then its row, which `add` makes where there is none yet.

        Raises DiskFull, and what giving the pieces raises.
        """
        key, blob = new_key(), _file_of(row)
        masters = self.store.masters
        sealed = masters.of(private=row.private).wrap(key, _context(row))
        writer = await asyncio.to_thread(self.store.blobs.writer, blob, key, _context(row))
        try:
            size = await _written(writer, pieces)
        except BaseException:
            await asyncio.to_thread(self._throw_away, writer, blob)
            raise
        row = replace(row, blob=blob, size=size)

        def write(connection: sqlite3.Connection) -> None:
            add(connection, row)
            deliveries.set_key(connection, row.id, sealed)
            deliveries.put(connection, row)

        try:
            await self.store.database.write(write)
        except SheetfedError:
            await asyncio.to_thread(self.store.blobs.delete, blob)
            raise
        return row

    def _throw_away(self, writer: BlobWriter, blob: str) -> None:
        """Leave nothing of a file, also where it was finished while its writer gave up."""
        writer.abort()
        self.store.blobs.delete(blob)

    async def reader(self, row: DeliveryRow) -> BlobReader:
        """Open a delivery's file. Raises StoreDamaged."""
        assert row.blob
        blob = row.blob
        sealed = await self.store.database.read(
            lambda connection: deliveries.key(connection, row.id)
        )
        key = self.store.masters.of(private=row.private).unwrap(sealed, _context(row))
        return await asyncio.to_thread(self.store.blobs.reader, blob, key, _context(row))

    async def asked(self, row: DeliveryRow) -> Asked:
        """Return what is to be delivered as it is now. Raises NotFound, Conflict."""
        assert row.document
        document = await self._documents.get(row.owner, row.document)
        pages = await self._documents.pages(row.owner, document.id)
        if row.pages is not None:
            known = {page.id: page for page in pages}
            if any(name not in known for name in row.pages):
                raise NotFound("A page that was to be delivered was deleted")
            pages = [known[name] for name in row.pages]
        if not pages:
            raise Conflict("The document has no pages")
        return Asked(document, tuple(pages))

    async def pieces(self, row: DeliveryRow, asked: Asked) -> AsyncIterator[Data]:
        """Yield the document as a file. Raises what a codec raises."""
        options: dict[str, Value] = {
            **self._saving.words(asked.document, row.media_type),
            **row.options,
        }
        made_of = self._saving.file(row.owner, asked.pages, row.media_type, options)
        async with aclosing(made_of) as made:
            async for piece in made:
                yield piece

    def made(self, spec: TargetSpec, settings: Settings) -> Worker:
        """Return a child for one try at a target."""
        recipe = Recipe(kind="target", name=spec.name, factory=spec.factory, settings=settings)
        return Worker(recipe, crashes=self._crashes)


async def _written(writer: BlobWriter, pieces: AsyncIterator[Data]) -> int:
    """Write pieces, many small ones together; return the size of the finished file."""
    waiting: list[Data] = []
    held = 0
    async for piece in pieces:
        waiting.append(piece)
        held += len(piece)
        if held >= PIECE:
            await asyncio.to_thread(writer.write, b"".join(waiting))
            waiting, held = [], 0
    if waiting:
        await asyncio.to_thread(writer.write, b"".join(waiting))
    return await asyncio.to_thread(writer.finish)


def _file_of(row: DeliveryRow) -> str:
    return row.id.replace("dlv_", "out_")


def _context(row: DeliveryRow) -> bytes:
    return f"{row.owner}|{row.id}".encode()
