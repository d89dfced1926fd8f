"""Documents and pages as rows.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sheetfed.api.errors import NotFound
from sheetfed.api.model import Box, Mark, Side

PictureKind = Literal["preview", "thumbnail"]

NEWEST = (1 << 63) - 1
"""No document's number is above this one."""

_PRIVATE = ("documents", "jobs", "events")
_PAGE = "SELECT pages.*, opened(pages.marks) AS words FROM pages"
_PAGES = f"{_PAGE} JOIN documents ON documents.id = pages.document"
_PAGE_SIZES = (
    "SELECT count(*), coalesce(sum(pages.size), 0) FROM pages"
    " JOIN documents ON documents.id = pages.document"
)
_PICTURE_SIZES = (
    "SELECT coalesce(sum(pictures.size), 0) FROM pictures"
    " JOIN pages ON pages.id = pictures.page JOIN documents ON documents.id = pages.document"
)
_DOCUMENT = "SELECT documents.*, opened(documents.title) AS words FROM documents"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A small picture of a page and the range of the file that holds it."""

    page: str
    kind: PictureKind
    media_type: str
    width: int
    height: int
    blob: str
    start: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How many pages the store holds, and how many bytes they and their pictures take."""

    pages: int
    bytes: int


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
    }


def page_data(row: PageRow) -> dict[str, Any]:
    """Return the page as events tell it."""
    return {
        "id": row.id,
        "document": row.document,
        "position": row.position,
        "media_type": row.media_type,
        "width": row.width,
        "height": row.height,
        "dpi": list(row.dpi),
        "side": row.side,
        "size": row.size,
        "etag": row.etag,
        "marks": [asdict(mark) for mark in row.marks],
        "created": row.created,
        "job": row.job,
    }


def add_document(
    connection: sqlite3.Connection, row: DocumentRow, sealed_key: bytes, used: float
) -> None:
    """Keep a new document with its key, used at this time of the store's clock."""
    connection.execute(
        "INSERT INTO documents (id, owner, title, created, changed, version, private, used)"
        " VALUES (:id, :owner, sealed(:title, :private), :created, :changed, :version, :private,"
        " :used)",
        {
            "id": row.id,
            "owner": row.owner,
            "title": row.title,
            "created": row.created,
            "changed": row.changed,
            "version": row.version,
            "private": row.private,
            "used": used,
        },
    )
    connection.execute("INSERT INTO keys (document, sealed) VALUES (?, ?)", (row.id, sealed_key))


def document(connection: sqlite3.Connection, owner: str, document_id: str) -> DocumentRow:
    """Return a document of this owner. Raises NotFound."""
    row = connection.execute(
        f"{_DOCUMENT} WHERE id = ? AND owner = ?", (document_id, owner)
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no document {document_id}")
    return _document(connection, row)


def documents(
    connection: sqlite3.Connection, owner: str, *, before: int, limit: int
) -> list[tuple[int, DocumentRow]]:
    """Return documents with their numbers, the newest first, below a number."""
    rows = connection.execute(
        f"{_DOCUMENT} WHERE owner = ? AND number < ? ORDER BY number DESC LIMIT ?",
        (owner, before, limit),
    ).fetchall()
    return [(row["number"], _document(connection, row)) for row in rows]


def delete_document(connection: sqlite3.Connection, document_id: str) -> list[str]:
    """Delete a document, its key and its pages; return the files that nothing needs now."""
    held = _blobs_where(connection, "pages.document = ?", document_id)
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    return _unused(connection, held)


def rename(connection: sqlite3.Connection, document_id: str, title: str) -> None:
    """Give a document another title."""
    connection.execute(
        "UPDATE documents SET title = sealed(?, private) WHERE id = ?", (title, document_id)
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


def document_key(connection: sqlite3.Connection, document_id: str) -> bytes:
    """Return a document's sealed key."""
    (sealed,) = connection.execute(
        "SELECT sealed FROM keys WHERE document = ?", (document_id,)
    ).fetchone()
    return bytes(sealed)


def add_page(connection: sqlite3.Connection, row: PageRow, sealed_key: bytes) -> PageRow:
    """Keep a page at the end of its document; return it with its place."""
    (position,) = connection.execute(
        "SELECT coalesce(max(position) + 1, 0) FROM pages WHERE document = ?", (row.document,)
    ).fetchone()
    values: dict[str, Any] = {
        "id": row.id,
        "document": row.document,
        "position": position,
        "media_type": row.media_type,
        "width": row.width,
        "height": row.height,
        "dpi_x": row.dpi[0],
        "dpi_y": row.dpi[1],
        "side": row.side,
        "size": row.size,
        "etag": row.etag,
        "marks": _marks_text(row.marks),
        "created": row.created,
        "blob": row.blob,
        "blob_index": row.blob_index,
        "key": sealed_key,
        "job": row.job,
        "unstepped": row.unstepped,
    }
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values).replace(
        ":marks", "sealed(:marks, (SELECT private FROM documents WHERE id = :document))"
    )
    connection.execute(f"INSERT INTO pages ({names}) VALUES ({places})", values)  # noqa: S608 - our names
    return page_of(connection, row.id)


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


def replace_file(connection: sqlite3.Connection, row: PageRow) -> list[str]:
    """Give a page another file, sealed with the same key, and forget the pictures of the old one.

    Returns the files that nothing needs now.
    """
    held = _blobs_where(connection, "pages.id = ?", row.id)
    connection.execute("DELETE FROM pictures WHERE page = ?", (row.id,))
    connection.execute(
        "UPDATE pages SET media_type = :media_type, width = :width, height = :height,"
        " dpi_x = :dpi_x, dpi_y = :dpi_y, side = :side, size = :size, etag = :etag, blob = :blob,"
        " blob_index = :blob_index WHERE id = :id",
        {
            "id": row.id,
            "media_type": row.media_type,
            "width": row.width,
            "height": row.height,
            "dpi_x": row.dpi[0],
            "dpi_y": row.dpi[1],
            "side": row.side,
            "size": row.size,
            "etag": row.etag,
            "blob": row.blob,
            "blob_index": row.blob_index,
        },
    )
    return _unused(connection, held)


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
        "UPDATE pages SET document = ?, key = ?, position = -1, marks = sealed(opened(marks),"
        " (SELECT private FROM documents WHERE id = ?)) WHERE id = ?",
        (document_id, sealed_key, document_id, page_id),
    )


