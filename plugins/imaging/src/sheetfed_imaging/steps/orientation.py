"""Marks which way up a page is, where that is certain."""

from __future__ import annotations

from collections.abc import Iterable

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings
from sheetfed_imaging import look
from sheetfed_imaging.offers import ORIENTATION
from sheetfed_imaging.pixels import gray_of
from sheetfed_imaging.upright import WORKING, upright_of


class MarkOrientation(Step):
    """Reads from its letters how a page is to be turned."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        look.warm()

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page, with a mark where it is certain."""
        found = upright_of(gray_of(look.picture_of(page, longest=WORKING, gray=True)))
        if found is None:
            return [page]
        mark = Mark(
            kind="orientation",
            value=str(found.turn),
            by=ORIENTATION.name,
            details={
                "turn": found.turn,
                "certainty": round(found.certainty, 1),
                "lines": found.lines,
            },
        )
        return look.marked(page, mark)
