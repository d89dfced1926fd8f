"""Small pictures of pages as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from sheetfed.store import files

PictureKind = Literal["preview", "thumbnail"]

STAMP = "stamp-"
"""How the names of pictures begin that are kept with the pages they are stamped on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A small picture of a page, or of what is stamped on it, and the range of its file."""

    page: str
    kind: str
    media_type: str
    width: int
    height: int
    blob: str
    start: int
    size: int


def keep(connection: sqlite3.Connection, row: PictureRow) -> list[str]:
    """Keep a page's picture in place of an older one; return the files nothing needs now."""
    old = connection.execute(
        "SELECT blob FROM pictures WHERE page = ? AND kind = ?", (row.page, row.kind)
    ).fetchall()
    connection.execute(
        "INSERT OR REPLACE INTO pictures"
        " (page, kind, media_type, width, height, blob, start, size)"
        " VALUES (:page, :kind, :media_type, :width, :height, :blob, :start, :size)",
        asdict(row),
    )
    return files.unneeded(connection, [blob for (blob,) in old])


def drop(connection: sqlite3.Connection, page_id: str, names: Iterable[str]) -> list[str]:
    """Forget what edits named that are gone; return the files nothing needs now.

    A page's own small pictures stay, whatever an edit calls something.
    """
    held = []
    for name in {*names}.difference(get_args(PictureKind)):
        found = find(connection, page_id, name)
        if found is not None:
            held.append(found.blob)
            connection.execute("DELETE FROM pictures WHERE page = ? AND kind = ?", (page_id, name))
    return files.unneeded(connection, held)


def stamps(connection: sqlite3.Connection, page_id: str) -> list[str]:
    """Return the names of what is stamped on a page, or was to be and then was not."""
    rows = connection.execute("SELECT kind FROM pictures WHERE page = ?", (page_id,))
    return [kind for (kind,) in rows if kind.startswith(STAMP)]


def find(connection: sqlite3.Connection, page_id: str, kind: str) -> PictureRow | None:
    """Return where a page's picture is, None where it has none of this kind."""
    row = connection.execute(
        "SELECT * FROM pictures WHERE page = ? AND kind = ?", (page_id, kind)
    ).fetchone()
    return None if row is None else PictureRow(**dict(row))
