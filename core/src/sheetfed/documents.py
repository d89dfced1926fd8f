"""Pages kept: documents, their order, their owners."""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TypeVar

from sheetfed.api.errors import BadRequest, NotFound, SheetfedError, StoreDamaged, StoreGone
from sheetfed.api.model import Mark, Page
from sheetfed.keeping import Keeping
from sheetfed.store import changes, clock, order, outcomes, pages, seals
from sheetfed.store import log as event_log
from sheetfed.store.blobs import BlobReader, BlobWriter
from sheetfed.store.folder import Store
from sheetfed.store.keys import new_key
from sheetfed.store.outcomes import Leaf
from sheetfed.store.pages import (
    DocumentRow,
    PageRow,
    PictureKind,
    PictureRow,
    Usage,
    page_data,
)
from sheetfed.store.shares import Share, Shares
from sheetfed.worker.wire import PageBegun, PicturePart

T = TypeVar("T")

PIECE = 1024 * 1024
"""Bytes of a page that go to the disk together: each turn of a thread costs more than they do."""


class Documents:
    """The documents of every owner, each seeing only their own.

    What belongs to another owner is as unknown as what never was: NotFound, in the same words.
    """

    def __init__(self, store: Store, keeping: Keeping | None = None) -> None:
        self._store = store
        self._database = store.database
        self._blobs = store.blobs
        self._masters = store.masters
        self._keeping = keeping or Keeping()
        self._shares = Shares(self._keeping.quota)
        self._used: set[str] = set()

    async def create(self, owner: str, title: str = "", *, private: bool = False) -> DocumentRow:
        """Make an empty document with a key of its own.

        A private one dies with the service, as all do where nothing is to be retained.
        """
        now = time.time()
        row = DocumentRow(
            id=_new_id("doc"),
            title=title,
            owner=owner,
            created=now,
            changed=now,
            version=1,
            pages=(),
            private=private or self._keeping.retention == 0,
        )

        def change(connection: sqlite3.Connection) -> DocumentRow:
            key = seals.new_document_key(self._masters, row)
            used = clock.now(connection, self._store.moment())
            changes.create(connection, row, key, used=used)
            return row

        return await self._database.write(change)

    async def list(
        self, owner: str, *, limit: int = 100, after: str | None = None
    ) -> tuple[Sequence[DocumentRow], str | None]:
        """Return documents, the newest first, and the cursor where the next ones begin."""
        before = _place(after)
        found = await self._database.read(
            lambda connection: pages.documents(connection, owner, before=before, limit=limit + 1)
        )
        rest = _cursor(found[limit - 1][0]) if len(found) > limit else None
        return [row for _, row in found[:limit]], rest

    async def get(self, owner: str, document_id: str) -> DocumentRow:
        """Return a document. Raises NotFound."""
        row = await self._database.read(
            lambda connection: pages.document(connection, owner, document_id)
        )
        self._used.add(row.id)
        return row

    async def pages(self, owner: str, document_id: str) -> Sequence[PageRow]:
        """Return a document's pages in their order. Raises NotFound."""

        def question(connection: sqlite3.Connection) -> list[PageRow]:
            pages.document(connection, owner, document_id)
            self._used.add(document_id)
            return pages.pages_of(connection, document_id)

        return await self._database.read(question)

    async def page(self, owner: str, page_id: str) -> PageRow:
        """Return a page. Raises NotFound."""
        return await self._database.read(lambda connection: pages.page(connection, owner, page_id))

    async def pages_of_job(self, owner: str, job_id: str) -> Sequence[PageRow]:
        """Return the pages that a job made and that are still there."""
        return await self._database.read(
            lambda connection: pages.pages_of_job(connection, owner, job_id)
        )

    async def unstepped(self, owner: str, job_id: str) -> Sequence[PageRow]:
        """Return the pages of a job that have yet to take its steps."""
        return await self._database.read(
            lambda connection: pages.unstepped(connection, owner, job_id)
        )

    async def receive(
        self,
        owner: str,
        document_id: str,
        *,
        job: str | None,
        begun: PageBegun,
        unstepped: bool = False,
    ) -> Incoming:
        """Begin to take in a page at the end of a document; unstepped, if steps are to follow.

        Raises NotFound, DiskFull, StoreGone, QuotaReached. The page that crosses a limit in bytes
        is kept: its sheet is through already.
        """

        def begin(connection: sqlite3.Connection) -> Incoming:
            pages.document(connection, owner, document_id)
            self._used.add(document_id)
            row = PageRow(
                id=_new_id("pg"),
                document=document_id,
                position=0,
                media_type=begun.media_type,
                width=begun.width,
                height=begun.height or 0,
                dpi=begun.dpi,
                side=begun.side,
                size=0,
                etag=secrets.token_hex(8),
                marks=(),
                created=time.time(),
                blob=_new_id("blob"),
                job=job,
                unstepped=unstepped,
            )
            share = self._shares.take(connection, owner)
            try:
                key, sealed = seals.new_page_key(connection, self._masters, owner, row)
                with _at_home():
                    writer = self._blobs.writer(row.blob, key, seals.blob_context(owner, row.blob))
            except BaseException:
                share.give_back()
                raise
            return Incoming(
                self._store, owner=owner, row=row, key=sealed, writer=writer, share=share
            )

        return await self._database.read(begin)

    async def put_stepped(
        self, owner: str, page_id: str, came: Page, made: Sequence[Page]
    ) -> Sequence[str]:
        """Put in a page's place what its steps made of it, all at once; return the ids of that.

        `came` is the page as the steps got it: a picture that is still the same is not written
        again. Not to be cancelled. Raises NotFound where the page was deleted meanwhile, DiskFull,
        QuotaReached.
        """
        same = [(one.media_type, one.data) == (came.media_type, came.data) for one in made]
        itself = same.index(True) if any(same) else 0
        leaves: list[Leaf] = []
        shares: list[Share] = []

        def begin(connection: sqlite3.Connection) -> None:
            page = pages.page(connection, owner, page_id)
            for at, one in enumerate(made):
                if at != itself:
                    shares.append(self._shares.take(connection, owner))
                    leaves.append(
                        self._leaf(owner, replace(page, id=_new_id("pg")), one, new_key())
                    )
                elif same[at]:
                    leaves.append(Leaf(marks=one.marks))
                else:
                    key = seals.page_key(connection, self._masters, owner, page)
                    leaves.append(self._leaf(owner, page, one, key))

        try:
            await self._database.read(begin)
            await asyncio.to_thread(_fill, leaves, made)
            files = await self._database.write(
                lambda connection: outcomes.put(connection, self._masters, owner, page_id, leaves)
            )
        except SheetfedError:
            await self._throw_away(leaves)
            raise
        finally:
            for share in shares:
                share.give_back()
        await self._delete_files(files)
        return [page_id if leaf.row is None else leaf.row.id for leaf in leaves]

    async def rename(
        self, owner: str, document_id: str, title: str, *, version: int | None = None
    ) -> DocumentRow:
        """Give a document another title. Raises NotFound, Stale."""
        return await self._database.write(
            lambda connection: changes.rename(
                connection, owner, document_id, title, version=version
            )
        )

    async def delete(self, owner: str, document_id: str) -> None:
        """Delete a document with its pages and its key. Raises NotFound."""
        await self._forget(
            await self._database.tidy(
                lambda connection: changes.delete(connection, owner, document_id)
            )
        )

    async def delete_all(self, owner: str) -> int:
        """Delete every document of an owner; return how many."""
        number, files = await self._database.tidy(
            lambda connection: changes.delete_all(connection, owner)
        )
        await self._forget(files)
        return number

    async def order(
        self, owner: str, document_id: str, wanted: Sequence[str], *, version: int | None = None
    ) -> DocumentRow:
        """Give a document's pages a new order. Raises NotFound, BadRequest, Stale."""
        return await self._arrange(
            owner, document_id, version, lambda now: order.permuted(now, wanted)
        )

    async def move(
        self,
        owner: str,
        document_id: str,
        moved: Sequence[str],
        before: str | None,
        *,
        version: int | None = None,
    ) -> DocumentRow:
        """Put pages before another one, or at the end. Raises NotFound, BadRequest, Stale."""
        return await self._arrange(
            owner, document_id, version, lambda now: order.moved(now, moved, before)
        )

    async def swap(
        self, owner: str, document_id: str, a: str, b: str, *, version: int | None = None
    ) -> DocumentRow:
        """Put two pages in each other's place. Raises NotFound, Stale."""
        return await self._arrange(
            owner, document_id, version, lambda now: order.swapped(now, a, b)
        )

    async def remove(
        self,
        owner: str,
        removed: Sequence[str],
        *,
        document: str | None = None,
        version: int | None = None,
    ) -> Sequence[DocumentRow]:
        """Delete pages, all or none, and return the documents they were in.

        With `document` every page must be in it. Raises NotFound, BadRequest, Stale.
        """
        rows, files = await self._database.tidy(
            lambda connection: changes.remove(
                connection, owner, removed, document=document, version=version
            )
        )
        await self._delete_files(files)
        return rows

    async def remove_of_job(self, owner: str, job_id: str, document_id: str | None) -> int:
        """Delete a job's pages from its document; return how many of them are in others now."""
        left, files = await self._database.tidy(
            lambda connection: changes.remove_of_job(connection, owner, job_id, document_id)
        )
        await self._delete_files(files)
        return left

    async def move_to(
        self,
        owner: str,
        moved: Sequence[str],
        document_id: str,
        before: str | None,
        *,
        version: int | None = None,
    ) -> DocumentRow:
        """Move pages from any documents into one. Raises NotFound, BadRequest, Stale, Conflict."""
        row = await self._database.write(
            lambda connection: changes.move_to(
                connection,
                self._masters,
                owner,
                moved,
                document=document_id,
                before=before,
                version=version,
            )
        )
        if row.private:
            await self._database.scrub()  # the keys that pages had in a kept document
        return row

    async def original(self, owner: str, page_id: str) -> Original:
        """Open a page as it was delivered. Raises NotFound, StoreDamaged."""

        def question(connection: sqlite3.Connection) -> Original:
            row = pages.page(connection, owner, page_id)
            self._used.add(row.document)
            reader = self._reader(connection, owner, row, row.blob)
            if reader.size < row.size:
                reader.close()
                raise StoreDamaged("A file of the store is shorter than its page")
            return Original(row, reader)

        return await self._read_files(owner, page_id, question)

    async def loaded(self, owner: str, row: PageRow) -> Page:
        """Return a page whole, as it was delivered. Raises NotFound, StoreDamaged."""
        original = await self.original(owner, row.id)
        try:
            data = await original.read(0, original.size)
        finally:
            await original.close()
        return Page(
            data=data,
            media_type=row.media_type,
            width=row.width,
            height=row.height,
            dpi=row.dpi,
            side=row.side,
            marks=row.marks,
        )

    async def picture(self, owner: str, page_id: str, kind: PictureKind) -> PicturePart | None:
        """Return a small picture of a page, if there is one. Raises NotFound, StoreDamaged."""

        def question(connection: sqlite3.Connection) -> PicturePart | None:
            row = pages.page(connection, owner, page_id)
            self._used.add(row.document)
            found = pages.picture(connection, page_id, kind)
            if found is None:
                return None
            with self._reader(connection, owner, row, found.blob) as reader:
                data = reader.read(found.start, found.size)
            return PicturePart(
                kind=found.kind,
                media_type=found.media_type,
                width=found.width,
                height=found.height,
                data=data,
            )

        return await self._read_files(owner, page_id, question)

    async def keep_picture(self, owner: str, page_id: str, part: PicturePart) -> None:
        """Keep a small picture that was made later. Raises NotFound, DiskFull."""

        def begin(connection: sqlite3.Connection) -> tuple[str, BlobWriter]:
            row = pages.page(connection, owner, page_id)
            blob = _new_id("blob")
            key = seals.page_key(connection, self._masters, owner, row)
            writer = self._blobs.writer(blob, key, seals.blob_context(owner, blob))
            writer.write(part.data)
            writer.seal()
            return blob, writer

        def keep(connection: sqlite3.Connection) -> list[str]:
            pages.page(connection, owner, page_id)
            writer.finish()
            return pages.keep_picture(connection, _picture(page_id, blob, 0, part))

        blob, writer = await self._database.read(begin)
        try:
            files = await self._database.write(keep)
        except SheetfedError:
            await asyncio.to_thread(writer.abort)
            await self._delete_files([blob])
            raise
        await self._delete_files(files)

    async def usage(self, owner: str | None = None) -> Usage:
        """Return how much is kept, of one owner or of all together."""
        return await self._database.read(lambda connection: pages.usage(connection, owner))

    async def forget_unused(self, seconds: float, *, busy: Collection[str] = ()) -> int:
        """Delete documents that nobody has used for so long; return how many.

        Those that are busy are used now.
        """
        used, self._used = self._used, set()

        def look(connection: sqlite3.Connection) -> list[tuple[str, str]]:
            moment = self._store.moment()
            now = clock.now(connection, moment)
            pages.use(connection, used.union(busy), now)
            clock.keep(connection, now, moment)
            found = pages.unused_since(connection, now - seconds)
            return [(owner, name) for owner, name in found if name not in busy]

        try:
            unused = await self._database.tidy(look)
        except SheetfedError:
            self._used |= used  # nobody has written it down
            raise
        forgotten = 0
        for owner, name in unused:
            if name not in self._used:  # used since we looked
                with suppress(NotFound):
                    await self.delete(owner, name)
                    forgotten += 1
        return forgotten

    async def renew(self, seconds: float) -> None:
        """Take as used so long ago, and not longer, whatever nobody has used since."""

        def change(connection: sqlite3.Connection) -> None:
            now = clock.now(connection, self._store.moment())
            pages.renew(connection, now - seconds)

        await self._database.tidy(change)

    async def _arrange(
        self,
        owner: str,
        document_id: str,
        version: int | None,
        arrange: Callable[[Sequence[str]], Sequence[str]],
    ) -> DocumentRow:
        return await self._database.write(
            lambda connection: changes.arrange(
                connection, owner, document_id, arrange, version=version
            )
        )

    async def _read_files(
        self, owner: str, page_id: str, question: Callable[[sqlite3.Connection], T]
    ) -> T:
        try:
            return await self._database.read(question)
        except StoreDamaged:
            await self.page(owner, page_id)  # NotFound if it was deleted under our hands
            raise

    async def _forget(self, files: Collection[str]) -> None:
        await self._delete_files(files)
        await self._database.scrub()

    async def _delete_files(self, files: Collection[str]) -> None:
        def delete() -> None:
            for blob in files:
                self._blobs.delete(blob)

        if files:
            await asyncio.to_thread(delete)

    def _leaf(self, owner: str, page: PageRow, made: Page, key: bytes) -> Leaf:
        """Begin the file of a page that a step made."""
        row = replace(
            page,
            media_type=made.media_type,
            width=made.width,
            height=made.height,
            dpi=made.dpi,
            side=made.side,
            size=len(made.data),
            etag=secrets.token_hex(8),
            marks=made.marks,
            created=time.time(),
            blob=_new_id("blob"),
            blob_index=0,
            unstepped=False,
        )
        with _at_home():
            writer = self._blobs.writer(row.blob, key, seals.blob_context(owner, row.blob))
        return Leaf(marks=made.marks, row=row, writer=writer, key=key)

    async def _throw_away(self, leaves: Sequence[Leaf]) -> None:
        """Leave nothing of files that were not put in place."""

        def throw() -> None:
            for leaf in leaves:
                if leaf.row and leaf.writer:
                    leaf.writer.abort()
                    self._blobs.delete(leaf.row.blob)

        await asyncio.to_thread(throw)

    def _reader(
        self, connection: sqlite3.Connection, owner: str, row: PageRow, blob: str
    ) -> BlobReader:
        key = seals.page_key(connection, self._masters, owner, row)
        return self._blobs.reader(blob, key, seals.blob_context(owner, blob))


