"""Edits of pages, kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from sheetfed.api.model import Page
from sheetfed.documents.shelf import Shelf
from sheetfed.store import edits, pages, pictures
from sheetfed.store.documents import DocumentRow
from sheetfed.store.edits import Turn
from sheetfed.store.pictures import PictureRow


class Editing(Shelf):
    """What an owner can do to pages without touching what came."""

    async def edit(
        self,
        owner: str,
        document_id: str,
        turns: Mapping[str, Turn],
        *,
        version: int | None = None,
    ) -> DocumentRow:
        """Give pages of a document other histories, all or none.

        Raises NotFound, Conflict, and Stale where one of them was edited meanwhile.
        """
        row, left = await self._database.write(
            lambda connection: edits.put(connection, owner, document_id, turns, version=version)
        )
        await self._delete_files(left)
        return row

    async def keep_stamp(self, owner: str, page_id: str, name: str, stamp: Page) -> None:
        """Keep with a page the picture that an edit puts on it. Raises NotFound, DiskFull."""

        def row(blob: str) -> PictureRow:
            return PictureRow(
                page=page_id,
                kind=name,
                media_type=stamp.media_type,
                width=stamp.width,
                height=stamp.height,
                blob=blob,
                start=0,
                size=len(stamp.data),
            )

        if await self.stamp(owner, page_id, name) is None:
            await self._keep_beside(owner, page_id, stamp.data, row)

    async def stamp(self, owner: str, page_id: str, name: str) -> bytes | None:
        """Return what `keep_stamp` kept with a page. Raises NotFound, StoreDamaged."""

        def question(connection: sqlite3.Connection) -> bytes | None:
            row = pages.page(connection, owner, page_id)
            found = pictures.find(connection, page_id, name)
            if found is None:
                return None
            with self._reader(connection, owner, row, found.blob) as reader:
                return reader.read(found.start, found.size)

        return await self._database.read(question)
