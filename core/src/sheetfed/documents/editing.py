"""Edits of pages, kept."""

from __future__ import annotations

from collections.abc import Mapping

from sheetfed.documents.shelf import Shelf
from sheetfed.store import edits
from sheetfed.store.documents import DocumentRow
from sheetfed.store.edits import Turn


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
        return await self._database.write(
            lambda connection: edits.put(connection, owner, document_id, turns, version=version)
        )
