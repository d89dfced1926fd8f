"""What every room of documents stands on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from sheetfed.api.errors import StoreGone
from sheetfed.keeping import Keeping
from sheetfed.store import seals
from sheetfed.store.blobs import BlobReader
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureRow
from sheetfed.store.shares import Shares
from sheetfed.worker.wire import PicturePart


class Shelf:
    """One store, how it is kept, and which documents were used meanwhile."""

    def __init__(self, store: Store, keeping: Keeping | None = None) -> None:
        self._store = store
        self._database = store.database
        self._blobs = store.blobs
        self._masters = store.masters
        self._keeping = keeping or Keeping()
        self._shares = Shares(self._keeping.quota)
        self._used: set[str] = set()

    async def _forget(self, files: Collection[str]) -> None:
        """Leave nothing of documents that were deleted: no file, and no key in the log."""
        await self._delete_files(files)
        await self._database.scrub()

    async def _delete_files(self, files: Collection[str]) -> None:
        def delete() -> None:
            for blob in files:
                self._blobs.delete(blob)
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
