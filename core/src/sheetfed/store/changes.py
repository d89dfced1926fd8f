"""What is done to documents, and the events that tell it.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sheetfed.api.errors import BadRequest, Stale
from sheetfed.store import documents, log, order, pages, places
from sheetfed.store.documents import DocumentRow, HeadRow, document_data
from sheetfed.store.pages import PageRow, page_data

MOST_TOLD = 100
"""Where more pages change at once, only their document tells: who listens could not keep up."""


def create(
    connection: sqlite3.Connection, row: DocumentRow, sealed_key: bytes, *, used: float
) -> None:
    """Keep a new document."""
    documents.add(connection, row, sealed_key, used)
    _tell(connection, "created", row, row.created)


def describe(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    words: Callable[[DocumentRow], DocumentRow],
    *,
    version: int | None,
) -> DocumentRow:
    """Give a document another title, other tags or info. Raises NotFound, Stale."""
    row = current(connection, owner, document_id, version)
    new = words(row)
    if new == row:
        return row
    documents.describe(connection, document_id, title=new.title, tags=new.tags, info=new.info)
    return changed(connection, owner, document_id, time.time())


def arrange(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    rule: Callable[[Sequence[str]], Sequence[str]],
    *,
    version: int | None,
) -> DocumentRow:
    """Put a document's pages into the order that a rule makes of theirs. Raises NotFound, Stale."""
    row = current(connection, owner, document_id, version)
    arranged = rule(row.pages)
    if tuple(arranged) == row.pages:
        return row
    places.place(connection, document_id, arranged)
    return changed(connection, owner, document_id, time.time())


def reorder(
    connection: sqlite3.Connection, owner: str, document_id: str, wanted: Sequence[str], now: float
) -> DocumentRow:
    """Put a document's pages into this order, which names them all, and tell it."""
    places.place(connection, document_id, wanted)
    return changed(connection, owner, document_id, now)


def retag(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    wanted: order.Chosen,
    words: Callable[[tuple[str, ...]], tuple[str, ...]],
    *,
    version: int | None,
) -> DocumentRow:
    """Give pages of a document other tags. Raises NotFound, BadRequest, Stale."""
    now = time.time()
    row = current(connection, owner, document_id, version)
    chosen = {*order.chosen(row.pages, wanted)}
    had = pages.tags_of(connection, document_id)
    have = {page: words(tags) for page, tags in had.items() if page in chosen}
    retagged = {page: tags for page, tags in have.items() if tags != had[page]}
    if not retagged:
        return row
    pages.set_tags(connection, retagged, private=row.private)
    tell_pages(connection, row, [*retagged], "changed", now)
    return changed(connection, owner, document_id, now)


