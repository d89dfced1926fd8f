"""Pages that cross from one document into another."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Sequence

from sheetfed.documents.shelf import Shelf
from sheetfed.separation import Rule as Separation
from sheetfed.separation import check_rule
from sheetfed.store import clock, separating, transfers
from sheetfed.store.documents import DocumentRow
from sheetfed.store.ids import new_id
from sheetfed.store.order import Chosen, Rule
from sheetfed.store.transfers import Desk, Part


class Exchange(Shelf):
    """What an owner can do with pages of several documents. Each change is one transaction."""

    async def move_to(
        self,
        owner: str,
        moved: Sequence[str],
        document_id: str,
        before: str | None,
        *,
        version: int | None = None,
    ) -> DocumentRow:
        """Move pages from any documents into one.

        Raises NotFound, BadRequest, Stale, Conflict, QuotaReached.
        """
        await self.unread(owner, None)
        row = await self._database.write(
            lambda connection: transfers.move(
                self._desk(connection, owner),
                moved,
                document=document_id,
                before=before,
                version=version,
            )
        )
        if row.private:
            await self._database.scrub()  # the keys that pages had in a kept document
        return row

    async def copy_to(
        self,
        owner: str,
        copied: Sequence[str],
        document_id: str,
        before: str | None,
        *,
        version: int | None = None,
    ) -> DocumentRow:
        """Put copies of pages, of any documents, into one; no file is written again.

        Raises NotFound, BadRequest, Stale, Conflict, QuotaReached.
        """
        return await self._database.write(
            lambda connection: transfers.copy(
                self._desk(connection, owner),
                copied,
                document=document_id,
                before=before,
                version=version,
            )
        )

    async def duplicate(
        self,
        owner: str,
        document_id: str,
        title: str = "",
        *,
        pages: Chosen = "all",
        private: bool = False,
    ) -> DocumentRow:
        """Make a new document with copies of pages of another; private if that one is.

        Raises NotFound, BadRequest, QuotaReached.
        """

        def change(connection: sqlite3.Connection) -> DocumentRow:
            now = time.time()
            new = DocumentRow(
                id=new_id("doc"),
                title=title,
                owner=owner,
                created=now,
                changed=now,
                version=1,
                pages=(),
                private=private or self._keeping.retention == 0,
            )
            self._used.add(document_id)
            return transfers.duplicate(
                self._desk(connection, owner),
                new,
                document=document_id,
                wanted=pages,
                used=self._now(connection),
            )

        return await self._database.write(change)

    async def split(
        self,
        owner: str,
        document_id: str,
        parts: Sequence[Part],
        *,
        version: int | None = None,
    ) -> Sequence[DocumentRow]:
        """Part a document at pages; return it, and the new documents that follow it.

        Raises NotFound, BadRequest, Stale.
        """
        await self.unread(owner, document_id)
        rows = await self._database.write(
            lambda connection: transfers.split(
                self._desk(connection, owner),
                document_id,
                parts,
                version=version,
                used=self._now(connection),
            )
        )
        self._used.add(document_id)
        return rows

    async def separate(
        self,
        owner: str,
        document_id: str,
        rule: Separation,
        *,
        job: str | None = None,
        version: int | None = None,
    ) -> tuple[Sequence[DocumentRow], int]:
        """Part a document by a rule that acts on marks; return it, those that follow, and a number.

        With a job only its pages may be separators. Separators that the rule drops are deleted;
        the number says how many.
        Raises NotFound, BadRequest, Stale.
        """
        check_rule(rule)
        await self.unread(owner, document_id)
        rows, files, gone = await self._database.write(
            lambda connection: separating.separate(
                self._desk(connection, owner),
                document_id,
                rule,
                job=job,
                version=version,
                used=self._now(connection),
                moment=time.time(),
            )
        )
        await self._delete_files(files)
        return rows, gone

    async def merge(
        self,
        owner: str,
        document_id: str,
        others: Sequence[str],
        before: str | None = None,
        *,
        rule: Rule | None = None,
        busy: Collection[str] = (),
        version: int | None = None,
    ) -> DocumentRow:
        """Move all pages of other documents into one and delete those; not those that are busy.

        With a rule, the document's pages are fronts and the others their backs. Raises NotFound,
        BadRequest, Stale, Conflict, QuotaReached.
        """
        for document in others:
            await self.unread(owner, document)
        row, files = await self._database.write(
            lambda connection: transfers.merge(
                self._desk(connection, owner),
                document_id,
                others,
                before=before,
                rule=rule,
                busy=busy,
                version=version,
            )
        )
        await self._forget(files)
        return row

    def _desk(self, connection: sqlite3.Connection, owner: str) -> Desk:
        return Desk(connection=connection, masters=self._masters, shares=self._shares, owner=owner)

    def _now(self, connection: sqlite3.Connection) -> float:
        return clock.now(connection, self._store.moment())
