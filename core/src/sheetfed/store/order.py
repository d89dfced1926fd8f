"""New orders for the pages of a document."""

from __future__ import annotations

from collections.abc import Sequence

from sheetfed.api.errors import BadRequest, NotFound


def permuted(now: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return `wanted` if it holds every page once. Raises NotFound, BadRequest."""
    check_pages(now, wanted)
    if len(wanted) != len(now):
        raise BadRequest("The new order must name every page of the document")
    return list(wanted)


def moved(now: Sequence[str], pages: Sequence[str], before: str | None) -> list[str]:
    """Return the order with `pages` before another one, or at the end."""
    check_pages(now, pages)
    return inserted([page for page in now if page not in set(pages)], pages, before, now=now)


def swapped(now: Sequence[str], a: str, b: str) -> list[str]:
    """Return the order with two pages in each other's place."""
    check_pages(now, [a])
    check_pages(now, [b])
    places = {a: b, b: a}
    return [places.get(page, page) for page in now]


def inserted(
    rest: Sequence[str], pages: Sequence[str], before: str | None, *, now: Sequence[str]
) -> list[str]:
    """Return `rest` with `pages` put before one of them, or at the end."""
    if before is None:
        return [*rest, *pages]
    if before in pages:
        raise BadRequest("Pages cannot be put before one of themselves")
    check_pages(now, [before])
    place = rest.index(before)
    return [*rest[:place], *pages, *rest[place:]]


def check_pages(now: Sequence[str], named: Sequence[str]) -> None:
    """Raise NotFound for a page that is not here, BadRequest for one named twice."""
    for page in named:
        if page not in now:
            raise NotFound(f"There is no page {page} in the document")
    if len(set(named)) != len(named):
        raise BadRequest("A page is named twice")
