"""Marks whether a page is in colour."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings
from sheetfed_imaging import look
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.colouring import TONES, Colouring, colouring_of
from sheetfed_imaging.colours import WHITE, written
from sheetfed_imaging.offers import COLOR
from sheetfed_imaging.pixels import array_of, gray_of


class MarkColor(Step):
    """Tells colour, grey, and black and white apart."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(COLOR, settings)
        look.warm()

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page with its mark."""
        found = _measured(page)
        mark = Mark(
            kind="color",
            value=found.named(self._asked.number("threshold")),
            by=COLOR.name,
            details={
                "coloured": round(found.coloured, 1),
                "between": round(found.between, 1),
                "paper": written(found.paper),
            },
        )
        return look.marked(page, mark)


def _measured(page: Page) -> Colouring:
    picture = look.picture_of(page, longest=TONES)
    if picture.mode == "1":
        return Colouring(coloured=0.0, between=0.0, paper=WHITE)
    if picture.mode == "RGB":
        return colouring_of(np.asarray(array_of(picture), np.uint8))
    return colouring_of(gray_of(picture))
