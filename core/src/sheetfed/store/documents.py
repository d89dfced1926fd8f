"""Documents as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sheetfed.api.errors import NotFound
from sheetfed.store import files

NEWEST = (1 << 63) - 1
"""No document's number is above this one."""

_PRIVATE = ("documents", "jobs", "events")
_DOCUMENT = "SELECT documents.*, opened(documents.title) AS words FROM documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document; `pages` are ids in their order, `version` counts its changes.

    A private one dies with the service.
    """

    id: str
    title: str
    owner: str
    created: float
    changed: float
    version: int
    pages: tuple[str, ...]
    private: bool = False


def document_data(row: DocumentRow) -> dict[str, Any]:
    """Return the document as events tell it, its pages as ids."""
    return {
        "id": row.id,
        "title": row.title,
        "created": row.created,
        "changed": row.changed,
        "version": row.version,
        "pages": list(row.pages),
        "private": row.private,
    }


def add(connection: sqlite3.Connection, row: DocumentRow, sealed_key: bytes, used: float) -> None:
    """Keep a new document with its key, used at this time of the store's clock."""
    connection.execute(
        "INSERT INTO documents (id, owner, title, created, changed, version, private, used)"
        " VALUES (:id, :owner, sealed(:title, :private), :created, :changed, :version, :private,"
        " :used)",
        {
            "id": row.id,
            "owner": row.owner,
            "title": row.title,
            "created": row.created,
            "changed": row.changed,
            "version": row.version,
            "private": row.private,
            "used": used,
        },
    )
    connection.execute("INSERT INTO keys (document, sealed) VALUES (?, ?)", (row.id, sealed_key))


def get(connection: sqlite3.Connection, owner: str, document_id: str) -> DocumentRow:
    """Return a document of this owner. Raises NotFound."""
    row = connection.execute(
        f"{_DOCUMENT} WHERE id = ? AND owner = ?", (document_id, owner)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no document {document_id}")
    return _document(connection, row)


def newest(
    connection: sqlite3.Connection, owner: str, *, before: int, limit: int
) -> list[tuple[int, DocumentRow]]:
    """Return documents with their numbers, the newest first, below a number."""
    rows = connection.execute(
        f"{_DOCUMENT} WHERE owner = ? AND number < ? ORDER BY number DESC LIMIT ?",
        (owner, before, limit),
    ).fetchall()
    return [(row["number"], _document(connection, row)) for row in rows]


def delete(connection: sqlite3.Connection, document_id: str) -> list[str]:
    """Delete a document, its key and its pages; return the files that nothing needs now."""
    held = files.of_pages(connection, "pages.document = ?", document_id)
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    return files.unneeded(connection, held)


def rename(connection: sqlite3.Connection, document_id: str, title: str) -> None:
    """Give a document another title."""
    connection.execute(
        "UPDATE documents SET title = sealed(?, private) WHERE id = ?", (title, document_id)
    )


def touch(connection: sqlite3.Connection, document_id: str, now: float) -> int:
    """Count a change of a document; return its new version."""
    connection.execute(
        "UPDATE documents SET version = version + 1, changed = ? WHERE id = ?", (now, document_id)
    )
    (version,) = connection.execute(
        "SELECT version FROM documents WHERE id = ?", (document_id,)
    ).fetchone()
    return int(version)


def is_private(connection: sqlite3.Connection, document_id: str) -> bool:
    """Tell whether a document dies with the service."""
    (private,) = connection.execute(
        "SELECT private FROM documents WHERE id = ?", (document_id,)
    ).fetchone()
    return bool(private)


def key(connection: sqlite3.Connection, document_id: str) -> bytes:
    """Return a document's sealed key."""
    (sealed,) = connection.execute(
        "SELECT sealed FROM keys WHERE document = ?", (document_id,)
    ).fetchone()
    return bytes(sealed)


def has_private(connection: sqlite3.Connection) -> bool:
    """Tell whether there is anything that dies with its service."""
    questions = (f"SELECT 1 FROM {table} WHERE private LIMIT 1" for table in _PRIVATE)  # noqa: S608 - our names
    return any(connection.execute(question).fetchone() for question in questions)


def forget_private(connection: sqlite3.Connection) -> None:
    """Delete what a service left that is gone: nobody has the keys."""
    for table in _PRIVATE:
        connection.execute(f"DELETE FROM {table} WHERE private")  # noqa: S608 - our names


def use(connection: sqlite3.Connection, document_ids: Iterable[str], now: float) -> None:
    """Note that documents were used, at this time of the store's clock."""
    connection.executemany(
        "UPDATE documents SET used = ? WHERE id = ?", [(now, name) for name in document_ids]
    )


def unused_since(connection: sqlite3.Connection, moment: float) -> list[tuple[str, str]]:
    """Return owner and id of every document that nobody has used since."""
    rows = connection.execute(
        "SELECT owner, id FROM documents WHERE used <= ? ORDER BY number", (moment,)
    )
    return [(row["owner"], row["id"]) for row in rows]


def renew(connection: sqlite3.Connection, moment: float) -> None:
    """Take every document that was used before this moment as used then."""
    connection.execute("UPDATE documents SET used = ? WHERE used < ?", (moment, moment))


def _document(connection: sqlite3.Connection, row: sqlite3.Row) -> DocumentRow:
    pages = connection.execute(
        "SELECT id FROM pages WHERE document = ? ORDER BY position", (row["id"],)
    )
    return DocumentRow(
        id=row["id"],
        title=row["words"],
        owner=row["owner"],
        created=row["created"],
        changed=row["changed"],
        version=row["version"],
        pages=tuple(page_id for (page_id,) in pages),
        private=bool(row["private"]),
    )