class Incoming:
    """A page on its way in. It is there once `keep` returns, and not a moment earlier."""

    def __init__(
        self,
        store: Store,
        *,
        owner: str,
        row: PageRow,
        key: bytes,
        writer: BlobWriter,
        share: Share,
    ) -> None:
        self._store = store
        self._share = share
        self._owner = owner
        self._row = row
        self._key = key
        self._writer = writer
        self._size = 0
        self._waiting: list[bytes] = []
        self._held = 0
        self._parts: list[PicturePart] = []

    async def write(self, data: bytes) -> None:
        """Take the next bytes of the page. Raises DiskFull, if not now then from `keep`."""
        self._size += len(data)
        self._waiting.append(data)
        self._held += len(data)
        if self._held >= PIECE:
            await asyncio.to_thread(self._flush)

    async def picture(self, part: PicturePart) -> None:
        """Take a small picture of the page."""
        self._parts.append(part)

    async def keep(self, *, width: int, height: int, marks: Sequence[Mark] = ()) -> PageRow:
        """Make the page last, tell it, and return it. Raises DiskFull, StoreGone, NotFound.

        A caller that is cancelled meanwhile calls `drop`: then the page is kept whole or not at
        all.
        """
        row = replace(self._row, width=width, height=height, marks=tuple(marks), size=self._size)
        try:
            await asyncio.to_thread(self._seal)
            row = await self._store.database.write(lambda connection: self._keep(connection, row))
        except SheetfedError:
            await self.drop()
            await asyncio.to_thread(self._store.blobs.delete, row.blob)
            raise
        self._share.give_back()
        return row

    async def drop(self) -> None:
        """Leave nothing of the page, unless it is kept already. Safe twice."""
        await asyncio.to_thread(self._writer.abort)
        self._share.give_back()

    def _flush(self) -> None:
        for data in self._waiting:
            self._writer.write(data)
        self._waiting, self._held = [], 0

    def _seal(self) -> None:
        self._flush()
        for part in self._parts:
            self._writer.write(part.data)
        self._writer.seal()

    def _keep(self, connection: sqlite3.Connection, row: PageRow) -> PageRow:
        private = pages.document(connection, self._owner, row.document).private
        with _at_home():
            self._writer.finish()
        row = pages.add_page(connection, row, self._key)
        start = row.size
        for part in self._parts:
            pages.keep_picture(connection, _picture(row.id, row.blob, start, part))
            start += len(part.data)
        version = pages.touch(connection, row.document, row.created)
        data = {**page_data(row), "change": "added", "version": version}
        event_log.append(connection, "page", data, self._owner, time.time(), private=private)
        return row


