"""Edits of pages, kept and told.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sheetfed.api.errors import Conflict, Stale
from sheetfed.store import changes, documents, log, pages, pictures
from sheetfed.store.documents import DocumentRow
from sheetfed.store.history import History
from sheetfed.store.pages import page_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a page's history was when somebody looked, and what it is to become."""

    before: History
    after: History


def put(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    turns: Mapping[str, Turn],
    *,
    version: int | None,
) -> tuple[DocumentRow, list[str]]:
    """Give pages of a document other histories, all or none, and tell each.

    Returns the document, and the files that nothing needs now: pictures of edits that nobody can
    do again. Raises NotFound, Conflict, and Stale where one of them was edited meanwhile.
    """
    now = time.time()
    row = changes.current(connection, owner, document_id, version)
    found = [pages.page(connection, owner, page_id) for page_id in turns]
    for page in found:
        if page.document != document_id:
            raise Stale("A page was moved to another document meanwhile")
        if page.unstepped:
            raise Conflict("A page has yet to take the steps of its job; edit it then")
        if page.history != turns[page.id].before:
            raise Stale("A page was edited by somebody else meanwhile")
    changed = [page for page in found if page.history != turns[page.id].after]
    if not changed:
        return row, []
    left: list[str] = []
    version = documents.touch(connection, document_id, now)
    for page in changed:
        after = turns[page.id].after
        pages.set_history(connection, page.id, after)
        gone = {*page.history.words, *pictures.stamps(connection, page.id)} - after.words
        left += pictures.drop(connection, page.id, gone)
        data = {**page_data(pages.page_of(connection, page.id)), "change": "edited"}
        log.append(
            connection, "page", {**data, "version": version}, owner, now, private=row.private
        )
    return documents.get(connection, owner, document_id), left
