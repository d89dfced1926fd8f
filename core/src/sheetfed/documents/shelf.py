"""What every room of documents stands on."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from sheetfed.api.errors import SheetfedError, StoreGone
from sheetfed.keeping import Keeping
from sheetfed.store import pages, pictures, seals
from sheetfed.store.blobs import BlobReader, BlobWriter
from sheetfed.store.folder import Store
from sheetfed.store.ids import new_id
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureRow
from sheetfed.store.shares import Shares
from sheetfed.worker.wire import PicturePart

log = logging.getLogger(__name__)

Wait = Callable[[str, str | None], Awaitable[None]]
"""Returns when nothing of an owner's document, or of any of theirs, is still to be read."""


async def no_wait(owner: str, document: str | None) -> None:
    """Return at once."""
    del owner, document


class Shelf:
    """One store, how it is kept, and which documents were used meanwhile.

    Before pages leave a document it waits for `unread`: what was promised is not taken away.
    """

    def __init__(self, store: Store, keeping: Keeping | None = None) -> None:
        self._store = store
        self._database = store.database
        self._blobs = store.blobs
        self._masters = store.masters
        self._keeping = keeping or Keeping()
        self._shares = Shares(self._keeping.quota)
        self._used: set[str] = set()
        self.unread: Wait = no_wait

    async def _forget(self, files: Collection[str]) -> None:
        """Leave nothing of documents that were deleted: no file, and no key in the log."""
        try:
            await self._delete_files(files)
        finally:
            await self._database.scrub()

    async def _keep_beside(
        self, owner: str, page_id: str, data: bytes, row: Callable[[str], PictureRow]
    ) -> None:
        """Keep a picture in a file of its own beside a page's. Raises NotFound, DiskFull."""

        def begin(connection: sqlite3.Connection) -> tuple[str, BlobWriter]:
            page = pages.page(connection, owner, page_id)
            blob = new_id("blob")
            key = seals.page_key(connection, self._masters, owner, page)
            writer = self._blobs.writer(blob, key, seals.blob_context(owner, blob))
            writer.write(data)
            writer.seal()
            return blob, writer

        def keep(connection: sqlite3.Connection) -> list[str]:
            pages.page(connection, owner, page_id)
            writer.finish()
            return pictures.keep(connection, row(blob))

        blob, writer = await self._database.read(begin)
        try:
            files = await self._database.write(keep)
        except SheetfedError:
            await asyncio.to_thread(writer.abort)
            await self._delete_files([blob])
            raise
        await self._delete_files(files)

    async def _delete_files(self, files: Collection[str]) -> None:
        def delete() -> None:
            for blob in files:
                try:
                    self._blobs.delete(blob)
                except OSError as error:  # somebody holds it; the next start sweeps it
                    log.warning("%s could not be deleted: %s", blob, error)
            with suppress(FileNotFoundError):
                self._store.room.look()  # perhaps there is enough again

        if files:
            await asyncio.to_thread(delete)

    def _reader(
        self, connection: sqlite3.Connection, owner: str, row: PageRow, blob: str
    ) -> BlobReader:
        key = seals.page_key(connection, self._masters, owner, row)
        return self._blobs.reader(blob, key, seals.blob_context(owner, blob))


@contextmanager
def at_home() -> Iterator[None]:
    """Name what it means when a folder that should be there is not. Raises StoreGone."""
    try:
        yield
    except FileNotFoundError as error:
        raise StoreGone("The store's folder was deleted or moved") from error


def picture_row(page_id: str, blob: str, start: int, part: PicturePart) -> PictureRow:
    """Return where a picture lies: from `start` on in a file."""
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
