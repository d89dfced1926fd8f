"""What was done to a page: its edits, undone ones included."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sheetfed.api.contracts import UNMOVED, Transform
from sheetfed.api.errors import Conflict
from sheetfed.api.model import PageInfo, Settings
from sheetfed.specs import REPLACED

MOST = 200
"""Edits that a page may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One edit as a page has it: every option has its value.

    `page` is the page after it, and `transform` takes the original's points there. One that hides
    covers what nobody is to be given. `without` names edits before it that no addon brought when it
    was made: what was seen then, and what its lengths are of, is the page without them.
    """

    name: str
    options: Settings
    page: PageInfo
    transform: Transform = UNMOVED
    hides: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Edits in their order; the first `count` of them are in force, the rest can be done again."""

    edits: tuple[Done, ...] = ()
    count: int = 0

    @property
    def in_force(self) -> tuple[Done, ...]:
        """The edits that the page is shown with; none that a later one was made without."""
        done = self.edits[: self.count]
        if not any(edit.without for edit in done):
            return done
        shown, without = list[Done](), set[str]()
        for edit in reversed(done):
            if edit.name not in without:
                shown.append(edit)
                without.update(edit.without)
        return tuple(reversed(shown))

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names of edits that were done, and that a later one was made without."""
        shown = {id(edit) for edit in self.in_force}
        return tuple(edit.name for edit in self.edits[: self.count] if id(edit) not in shown)

    @property
    def hides(self) -> bool:
        """Whether something is covered that nobody is to be given."""
        return any(edit.hides for edit in self.in_force)

    @property
    def replaced(self) -> Done | None:
        """The last edit in force that put another picture in the page's place."""
        return next((edit for edit in reversed(self.in_force) if edit.name == REPLACED), None)

    @property
    def since(self) -> History:
        """The edits in force after that one."""
        edits = self.edits[: self.count]
        places = [place for place, edit in enumerate(edits, 1) if edit.name == REPLACED]
        rest = edits[places[-1] :] if places else edits
        return History(edits=rest, count=len(rest))

    @property
    def words(self) -> set[str]:
        """All texts in the options of its edits, names of files among them."""
        values = (value for edit in self.edits for value in edit.options.values())
        return {value for value in values if isinstance(value, str)}

    def kept(self, *, without_last: bool) -> tuple[Done, ...]:
        """Return what a new edit follows on, or takes the place of. Raises Conflict."""
        if without_last and not self.count:
            raise Conflict("The page has no edit that could be replaced")
        return self.edits[: self.count - without_last]

    def grown(self, added: Iterable[Done], *, without_last: bool) -> History:
        """Return the history with more edits, and nothing to do again. Raises Conflict."""
        edits = (*self.kept(without_last=without_last), *added)
        if len(edits) > MOST:
            raise Conflict(f"A page can have {MOST} edits")
        return History(edits=edits, count=len(edits))

    def undone(self, *, every: bool = False) -> History:
        """Return the history one edit back, or at the original. The same where nothing is done."""
        return replace(self, count=0 if every else max(0, self.count - 1))

    def redone(self, *, every: bool = False) -> History:
        """Return the history one edit on, or at the last. The same where nothing was undone."""
        most = len(self.edits)
        return replace(self, count=most if every else min(most, self.count + 1))


UNEDITED = History()


def written(history: History) -> str:
    """Return the edits of a history as text; empty where there are none."""
    if not history.edits:
        return ""
    return json.dumps([_told(edit) for edit in history.edits])


def read(text: str | None, count: int) -> History:
    """Return the history that `written` wrote."""
    if not text:  # as most pages are, and thousands may be read at once
        return UNEDITED
    edits = tuple(_edit(found) for found in json.loads(text))
    return History(edits=edits, count=count)


def _told(edit: Done) -> dict[str, Any]:
    told = {**asdict(edit), "options": dict(edit.options)}
    if not edit.without:  # as with most, and as an earlier version reads it
        del told["without"]
    return told


def _edit(found: dict[str, Any]) -> Done:
    page = found.pop("page")
    a, b, c, d, e, f, g, h, i = found.pop("transform")
    without = tuple(found.pop("without", ()))
    return Done(
        **found,
        page=PageInfo(width=page["width"], height=page["height"], dpi=(*page["dpi"],)),
        transform=(a, b, c, d, e, f, g, h, i),
        without=without,
    )
