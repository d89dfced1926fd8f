"""Bookmarks: a tree of titles that lead to pages."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

from sheetfed_pdf import structure
from sheetfed_pdf.copying import Copied
from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import dictionary, numbers, reference, text

_MOST = 20_000
_DEEPEST = 20
_ANYWHERE = b"null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """A title, how deep it lies below the top, and the page that it leads to; 0 for none."""

    title: str
    page: int
    depth: int = 0
    top: float | None = None


def bookmarks_of(copied: Copied) -> list[Bookmark]:
    """Return the bookmarks of a file that lead to pages that were copied."""
    found: list[Bookmark] = []
    outlines = copied.objects.Root.get("/Outlines")
    if not isinstance(outlines, pikepdf.Dictionary):
        return found
    waiting = [(outlines.get("/First"), 0)]
    seen: set[tuple[int, int]] = set()
    while waiting and len(found) < _MOST:
        item, depth = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary) or item.objgen in seen:
            continue
        seen.add(item.objgen)
        page, top = _target(copied, item)
        title = str(item.get("/Title", "")).strip()
        if title:
            found.append(Bookmark(title=title, page=page, depth=depth, top=top))
        waiting.append((item.get("/Next"), depth))
        if depth < _DEEPEST:
            waiting.append((item.get("/First"), depth + 1))
    return _leading_somewhere(found)


def add(output: Output, bookmarks: Sequence[Bookmark]) -> bytes:
    """Write bookmarks and return a reference to the tree."""
    root = output.reserve()
    own = [output.reserve() for _ in bookmarks]
    children: dict[int, list[int]] = {}
    parents: list[int] = []
    path: list[int] = []
    for index, bookmark in enumerate(bookmarks):
        del path[min(bookmark.depth, len(path)) :]
        parents.append(path[-1] if path else -1)
        children.setdefault(parents[-1], []).append(index)
        path.append(index)
    for index, bookmark in enumerate(bookmarks):
        entries = {"Title": text(bookmark.title)}
        siblings = children[parents[index]]
        place = bisect_left(siblings, index)
        entries["Parent"] = reference(root if parents[index] < 0 else own[parents[index]])
        if place:
            entries["Prev"] = reference(own[siblings[place - 1]])
        if place + 1 < len(siblings):
            entries["Next"] = reference(own[siblings[place + 1]])
        below = children.get(index, [])
        if below:
            entries |= {
                "First": reference(own[below[0]]),
                "Last": reference(own[below[-1]]),
                "Count": b"-%d" % len(below),
            }
        if bookmark.page:
            top = _ANYWHERE if bookmark.top is None else numbers([bookmark.top])
            entries["Dest"] = b"[%s/XYZ null %s null]" % (reference(bookmark.page), top)
        output.add(dictionary(entries), own[index])
    highest = children.get(-1, [])
    output.add(
        dictionary(
            {
                "Type": b"/Outlines",
                "First": reference(own[highest[0]]),
                "Last": reference(own[highest[-1]]),
                "Count": b"%d" % len(highest),
            }
        ),
        root,
    )
    return reference(root)


def _target(copied: Copied, item: Any) -> tuple[int, float | None]:
    """Return the new number of the page that a bookmark leads to, and how far up on it."""
    try:
        target = item.get("/Dest")
        action = item.get("/A")
        if target is None and isinstance(action, pikepdf.Dictionary):
            target = action.get("/D") if action.get("/S") == "/GoTo" else None
        if target is not None and not isinstance(target, pikepdf.Array):
            target = copied.place_of(target)
        if target is None or not len(target) or not isinstance(target[0], pikepdf.Dictionary):
            return 0, None
        place = copied.place_in_file(target[0])
        top = float(target[3]) if len(target) > 3 and target[1] == "/XYZ" and target[3] else None
    except structure.DAMAGE:
        return 0, None
    return (copied.number_of(place) or 0) if place is not None else 0, top


def _leading_somewhere(bookmarks: Sequence[Bookmark]) -> list[Bookmark]:
    """Return the bookmarks that lead to a page, and those above them."""
    kept: list[Bookmark] = []
    needed = -1
    for bookmark in reversed(bookmarks):
        if bookmark.page or bookmark.depth < needed:
            kept.append(bookmark)
            needed = bookmark.depth or -1
    return kept[::-1]
