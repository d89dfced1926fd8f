"""Marks by how much a page lies askew."""

from __future__ import annotations

from collections.abc import Iterable

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings
from sheetfed_imaging import look
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import SKEW
from sheetfed_imaging.pixels import gray_of
from sheetfed_imaging.skew import WORKING, skew_of


class MarkSkew(Step):
    """Finds the skew of a page that has lines."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(SKEW, settings)
        look.warm()

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page, with a mark where lines are seen."""
        gray = gray_of(look.picture_of(page, longest=WORKING, gray=True))
        found = skew_of(gray, most=self._asked.number("most"))
        if found is None:
            return [page]
        mark = Mark(
            kind="skew",
            value=f"{found.angle:.2f}",
            by=SKEW.name,
            details={"angle": round(found.angle, 3), "clarity": round(found.clarity, 2)},
        )
        return look.marked(page, mark)
