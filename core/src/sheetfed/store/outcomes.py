"""What steps made of a page, put in its place.

The files are written first, out of sight; then one transaction makes them last, changes the rows
and tells it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sheetfed.api.errors import Conflict
from sheetfed.api.model import Mark
from sheetfed.store import arrivals, changes, documents, log, pages, seals
from sheetfed.store.blobs import BlobWriter
from sheetfed.store.edits import Turn
from sheetfed.store.keys import Masters
from sheetfed.store.pages import PageRow, page_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One of the pages that come out: the page itself with other marks, or a written file.

    Its `turn` is what edits make of its history.
    """

    marks: tuple[Mark, ...]
    row: PageRow | None = None
    writer: BlobWriter | None = None
    key: bytes = b""
    turn: Turn | None = None


def put(
    connection: sqlite3.Connection,
    masters: Masters,
    owner: str,
    page_id: str,
    leaves: Sequence[Leaf],
) -> list[str]:
    """Put leaves in the place of a page; return the files that nothing needs now.

    One of them is the page itself, or has its id; with none the page is dropped. Raises NotFound
    where the page is gone, Conflict where it was edited meanwhile, DiskFull.
    """
    now = time.time()
    page = pages.page(connection, owner, page_id)
    if not leaves:
        return changes.remove(connection, owner, [page_id])[1]
    files: list[str] = []
    ids: list[str] = []
    for leaf in leaves:
        row = leaf.row
        if leaf.writer:
            leaf.writer.finish()
        if row is None or row.id == page_id:
            files += [] if row is None else arrivals.replace_file(connection, row)
            pages.set_marks(connection, page_id, leaf.marks)
            pages.set_stepped(connection, page_id)
        else:
            row = replace(row, document=page.document)
            sealed = seals.sealed_page_key(connection, masters, owner, row, leaf.key)
            arrivals.add_page(connection, row, sealed)
        ids.append(page_id if row is None else row.id)
        if leaf.turn:
            if pages.page(connection, owner, ids[-1]).history != leaf.turn.before:
                raise Conflict("The page was edited while a step looked at it as it came")
            pages.set_history(connection, ids[-1], leaf.turn.after)
    _tell(connection, owner, page, ids, now)
    return files


def _tell(
    connection: sqlite3.Connection, owner: str, page: PageRow, ids: Sequence[str], now: float
) -> None:
    """Give the pages their places and tell what happened to each."""
    document = documents.get(connection, owner, page.document)
    if len(ids) > 1:
        rest = [known for known in document.pages if known == page.id or known not in set(ids)]
        place = rest.index(page.id)
        order = [*rest[:place], *ids, *rest[place + 1 :]]
        version = changes.reorder(connection, owner, document.id, order, now).version
    else:
        version = documents.touch(connection, document.id, now)
    for page_id in ids:
        change = "changed" if page_id == page.id else "added"
        data = {**page_data(pages.page_of(connection, page_id)), "change": change}
        data["version"] = version
        log.append(connection, "page", data, owner, now, private=document.private)
