"""Pages that come: new rows, thousands in one statement.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any

from sheetfed.store import files, history, labels
from sheetfed.store.pages import AT_ONCE, WORDS, PageRow, marks_text, page_of
from sheetfed.store.places import make_room

_COLUMNS = (
    "document",
    "id",
    "position",
    *WORDS,
    "edited",
    "created",
    "key",
    "job",
    "unstepped",
)
"""Those of a page besides the ones that tell of its file."""
_FILE = (
    "media_type",
    "width",
    "height",
    "dpi_x",
    "dpi_y",
    "side",
    "size",
    "etag",
    "blob",
    "blob_index",
)
_NAMES = (*_COLUMNS, *_FILE)
_SEALED = [_NAMES.index(name) for name in WORDS]


def add_page(
    connection: sqlite3.Connection, row: PageRow, sealed_key: bytes, *, before: str | None = None
) -> PageRow:
    """Keep a page, before another one or at the end of its document; return it with its place."""
    position = make_room(connection, row.document, before=before)
    add_pages(connection, [replace(row, position=position)], [sealed_key])
    return page_of(connection, row.id)


def add_pages(
    connection: sqlite3.Connection, rows: Sequence[PageRow], sealed_keys: Sequence[bytes]
) -> None:
    """Keep pages of one document at their places, where there is room."""
    values = [
        (
            row.document,
            row.id,
            row.position,
            marks_text(row.marks),
            labels.pack_tags(row.tags),
            json.dumps(dict(row.reading)) if row.reading else "",
            history.written(row.history),
            row.history.count,
            row.created,
            sealed_key,
            row.job,
            row.unstepped,
            *_file_of(row),
        )
        for row, sealed_key in zip(rows, sealed_keys, strict=True)
    ]
    room = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(values[0])
    step = min(AT_ONCE, room)
    for first in range(0, len(values), step):
        _insert(connection, values[first : first + step])


def _insert(connection: sqlite3.Connection, values: Sequence[tuple[Any, ...]]) -> None:
    """Keep rows in one statement, which is told but once what is the same in all of them.

    SQLite does it without Python's lock, which it would let go of and wait for at every row.
    """
    columns = [*zip(*values, strict=True)]
    alike = tuple(column.count(column[0]) == len(column) for column in columns)
    said = tuple(any(columns[place]) for place in _SEALED)
    bound = [column[0] for column, same in zip(columns, alike, strict=True) if same]
    others = (column for column, same in zip(columns, alike, strict=True) if not same)
    bound += chain.from_iterable(zip(*others, strict=True))
    connection.execute(_insertion(len(values), alike, said), bound)


@lru_cache(maxsize=8)
def _insertion(count: int, alike: tuple[bool, ...], said: tuple[bool, ...]) -> str:
    """Return the statement for so many rows, some columns alike in all and some words sealed."""
    numbers = itertools.count(1)
    shared = [next(numbers) if same else None for same in alike]
    private = "(SELECT private FROM documents WHERE id = ?1)"  # the document comes first
    sealed = {place for place, words in zip(_SEALED, said, strict=True) if words}
    forms = [f"sealed(?%d, {private})" if at in sealed else "?%d" for at in range(len(alike))]
    row = ", ".join(forms)
    rows = (f"({row % tuple(one or next(numbers) for one in shared)})" for _ in range(count))
    return f"INSERT INTO pages ({', '.join(_NAMES)}) VALUES {', '.join(rows)}"  # noqa: S608 - ours


def copy_pages(
    connection: sqlite3.Connection,
    copies: Sequence[tuple[PageRow, PageRow]],
    sealed_keys: Sequence[bytes],
) -> None:
    """Keep copies of pages, with their pictures, at their places, where there is room.

    Each pair is a page and its copy; both share their files.
    """
    add_pages(connection, [copy for _, copy in copies], sealed_keys)
    names = [row["name"] for row in connection.execute("PRAGMA table_info(pictures)")]
    values = ("?" if name == "page" else name for name in names)
    connection.executemany(
        f"INSERT INTO pictures ({', '.join(names)})"  # noqa: S608 - our names
        f" SELECT {', '.join(values)} FROM pictures WHERE page = ?",
        [(copy.id, page.id) for page, copy in copies],
    )


def replace_file(connection: sqlite3.Connection, row: PageRow) -> list[str]:
    """Give a page another file, sealed with the same key, and forget the pictures of the old one.

    Returns the files that nothing needs now.
    """
    held = files.of_pages(connection, "pages.id = ?", row.id)
    connection.execute("DELETE FROM pictures WHERE page = ?", (row.id,))
    connection.execute(
        "UPDATE pages SET media_type = :media_type, width = :width, height = :height,"
        " dpi_x = :dpi_x, dpi_y = :dpi_y, side = :side, size = :size, etag = :etag, blob = :blob,"
        " blob_index = :blob_index, reading = '', edits = '', edited = 0 WHERE id = :id",
        {"id": row.id, **dict(zip(_FILE, _file_of(row), strict=True))},
    )
    return files.unneeded(connection, held)


def _file_of(row: PageRow) -> tuple[str | int | float | None, ...]:
    """Return what stands in the columns that tell of a page's file."""
    return (
        row.media_type,
        row.width,
        row.height,
        *row.dpi,
        row.side,
        row.size,
        row.etag,
        row.blob,
        row.blob_index,
    )
