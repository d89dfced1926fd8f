"""Pages as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from sheetfed.api.errors import NotFound
from sheetfed.api.model import Box, Mark, PageInfo, Settings, Side, Value
from sheetfed.store import files, history, labels
from sheetfed.store.history import UNEDITED, History
from sheetfed.transforms import shown

_WORDS = {"marks": "words", "tags": "labels", "reading": "known", "edits": "history"}
"""What rests sealed, and what it is called once it is open; mostly there is nothing."""

_OPENED = ", ".join(
    f"CASE pages.{name} WHEN '' THEN '' ELSE opened(pages.{name}) END AS {word}"
    for name, word in _WORDS.items()
)
_TOTAL = "SELECT max(position) + 1 FROM pages AS others WHERE others.document = pages.document"
_PAGE = f"SELECT pages.*, {_OPENED}, ({_TOTAL}) AS total FROM pages"  # noqa: S608 - our names
_IS_PRIVATE = "(SELECT private FROM documents WHERE id = :document)"
_PAGES = f"{_PAGE} JOIN documents ON documents.id = pages.document"
_COLUMNS = (
    "document",
    "id",
    "position",
    "marks",
    "tags",
    "reading",
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
_SEALED = [_NAMES.index(name) for name in ("marks", "tags", "reading")]
_AT_ONCE = 500
"""Rows that one statement keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One page as it is kept: a place in a sealed file.

    An unstepped one has yet to take the steps of its job.
    """

    id: str
    document: str
    position: int
    media_type: str
    width: int
    height: int
    dpi: tuple[float, float]
    side: Side
    size: int
    etag: str
    marks: tuple[Mark, ...]
    created: float
    blob: str
    blob_index: int = 0
    job: str | None = None
    unstepped: bool = False
    tags: tuple[str, ...] = ()
    reading: Settings = field(default_factory=dict)
    """What its file is opened with."""
    history: History = UNEDITED
    total: int = 0
    """Pages of its document."""

    @property
    def shown(self) -> PageInfo:
        """Size and resolution of the page as its edits leave it."""
        if self.history.count:
            return self.history.in_force[-1].page
        return PageInfo(width=self.width, height=self.height, dpi=self.dpi)

    @property
    def shown_marks(self) -> tuple[Mark, ...]:
        """The marks where they are now; none while something is hidden, for they might tell it."""
        if not self.history.count:
            return self.marks
        last = self.history.in_force[-1]
        size = (last.page.width, last.page.height)
        return () if self.history.hides else shown(self.marks, last.transform, size)

    @property
    def shown_etag(self) -> str:
        """What changes whenever the page looks different."""
        if not self.history.count:
            return self.etag
        made = [self.etag, *self.deeds]
        return hashlib.sha256(json.dumps(made).encode()).hexdigest()[:16]

    @property
    def deeds(self) -> list[tuple[str, dict[str, Value]]]:
        """The edits in force and their options, `{page}` and `{pages}` filled in."""
        known = {"{page}": str(self.position + 1), "{pages}": str(self.total)}
        return [
            (edit.name, {name: _filled(value, known) for name, value in edit.options.items()})
            for edit in self.history.in_force
        ]


def page_data(row: PageRow) -> dict[str, Any]:
    """Return the page as events tell it: as it is shown, and what was done to it."""
    page = row.shown if row.history.count else row  # most pages are as they came
    return {
        "id": row.id,
        "document": row.document,
        "position": row.position,
        "media_type": row.media_type,
        "width": page.width,
        "height": page.height,
        "dpi": list(page.dpi),
        "side": row.side,
        "size": row.size,
        "etag": row.shown_etag,
        "marks": [asdict(mark) for mark in row.shown_marks],
        "created": row.created,
        "job": row.job,
        "tags": list(row.tags),
        "original": {"width": row.width, "height": row.height, "dpi": list(row.dpi)},
        "edits": [{"name": edit.name, "options": dict(edit.options)} for edit in row.history.edits],
        "edited": row.history.count,
    }


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
            _marks_text(row.marks),
            labels.pack_tags(row.tags),
            json.dumps(dict(row.reading)) if row.reading else "",
            row.created,
            sealed_key,
            row.job,
            row.unstepped,
            *_file_of(row),
        )
        for row, sealed_key in zip(rows, sealed_keys, strict=True)
    ]
    room = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(values[0])
    step = min(_AT_ONCE, room)
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


def page(connection: sqlite3.Connection, owner: str, page_id: str) -> PageRow:
    """Return a page of this owner. Raises NotFound."""
    row = connection.execute(
        f"{_PAGES} WHERE pages.id = ? AND documents.owner = ?", (page_id, owner)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no page {page_id}")
    return _page(row)


def page_of(connection: sqlite3.Connection, page_id: str) -> PageRow:
    """Return a page that is known to be there."""
    return _page(connection.execute(f"{_PAGE} WHERE id = ?", (page_id,)).fetchone())


def pages_of(connection: sqlite3.Connection, document_id: str) -> list[PageRow]:
    """Return a document's pages in their order."""
    rows = connection.execute(f"{_PAGE} WHERE document = ? ORDER BY position", (document_id,))
    return [_page(row) for row in rows]


def from_place(
    connection: sqlite3.Connection,
    document_id: str,
    first: int,
    *,
    limit: int,
    tag: str | None = None,
) -> list[PageRow]:
    """Return a document's pages in their order, from a place on; with a tag only those."""
    rows = connection.execute(
        f"{_PAGE} WHERE document = ? AND position >= ? ORDER BY position", (document_id, first)
    )
    # Tags rest sealed, so that no query finds them.
    found = (row for row in rows if tag is None or tag in labels.unpack_tags(row["labels"]))
    return [_page(row) for row in islice(found, limit)]


