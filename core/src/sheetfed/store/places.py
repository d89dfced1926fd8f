"""Where pages stand: in an order, in a document.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from sheetfed.store.pages import WORDS


def make_room(
    connection: sqlite3.Connection, document_id: str, *, before: str | None, count: int = 1
) -> int:
    """Return the first of places before a page, made free; the end where that page is not there."""
    found = connection.execute(
        "SELECT position FROM pages WHERE id = ? AND document = ?", (before, document_id)
    ).fetchone()
    if found is None:
        found = connection.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM pages WHERE document = ?", (document_id,)
        ).fetchone()
        return int(found[0])
    connection.execute(
        "UPDATE pages SET position = position + ? WHERE document = ? AND position >= ?",
        (count, document_id, found[0]),
    )
    return int(found[0])


def place(connection: sqlite3.Connection, document_id: str, order: Sequence[str]) -> None:
    """Give a document's pages their places; every page of it must be named."""
    connection.executemany(
        "UPDATE pages SET position = :place WHERE id = :page AND position <> :place"
        " AND document = :document",
        [
            {"place": position, "page": page_id, "document": document_id}
            for position, page_id in enumerate(order)
        ],
    )


def move_pages(
    connection: sqlite3.Connection, moved: Mapping[str, bytes], document_id: str
) -> None:
    """Put pages into another document, at no place yet, each key sealed with that one's."""
    connection.executemany(
        "UPDATE pages SET document = ?, key = ?, position = -1 WHERE id = ?",
        [(document_id, key, page_id) for page_id, key in moved.items()],
    )


def seal_privately(connection: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Seal the words of pages again, that came into a private document from one that is kept."""
    words = ", ".join(f"{name} = sealed(opened({name}), 1)" for name in WORDS)
    connection.executemany(
        f"UPDATE pages SET {words} WHERE id = ?",  # noqa: S608 - our names
        [(page_id,) for page_id in ids],
    )
