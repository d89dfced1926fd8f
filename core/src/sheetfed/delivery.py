"""Documents out: queued, tried, receipts kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from sheetfed import filenames
from sheetfed.api.errors import (
    BadRequest,
    Conflict,
    DeliveryUnsure,
    NotFound,
    QuotaReached,
    SheetfedError,
    TargetUnreachable,
)
from sheetfed.api.hooks import TargetSpec
from sheetfed.api.model import Mark, Receipt, Settings
from sheetfed.audit import Audit
from sheetfed.documents import Documents
from sheetfed.hush import Hush
from sheetfed.imaging import Imaging
from sheetfed.keeping import Quota
from sheetfed.naming import Facts
from sheetfed.outbox import Asked, Outbox, Rests
from sheetfed.saving import Saving
from sheetfed.sending import LONGEST_REST, Run, asked_for, loaded
from sheetfed.store import deliveries, files
from sheetfed.store.deliveries import UNFINISHED, DeliveryRow
from sheetfed.store.documents import NEWEST
from sheetfed.store.folder import Store
from sheetfed.targets import Place, Targets, Wish, settled

MOST_WAITING = 500
"""Deliveries of one owner that may be on their way."""

UNTITLED = "scan"
"""What a document is called in names of files where nobody gave it a title."""

TRIAL = 60.0
"""Seconds that a target has to say whether it would take a document."""

_ENDINGS = {
    "application/pdf": ".pdf",
    "image/tiff": ".tif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/bmp": ".bmp",
}


class Deliveries:
    """The deliveries of every owner, each seeing only their own."""

    def __init__(
        self,
        *,
        store: Store,
        documents: Documents,
        imaging: Imaging,
        saving: Saving,
        targets: Targets,
        audit: Audit,
        crashes: Path,
        quota: Quota,
        rests: Rests = Rests(),  # noqa: B008 - frozen
    ) -> None:
        self.targets = targets
        self._outbox = Outbox(
            store=store,
            documents=documents,
            saving=saving,
            targets=targets,
            audit=audit,
            crashes=crashes,
            rests=rests,
        )
        self._store = store
        self._documents = documents
        self._imaging = imaging
        self._audit = audit
        self._quota = quota
        self._running: dict[str, Run] = {}
        self._watching: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        documents.unread = self._written

    async def recover(self) -> None:
        """Go on with every delivery that has not ended, however the last service did."""
        for row in await self._store.database.read(deliveries.unfinished):
            rest = row.changed + asked_for(row.error) - time.time()
            self._launch(replace(row, state="waiting"), rest=min(rest, LONGEST_REST))

    def checked(self, owner: str, wishes: Sequence[Mapping[str, Any]]) -> tuple[Wish, ...]:
        """Return what a job is asked to deliver. Raises as `send` does, before any paper moves."""
        found = tuple(
            self.targets.checked(owner, wish, pointer=f"/deliver/{place}")
            for place, wish in enumerate(wishes)
        )
        for wish in found:
            self._imaging.check_writes(wish.type)
            self._imaging.check_asked(wish.type, wish.options)
        return found

    async def send(
        self,
        owner: str,
        asked: Mapping[str, Any],
        *,
        key: str | None = None,
    ) -> DeliveryRow:
        """Queue a document, or some pages of it; returns once that is written down.

        With the same `key` and request again, returns the delivery that is there. Raises
        NotAllowed, AddonMissing, BadSettings, UnsupportedType, NotFound, Conflict, QuotaReached.
        """

        async def queue(mark: str) -> DeliveryRow:
            wish = self.targets.checked(owner, asked)
            self._imaging.check_writes(wish.type)
            self._imaging.check_asked(wish.type, wish.options)
            await self._room(owner)
            return await self._queue(
                owner, wish, asked["document"], asked.get("pages"), job=None, key=key, mark=mark
            )

        return await self._once(owner, key, asked, queue)

    async def promise(
        self, owner: str, wish: Wish, document: str, *, number: int, job: str, key: str
    ) -> None:
        """Queue what a job was asked to deliver, once; what has become impossible fails by itself.

        `number` is the document's place in its batch, from 1 on. Raises NotFound, DiskFull.
        """
        async with self._turn(f"{owner} {key}"):
            known = await self._store.database.read(
                lambda connection: deliveries.made_by(connection, owner, key)
            )
            if known is None:
                await self._queue(
                    owner, wish, document, None, number=number, job=job, key=key, mark=""
                )

    async def send_file(
        self,
        owner: str,
        asked: Mapping[str, Any],
        pieces: AsyncIterator[bytes],
        *,
        key: str | None = None,
    ) -> DeliveryRow:
        """Queue a file as it stands; returns once all of it is here. Raises as `send` does."""

        async def queue(mark: str) -> DeliveryRow:
            wish = self.targets.checked(owner, asked)
            name = filenames.safe(str(asked.get("name") or "")) or filenames.UNKNOWN
            stem, dot, ending = name.rpartition(".")
            row = self._row(owner, wish, marks=(), title=stem or ending, pages=0)
            ending = f"{dot}{ending}" if stem else ""
            row = replace(row, name=f"{row.name.removesuffix(_ending(wish.type))}{ending}")
            room = await self._room(owner)

            def add(connection: sqlite3.Connection, row: DeliveryRow) -> None:
                _check_size(row.size or 0, self._room_of(connection, owner))  # others came, too
                deliveries.add(connection, row, key, mark)

            row = await self._outbox.keep(row, _limited(pieces, room), add=add)
            return self._begun(row)

        return await self._once(owner, key, asked, queue)

    async def get(self, owner: str, delivery_id: str) -> dict[str, Any]:
        """Return a delivery as it stands now. Raises NotFound."""
        row = await self._store.database.read(
            lambda connection: deliveries.get(connection, owner, delivery_id)
        )
        return self.data(row)

    async def list(
        self, owner: str, *, limit: int = 100, after: str | None = None
    ) -> tuple[Sequence[dict[str, Any]], str | None]:
        """Return deliveries, the newest first, and the cursor where the next ones begin."""
        before = _number(after)
        found = await self._store.database.read(
            lambda connection: deliveries.listed(connection, owner, before=before, limit=limit + 1)
        )
        rest = str(found[limit - 1][0]) if len(found) > limit else None
        return [self.data(row) for _, row in found[:limit]], rest

    def data(self, row: DeliveryRow) -> dict[str, Any]:
        """Return a delivery as clients are told of it, with how far it is."""
        run = self._running.get(row.id)
        if run is None:
            return self._outbox.data(row)
        return self._outbox.data(run.row, sent=run.sent, next_try=run.next_try)

    async def cancel(self, owner: str, delivery_id: str) -> dict[str, Any]:
        """Give a delivery up; its file goes. Safe twice, and after its end."""
        async with self._turn(delivery_id):
            row = await self._row_of(owner, delivery_id)
            run = self._running.get(delivery_id)
            if run is not None:
                row = await run.cancel()
                self._running.pop(delivery_id, None)
            elif row.state == "failed":
                row = await self._outbox.let_go(row, state="cancelled")
            return self.data(row)

    async def cancel_all(self, owner: str) -> None:
        """Give up all that an owner has on its way."""
        mine = [run.row.id for run in self._running.values() if run.row.owner == owner]
        await asyncio.gather(*(self.cancel(owner, delivery_id) for delivery_id in mine))

    async def retry(self, owner: str, delivery_id: str) -> dict[str, Any]:
        """Try again now, also what has failed. Raises Conflict where it arrived or was given up."""
        async with self._turn(delivery_id):
            row = await self._row_of(owner, delivery_id)
            run = self._running.get(delivery_id)
            if run is not None:
                run.hurry()
                return self.data(run.row)
            if row.state != "failed" or (row.blob is None and row.document is None):
                raise Conflict(f"The delivery is {row.state}; there is nothing to retry")
            unsure = isinstance(row.error, DeliveryUnsure)
            row = replace(row, resume={} if unsure else row.resume)
            row = await self._outbox.change(row, state="waiting", error=None)
            self._audit.note(owner, "deliver", "retry", target=row.target, delivery=row.id)
            return self.data(self._launch(row))

    async def test(self, owner: str, name: str) -> Receipt:
        """Ask a target whether it would take a document.

        Raises NotAllowed, AddonMissing, TargetRefused, TargetUnreachable.
        """
        place, spec = self.targets.find(owner, name)
        try:
            async with asyncio.timeout(TRIAL):
                receipt = await self._tested(place, spec)
        except TimeoutError as error:
            raise TargetUnreachable("The target said nothing for a minute") from error
        except (OSError, EOFError) as error:
            raise TargetUnreachable(f"The connection failed: {error}") from error
        except TargetUnreachable as error:  # a trial is not made again
            error.details.setdefault("advice", "Check the network, and the target's address.")
            raise
        self._audit.note(owner, "test", "done", target=spec.name)
        return receipt

    async def _written(self, owner: str, document: str | None) -> None:
        """Return when no file is being written of an owner's document, or of any of them."""
        mine = (run for run in self._running.values() if run.row.owner == owner)
        await asyncio.gather(
            *(run.written() for run in mine if document in (None, run.row.document))
        )

    def documents_in_use(self) -> set[str]:
        """Return the documents that are still to be delivered."""
        rows = [run.row for run in self._running.values()]
        return {row.document for row in rows if row.document and row.state in UNFINISHED}

    async def close(self) -> None:
        """Stop where things are; the next service goes on."""
        await asyncio.gather(*(run.stop() for run in self._running.values()))

    async def _tested(self, place: Place, spec: TargetSpec) -> Receipt:
        settings = await settled(place)
        hush = Hush(settings.get(name) for name in place.secrets)
        try:
            return hush.receipt(await self._tried(spec, settings))
        except SheetfedError as error:
            hush.error(error)
            raise

    async def _tried(self, spec: TargetSpec, settings: Settings) -> Receipt:
        if spec.in_service:
            result: Any = (await loaded(spec, settings)).test()
            found: Receipt = await result
            return found
        worker = self._outbox.made(spec, settings)
        try:
            return await worker.test()
        finally:
            await worker.close()

    async def _once(
        self,
        owner: str,
        key: str | None,
        asked: Mapping[str, Any],
        queue: Callable[[str], Awaitable[DeliveryRow]],
    ) -> DeliveryRow:
        if key is None:
            return await queue("")
        mark = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        async with self._turn(f"{owner} {key}"):
            known = await self._store.database.read(
                lambda connection: deliveries.made_by(connection, owner, key)
            )
            if known is None:
                return await queue(mark)
            if known[1] != mark:
                raise Conflict("This Idempotency-Key was used for another request")
            return known[0]

    async def _queue(
        self,
        owner: str,
        wish: Wish,
        document_id: str,
        chosen: Sequence[str] | None,
        *,
        number: int = 1,
        job: str | None,
        key: str | None,
        mark: str,
    ) -> DeliveryRow:
        document, rows = await self._documents.whole(owner, document_id)
        known = {page.id: page for page in rows}
        named = document.pages if chosen is None else chosen
        if any(page not in known for page in named):
            raise NotFound("There is no such page in the document")
        if not named:
            raise Conflict("The document has no pages yet")
        going = tuple(known[page] for page in named)
        row = self._row(
            owner,
            wish,
            marks=[mark for page in going for mark in page.marks],
            title=document.title or (UNTITLED if number == 1 else f"{UNTITLED}-{number}"),
            pages=len(named),
            number=number,
            tags=document.tags,
        )
        row = replace(
            row,
            document=document.id,
            job=job,
            pages=None if chosen is None else tuple(chosen),
            private=document.private,
        )
        await self._store.database.write(
            lambda connection: deliveries.add(connection, row, key, mark)
        )
        return self._begun(row, Asked(document, going))

    def _row(
        self,
        owner: str,
        wish: Wish,
        *,
        marks: Sequence[Mark],
        title: str,
        pages: int,
        number: int = 1,
        tags: Sequence[str] = (),
    ) -> DeliveryRow:
        now = time.time()
        hidden = self.targets.secret_fields(wish.target)
        facts = Facts(
            moment=now,
            title=title,
            pages=pages,
            number=number,
            target=wish.target,
            tags=tags,
            marks=marks,
            fields={key: value for key, value in wish.fields.items() if key not in hidden},
        )
        template = self.targets.naming(wish.target)
        name, ending = filenames.path(template, facts), _ending(wish.type)
        return DeliveryRow(
            id=f"dlv_{secrets.token_urlsafe(16)}",
            owner=owner,
            state="waiting",
            target=wish.target,
            name=name if name.lower().endswith(ending) else f"{name}{ending}",
            media_type=wish.type,
            options=wish.options,
            fields=wish.fields,
            hidden=hidden,
            private=False,
            created=now,
            changed=now,
        )

    async def _room(self, owner: str) -> float:
        return await self._store.database.read(lambda connection: self._room_of(connection, owner))

    def _room_of(self, connection: sqlite3.Connection, owner: str) -> float:
        """Return how many more bytes an owner may have here. Raises QuotaReached."""
        waiting, size = deliveries.usage(connection, owner)
        if waiting >= MOST_WAITING:
            raise QuotaReached(
                f"You have {waiting} deliveries on their way",
                quota="deliveries",
                limit=MOST_WAITING,
            )
        if not self._quota.mib:
            return math.inf
        held = files.usage(connection, owner).bytes + size
        if held >= self._quota.bytes:
            words = f"You have {held >> 20} of {self._quota.mib} MiB"
            raise QuotaReached(words, quota="mib", limit=self._quota.mib)
        return self._quota.bytes - held

    async def _row_of(self, owner: str, delivery_id: str) -> DeliveryRow:
        return await self._store.database.read(
            lambda connection: deliveries.get(connection, owner, delivery_id)
        )

    def _begun(self, row: DeliveryRow, asked: Asked | None = None) -> DeliveryRow:
        self._audit.note(row.owner, "deliver", "queued", target=row.target, delivery=row.id)
        return self._launch(row, asked)

    def _launch(
        self, row: DeliveryRow, asked: Asked | None = None, *, rest: float = 0.0
    ) -> DeliveryRow:
        run = self._running[row.id] = Run(row, self._outbox, asked)
        self._outbox.tell(row)
        run.begin(rest=max(0.0, rest))
        watch = asyncio.create_task(self._watch(run))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)
        return row

    async def _watch(self, run: Run) -> None:
        """Forget a run once it is over."""
        await run.over()
        if run.row.state not in UNFINISHED:
            self._running.pop(run.row.id, None)

    def _turn(self, name: str) -> asyncio.Lock:
        """Return the lock of a delivery or a key; it lives while somebody holds or wants it."""
        lock = self._turns.get(name)
        if lock is None:
            lock = self._turns[name] = asyncio.Lock()
        return lock


async def _limited(pieces: AsyncIterator[bytes], room: float) -> AsyncIterator[bytes]:
    """Pass pieces on while there is room for them. Raises QuotaReached."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        _check_size(size, room)
        yield piece


def _check_size(size: int, room: float) -> None:
    if size > room:
        raise QuotaReached(
            f"There is room for {int(room) >> 20} MiB of yours, and the file is larger",
            quota="mib",
        )


def _ending(media_type: str) -> str:
    return _ENDINGS.get(media_type, "")


def _number(cursor: str | None) -> int:
    """Return below which number a list goes on. Raises BadRequest."""
    if cursor is None:
        return NEWEST
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadRequest("That cursor is not one of ours")
    return int(cursor)
