"""Documents and pages, read."""

from __future__ import annotations

import asyncio
import base64
import binascii
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sheetfed.api.errors import BadRequest, NotFound, StoreDamaged
from sheetfed.api.model import Page
from sheetfed.documents.shelf import Shelf, at_home
from sheetfed.store import documents, files, pages, pictures, tagging
from sheetfed.store.blobs import BlobReader
from sheetfed.store.documents import DocumentRow, HeadRow
from sheetfed.store.files import Usage
from sheetfed.store.labels import tag_of
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureKind
from sheetfed.store.room import Free
from sheetfed.store.tagging import TagUse
from sheetfed.worker.wire import PicturePart

T = TypeVar("T")


class Reading(Shelf):
    """What an owner can look at."""

    async def list(
        self, owner: str, *, limit: int = 100, after: str | None = None, tag: str | None = None
    ) -> tuple[Sequence[HeadRow], str | None]:
        """Return documents, the newest first, and the cursor where the next ones begin.

        With a tag only those that have it.
        """
        tag = tag and tag_of(tag)
        before = documents.NEWEST if after is None else _place(after)
        found = await self._database.read(
            lambda connection: documents.newest(
                connection, owner, before=before, limit=limit + 1, tag=tag
            )
        )
        rest = _cursor(found[limit - 1][0]) if len(found) > limit else None
        return [row for _, row in found[:limit]], rest

    async def get(self, owner: str, document_id: str) -> DocumentRow:
        """Return a document. Raises NotFound."""
        row = await self._database.read(
            lambda connection: documents.get(connection, owner, document_id)
        )
        self._used.add(row.id)
        return row

    async def pages(self, owner: str, document_id: str) -> Sequence[PageRow]:
        """Return a document's pages in their order. Raises NotFound."""
        return (await self.whole(owner, document_id))[1]

    async def whole(self, owner: str, document_id: str) -> tuple[DocumentRow, Sequence[PageRow]]:
        """Return a document and its pages as they are at one moment. Raises NotFound."""

        def question(connection: sqlite3.Connection) -> tuple[DocumentRow, Sequence[PageRow]]:
            row = documents.get(connection, owner, document_id)
            self._used.add(document_id)
            return row, pages.pages_of(connection, document_id)

        return await self._database.read(question)

    async def part(
        self,
        owner: str,
        document_id: str,
        *,
        limit: int = 100,
        after: str | None = None,
        tag: str | None = None,
    ) -> tuple[DocumentRow, Sequence[PageRow], str | None]:
        """Return a document, some of its pages, and the cursor where the next ones begin.

        With a tag only pages that have it. Raises NotFound, BadRequest.
        """
        tag = tag and tag_of(tag)
        first = 0 if after is None else _place(after)

        def question(
            connection: sqlite3.Connection,
        ) -> tuple[DocumentRow, Sequence[PageRow], str | None]:
            row = documents.get(connection, owner, document_id)
            self._used.add(document_id)
            found = pages.from_place(connection, document_id, first, limit=limit + 1, tag=tag)
            rest = _cursor(found[limit].position) if len(found) > limit else None
            return row, found[:limit], rest

        return await self._database.read(question)

    async def tags(self, owner: str) -> Mapping[str, TagUse]:
        """Return the tags of an owner, each with how much has it."""
        return await self._database.read(lambda connection: tagging.used(connection, owner))

    async def page(self, owner: str, page_id: str) -> PageRow:
        """Return a page. Raises NotFound."""
        return await self._database.read(lambda connection: pages.page(connection, owner, page_id))

    async def place_of(self, owner: str, document_id: str, page_id: str) -> int:
        """Return at which place of a document a page is. Raises NotFound."""
        row = await self.page(owner, page_id)
        if row.document != document_id:
            raise NotFound(f"There is no page {page_id} in the document")
        return row.position

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

    async def file_of(self, owner: str, row: PageRow) -> Original:
        """Open what a page begins with: its own file, or the one that took its place.

        Raises NotFound, StoreDamaged.
        """
        if not row.beside:
            return await self.original(owner, row.id)

        def question(connection: sqlite3.Connection) -> Original:
            page = pages.page(connection, owner, row.id)
            self._used.add(page.document)
            found = pictures.find(connection, row.id, row.beside)
            if found is None:
                raise NotFound("The file that took the place of the page is gone")
            return Original(row, self._reader(connection, owner, page, found.blob))

        return await self._read_files(owner, row.id, question)

    async def loaded(self, owner: str, row: PageRow) -> Page:
        """Return a page whole, as it was delivered. Raises NotFound, StoreDamaged."""
        original = await self.file_of(owner, row)
        try:
            data = await original.read(0, original.size)
        finally:
            await original.close()
        return Page(
            data=bytes(data),
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
            found = pictures.find(connection, page_id, kind)
            if found is None:
                return None
            with self._reader(connection, owner, row, found.blob) as reader:
                data = reader.read(found.start, found.size)
            return PicturePart(
                kind=kind,
                media_type=found.media_type,
                width=found.width,
                height=found.height,
                data=data,
            )

        return await self._read_files(owner, page_id, question)

    async def usage(self, owner: str | None = None) -> Usage:
        """Return how much is kept, of one owner or of all together."""
        return await self._database.read(lambda connection: files.usage(connection, owner))

    async def free(self) -> Free:
        """Return what is free on the store's disk. Raises StoreGone."""

        def look() -> Free:
            with at_home():
                return self._store.room.look()

        return await asyncio.to_thread(look)

    async def _read_files(
        self, owner: str, page_id: str, question: Callable[[sqlite3.Connection], T]
    ) -> T:
        try:
            return await self._database.read(question)
        except StoreDamaged:
            await self.page(owner, page_id)  # NotFound if it was deleted under our hands
            raise


class Original:
    """A page's bytes as they were delivered. It stays readable when the page is deleted."""

    def __init__(self, row: PageRow, reader: BlobReader) -> None:
        self.size = row.size
        self.media_type = row.media_type
        self.etag = row.etag
        self._reader = reader

    async def read(self, offset: int, length: int) -> memoryview:
        """Return up to `length` bytes from `offset` on. Raises StoreDamaged."""
        length = max(0, min(length, self.size - offset))
        return await asyncio.to_thread(self._piece, offset, length)

    def _piece(self, offset: int, length: int) -> memoryview:
        buffer = memoryview(bytearray(length))
        return buffer[: self._reader.read_into(offset, buffer)]

    async def close(self) -> None:
        """Let go of the file. Safe twice."""
        self._reader.close()  # one that was only read: the disk has nothing to do


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def _place(cursor: str) -> int:
    try:
        raw = base64.b64decode(f"{cursor}=", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadRequest("That cursor is not one of ours") from error
    if len(raw) != 8 or raw[0] > 127:
        raise BadRequest("That cursor is not one of ours")
    return int.from_bytes(raw, "big")
