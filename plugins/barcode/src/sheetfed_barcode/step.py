"""The step that marks codes on pages."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings
from sheetfed_barcode import patchwork, zbar
from sheetfed_barcode.codes import Code, bounded, in_reading_order, mark
from sheetfed_barcode.formats import chosen
from sheetfed_barcode.picture import covers, cut, region_of, unpacked
from sheetfed_barcode.reading import Wish, read

NAME = "barcode"


class Barcodes(Step):
    """Reads the codes of each page and marks them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._region = region_of(str(settings.get("region") or ""))
        self._wish = wish_of(settings)
        if self._wish.engine == "zbar":
            zbar.check()

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page with a mark for each code, from its top down."""
        part = cut(unpacked(page), self._region)
        codes = in_reading_order(read(part, self._wish, min(page.dpi)))
        kept = bounded(codes)
        marks = [mark(code, NAME) for code in kept]
        if len(kept) < len(codes):
            left_out = str(len(codes) - len(kept))
            marks.append(Mark(kind="barcodes-left-out", value=left_out, by=NAME))
        yield replace(page, marks=(*page.marks, *marks))


class Patches(Step):
    """Marks the patch codes of each page."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._region = region_of(str(settings.get("region") or ""))

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page with a mark for each patch, its value as I, II, III, IV, VI or T."""
        part = unpacked(page)
        within = cut(part, self._region)
        began = time.perf_counter()
        found = patchwork.find(part.pixels, min(page.dpi) * part.scale)
        each = (time.perf_counter() - began) * 1000 / max(1, len(found))
        marks = [_patch_mark(patch, part.scale, each) for patch in found]
        here = [mark for mark in marks if covers(within, mark.corners)]
        yield replace(page, marks=(*page.marks, *here))


def _patch_mark(patch: patchwork.Patch, scale: float, ms: float) -> Mark:
    corners = tuple((round(x / scale, 1), round(y / scale, 1)) for x, y in patch.corners)
    code = Code(
        format="Patch Code",
        text=patch.name,
        data=patch.name.encode(),
        corners=corners,
        engine="patch",
        details={"sightings": patch.sightings},
        ms=ms,
    )
    return replace(mark(code, "patch"), kind="patch")


def wish_of(settings: Settings) -> Wish:
    """Return what the step's settings ask for. Raises BadSettings."""
    said = {name: value for name, value in settings.items() if value is not None}
    return Wish(
        formats=chosen(str(said.get("formats", ""))),
        engine=said.get("engine", "auto"),  # type: ignore[arg-type] # the option is a choice
        preset=said.get("preset", "balance"),  # type: ignore[arg-type] # as above
        inverted=said.get("polarity", "both") == "both",
        add_on=bool(said.get("add-on", False)),
        expected=int(str(said.get("expected", 0))),
    )
