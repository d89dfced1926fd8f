"""Pages on their way in, and what is made of them."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from sheetfed.api.errors import Conflict, SheetfedError
from sheetfed.api.model import Mark, Page
from sheetfed.documents.shelf import Shelf, at_home, picture_row
from sheetfed.store import arrivals, documents, outcomes, pages, pictures, seals
from sheetfed.store import log as event_log
from sheetfed.store.blobs import BlobWriter
from sheetfed.store.edits import Turn
from sheetfed.store.folder import Store
from sheetfed.store.ids import new_id
from sheetfed.store.keys import new_key
from sheetfed.store.outcomes import Leaf
from sheetfed.store.pages import PageRow, page_data
from sheetfed.store.shares import Share
from sheetfed.worker.wire import PageBegun, PicturePart

PIECE = 1024 * 1024
"""Bytes of a page that go to the disk together: each turn of a thread costs more than they do."""


class Intake(Shelf):
    """What is written: new pages, what steps make of them, small pictures made later."""

    async def receive(
        self,
        owner: str,
        document_id: str,
        *,
        job: str | None,
        begun: PageBegun,
        unstepped: bool = False,
        before: str | None = None,
        tags: tuple[str, ...] = (),
    ) -> Incoming:
        """Begin to take in a page of a document; unstepped, if steps are to follow.

        It will stand before another one; at the end where that one is gone by then. Raises
        NotFound, DiskFull, StoreGone, QuotaReached. The page that crosses a limit in bytes is kept:
        its sheet is through already.
        """

        def begin(connection: sqlite3.Connection) -> Incoming:
            documents.check(connection, owner, document_id)
            self._used.add(document_id)
            row = PageRow(
                id=new_id("pg"),
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
                blob=new_id("blob"),
                job=job,
                unstepped=unstepped,
                tags=tags,
            )
            share = self._shares.take(connection, owner, document_id)
            try:
                key, sealed = seals.new_page_key(connection, self._masters, owner, row)
                with at_home():
                    writer = self._blobs.writer(row.blob, key, seals.blob_context(owner, row.blob))
            except BaseException:
                share.give_back()
                raise
            return Incoming(
                self._store,
                owner=owner,
                row=row,
                before=before,
                key=sealed,
                writer=writer,
                share=share,
            )

        return await self._database.read(begin)

    async def put_stepped(
        self,
        owner: str,
        page_id: str,
        came: Page,
        made: Sequence[Page],
        turns: Sequence[Turn | None] = (),
    ) -> Sequence[str]:
        """Put in a page's place what its steps made of it, all at once; return the ids of that.

        `came` is the page as the steps got it: a picture that is still the same is not written
        again. The `turns` edit what is made, in the same transaction. Not to be cancelled. Raises
        NotFound where the page was deleted meanwhile, Conflict where it was edited and its picture
        would be another one, DiskFull, QuotaReached.
        """
        same = [(one.media_type, one.data) == (came.media_type, came.data) for one in made]
        itself = same.index(True) if any(same) else 0
        leaves: list[Leaf] = []
        shares: list[Share] = []

        def begin(connection: sqlite3.Connection) -> None:
            page = pages.page(connection, owner, page_id)
            if page.history.count and not all(same):
                raise Conflict("The page was edited; undo that before a step changes its picture")
            for at, one in enumerate(made):
                if at != itself:
                    shares.append(self._shares.take(connection, owner, page.document))
                    leaves.append(self._leaf(owner, replace(page, id=new_id("pg")), one, new_key()))
                elif same[at]:
                    leaves.append(Leaf(marks=one.marks))
                else:
                    key = seals.page_key(connection, self._masters, owner, page)
                    leaves.append(self._leaf(owner, page, one, key))

        try:
            await self._database.read(begin)
            await asyncio.to_thread(_fill, leaves, made)
            edited = [replace(leaf, turn=turn) for leaf, turn in zip_longest(leaves, turns)]
            files = await self._database.write(
                lambda connection: outcomes.put(connection, self._masters, owner, page_id, edited)
            )
        except SheetfedError:
            await self._throw_away(leaves)
            raise
        finally:
            for share in shares:
                share.give_back()
        await self._delete_files(files)
        return [page_id if leaf.row is None else leaf.row.id for leaf in leaves]

    async def keep_picture(self, owner: str, page_id: str, part: PicturePart) -> None:
        """Keep a small picture that was made later. Raises NotFound, DiskFull."""
        await self._keep_beside(
            owner, page_id, part.data, lambda blob: picture_row(page_id, blob, 0, part)
        )

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
            blob=new_id("blob"),
            blob_index=0,
            unstepped=False,
        )
        with at_home():
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


class Incoming:
    """A page on its way in. It is there once `keep` returns, and not a moment earlier."""

    def __init__(
        self,
        store: Store,
        *,
        owner: str,
        row: PageRow,
        before: str | None,
        key: bytes,
        writer: BlobWriter,
        share: Share,
    ) -> None:
        self._store = store
        self._share = share
        self._owner = owner
        self._row = row
        self._before = before
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
        private = documents.check(connection, self._owner, row.document)
        with at_home():
            self._writer.finish()
        row = arrivals.add_page(connection, row, self._key, before=self._before)
        start = row.size
        for part in self._parts:
            pictures.keep(connection, picture_row(row.id, row.blob, start, part))
            start += len(part.data)
        version = documents.touch(connection, row.document, row.created)
        data = {**page_data(row), "change": "added", "version": version}
        event_log.append(connection, "page", data, self._owner, time.time(), private=private)
        return row


def _fill(leaves: Sequence[Leaf], made: Sequence[Page]) -> None:
    """Write what is in no file yet, still out of sight."""
    for leaf, page in zip(leaves, made, strict=True):
        if leaf.writer:
            leaf.writer.write(page.data)
            leaf.writer.seal()
