"""Pages put in order, moved, removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetfed.api.errors import NotFound
from sheetfed.documents.shelf import Shelf
from sheetfed.store import changes, labels, order
from sheetfed.store.documents import DocumentRow
from sheetfed.store.order import Chosen, Rule


class Arranging(Shelf):
    """What an owner can do to the pages of a document. Each change is one transaction."""

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

    async def rule(
        self,
        owner: str,
        document_id: str,
        rule: Rule,
        *,
        pages: Chosen = "all",
        fronts: int | None = None,
        version: int | None = None,
    ) -> DocumentRow:
        """Put pages in the order that a rule makes. Raises NotFound, BadRequest, Stale."""
        return await self._arrange(
            owner,
            document_id,
            version,
            lambda now: order.ruled(now, rule, pages=pages, fronts=fronts),
        )

    async def tag(
        self,
        owner: str,
        document_id: str,
        pages: Chosen,
        *,
        having: str | None = None,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        version: int | None = None,
    ) -> DocumentRow:
        """Give tags to pages and take others away; with `having` only to those with that tag.

        Raises NotFound, BadRequest, Stale.
        """
        having = having and labels.tag_of(having)

        def words(now: tuple[str, ...]) -> tuple[str, ...]:
            return labels.retagged(now, add, remove) if having in {None, *now} else now

        return await self._database.write(
            lambda connection: changes.retag(
                connection, owner, document_id, pages, words, version=version
            )
        )

    async def rename_tag(self, owner: str, tag: str, to: str | None) -> None:
        """Give a tag another name in all documents of an owner and on all pages, all or none.

        Without one it is taken away. Raises NotFound where nothing has it, BadRequest.
        """
        (old,), new = labels.tags_of([tag]), labels.tags_of([] if to is None else [to])

        def words(now: tuple[str, ...]) -> tuple[str, ...]:
            return labels.retagged(now, new, {old} - {*new}) if old in now else now

        renamed = await self._database.write(
            lambda connection: changes.retag_all(connection, owner, words)
        )
        if not renamed and old not in new:
            raise NotFound(f"Nothing has the tag {old!r}")

    async def remove(
        self, owner: str, removed: Sequence[str], *, shown: str | None = None
    ) -> Sequence[DocumentRow]:
        """Delete pages of any documents, all or none, and return the documents they were in.

        With `shown` only such as look so. Raises NotFound, BadRequest, Stale.
        """
        await self.unread(owner, None)
        rows, files = await self._database.tidy(
            lambda connection: changes.remove(connection, owner, removed, shown=shown)
        )
        await self._delete_files(files)
        return rows

    async def remove_from(
        self, owner: str, document_id: str, pages: Chosen, *, version: int | None = None
    ) -> tuple[DocumentRow, int]:
        """Delete pages of a document, all or none; return it and how many went.

        Raises NotFound, BadRequest, Stale.
        """
        await self.unread(owner, document_id)
        row, files, removed = await self._database.tidy(
            lambda connection: changes.remove_from(
                connection, owner, document_id, pages, version=version
            )
        )
        await self._delete_files(files)
        return row, removed

    async def remove_of_job(self, owner: str, job_id: str, document_id: str | None) -> int:
        """Delete a job's pages from its document; return how many of them are in others now."""
        left, files = await self._database.tidy(
            lambda connection: changes.remove_of_job(connection, owner, job_id, document_id)
        )
        await self._delete_files(files)
        return left

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
