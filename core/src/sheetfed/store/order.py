"""New orders for the pages of a document."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Literal

from sheetfed.api.errors import BadRequest, NotFound

Rule = Literal[
    "reverse", "interleave", "interleave-reversed", "deinterleave", "deinterleave-reversed"
]
"""How pages are put in another order without naming each; see `ruled`."""

Which = Literal["all", "odd", "even"]
"""Pages of a document by their places, the first being odd."""

Chosen = Sequence[str] | Which
"""Pages by their ids, or by their places."""


def chosen(now: Sequence[str], pages: Chosen) -> list[str]:
    """Return the ids of the pages that are meant. Raises NotFound, BadRequest."""
    match pages:
        case "all":
            return list(now)
        case "odd":
            return list(now[::2])
        case "even":
            return list(now[1::2])
        case _:
            check_pages(now, pages)
            return list(pages)


def permuted(now: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return `wanted` if it holds every page once. Raises NotFound, BadRequest."""
    check_pages(now, wanted)
    if len(wanted) != len(now):
        raise BadRequest("The new order must name every page of the document")
    return list(wanted)


def moved(now: Sequence[str], pages: Sequence[str], before: str | None) -> list[str]:
    """Return the order with `pages` before another one, or at the end."""
    check_pages(now, pages)
    return inserted(without(now, pages), pages, before, now=now)


def swapped(now: Sequence[str], a: str, b: str) -> list[str]:
    """Return the order with two pages in each other's place."""
    check_pages(now, [a])
    check_pages(now, [b])
    places = {a: b, b: a}
    return [places.get(page, page) for page in now]


def ruled(
    now: Sequence[str], rule: Rule, *, pages: Chosen = "all", fronts: int | None = None
) -> list[str]:
    """Return the order that a rule makes of some pages, in the places that these hold.

    `interleave` takes the first `fronts` pages (half of them, or one more) for front sides and the
    others for their backs, in order or `reversed`; `deinterleave` puts it back, with as many.
    """
    named = set(chosen(now, pages))
    ranks = [page for page in now if page in named]
    if fronts is not None and fronts > len(ranks):
        raise BadRequest(f"There are {len(ranks)} pages, so {fronts} cannot be fronts")
    arranged = iter(_ruled(ranks, rule, (len(ranks) + 1) // 2 if fronts is None else fronts))
    return [next(arranged) if page in named else page for page in now]


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


def without(now: Sequence[str], pages: Collection[str]) -> list[str]:
    """Return the order of the others."""
    gone = set(pages)
    return [page for page in now if page not in gone]


def check_pages(now: Sequence[str], named: Sequence[str]) -> None:
    """Raise NotFound for a page that is not here, BadRequest for one named twice."""
    here = set(now)
    for page in named:
        if page not in here:
            raise NotFound(f"There is no page {page} in the document")
    if len(set(named)) != len(named):
        raise BadRequest("A page is named twice")


def _ruled(pages: list[str], rule: Rule, fronts: int) -> list[str]:
    match rule:
        case "reverse":
            return pages[::-1]
        case "interleave":
            return _zipped(pages[:fronts], pages[fronts:])
        case "interleave-reversed":
            return _zipped(pages[:fronts], pages[fronts:][::-1])
        case "deinterleave":
            first, then = _unzipped(pages, fronts)
            return [*first, *then]
        case "deinterleave-reversed":
            first, then = _unzipped(pages, fronts)
            return [*first, *then[::-1]]


def _zipped(fronts: Sequence[str], backs: Sequence[str]) -> list[str]:
    """Return each front with its back; those without another side follow in their order."""
    pairs = zip_longest(fronts, backs)
    return [page for pair in pairs for page in pair if page is not None]


def _unzipped(pages: Sequence[str], fronts: int) -> tuple[Sequence[str], Sequence[str]]:
    """Return what was put together by `_zipped`: so many fronts, and the backs."""
    backs = len(pages) - fronts
    paired = 2 * min(fronts, backs)
    rest = pages[paired:]
    first, then = pages[:paired:2], pages[1:paired:2]
    return ([*first, *rest], then) if fronts > backs else (first, [*then, *rest])
