"""Which tags an owner uses.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass

from sheetfed.store import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class TagUse:
    """How many documents and pages have a tag."""

    documents: int
    pages: int


def used(connection: sqlite3.Connection, owner: str) -> dict[str, TagUse]:
    """Return an owner's tags in order, each with how much has it."""
    documents = _count(
        connection.execute(
            "SELECT opened(tags) FROM documents WHERE owner = ? AND tags <> ''", (owner,)
        )
    )
    pages = _count(
        connection.execute(
            "SELECT opened(pages.tags) FROM pages JOIN documents ON documents.id = pages.document"
            " WHERE documents.owner = ? AND pages.tags <> ''",
            (owner,),
        )
    )
    return {
        tag: TagUse(documents=documents[tag], pages=pages[tag])
        for tag in sorted(documents.keys() | pages.keys())
    }


def _count(rows: sqlite3.Cursor) -> Counter[str]:
    return Counter(tag for (text,) in rows for tag in labels.unpack_tags(text))
