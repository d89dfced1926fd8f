"""Files on their way in, of one page or many."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from sheetfed.api.errors import QuotaReached, SheetfedError
from sheetfed.api.model import PageInfo, Settings
from sheetfed.documents.intake import PIECE
from sheetfed.documents.shelf import Shelf, at_home
from sheetfed.specs import REPLACED
from sheetfed.store import (
    arrivals,
    changes,
    clock,
    documents,
    edits,
    pages,
    pictures,
    places,
    seals,
)
from sheetfed.store.blobs import BlobReader, BlobWriter
from sheetfed.store.documents import DocumentRow
from sheetfed.store.edits import Turn
from sheetfed.store.folder import Store
from sheetfed.store.history import Done
from sheetfed.store.ids import new_id, new_ids
from sheetfed.store.keys import new_key
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureRow
from sheetfed.store.shares import Share, Shares

Foreseen = Callable[[Sequence[PageRow]], None]
"""Is given the pages as they will be, while they are made to last.

It may make ready what is said of them, and must not say it: they may yet come to nothing.
"""

T = TypeVar("T")

_ETAG = 8
"""Bytes."""


class Importing(Shelf):
    """Files that hold pages, sealed once as they came."""

    async def take_file(
        self, owner: str, document_id: str, *, sketch: DocumentRow | None = None
    ) -> IncomingFile:
        """Begin to take in a file whose pages go into a document.

        With its `sketch` the document is made when its pages are, all of it or nothing. Raises
        NotFound, DiskFull, StoreGone, QuotaReached.
        """

        def begin(connection: sqlite3.Connection) -> IncomingFile:
            if sketch is None:
                documents.get(connection, owner, document_id)
            return self._begun(connection, owner, document_id, new_key(), sketch=sketch)

        return await self._database.read(begin)

    async def take_picture(self, owner: str, page_id: str) -> IncomingFile:
        """Begin to take in a file that is to take the place of a page.

        Raises NotFound, DiskFull, StoreGone, QuotaReached.
        """

        def begin(connection: sqlite3.Connection) -> IncomingFile:
            page = pages.page(connection, owner, page_id)
            key = seals.page_key(connection, self._masters, owner, page)
            return self._begun(connection, owner, page.document, key, new_pages=0)

        return await self._database.read(begin)

    def _begun(
        self,
        connection: sqlite3.Connection,
        owner: str,
        document: str,
        key: bytes,
        *,
        sketch: DocumentRow | None = None,
        new_pages: int = 1,
    ) -> IncomingFile:
        """Return a file that may be written now. Raises DiskFull, StoreGone, QuotaReached."""
        self._used.add(document)
        share = self._shares.take(connection, owner, document, pages=new_pages)
        blob = new_id("blob")
        try:
            with at_home():
                writer = self._blobs.writer(blob, key, seals.blob_context(owner, blob))
        except BaseException:
            share.give_back()
            raise
        return IncomingFile(
            self._store,
            self._shares,
            owner=owner,
            document=document,
            sketch=sketch,
            blob=blob,
            key=key,
            writer=writer,
            share=share,
            room=self._shares.room(connection, owner, document),
        )


class IncomingFile:
    """A file on its way in. Its pages are there once `keep` returns, all or none."""

    def __init__(
        self,
        store: Store,
        shares: Shares,
        *,
        owner: str,
        document: str,
        sketch: DocumentRow | None,
        blob: str,
        key: bytes,
        writer: BlobWriter,
        share: Share,
        room: float,
    ) -> None:
        self.blob = blob
        self._store = store
        self._shares = shares
        self._owner = owner
        self._document = document
        self._sketch = sketch
        self._key = key
        self._writer = writer
        self._share = share
        self._room = room
        self._size = 0
        self._waiting = bytearray()
        self._reader: BlobReader | None = None

    @property
    def size(self) -> int:
        """How many bytes came."""
        return self._size

    async def write(self, data: bytes) -> None:
        """Take the next bytes. Raises QuotaReached, DiskFull."""
        self._size += len(data)
        if self._size > self._room:
            raise QuotaReached("The file is larger than what may still be kept", quota="mib")
        self._waiting += data
        if len(self._waiting) >= PIECE:
            await asyncio.to_thread(self._flush)

    async def seal(self) -> None:
        """Have the file whole on the disk, where nobody sees it yet; then it can be read."""

        def seal() -> None:
            self._flush()
            self._writer.seal()
            self._reader = self._writer.reader()

        await asyncio.to_thread(seal)

    async def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` on."""
        assert self._reader
        return await asyncio.to_thread(self._reader.read, offset, length)

    async def keep(
        self,
        infos: Sequence[PageInfo],
        media_type: str,
        reading: Settings,
        *,
        tags: tuple[str, ...] = (),
        before: str | None = None,
        version: int | None = None,
        foreseen: Foreseen | None = None,
    ) -> tuple[DocumentRow, list[PageRow]]:
        """Make its pages last, before another page or at the end, and tell them.

        Returns the document as it is then, and the pages. Not to be cancelled. Raises QuotaReached,
        DiskFull, StoreGone, NotFound, and Stale where the document is at another version by now.
        """
        loop = asyncio.get_running_loop()

        def keep(connection: sqlite3.Connection) -> tuple[DocumentRow, list[PageRow]]:
            document, rows = self._rows(
                connection, infos, media_type, reading, before=before, version=version
            )
            rows = [replace(row, tags=tags) for row in rows] if tags else rows
            self._share.give_back()
            self._shares.check_new(connection, self._owner, document.id, rows)
            masters = self._store.masters
            keys = seals.sealed_page_keys(connection, masters, self._owner, rows, self._key)
            if foreseen:
                loop.call_soon_threadsafe(foreseen, rows)
            with at_home():
                self._writer.finish()
            arrivals.add_pages(connection, rows, keys)
            return changes.grown(connection, document, rows), rows

        return await self._lasting(keep)

    async def put(self, page: PageRow, info: PageInfo, media_type: str) -> DocumentRow:
        """Have the file take the place of a page from now on, as an edit that can be undone.

        Not to be cancelled. Raises DiskFull, StoreGone, NotFound, Conflict, and Stale where the
        page was edited meanwhile.
        """
        name = new_id("file")
        options: Settings = {"file": name, "type": media_type, "size": self._size}
        done = Done(name=REPLACED, options=options, page=info)
        after = page.history.grown([done], without_last=False)
        kept = PictureRow(
            page=page.id,
            kind=name,
            media_type=media_type,
            width=info.width,
            height=info.height,
            blob=self.blob,
            start=0,
            size=self._size,
        )

        def put(connection: sqlite3.Connection) -> tuple[DocumentRow, list[str]]:
            turns = {page.id: Turn(before=page.history, after=after)}
            row, left = edits.put(connection, self._owner, page.document, turns, version=None)
            with at_home():
                self._writer.finish()
            pictures.keep(connection, kept)
            return row, left

        row, left = await self._lasting(put)
        for blob in left:
            await asyncio.to_thread(self._store.blobs.delete, blob)
        return row

    async def drop(self) -> None:
        """Leave nothing of the file, unless it is kept already. Safe twice."""

        def drop() -> None:
            if self._reader:
                self._reader.close()
            self._writer.abort()

        await asyncio.to_thread(drop)
        self._share.give_back()

    async def _lasting(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run the change that makes the file last; leave nothing of it where that fails."""
        try:
            return await self._store.database.write(change)
        except SheetfedError:
            await asyncio.to_thread(self._store.blobs.delete, self.blob)
            raise
        finally:
            await self.drop()

    def _flush(self) -> None:
        self._writer.write(self._waiting)
        self._waiting = bytearray()

    def _rows(
        self,
        connection: sqlite3.Connection,
        infos: Sequence[PageInfo],
        media_type: str,
        reading: Settings,
        *,
        before: str | None,
        version: int | None,
    ) -> tuple[DocumentRow, list[PageRow]]:
        """Return the document before its new pages, made now where there is none, and these."""
        if self._sketch:
            key = seals.new_document_key(self._store.masters, self._sketch)
            used = clock.now(connection, self._store.moment())
            changes.create(connection, self._sketch, key, used=used)
        document = changes.current(connection, self._owner, self._document, version)
        count = len(infos)
        first = places.make_room(connection, document.id, before=before, count=count)
        now, total = time.time(), len(document.pages) + count
        ids, etags = new_ids("pg", count), secrets.token_hex(_ETAG * count)
        rows = [
            PageRow(
                id=ids[index],
                document=document.id,
                position=first + index,
                media_type=media_type,
                width=info.width,
                height=info.height,
                dpi=info.dpi,
                side="",
                size=self._size,
                etag=etags[2 * _ETAG * index : 2 * _ETAG * (index + 1)],
                marks=(),
                created=now,
                blob=self.blob,
                blob_index=index,
                reading=reading,
                total=total,
            )
            for index, info in enumerate(infos)
        ]
        return document, rows
