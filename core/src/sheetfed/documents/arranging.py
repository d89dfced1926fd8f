"""Pages put in order, moved, removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetfed.documents.shelf import Shelf
from sheetfed.store import changes, order
from sheetfed.store.documents import DocumentRow


class Arranging(Shelf):
    """What an owner can do to the order of pages. Each change is one transaction."""

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
