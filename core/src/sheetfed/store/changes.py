"""What is done to documents, and the events that tell it.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence

from sheetfed.api.errors import BadRequest, Conflict, Stale
from sheetfed.store import documents, log, order, pages, seals
from sheetfed.store.documents import DocumentRow, document_data
from sheetfed.store.keys import Masters
from sheetfed.store.pages import PageRow, page_data


def create(
    connection: sqlite3.Connection, row: DocumentRow, sealed_key: bytes, *, used: float
) -> None:
    """Keep a new document."""
    documents.add(connection, row, sealed_key, used)
    _tell(connection, "created", row, row.created)


def rename(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    title: str,
    *,
    version: int | None,
) -> DocumentRow:
    """Give a document another title. Raises NotFound, Stale."""
    row = _current(connection, owner, document_id, version)
    if row.title == title:
        return row
    documents.rename(connection, document_id, title)
    return _changed(connection, owner, document_id, time.time())


def arrange(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    rule: Callable[[Sequence[str]], Sequence[str]],
    *,
    version: int | None,
) -> DocumentRow:
    """Put a document's pages into the order that a rule makes of theirs. Raises NotFound, Stale."""
    row = _current(connection, owner, document_id, version)
    arranged = rule(row.pages)
    if tuple(arranged) == row.pages:
        return row
    pages.place(connection, document_id, arranged)
    return _changed(connection, owner, document_id, time.time())


def reorder(
    connection: sqlite3.Connection, owner: str, document_id: str, wanted: Sequence[str], now: float
) -> DocumentRow:
    """Put a document's pages into this order, which names them all, and tell it."""
    pages.place(connection, document_id, wanted)
    return _changed(connection, owner, document_id, now)


def remove_of_job(
    connection: sqlite3.Connection, owner: str, job_id: str, document_id: str | None
) -> tuple[int, list[str]]:
    """Delete a job's pages from a document; return how many are elsewhere, and unneeded files."""
    made = pages.pages_of_job(connection, owner, job_id)
    here = [page.id for page in made if page.document == document_id]
    files = remove(connection, owner, here, document=None, version=None)[1] if here else []
    return len(made) - len(here), files


def remove(
    connection: sqlite3.Connection,
    owner: str,
    removed: Sequence[str],
    *,
    document: str | None,
    version: int | None,
) -> tuple[list[DocumentRow], list[str]]:
    """Delete pages; return the documents they were in and the files that nothing needs now."""
    now = time.time()
    if document is not None:
        order.check_pages(_current(connection, owner, document, version).pages, removed)
    gone = _named(connection, owner, removed)
    files = []
    for page in gone:
        files += pages.delete_page(connection, page.id)
        private = documents.is_private(connection, page.document)
        data = {"change": "removed", "id": page.id, "document": page.document, "job": page.job}
        log.append(connection, "page", data, owner, now, private=private)
    return _close_ranks(connection, owner, gone, now), files


def move_to(
    connection: sqlite3.Connection,
    masters: Masters,
    owner: str,
    moved: Sequence[str],
    *,
    document: str,
    before: str | None,
    version: int | None,
) -> DocumentRow:
    """Move pages from any documents into one. Raises NotFound, BadRequest, Stale, Conflict."""
    now = time.time()
    target = _current(connection, owner, document, version)
    moving = _named(connection, owner, moved)
    rest = [page for page in target.pages if page not in set(moved)]
    arranged = order.inserted(rest, moved, before, now=target.pages)
    coming = [page for page in moving if page.document != document]
    for page in coming:
        if documents.is_private(connection, page.document) and not target.private:
            raise Conflict("A page of a private document cannot move into one that is kept")
        sealed = seals.moved_page_key(connection, masters, owner, page, document)
        pages.move_page(connection, page.id, document, sealed)
    pages.place(connection, document, arranged)
    for page in coming:
        data = {**page_data(pages.page_of(connection, page.id)), "change": "moved"}
        log.append(connection, "page", data, owner, now, private=target.private)
    _close_ranks(connection, owner, coming, now)
    if tuple(arranged) == target.pages:
        return target
    return _changed(connection, owner, document, now)


def delete(connection: sqlite3.Connection, owner: str, document_id: str) -> list[str]:
    """Delete a document; return the files that nothing needs now. Raises NotFound."""
    return _delete(connection, documents.get(connection, owner, document_id))


def delete_all(connection: sqlite3.Connection, owner: str) -> tuple[int, list[str]]:
    """Delete an owner's documents; return how many, and the files that nothing needs now."""
    every = documents.newest(connection, owner, before=documents.NEWEST, limit=-1)
    return len(every), [file for _, row in every for file in _delete(connection, row)]


def _current(
    connection: sqlite3.Connection, owner: str, document_id: str, version: int | None
) -> DocumentRow:
    row = documents.get(connection, owner, document_id)
    if version is not None and version != row.version:
        raise Stale(f"The document is at version {row.version}, not {version}")
    return row


def _named(connection: sqlite3.Connection, owner: str, named: Sequence[str]) -> list[PageRow]:
    if len(set(named)) != len(named):
        raise BadRequest("A page is named twice")
    return [pages.page(connection, owner, page_id) for page_id in named]


def _close_ranks(
    connection: sqlite3.Connection, owner: str, gone: Sequence[PageRow], now: float
) -> list[DocumentRow]:
    """Renumber what is left in the documents that pages have gone from."""
    rows = []
    for document_id in dict.fromkeys(page.document for page in gone):
        left = documents.get(connection, owner, document_id).pages
        pages.place(connection, document_id, left)
        rows.append(_changed(connection, owner, document_id, now))
    return rows


def _changed(
    connection: sqlite3.Connection, owner: str, document_id: str, now: float
) -> DocumentRow:
    documents.touch(connection, document_id, now)
    row = documents.get(connection, owner, document_id)
    _tell(connection, "changed", row, now)
    return row


def _delete(connection: sqlite3.Connection, row: DocumentRow) -> list[str]:
    files = documents.delete(connection, row.id)
    data = {"change": "deleted", "id": row.id}
    log.append(connection, "document", data, row.owner, time.time(), private=row.private)
    return files


def _tell(connection: sqlite3.Connection, change: str, row: DocumentRow, now: float) -> None:
    data = {**document_data(row), "change": change}
    log.append(connection, "document", data, row.owner, now, private=row.private)
