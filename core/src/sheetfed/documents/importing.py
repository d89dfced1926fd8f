"""Files on their way in, of one page or many."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Sequence

from sheetfed.api.errors import QuotaReached, SheetfedError
from sheetfed.api.model import PageInfo, Settings
from sheetfed.documents.intake import PIECE
from sheetfed.documents.shelf import Shelf, at_home
from sheetfed.store import changes, clock, documents, pages, seals
from sheetfed.store import log as event_log
from sheetfed.store.blobs import BlobReader, BlobWriter
from sheetfed.store.documents import DocumentRow
from sheetfed.store.folder import Store
from sheetfed.store.ids import new_id
from sheetfed.store.keys import new_key
from sheetfed.store.pages import PageRow, page_data
from sheetfed.store.shares import Share, Shares


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
            self._used.add(document_id)
            share = self._shares.take(connection, owner, document_id)
            blob, key = new_id("blob"), new_key()
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
                document=document_id,
                sketch=sketch,
                blob=blob,
                key=key,
                writer=writer,
                share=share,
                room=self._shares.room(connection, owner, document_id),
            )

        return await self._database.read(begin)


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
        before: str | None = None,
    ) -> tuple[DocumentRow, list[PageRow]]:
        """Make its pages last, before another page or at the end, and tell them.

        Returns the document as it is then, and the pages. Not to be cancelled. Raises QuotaReached,
        DiskFull, StoreGone, NotFound.
        """
        try:
            kept = await self._store.database.write(
                lambda connection: self._keep(connection, infos, media_type, reading, before)
            )
        except SheetfedError:
            await asyncio.to_thread(self._store.blobs.delete, self.blob)
            raise
        finally:
            await self.drop()
        return kept

    async def drop(self) -> None:
        """Leave nothing of the file, unless it is kept already. Safe twice."""

        def drop() -> None:
            if self._reader:
                self._reader.close()
            self._writer.abort()

        await asyncio.to_thread(drop)
        self._share.give_back()

    def _flush(self) -> None:
        self._writer.write(self._waiting)
        self._waiting = bytearray()

    def _keep(
        self,
        connection: sqlite3.Connection,
        infos: Sequence[PageInfo],
        media_type: str,
        reading: Settings,
        before: str | None,
    ) -> tuple[DocumentRow, list[PageRow]]:
        if self._sketch:
            key = seals.new_document_key(self._store.masters, self._sketch)
            used = clock.now(connection, self._store.moment())
            changes.create(connection, self._sketch, key, used=used)
        document = documents.get(connection, self._owner, self._document)
        first = pages.make_room(connection, document.id, before=before, count=len(infos))
        now = time.time()
        rows = [
            PageRow(
                id=new_id("pg"),
                document=document.id,
                position=first + index,
                media_type=media_type,
                width=info.width,
                height=info.height,
                dpi=info.dpi,
                side="",
                size=self._size,
                etag=secrets.token_hex(8),
                marks=(),
                created=now,
                blob=self.blob,
                blob_index=index,
                reading=reading,
                total=len(document.pages) + len(infos),
            )
            for index, info in enumerate(infos)
        ]
        self._share.give_back()
        self._shares.check_new(connection, self._owner, document.id, rows)
        with at_home():
            self._writer.finish()
        keys = seals.sealed_page_keys(connection, self._store.masters, self._owner, rows, self._key)
        pages.add_pages(connection, rows, keys)
        if len(rows) > changes.MOST_TOLD:
            return changes.changed(connection, self._owner, document.id, now), rows
        version = documents.touch(connection, document.id, now)
        for row in rows:
            data = {**page_data(row), "change": "added", "version": version}
            event_log.append(connection, "page", data, self._owner, now, private=document.private)
        return documents.get(connection, self._owner, document.id), rows
