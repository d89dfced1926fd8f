"""Which sealed files rows need, and how much they hold.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

_FILES = (
    "SELECT coalesce(sum(pages), 0), coalesce(sum(size), 0) FROM (SELECT count(*) AS pages,"
    " max(pages.size) AS size FROM pages JOIN documents ON documents.id = pages.document{}"
    " GROUP BY pages.blob)"
)
"""Pages of one file have its size each, and it is kept once."""

_PICTURE_SIZES = (
    "SELECT coalesce(sum(pictures.size), 0) FROM pictures"
    " JOIN pages ON pages.id = pictures.page JOIN documents ON documents.id = pages.document"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How many pages the store holds, and how many bytes they and their pictures take."""

    pages: int
    bytes: int


def blobs(connection: sqlite3.Connection) -> set[str]:
    """Return every file that a row needs."""
    rows = connection.execute(
        "SELECT blob FROM pages UNION SELECT blob FROM pictures"
        " UNION SELECT blob FROM deliveries WHERE blob IS NOT NULL"
    )
    return {blob for (blob,) in rows}


def of_pages(connection: sqlite3.Connection, condition: str, value: str) -> list[str]:
    """Return the files of pages under a condition, and of their pictures."""
    rows = connection.execute(
        f"SELECT blob FROM pages WHERE {condition}"  # noqa: S608 - our condition
        " UNION SELECT pictures.blob FROM pictures JOIN pages ON pages.id = pictures.page"
        f" WHERE {condition}",
        (value, value),
    )
    return [blob for (blob,) in rows]


def unneeded(connection: sqlite3.Connection, candidates: Iterable[str]) -> list[str]:
    """Return those files that no row needs now."""
    question = (
        "SELECT EXISTS (SELECT 1 FROM pages WHERE blob = :blob)"
        " OR EXISTS (SELECT 1 FROM pictures WHERE blob = :blob)"
    )
    return [
        blob
        for blob in candidates
        if not connection.execute(question, {"blob": blob}).fetchone()[0]
    ]


def usage_of(connection: sqlite3.Connection, document_id: str) -> Usage:
    """Return how much a document holds."""
    return _usage(connection, " WHERE pages.document = ?", (document_id,))


def usage(connection: sqlite3.Connection, owner: str | None = None) -> Usage:
    """Return how much is kept, of one owner or of all."""
    if owner is None:
        return _usage(connection, "", ())
    return _usage(connection, " WHERE documents.owner = ?", (owner,))


def _usage(connection: sqlite3.Connection, where: str, values: tuple[str, ...]) -> Usage:
    count, size = connection.execute(_FILES.format(where), values).fetchone()
    (more,) = connection.execute(_PICTURE_SIZES + where, values).fetchone()
    return Usage(pages=count, bytes=size + more)