def pages_of_job(connection: sqlite3.Connection, owner: str, job_id: str) -> list[PageRow]:
    """Return the pages that a job made, in the order they were made."""
    rows = connection.execute(
        f"{_PAGES} WHERE pages.job = ? AND documents.owner = ? ORDER BY pages.number",
        (job_id, owner),
    )
    return [_page(row) for row in rows]


def unstepped(connection: sqlite3.Connection, owner: str, job_id: str) -> list[PageRow]:
    """Return the pages that have yet to take their job's steps, in the order they were made."""
    return [row for row in pages_of_job(connection, owner, job_id) if row.unstepped]


def set_stepped(connection: sqlite3.Connection, page_id: str) -> None:
    """Count a page as one that took its steps."""
    connection.execute("UPDATE pages SET unstepped = 0 WHERE id = ?", (page_id,))


def set_all_stepped(connection: sqlite3.Connection, job_id: str) -> None:
    """Leave the pages of a job as they are: it takes no more steps."""
    connection.execute("UPDATE pages SET unstepped = 0 WHERE job = ? AND unstepped", (job_id,))


def set_marks(connection: sqlite3.Connection, page_id: str, marks: Sequence[Mark]) -> None:
    """Give a page other marks."""
    connection.execute(
        "UPDATE pages SET marks = sealed(:marks, (SELECT private FROM documents"
        " WHERE documents.id = pages.document)) WHERE id = :page",
        {"marks": _marks_text(marks), "page": page_id},
    )


def set_tags(connection: sqlite3.Connection, page_id: str, tags: tuple[str, ...]) -> None:
    """Give a page other tags."""
    connection.execute(
        "UPDATE pages SET tags = sealed(:tags, (SELECT private FROM documents"
        " WHERE documents.id = pages.document)) WHERE id = :page",
        {"tags": labels.pack_tags(tags), "page": page_id},
    )


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


def set_history(connection: sqlite3.Connection, page_id: str, done: History) -> None:
    """Give a page other edits."""
    connection.execute(
        "UPDATE pages SET edits = sealed(:edits, (SELECT private FROM documents"
        " WHERE documents.id = pages.document)), edited = :count WHERE id = :page",
        {"edits": history.written(done), "count": done.count, "page": page_id},
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


def page_key(connection: sqlite3.Connection, page_id: str) -> bytes:
    """Return a page's key, sealed with its document's."""
    (sealed,) = connection.execute("SELECT key FROM pages WHERE id = ?", (page_id,)).fetchone()
    return bytes(sealed)


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


def move_page(
    connection: sqlite3.Connection, page_id: str, document_id: str, sealed_key: bytes
) -> None:
    """Put a page into another document, at no place yet, its key sealed with that one's."""
    connection.execute(
        "UPDATE pages SET document = :document, key = :key, position = -1,"  # noqa: S608 - ours
        f" marks = sealed(opened(marks), {_IS_PRIVATE}),"
        f" edits = sealed(opened(edits), {_IS_PRIVATE}),"
        f" tags = sealed(opened(tags), {_IS_PRIVATE}),"
        f" reading = sealed(opened(reading), {_IS_PRIVATE}) WHERE id = :page",
        {"document": document_id, "key": sealed_key, "page": page_id},
    )


def copy_pages(
    connection: sqlite3.Connection,
    copies: Sequence[tuple[str, str, bytes]],
    document_id: str,
) -> None:
    """Put copies of pages, with their pictures, into a document, at no place yet.

    Each is a page, the id of its copy and its sealed key; both share their files. No job made the
    copy, and no step waits for it.
    """
    for table, own, others in (
        ("pages", "id", {"number": "NULL", "job": "NULL", "unstepped": "0"}),
        ("pictures", "page", {}),
    ):
        names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ["?" if name == own else others.get(name, name) for name in names]
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)})"  # noqa: S608 - our names
            f" SELECT {', '.join(values)} FROM {table} WHERE {own} = ?",
            [(copy, page) for page, copy, _ in copies],
        )
    for _, copy, key in copies:
        move_page(connection, copy, document_id, key)


def delete_page(connection: sqlite3.Connection, page_id: str) -> list[str]:
    """Delete a page; return the files that nothing needs now."""
    held = files.of_pages(connection, "pages.id = ?", page_id)
    connection.execute("DELETE FROM pages WHERE id = ?", (page_id,))
    return files.unneeded(connection, held)


def _page(row: sqlite3.Row) -> PageRow:
    return PageRow(
        id=row["id"],
        document=row["document"],
        position=row["position"],
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        dpi=(row["dpi_x"], row["dpi_y"]),
        side=row["side"],
        size=row["size"],
        etag=row["etag"],
        marks=tuple(_mark(mark) for mark in json.loads(row["words"])) if row["words"] else (),
        created=row["created"],
        blob=row["blob"],
        blob_index=row["blob_index"],
        job=row["job"],
        unstepped=bool(row["unstepped"]),
        tags=labels.unpack_tags(row["labels"]),
        reading=json.loads(row["known"]) if row["known"] else {},
        history=history.read(row["history"], row["edited"]),
        total=row["total"],
    )


def _filled(value: Value, known: Mapping[str, str]) -> Value:
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace(name, text)
    return value


def _marks_text(marks: Sequence[Mark]) -> str:
    return json.dumps([asdict(mark) for mark in marks]) if marks else ""


def _mark(found: dict[str, Any]) -> Mark:
    box = found.pop("box")
    corners = tuple((x, y) for x, y in found.pop("corners", ()))
    return Mark(**found, box=None if box is None else Box(**box), corners=corners)