class Original:
    """A page's bytes as they were delivered. It stays readable when the page is deleted."""

    def __init__(self, row: PageRow, reader: BlobReader) -> None:
        self.size = row.size
        self.media_type = row.media_type
        self.etag = row.etag
        self._reader = reader

    async def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` on. Raises StoreDamaged."""
        length = max(0, min(length, self.size - offset))
        return await asyncio.to_thread(self._reader.read, offset, length)

    async def close(self) -> None:
        """Let go of the file. Safe twice."""
        await asyncio.to_thread(self._reader.close)


@contextmanager
def _at_home() -> Iterator[None]:
    """Name what it means when a folder that should be there is not. Raises StoreGone."""
    try:
        yield
    except FileNotFoundError as error:
        raise StoreGone("The store's folder was deleted or moved") from error


def _fill(leaves: Sequence[Leaf], made: Sequence[Page]) -> None:
    """Write what is in no file yet, still out of sight."""
    for leaf, page in zip(leaves, made, strict=True):
        if leaf.writer:
            leaf.writer.write(page.data)
            leaf.writer.seal()


def _new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_urlsafe(16)}"


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def _place(cursor: str | None) -> int:
    if cursor is None:
        return pages.NEWEST
    try:
        raw = base64.b64decode(f"{cursor}=", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadRequest("That cursor is not one of ours") from error
    if len(raw) != 8 or raw[0] > 127:
        raise BadRequest("That cursor is not one of ours")
    return int.from_bytes(raw, "big")


def _picture(page_id: str, blob: str, start: int, part: PicturePart) -> PictureRow:
    return PictureRow(
        page=page_id,
        kind=part.kind,
        media_type=part.media_type,
        width=part.width,
        height=part.height,
        blob=blob,
        start=start,
        size=len(part.data),
    )
