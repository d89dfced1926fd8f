"""Steps that find sheets, and propose to lay them flat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np

from sheetfed.api.contracts import Step
from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.api.hooks import StepSpec
from sheetfed.api.model import Mark, Page, Proposal, Settings, Value
from sheetfed_webcam.sheets.asked import asked, written
from sheetfed_webcam.sheets.book import parted
from sheetfed_webcam.sheets.finder import FINE, Sheet, find
from sheetfed_webcam.sheets.offers import BOOK, FIND_SHEET, SHEET
from sheetfed_webcam.sheets.papers import aspect_of, paper_of
from sheetfed_webcam.sheets.pixels import Matrix, Pixels, bytes_of

MOST_PIXELS = 200_000_000

_READING = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
}


class FindSheet(Step):
    """Marks the sheet in a photograph, and proposes to lay it flat."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = asked(FIND_SHEET, settings)

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page with its mark and its edit; as it is where no sheet is seen."""
        sheet = find(_seen(page))
        if sheet is None:
            return [page]
        corners = _on_page(sheet.corners, page)
        return [_laid(page, FIND_SHEET, corners, self._asked, sheet)]


class PartBook(Step):
    """Makes two pages of an open book, each to be laid flat."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = asked(BOOK, settings)

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the left and the right page; one where nothing lies open.

        Both keep the whole photograph, each with an edit of its own.
        """
        picture = _seen(page)
        sheet = find(picture)
        pages = parted(picture, None if sheet is None else sheet.corners)
        if pages is None:
            if sheet is None:
                return [page]
            return [_laid(page, BOOK, _on_page(sheet.corners, page), self._asked, sheet)]
        made = [
            _laid(page, BOOK, _on_page(corners, page), self._asked, sheet, value=side)
            for corners, side in zip(pages, ("left", "right"), strict=True)
        ]
        return made[::-1] if self._asked["from-right"] else made


def _laid(
    page: Page,
    spec: StepSpec,
    corners: Matrix,
    values: dict[str, Value],
    sheet: Sheet | None,
    *,
    value: str = "",
) -> Page:
    """Return a page with where the sheet is, and the edit that lays it flat."""
    options = {
        option.name: values[option.name] for option in SHEET.options if option.name in values
    }
    if options["page-size"] == "auto":
        options["page-size"] = paper_of(aspect_of(corners, (page.width, page.height)))
    options["corners"] = written(corners)
    mark = Mark(
        kind="sheet",
        value=value,
        by=spec.name,
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners),
        details={"score": round(sheet.score, 2), "sheets": sheet.sheets} if sheet else {},
    )
    edit = Proposal(name=SHEET.name, options=options)
    return replace(page, marks=(*page.marks, mark), edits=(*page.edits, edit))


def _seen(page: Page) -> Pixels:
    """Return a page's picture, no larger than is needed. Raises Unreadable, TooLarge."""
    if page.width * page.height > MOST_PIXELS:
        raise TooLarge(
            f"the page has {page.width} x {page.height} pixels",
            width=page.width,
            height=page.height,
        )
    how = _READING[_factor(page)]
    try:
        found = cv2.imdecode(np.frombuffer(page.data, np.uint8), how)
    except cv2.error as error:
        raise Unreadable(f"the page is no readable {page.media_type}") from error
    if found is None:
        raise Unreadable(f"the page is no readable {page.media_type}")
    picture = bytes_of(found)
    height, width = picture.shape[:2]
    if abs(width / height / (page.width / page.height) - 1) > 0.02:
        raise Unreadable(f"the page is {width} x {height}, not {page.width} x {page.height}")
    return picture if picture.ndim == 3 else bytes_of(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))


def _on_page(corners: Matrix, page: Page) -> Matrix:
    """Return points of the picture that was looked at as points of the page."""
    made: Matrix = corners * _factor(page)
    return made


def _factor(page: Page) -> int:
    """Return by how much a page is divided to be looked at."""
    times = max(page.width, page.height) // FINE
    return max(factor for factor in _READING if factor <= max(times, 1))
