"""Pages that go from one document into another, or copies.

Every function runs inside a transaction of its caller.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sheetfed.api.errors import BadRequest, Conflict
from sheetfed.store import arrivals, changes, documents, order, pages, places, seals
from sheetfed.store.documents import DocumentRow
from sheetfed.store.ids import new_id, new_ids
from sheetfed.store.keys import Masters
from sheetfed.store.order import Chosen, Rule
from sheetfed.store.pages import PageRow
from sheetfed.store.shares import Shares

LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where a document is split: the page that the next one begins with, and its title.

    Without a title it has that of the document, and a number.
    """

    first: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a transfer works with: one transaction, one owner, the keys and the limits."""

    connection: sqlite3.Connection
    masters: Masters
    shares: Shares
    owner: str


def move(
    desk: Desk, moved: Sequence[str], *, document: str, before: str | None, version: int | None
) -> DocumentRow:
    """Move pages from any documents into one.

    Raises NotFound, BadRequest, Stale, Conflict, QuotaReached.
    """
    now = time.time()
    target = changes.current(desk.connection, desk.owner, document, version)
    moving = changes.named(desk.connection, desk.owner, moved)
    rest = order.without(target.pages, moved)
    arranged = order.inserted(rest, moved, before, now=target.pages)
    coming = [page for page in moving if page.document != document]
    _take_over(desk, target, coming)
    places.place(desk.connection, document, arranged)
    changes.tell_pages(desk.connection, target, [page.id for page in coming], "moved", now)
    changes.close_ranks(desk.connection, desk.owner, coming, now)
    if tuple(arranged) == target.pages:
        return target
    return changes.changed(desk.connection, desk.owner, document, now)


def copy(
    desk: Desk, copied: Sequence[str], *, document: str, before: str | None, version: int | None
) -> DocumentRow:
    """Put copies of pages, of any documents, into one; their files are shared, not written again.

    Raises NotFound, BadRequest, Stale, Conflict, QuotaReached.
    """
    now = time.time()
    target = changes.current(desk.connection, desk.owner, document, version)
    return _copy(desk, target, changes.named(desk.connection, desk.owner, copied), before, now)


def duplicate(
    desk: Desk, new: DocumentRow, *, document: str, wanted: Chosen, used: float
) -> DocumentRow:
    """Make a new document with copies of pages of another, private if that one is.

    Raises NotFound, BadRequest, QuotaReached.
    """
    source = documents.get(desk.connection, desk.owner, document)
    new = replace(
        new,
        title=new.title or source.title,
        tags=source.tags,
        info=source.info,
        private=new.private or source.private,
    )
    chosen = order.chosen(source.pages, wanted)
    made = _create(desk, new, used)
    known = {page.id: page for page in pages.pages_of(desk.connection, document)}
    copied = [known[page] for page in chosen]
    return _copy(desk, made, copied, None, new.created)


def split(
    desk: Desk, document: str, parts: Sequence[Part], *, version: int | None, used: float
) -> list[DocumentRow]:
    """Part a document at pages; return it, and the new documents that follow it.

    Raises NotFound, BadRequest, Stale.
    """
    now = time.time()
    row = changes.current(desk.connection, desk.owner, document, version)
    order.check_pages(row.pages, [part.first for part in parts])
    numbers = {page: place for place, page in enumerate(row.pages)}
    parts = sorted(parts, key=lambda part: numbers[part.first])
    starts = [numbers[part.first] for part in parts]
    if starts and starts[0] == 0:
        raise BadRequest("A document cannot be split before its first page")
    made = []
    for number, (part, start) in enumerate(zip(parts, starts, strict=True), 2):
        end = starts[number - 1] if number <= len(parts) else len(row.pages)
        title = _numbered(row.title, number) if part.title is None else part.title
        new = replace(
            row, id=new_id("doc"), title=title, created=now, changed=now, version=1, pages=()
        )
        target = _create(desk, new, used)
        going = row.pages[start:end]
        _take_over(desk, target, changes.named(desk.connection, desk.owner, going), known=True)
        places.place(desk.connection, new.id, going)
        changes.tell_pages(desk.connection, target, going, "moved", now)
        made.append(changes.changed(desk.connection, desk.owner, new.id, now))
    return [changes.changed(desk.connection, desk.owner, document, now) if parts else row, *made]


def merge(
    desk: Desk,
    document: str,
    others: Sequence[str],
    *,
    before: str | None,
    rule: Rule | None,
    busy: Collection[str],
    version: int | None,
) -> tuple[DocumentRow, list[str]]:
    """Move all pages of other documents into one, then delete those.

    With a rule, the pages of the document are fronts and the others their backs. Returns the files
    that nothing needs now. Raises NotFound, BadRequest, Stale, Conflict, QuotaReached.
    """
    now = time.time()
    target = changes.current(desk.connection, desk.owner, document, version)
    if len({document, *others}) != len(others) + 1:
        raise BadRequest("A document cannot be merged with itself")
    if rule is not None and before is not None:
        raise BadRequest("Backs go behind their fronts, so that they cannot go before a page")
    merged = [documents.get(desk.connection, desk.owner, other) for other in others]
    if taken := [row.id for row in merged if row.id in busy]:
        raise Conflict(f"A job scans into {taken[0]}")
    coming = [page for row in merged for page in pages.pages_of(desk.connection, row.id)]
    ids = [page.id for page in coming]
    arranged = order.inserted(target.pages, ids, before, now=target.pages)
    if rule is not None:
        arranged = order.ruled(arranged, rule, fronts=len(target.pages))
    _take_over(desk, target, coming)
    places.place(desk.connection, document, arranged)
    changes.tell_pages(desk.connection, target, ids, "moved", now)
    files = [
        file
        for row in merged
        for file in changes.delete(desk.connection, desk.owner, row.id, version=None)
    ]
    return changes.changed(desk.connection, desk.owner, document, now), files


def _create(desk: Desk, row: DocumentRow, used: float) -> DocumentRow:
    key = seals.new_document_key(desk.masters, row)
    changes.create(desk.connection, row, key, used=used)
    return row


def _take_over(
    desk: Desk, target: DocumentRow, coming: Sequence[PageRow], *, known: bool = False
) -> None:
    """Give pages to a document, at no place yet; `known` where they leave one no larger."""
    _check_private(desk, target, coming)
    if not known:
        desk.shares.check_moved(desk.connection, target.id, coming)
    if not coming:
        return
    keys = _keys(desk, [(page, page.id) for page in coming], target)
    moved = {page.id: key for page, key in zip(coming, keys, strict=True)}
    places.move_pages(desk.connection, moved, target.id)
    if target.private:
        places.seal_privately(desk.connection, moved)


def _copy(
    desk: Desk, target: DocumentRow, copied: Sequence[PageRow], before: str | None, now: float
) -> DocumentRow:
    if not copied:
        return target
    if before is not None:
        order.check_pages(target.pages, [before])
    _check_private(desk, target, copied)
    desk.shares.check_new(desk.connection, desk.owner, target.id, copied)
    place = places.make_room(desk.connection, target.id, before=before, count=len(copied))
    made = [
        replace(page, id=new, document=target.id, position=at, job=None, unstepped=False)
        for at, (page, new) in enumerate(
            zip(copied, new_ids("pg", len(copied)), strict=True), place
        )
    ]
    pairs = [*zip(copied, made, strict=True)]
    keys = _keys(desk, [(page, copy.id) for page, copy in pairs], target)
    arrivals.copy_pages(desk.connection, pairs, keys)
    changes.tell_pages(desk.connection, target, [page.id for page in made], "added", now)
    return changes.changed(desk.connection, desk.owner, target.id, now)


def _keys(desk: Desk, carried: Sequence[tuple[PageRow, str]], target: DocumentRow) -> list[bytes]:
    return seals.carried_page_keys(desk.connection, desk.masters, desk.owner, carried, target.id)


def _check_private(desk: Desk, target: DocumentRow, coming: Sequence[PageRow]) -> None:
    if target.private:
        return
    for document in {page.document for page in coming}:
        if documents.is_private(desk.connection, document):
            raise Conflict("A page of a private document cannot come into one that is kept")


def _numbered(title: str, number: int) -> str:
    ending = f" ({number})"
    return f"{title[: LONGEST_TITLE - len(ending)]}{ending}" if title else ""