def delete_page(connection: sqlite3.Connection, page_id: str) -> list[str]:
    """Delete a page; return the files that nothing needs now."""
    held = _blobs_where(connection, "pages.id = ?", page_id)
    connection.execute("DELETE FROM pages WHERE id = ?", (page_id,))
    return _unused(connection, held)


def keep_picture(connection: sqlite3.Connection, row: PictureRow) -> list[str]:
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
    return _unused(connection, [blob for (blob,) in old])


def picture(connection: sqlite3.Connection, page_id: str, kind: str) -> PictureRow | None:
    """Return where a page's picture is, None where it has none of this kind."""
    row = connection.execute(
        "SELECT * FROM pictures WHERE page = ? AND kind = ?", (page_id, kind)
    ).fetchone()
    return None if row is None else PictureRow(**dict(row))


def blobs(connection: sqlite3.Connection) -> set[str]:
    """Return every file that a row needs."""
    rows = connection.execute("SELECT blob FROM pages UNION SELECT blob FROM pictures")
    return {blob for (blob,) in rows}


def usage(connection: sqlite3.Connection, owner: str | None = None) -> Usage:
    """Return how much is kept, of one owner or of all."""
    where, values = ("", ()) if owner is None else (" WHERE documents.owner = ?", (owner,))
    count, size = connection.execute(_PAGE_SIZES + where, values).fetchone()
    (more,) = connection.execute(_PICTURE_SIZES + where, values).fetchone()
    return Usage(pages=count, bytes=size + more)


def has_private(connection: sqlite3.Connection) -> bool:
    """Tell whether there is anything that dies with its service."""
    questions = (f"SELECT 1 FROM {table} WHERE private LIMIT 1" for table in _PRIVATE)  # noqa: S608 - our names
    return any(connection.execute(question).fetchone() for question in questions)


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


def _blobs_where(connection: sqlite3.Connection, condition: str, value: str) -> list[str]:
    rows = connection.execute(
        f"SELECT blob FROM pages WHERE {condition}"  # noqa: S608 - our condition
        " UNION SELECT pictures.blob FROM pictures JOIN pages ON pages.id = pictures.page"
        f" WHERE {condition}",
        (value, value),
    )
    return [blob for (blob,) in rows]


def _unused(connection: sqlite3.Connection, candidates: Iterable[str]) -> list[str]:
    question = (
        "SELECT EXISTS (SELECT 1 FROM pages WHERE blob = :blob)"
        " OR EXISTS (SELECT 1 FROM pictures WHERE blob = :blob)"
    )
    return [
        blob
        for blob in candidates
        if not connection.execute(question, {"blob": blob}).fetchone()[0]
    ]


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
    )


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
        marks=tuple(_mark(mark) for mark in json.loads(row["words"] or "[]")),
        created=row["created"],
        blob=row["blob"],
        blob_index=row["blob_index"],
        job=row["job"],
        unstepped=bool(row["unstepped"]),
    )


def _marks_text(marks: Sequence[Mark]) -> str:
    return json.dumps([asdict(mark) for mark in marks]) if marks else ""


def _mark(found: dict[str, Any]) -> Mark:
    box = found.pop("box")
    corners = tuple((x, y) for x, y in found.pop("corners", ()))
    return Mark(**found, box=None if box is None else Box(**box), corners=corners)
