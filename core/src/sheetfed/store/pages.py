"""Pages as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from sheetfed.api.errors import NotFound
from sheetfed.api.model import Box, Mark, PageInfo, Settings, Side, Value
from sheetfed.store import files, history, labels
from sheetfed.store.history import UNEDITED, History
from sheetfed.transforms import shown

_WORDS = ("marks", "tags", "reading", "edits")
"""What rests sealed; mostly there is nothing."""

_READ = (
    "id",
    "document",
    "position",
    "media_type",
    "width",
    "height",
    "dpi_x",
    "dpi_y",
    "side",
    "size",
    "etag",
    "created",
    "blob",
    "blob_index",
    "job",
    "unstepped",
    "edited",
)
"""What is read of a page as it stands, in the order that `_page` takes it."""

_TOTAL = "SELECT max(position) + 1 FROM pages AS others WHERE others.document = pages.document"
_OPENED = (f"CASE pages.{name} WHEN '' THEN '' ELSE opened(pages.{name}) END" for name in _WORDS)
_SELECTED = ", ".join((*(f"pages.{name}" for name in _READ), *_OPENED, f"({_TOTAL})"))
_PAGE = f"SELECT {_SELECTED} FROM pages"  # noqa: S608 - our names
_TAGS = len(_READ) + _WORDS.index("tags")
_PAGES = f"{_PAGE} JOIN documents ON documents.id = pages.document"
_COLUMNS = (
    "document",
    "id",
    "position",
    *_WORDS,
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
_SEALED = [_NAMES.index(name) for name in _WORDS]
_AT_ONCE = 500
"""Rows that one statement keeps or finds."""


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
    beside: str = ""
    """Under which name its file is kept with it, where that took the place of its own."""

    @property
    def standing(self) -> PageRow:
        """The page before the edits that still matter: as it came, or as what took its place."""
        done = self.history.replaced
        if done is None:
            return self
        return replace(
            self,
            media_type=str(done.options["type"]),
            width=done.page.width,
            height=done.page.height,
            dpi=done.page.dpi,
            size=int(str(done.options["size"])),
            marks=(),
            blob_index=0,
            reading={},
            beside=str(done.options["file"]),
            history=self.history.since,
        )

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
        if self.history.replaced:  # what was found was found on what came
            return ()
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
    found = (row for row in rows if tag is None or tag in labels.unpack_tags(row[_TAGS]))
    return [_page(row) for row in islice(found, limit)]


def named(connection: sqlite3.Connection, owner: str, ids: Sequence[str]) -> list[PageRow]:
    """Return pages of this owner in the order named. Raises NotFound."""
    found: dict[str, PageRow] = {}
    for some in _portions(ids):
        rows = connection.execute(
            f"{_PAGES} WHERE documents.owner = ? AND pages.id IN ({_asked(some)})", (owner, *some)
        )
        found.update((row[0], _page(row)) for row in rows)
    for page_id in ids:
        if page_id not in found:
            raise NotFound(f"There is no page {page_id}")
    return [found[page_id] for page_id in ids]


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


def tags_of(connection: sqlite3.Connection, document_id: str) -> dict[str, tuple[str, ...]]:
    """Return the tags of a document's pages, by their ids, in their order."""
    rows = connection.execute(
        "SELECT id, CASE tags WHEN '' THEN '' ELSE opened(tags) END FROM pages"
        " WHERE document = ? ORDER BY position",
        (document_id,),
    )
    return {page_id: labels.unpack_tags(text) for page_id, text in rows}


def set_tags(
    connection: sqlite3.Connection, tags: Mapping[str, tuple[str, ...]], *, private: bool
) -> None:
    """Give pages, by their ids, other tags; private where their document is."""
    connection.executemany(
        "UPDATE pages SET tags = sealed(?, ?) WHERE id = ?",
        [(labels.pack_tags(words), private, page_id) for page_id, words in tags.items()],
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


def page_keys(connection: sqlite3.Connection, ids: Sequence[str]) -> list[bytes]:
    """Return the keys of pages that are there, each sealed with its document's."""
    found: dict[str, bytes] = {}
    for some in _portions(ids):
        found.update(
            connection.execute(
                f"SELECT id, key FROM pages WHERE id IN ({_asked(some)})",  # noqa: S608 - ours
                some,
            )
        )
    return [found[page_id] for page_id in ids]


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
    words = ", ".join(f"{name} = sealed(opened({name}), 1)" for name in _WORDS)
    connection.executemany(
        f"UPDATE pages SET {words} WHERE id = ?",  # noqa: S608 - our names
        [(page_id,) for page_id in ids],
    )


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


def delete_page(connection: sqlite3.Connection, page_id: str) -> list[str]:
    """Delete a page; return the files that nothing needs now."""
    held = files.of_pages(connection, "pages.id = ?", page_id)
    connection.execute("DELETE FROM pages WHERE id = ?", (page_id,))
    return files.unneeded(connection, held)


def _page(row: sqlite3.Row) -> PageRow:
    # By place: thousands may be read at once, and by name each column is looked for.
    page_id, document, position, media_type, width, height, dpi_x, dpi_y, side, *rest = row
    size, etag, created, blob, blob_index, job, unstepped, edited, *words, total = rest
    marks, tags, reading, edits = words
    return PageRow(
        id=page_id,
        document=document,
        position=position,
        media_type=media_type,
        width=width,
        height=height,
        dpi=(dpi_x, dpi_y),
        side=side,
        size=size,
        etag=etag,
        marks=tuple(_mark(mark) for mark in json.loads(marks)) if marks else (),
        created=created,
        blob=blob,
        blob_index=blob_index,
        job=job,
        unstepped=bool(unstepped),
        tags=labels.unpack_tags(tags),
        reading=json.loads(reading) if reading else {},
        history=history.read(edits, edited),
        total=total,
    )


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _asked(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


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
