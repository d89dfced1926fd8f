"""Marks pages on which nothing is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace

from PIL import Image

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings
from sheetfed.builtin.blank import BLANK
from sheetfed.builtin.blank.ink import CONTRAST, FAINT_CONTRAST, WORKING, ink_on
from sheetfed.builtin.formats import burden, pixels, png


class MarkBlank(Step):
    """Marks a page that is blank; drops none."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        asked = {option.name: option.default for option in BLANK.options} | dict(settings)
        self._most = float(asked["threshold"] or 0)
        self._contrast = CONTRAST if asked["ignore-bleed-through"] else FAINT_CONTRAST
        self._rehearse()

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page, marked where it is blank."""
        ink = ink_on(_seen(page), contrast=self._contrast)
        if ink.share > self._most:
            return [page]
        mark = Mark(
            kind="blank",
            value=f"{ink.share:.0f}",
            by=BLANK.name,
            details={"ink": round(ink.share, 1), "holes": ink.holes, "specks": ink.specks},
        )
        return [replace(page, marks=(*page.marks, mark))]

    def _rehearse(self) -> None:
        """Load what is loaded late: a box lets nothing in once it is closed."""
        for kind in ("TIFF", "JPEG", "PNG", "BMP"):
            out = io.BytesIO()
            Image.new("L", (64, 64)).save(out, kind)
            data = out.getvalue()
            ink_on(_seen(Page(data=data, media_type=f"image/{kind.lower()}", width=64, height=64)))


def _seen(page: Page) -> Image.Image:
    """Return the page in grey, upright; a JPEG file drawn small."""
    burden.check(page.data)
    if page.media_type == "image/png" and (samples := png.read_samples(page.data)) is not None:
        return Image.fromarray(pixels.eight_bits(samples)).convert("L")
    with (
        pixels.reading("the page"),
        pixels.open_picture(io.BytesIO(page.data)) as picture,
    ):
        pixels.check(picture)
        share = WORKING / max(picture.size)
        picture.draft("L", (round(picture.width * share), round(picture.height * share)))
        return pixels.upright(pixels.shown(picture), pixels.turn_of(picture)).convert("L")
