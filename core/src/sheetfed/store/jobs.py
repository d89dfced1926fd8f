"""Jobs that ended, and when they are forgotten.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3

KEPT = 1000
"""Jobs of one owner that are remembered after their end."""

_ENDED = "state IN ('done', 'failed', 'cancelled')"


def forget_old(connection: sqlite3.Connection, owner: str) -> None:
    """Forget the oldest of an owner that have ended."""
    connection.execute(
        f"DELETE FROM jobs WHERE owner = :owner AND {_ENDED} AND rowid <= (SELECT rowid FROM jobs"  # noqa: S608 - our words
        f" WHERE owner = :owner AND {_ENDED} ORDER BY rowid DESC LIMIT 1 OFFSET :kept)",
        {"owner": owner, "kept": KEPT},
    )


def forget_empty(connection: sqlite3.Connection, before: float) -> None:
    """Forget jobs that ended before a moment and of which no page and no document is left."""
    connection.execute(
        f"DELETE FROM jobs WHERE {_ENDED} AND changed < ?"  # noqa: S608 - our words
        " AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.id = jobs.document)"
        " AND NOT EXISTS (SELECT 1 FROM pages WHERE pages.job = jobs.id)",
        (before,),
    )
