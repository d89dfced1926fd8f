"""Pages kept: documents, their order, their owners."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sheetfed.api.errors import NotFound, SheetfedError
from sheetfed.documents.arranging import Arranging
from sheetfed.documents.editing import Editing
from sheetfed.documents.exchange import Exchange
from sheetfed.documents.importing import Importing
from sheetfed.documents.intake import Intake
from sheetfed.documents.reading import Reading
from sheetfed.store import changes, clock, documents, jobs, labels, seals
from sheetfed.store.documents import DocumentRow
from sheetfed.store.ids import new_id


class Documents(Reading, Intake, Importing, Arranging, Exchange, Editing):
    """The documents of every owner, each seeing only their own.

    What belongs to another owner is as unknown as what never was: NotFound, in the same words.
    """

    async def create(self, owner: str, title: str = "", *, private: bool = False) -> DocumentRow:
        """Make an empty document with a key of its own.

        A private one dies with the service, as all do where nothing is to be retained.
        """
        row = self.sketch(owner, title, private=private)

        def change(connection: sqlite3.Connection) -> DocumentRow:
            key = seals.new_document_key(self._masters, row)
            used = clock.now(connection, self._store.moment())
            changes.create(connection, row, key, used=used)
            return row

        return await self._database.write(change)

    def sketch(self, owner: str, title: str = "", *, private: bool = False) -> DocumentRow:
        """Return a document that is nowhere yet, for `take_file` to keep with its first pages."""
        now = time.time()
        return DocumentRow(
            id=new_id("doc"),
            title=title,
            owner=owner,
            created=now,
            changed=now,
            version=1,
            pages=(),
            private=private or self._keeping.retention == 0,
        )

    async def describe(
        self,
        owner: str,
        document_id: str,
        *,
        title: str | None = None,
        tags: Sequence[str] | None = None,
        info: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> DocumentRow:
        """Give a document another title, other tags, or other values of its info.

        Raises NotFound, Stale, BadRequest.
        """

        def words(row: DocumentRow) -> DocumentRow:
            return replace(
                row,
                title=row.title if title is None else title,
                tags=row.tags if tags is None else labels.tags_of(tags),
                info=replace(row.info, **(info or {})),
            )

        return await self._database.write(
            lambda connection: changes.describe(
                connection, owner, document_id, words, version=version
            )
        )

    async def delete(self, owner: str, document_id: str, *, version: int | None = None) -> None:
        """Delete a document with its pages and its key. Raises NotFound, Stale."""
        await self.unread(owner, document_id)
        await self._forget(
            await self._database.tidy(
                lambda connection: changes.delete(connection, owner, document_id, version=version)
            )
        )

    async def delete_all(self, owner: str) -> int:
        """Delete every document of an owner; return how many."""
        await self.unread(owner, None)
        number, files = await self._database.tidy(
            lambda connection: changes.delete_all(connection, owner)
        )
        await self._forget(files)
        return number

    async def forget_unused(self, seconds: float, *, busy: Collection[str] = ()) -> int:
        """Delete documents that nobody has used for so long; return how many.

        Those that are busy are used now. Jobs that left nothing behind are forgotten, too.
        """
        used, self._used = self._used, set()

        def look(connection: sqlite3.Connection) -> list[tuple[str, str]]:
            moment = self._store.moment()
            now = clock.now(connection, moment)
            documents.use(connection, used.union(busy), now)
            clock.keep(connection, now, moment)
            jobs.forget_empty(connection, moment.wall - seconds)
            found = documents.unused_since(connection, now - seconds)
            return [(owner, name) for owner, name in found if name not in busy]

        try:
            unused = await self._database.tidy(look)
        except SheetfedError:
            self._used |= used  # nobody has written it down
            raise
        forgotten = 0
        for owner, name in unused:
            if name not in self._used:  # used since we looked
                with suppress(NotFound):
                    await self.delete(owner, name)
                    forgotten += 1
        return forgotten

    async def renew(self, seconds: float) -> None:
        """Take as used so long ago, and not longer, whatever nobody has used since."""

        def change(connection: sqlite3.Connection) -> None:
            now = clock.now(connection, self._store.moment())
            documents.renew(connection, now - seconds)

        await self._database.tidy(change)
