"""What is written on pages, with places, and found again."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Box, Mark
from sheetfed.documents import Documents
from sheetfed.imaging import Imaging
from sheetfed.store.pages import PageRow

PAGES_AT_ONCE = 50
"""Pages that one question looks at: the next one goes on behind them."""

MOST_ON_A_PAGE = 200
"""Findings that are told of one page."""

AROUND = 5
"""Words before and after what was found, to be shown with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where words stand on a page; `text` has some of those around them."""

    page: str
    position: int
    text: str
    boxes: tuple[Box, ...]


async def contents(
    documents: Documents, imaging: Imaging, owner: str, row: PageRow
) -> tuple[Mark, ...]:
    """Return what the file of a page knows of it, where it is on the page as it is shown.

    Raises NotFound, Unreadable, AddonMissing and what else the codec raises.
    """
    original = await documents.original(owner, row.id)
    try:
        marks = await imaging.marks(
            original,
            row.media_type,
            row.blob_index,
            name=row.blob,
            options=row.reading,
            document=row.document,
        )
    finally:
        await original.close()
    return replace(row, marks=tuple(marks)).shown_marks


async def search(
    documents: Documents,
    imaging: Imaging,
    owner: str,
    document_id: str,
    wanted: str,
    *,
    after: str | None = None,
) -> tuple[Sequence[Finding], int, str | None]:
    """Return where words stand in a document, pages that could not be read, and the cursor.

    It looks at some pages; from the cursor on at the next ones. Words are those that files know and
    those that steps marked. Raises NotFound, BadRequest.
    """
    _, rows, rest = await documents.part(owner, document_id, limit=PAGES_AT_ONCE, after=after)
    found: list[Finding] = []
    unread = 0
    for row in rows:
        try:
            words = await _words(documents, imaging, owner, row)
        except SheetfedError:
            unread += 1
            continue
        hits = [*hits_in(words, wanted)][:MOST_ON_A_PAGE]
        found += [
            Finding(page=row.id, position=row.position, text=text, boxes=boxes)
            for text, boxes in hits
        ]
    return found, unread, rest


def hits_in(words: Sequence[Mark], wanted: str) -> Iterator[tuple[str, tuple[Box, ...]]]:
    """Yield each place where words follow one another, in any case: its surroundings and boxes."""
    plain = [_plain(word.value) for word in words]
    starts, length = [], 0
    for word in plain:
        starts.append(length)
        length += len(word) + 1
    text, sought = " ".join(plain), " ".join(_plain(wanted).split())
    at = text.find(sought) if sought else -1
    while at >= 0:
        first = bisect_right(starts, at) - 1
        last = bisect_right(starts, at + len(sought) - 1) - 1
        near = words[max(0, first - AROUND) : last + 1 + AROUND]
        boxes = tuple(word.box for word in words[first : last + 1] if word.box)
        yield " ".join(word.value for word in near), boxes
        at = text.find(sought, at + len(sought))


async def _words(
    documents: Documents, imaging: Imaging, owner: str, row: PageRow
) -> Sequence[Mark]:
    """Return the words of a page; under what is redacted there are none."""
    if row.history.hides:
        return ()
    own = () if row.media_type.startswith("image/") else await contents(
        documents, imaging, owner, row
    )  # fmt: skip
    return [mark for mark in (*own, *row.shown_marks) if mark.kind == "text"]


def _plain(text: str) -> str:
    """Return text as it is compared: ligatures apart, case left aside."""
    return unicodedata.normalize("NFKC", text).casefold()