def retag_all(
    connection: sqlite3.Connection, owner: str, words: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> int:
    """Give all documents of an owner, and all pages, other tags; return how many documents changed.

    Reads the tags of every page of the owner. Raises BadRequest.
    """
    now, count = time.time(), 0
    for head in documents.all_of(connection, owner):
        row = documents.get(connection, owner, head.id)
        tags = words(row.tags)
        if tags != row.tags:
            documents.describe(connection, row.id, title=row.title, tags=tags, info=row.info)
        of_pages = pages.tags_of(connection, row.id)
        retagged = {page: new for page, had in of_pages.items() if (new := words(had)) != had}
        if tags == row.tags and not retagged:
            continue
        pages.set_tags(connection, retagged, private=row.private)
        tell_pages(connection, row, [*retagged], "changed", now)
        changed(connection, owner, row.id, now)
        count += 1
    return count


def remove_of_job(
    connection: sqlite3.Connection, owner: str, job_id: str, document_id: str | None
) -> tuple[int, list[str]]:
    """Delete a job's pages from a document; return how many are elsewhere, and unneeded files."""
    made = pages.pages_of_job(connection, owner, job_id)
    here = [page.id for page in made if page.document == document_id]
    files = remove(connection, owner, here)[1] if here else []
    return len(made) - len(here), files


def remove(
    connection: sqlite3.Connection,
    owner: str,
    removed: Sequence[str],
    *,
    shown: str | None = None,
) -> tuple[list[DocumentRow], list[str]]:
    """Delete pages; return the documents they were in and the files that nothing needs now.

    With `shown` only such as look so. Raises NotFound, BadRequest, Stale.
    """
    now = time.time()
    gone = named(connection, owner, removed)
    if shown is not None and any(page.shown_etag != shown for page in gone):
        raise Stale("The page was edited by somebody else meanwhile")
    files = []
    for page in gone:
        files += pages.delete_page(connection, page.id)
        if len(gone) <= MOST_TOLD:
            private = documents.is_private(connection, page.document)
            data = {"change": "removed", "id": page.id, "document": page.document, "job": page.job}
            log.append(connection, "page", data, owner, now, private=private)
    return close_ranks(connection, owner, gone, now), files


def remove_from(
    connection: sqlite3.Connection,
    owner: str,
    document_id: str,
    wanted: order.Chosen,
    *,
    version: int | None,
) -> tuple[DocumentRow, list[str], int]:
    """Delete pages of a document; return it, the files that nothing needs now, and how many."""
    row = current(connection, owner, document_id, version)
    removed = order.chosen(row.pages, wanted)
    if not removed:
        return row, [], 0
    (row,), files = remove(connection, owner, removed)
    return row, files, len(removed)


def delete(
    connection: sqlite3.Connection, owner: str, document_id: str, *, version: int | None
) -> list[str]:
    """Delete a document; return the files that nothing needs now. Raises NotFound, Stale."""
    return _delete(connection, current(connection, owner, document_id, version))


def delete_all(connection: sqlite3.Connection, owner: str) -> tuple[int, list[str]]:
    """Delete an owner's documents; return how many, and the files that nothing needs now."""
    every = documents.all_of(connection, owner)
    return len(every), [file for row in every for file in _delete(connection, row)]


def current(
    connection: sqlite3.Connection, owner: str, document_id: str, version: int | None
) -> DocumentRow:
    """Return a document if it is at this version. Raises NotFound, Stale."""
    row = documents.get(connection, owner, document_id)
    if version is not None and version != row.version:
        raise Stale(f"The document is at version {row.version}, not {version}")
    return row


def named(connection: sqlite3.Connection, owner: str, ids: Sequence[str]) -> list[PageRow]:
    """Return an owner's pages. Raises NotFound, BadRequest for one named twice."""
    if len(set(ids)) != len(ids):
        raise BadRequest("A page is named twice")
    return pages.named(connection, owner, ids)


def close_ranks(
    connection: sqlite3.Connection, owner: str, gone: Sequence[PageRow], now: float
) -> list[DocumentRow]:
    """Renumber what is left in the documents that pages have gone from."""
    rows = []
    for document_id in dict.fromkeys(page.document for page in gone):
        left = documents.get(connection, owner, document_id).pages
        places.place(connection, document_id, left)
        rows.append(changed(connection, owner, document_id, now))
    return rows


def changed(
    connection: sqlite3.Connection, owner: str, document_id: str, now: float
) -> DocumentRow:
    """Count a change of a document, tell it, and return the document as it is now."""
    documents.touch(connection, document_id, now)
    row = documents.get(connection, owner, document_id)
    _tell(connection, "changed", row, now)
    return row


def grown(
    connection: sqlite3.Connection, row: DocumentRow, added: Sequence[PageRow]
) -> DocumentRow:
    """Count new pages of a document, tell them, and return the document as it is now."""
    first, now = added[0].position, added[0].created
    version = documents.touch(connection, row.id, now)
    ids = (*row.pages[:first], *(page.id for page in added), *row.pages[first:])
    new = replace(row, version=version, changed=now, pages=ids)
    if len(added) > MOST_TOLD:
        _tell(connection, "changed", new, now)
        return new
    for page in added:
        data = {**page_data(page), "change": "added", "version": version}
        log.append(connection, "page", data, row.owner, now, private=row.private)
    return new


def tell_pages(
    connection: sqlite3.Connection,
    row: DocumentRow,
    page_ids: Sequence[str],
    change: str,
    now: float,
) -> None:
    """Tell what happened to pages of a document, or leave that to what is told of itself."""
    for page_id in page_ids if len(page_ids) <= MOST_TOLD else ():
        data = {**page_data(pages.page_of(connection, page_id)), "change": change}
        log.append(connection, "page", data, row.owner, now, private=row.private)


def _delete(connection: sqlite3.Connection, row: DocumentRow | HeadRow) -> list[str]:
    files = documents.delete(connection, row.id)
    data = {"change": "deleted", "id": row.id}
    log.append(connection, "document", data, row.owner, time.time(), private=row.private)
    return files


def _tell(connection: sqlite3.Connection, change: str, row: DocumentRow, now: float) -> None:
    data = {**document_data(row), "change": change}
    log.append(connection, "document", data, row.owner, now, private=row.private)
