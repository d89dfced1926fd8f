"""Pages as steps see them, and where that is on the original."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace

from sheetfed.api.contracts import UNMOVED, Transform
from sheetfed.api.errors import Conflict
from sheetfed.api.model import Mark, Page
from sheetfed.documents import Documents
from sheetfed.edits import Edits
from sheetfed.store.pages import PageRow
from sheetfed.transforms import inverse, shown, traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A page as steps get it, and its row; one that is shown through edits has a transform.

    `given` are its marks there and the same on the original; `aside` are those out of sight.
    """

    page: Page
    row: PageRow
    transform: Transform | None = None
    given: dict[Hashable, tuple[Mark, Mark]] = field(default_factory=dict)
    aside: tuple[Mark, ...] = ()

    def traced(self, made: Sequence[Page]) -> Sequence[Page]:
        """Return what steps made of the page, with marks where they are on the original.

        Raises Conflict where an edited page became another picture: the original would be lost.
        """
        if self.transform is None:
            return made
        if any(
            (one.media_type, one.data) != (self.page.media_type, self.page.data) for one in made
        ):
            raise Conflict("The page was edited; undo that before a step changes its picture")
        back = inverse(self.transform)
        return [
            replace(one, marks=(*self.aside, *(self._traced(mark, back) for mark in one.marks)))
            for one in made
        ]

    def _traced(self, mark: Mark, back: Transform | None) -> Mark:
        there, original = self.given.get(_key(mark), (None, mark))
        return original if there == mark else traced(mark, back)


async def as_it_came(
    documents: Documents, owner: str, row: PageRow, replaces: Collection[str]
) -> Sight:
    """Return the original of a page without the marks of some steps. Raises as `loaded` does."""
    page = await documents.loaded(owner, row)
    return Sight(page=replace(page, marks=_without(page.marks, replaces)), row=row)


async def as_shown(edits: Edits, owner: str, row: PageRow, replaces: Collection[str]) -> Sight:
    """Return an edited page as it is shown, without what some steps marked of that before.

    Under what is redacted nothing is given away. Raises as `Edits.shown` does.
    """
    page = await edits.shown(owner, row)
    history = (await edits.settled(owner, row)).history
    transform = history.in_force[-1].transform if history.count else UNMOVED
    bare = history.hides or row.history.replaced is not None
    given, aside = {}, []
    for mark in row.marks:
        there = shown((mark,), transform, (page.width, page.height))
        if there and mark.by in replaces:
            continue
        if there and not bare and _key(there[0]) not in given:
            given[_key(there[0])] = (there[0], mark)
        else:
            aside.append(mark)
    page = replace(page, marks=tuple(there for there, _ in given.values()))
    return Sight(page=page, row=row, transform=transform, given=given, aside=tuple(aside))


def _without(marks: Sequence[Mark], makers: Collection[str]) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.by not in makers)


def _key(mark: Mark) -> Hashable:
    """Return all of a mark that can be looked up by."""
    return mark.kind, mark.value, mark.by, mark.box, mark.corners
