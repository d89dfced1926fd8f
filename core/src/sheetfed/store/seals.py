"""Which key opens what: master, document, page, file.

The master key seals one key for each document, a document's key seals one for each of its pages,
and that one seals the page's files. A page that moves to another document takes its key along,
sealed anew; a document that is deleted takes the only way to its pages with it. A private
document's key is sealed with a master key that is in memory only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sheetfed.store import documents, pages
from sheetfed.store.documents import DocumentRow
from sheetfed.store.keys import Masters, new_key, unwrap, wrap_each, wraps
from sheetfed.store.pages import PageRow


def new_document_key(masters: Masters, row: DocumentRow) -> bytes:
    """Return a key for a new document, sealed."""
    master = masters.of(private=row.private)
    return master.wrap(new_key(), _document(row.owner, row.id))


def new_page_key(
    connection: sqlite3.Connection, masters: Masters, owner: str, page: PageRow
) -> tuple[bytes, bytes]:
    """Return a key for a new page, open and sealed."""
    key = new_key()
    return key, sealed_page_key(connection, masters, owner, page, key)


def sealed_page_key(
    connection: sqlite3.Connection, masters: Masters, owner: str, page: PageRow, key: bytes
) -> bytes:
    """Return a page's key, sealed for the document that the page is in."""
    return sealed_page_keys(connection, masters, owner, [page], key)[0]


def sealed_page_keys(
    connection: sqlite3.Connection,
    masters: Masters,
    owner: str,
    made: Sequence[PageRow],
    key: bytes,
) -> list[bytes]:
    """Return the key that pages of one document and one file share, sealed for each of them."""
    document = made[0].document
    over = _document_key(connection, masters, owner, document)
    return wraps(over, key, (_page(document, page.id) for page in made))


def page_key(connection: sqlite3.Connection, masters: Masters, owner: str, page: PageRow) -> bytes:
    """Return the key of a page's files. Raises StoreDamaged."""
    over = _document_key(connection, masters, owner, page.document)
    (sealed,) = pages.page_keys(connection, [page.id])
    return unwrap(over, sealed, _page(page.document, page.id))


def carried_page_keys(
    connection: sqlite3.Connection,
    masters: Masters,
    owner: str,
    carried: Sequence[tuple[PageRow, str]],
    document_id: str,
) -> list[bytes]:
    """Return the keys of pages, each sealed for itself or a copy of it, by its id, in a document.

    Raises StoreDamaged.
    """
    homes = {page.document for page, _ in carried}
    over = {home: _document_key(connection, masters, owner, home) for home in homes}
    keys = (
        (unwrap(over[page.document], sealed, _page(page.document, page.id)), _page(document_id, to))
        for (page, to), sealed in zip(
            carried, pages.page_keys(connection, [page.id for page, _ in carried]), strict=True
        )
    )
    return wrap_each(_document_key(connection, masters, owner, document_id), keys)


def blob_context(owner: str, blob: str) -> bytes:
    """Return what a file is bound to."""
    return f"{owner}|{blob}".encode()


def _document_key(
    connection: sqlite3.Connection, masters: Masters, owner: str, document_id: str
) -> bytes:
    sealed = documents.key(connection, document_id)
    master = masters.of(private=documents.is_private(connection, document_id))
    return master.unwrap(sealed, _document(owner, document_id))


def _document(owner: str, document_id: str) -> bytes:
    return f"{owner}|{document_id}".encode()


def _page(document_id: str, page_id: str) -> bytes:
    return f"{document_id}|{page_id}".encode()
