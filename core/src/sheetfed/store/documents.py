"""Documents as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from sheetfed.api.errors import NotFound
from sheetfed.store import files, labels
from sheetfed.store.labels import Info

NEWEST = (1 << 63) - 1
"""No document's number is above this one."""

_PRIVATE = ("documents", "jobs", "deliveries", "events")
_DOCUMENT = (
    "SELECT documents.*, opened(documents.title) AS words, opened(documents.tags) AS labels,"
    " opened(documents.info) AS about FROM documents"
)


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
    tags: tuple[str, ...] = ()
    info: Info = field(default_factory=Info)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRow:
    """A document without the ids of its pages, which may be thousands."""

    id: str
    title: str
    owner: str
    created: float
    changed: float
    version: int
    private: bool
    tags: tuple[str, ...]
    info: Info
    page_count: int
    first_page: str | None


def head_of(row: DocumentRow) -> HeadRow:
    """Return a document without the ids of its pages."""
    return HeadRow(
        id=row.id,
        title=row.title,
        owner=row.owner,
        created=row.created,
        changed=row.changed,
        version=row.version,
        private=row.private,
        tags=row.tags,
        info=row.info,
        page_count=len(row.pages),
        first_page=row.pages[0] if row.pages else None,
    )


def words_of(row: DocumentRow) -> dict[str, str]:
    """Return what a document says about itself, as files name it; nothing where it says nothing.

    Fields whose names begin with a dot are programs' own, and go into no file.
    """
    info = row.info
    own = {name: text for name, text in info.fields.items() if not name.startswith(".")}
    words = {
        "title": row.title,
        "author": info.author,
        "subject": info.subject,
        "keywords": info.keywords,
        "fields": json.dumps(own, sort_keys=True) if own else "",
    }
    return {name: text for name, text in words.items() if text}


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
        "tags": list(row.tags),
        "info": asdict(row.info),
    }


def add(connection: sqlite3.Connection, row: DocumentRow, sealed_key: bytes, used: float) -> None:
    """Keep a new document with its key, used at this time of the store's clock."""
    connection.execute(
        "INSERT INTO documents (id, owner, title, tags, info, created, changed, version, private,"
        " used) VALUES (:id, :owner, sealed(:title, :private), sealed(:tags, :private),"
        " sealed(:info, :private), :created, :changed, :version, :private, :used)",
        {
            "id": row.id,
            "owner": row.owner,
            "title": row.title,
            "tags": labels.pack_tags(row.tags),
            "info": labels.pack_info(row.info),
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


def check(connection: sqlite3.Connection, owner: str, document_id: str) -> bool:
    """Return whether a document of this owner is private. Raises NotFound.

    Its pages, of which there may be thousands, are not looked at.
    """
    row = connection.execute(
        "SELECT private FROM documents WHERE id = ? AND owner = ?", (document_id, owner)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no document {document_id}")
    return bool(row["private"])


def newest(
    connection: sqlite3.Connection, owner: str, *, before: int, limit: int, tag: str | None = None
) -> list[tuple[int, HeadRow]]:
    """Return documents with their numbers, the newest first, below a number."""
    rows = connection.execute(
        f"{_DOCUMENT} WHERE owner = ? AND number < ? ORDER BY number DESC", (owner, before)
    )
    # Tags rest sealed, so that no query finds them.
    found = (row for row in rows if tag is None or tag in labels.unpack_tags(row["labels"]))
    return [(row["number"], _head(connection, row)) for row in islice(found, limit)]


def all_of(connection: sqlite3.Connection, owner: str) -> list[HeadRow]:
    """Return every document of an owner."""
    rows = connection.execute(f"{_DOCUMENT} WHERE owner = ? ORDER BY number", (owner,)).fetchall()
    return [_head(connection, row) for row in rows]


def delete(connection: sqlite3.Connection, document_id: str) -> list[str]:
    """Delete a document, its key and its pages; return the files that nothing needs now."""
    held = files.of_pages(connection, "pages.document = ?", document_id)
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    return files.unneeded(connection, held)


def describe(
    connection: sqlite3.Connection,
    document_id: str,
    *,
    title: str,
    tags: tuple[str, ...],
    info: Info,
) -> None:
    """Give a document other words about itself."""
    connection.execute(
        "UPDATE documents SET title = sealed(:title, private), tags = sealed(:tags, private),"
        " info = sealed(:info, private) WHERE id = :id",
        {
            "id": document_id,
            "title": title,
            "tags": labels.pack_tags(tags),
            "info": labels.pack_info(info),
        },
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


def would_be_lost(connection: sqlite3.Connection) -> bool:
    """Tell whether there is a document that dies with its service."""
    return bool(connection.execute("SELECT 1 FROM documents WHERE private LIMIT 1").fetchone())


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
        tags=labels.unpack_tags(row["labels"]),
        info=labels.unpack_info(row["about"]),
    )


def _head(connection: sqlite3.Connection, row: sqlite3.Row) -> HeadRow:
    (count,) = connection.execute(
        "SELECT count(*) FROM pages WHERE document = ?", (row["id"],)
    ).fetchone()
    first = connection.execute(
        "SELECT id FROM pages WHERE document = ? ORDER BY position LIMIT 1", (row["id"],)
    ).fetchone()
    return HeadRow(
        id=row["id"],
        title=row["words"],
        owner=row["owner"],
        created=row["created"],
        changed=row["changed"],
        version=row["version"],
        private=bool(row["private"]),
        tags=labels.unpack_tags(row["labels"]),
        info=labels.unpack_info(row["about"]),
        page_count=count,
        first_page=first["id"] if first else None,
    )
