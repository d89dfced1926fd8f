"""Pages as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from sheetfed.api.errors import NotFound
from sheetfed.api.model import Box, Mark, PageInfo, Settings, Side, Value
from sheetfed.store import files, history, labels
from sheetfed.store.history import UNEDITED, History
from sheetfed.transforms import shown

WORDS = ("marks", "tags", "reading", "edits")
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
_OPENED = (f"CASE pages.{name} WHEN '' THEN '' ELSE opened(pages.{name}) END" for name in WORDS)
_SELECTED = ", ".join((*(f"pages.{name}" for name in _READ), *_OPENED, f"({_TOTAL})"))
_PAGE = f"SELECT {_SELECTED} FROM pages"  # noqa: S608 - our names
_TAGS = len(_READ) + WORDS.index("tags")
_PAGES = f"{_PAGE} JOIN documents ON documents.id = pages.document"
AT_ONCE = 500
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
        {"marks": marks_text(marks), "page": page_id},
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


def set_history(connection: sqlite3.Connection, page_id: str, done: History) -> None:
    """Give a page other edits."""
    connection.execute(
        "UPDATE pages SET edits = sealed(:edits, (SELECT private FROM documents"
        " WHERE documents.id = pages.document)), edited = :count WHERE id = :page",
        {"edits": history.written(done), "count": done.count, "page": page_id},
    )


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
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _asked(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _filled(value: Value, known: Mapping[str, str]) -> Value:
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace(name, text)
    return value


def marks_text(marks: Sequence[Mark]) -> str:
    """Return marks as their column holds them."""
    return json.dumps([asdict(mark) for mark in marks]) if marks else ""


def _mark(found: dict[str, Any]) -> Mark:
    box = found.pop("box")
    corners = tuple((x, y) for x, y in found.pop("corners", ()))
    return Mark(**found, box=None if box is None else Box(**box), corners=corners)
