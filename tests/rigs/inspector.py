"""Steps that mark, drop, split and misbehave as their settings and the page tell them.

What the sheet is is told by its grey: a test makes sheets of `SHADE[what]`.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable
from dataclasses import replace

from PIL import Image

from sheetfed.api.contracts import Step
from sheetfed.api.errors import AddonBroken, BadSettings, Unreadable
from sheetfed.api.model import Mark, Page, Proposal, Settings

SHADES = {
    "blank": 255,
    "black": 0,
    "double": 10,
    "crash": 20,
    "hang": 30,
    "lie": 40,
    "raise": 50,
    "refuse": 60,
    "negative": 70,
    "turn": 80,
    "invent": 90,
    "plain": 100,
}


class Inspector(Step):
    """Marks every page with its shade; those of `only` get what they are called after."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if settings.get("word") == "unsayable":
            raise BadSettings("word is 'unsayable', which nobody says", option="word")
        if settings.get("word") == "dictionary":
            raise AddonBroken("The dictionary is not on this computer")

    def apply(self, page: Page) -> Iterable[Page]:
        """Look at the page for `delay` seconds."""
        time.sleep(float(self.settings.get("delay") or 0))
        picture = Image.open(io.BytesIO(page.data)).convert("L")
        shade = picture.getpixel((0, 0))
        mark = Mark(kind="shade", value=f"{self.settings.get('word') or ''}{shade}", by="inspector")
        marked = replace(page, marks=(*page.marks, mark))
        wanted = str(self.settings.get("only") or "").split()
        for what in wanted:
            if SHADES[what] == shade:
                return getattr(self, f"_{what}")(marked, picture)
        return [marked]

    def _blank(self, page: Page, picture: Image.Image) -> list[Page]:
        del page, picture
        return []

    def _double(self, page: Page, picture: Image.Image) -> list[Page]:
        half = picture.width // 2
        left = self._cut(page, picture, (0, 0, half, picture.height))
        right = self._cut(page, picture, (half, 0, picture.width, picture.height))
        return [left, page, right] if self.settings.get("beside") else [left, right]

    def _cut(self, page: Page, picture: Image.Image, box: tuple[int, int, int, int]) -> Page:
        part = picture.crop(box)
        data = io.BytesIO()
        part.save(data, "PNG")
        return replace(
            page,
            data=data.getvalue(),
            media_type="image/png",
            width=part.width,
            height=part.height,
        )

    def _crash(self, page: Page, picture: Image.Image) -> list[Page]:
        del page, picture
        os.abort()

    def _hang(self, page: Page, picture: Image.Image) -> list[Page]:
        del picture
        time.sleep(1000)
        return [page]

    def _lie(self, page: Page, picture: Image.Image) -> list[Page]:
        return [replace(self._cut(page, picture, (0, 0, 4, 4)), width=9000)]

    def _negative(self, page: Page, picture: Image.Image) -> list[Page]:
        return [replace(self._cut(page, picture, (0, 0, 4, 4)), dpi=(-1.0, 1.0))]

    def _turn(self, page: Page, picture: Image.Image) -> list[Page]:
        del picture
        return [replace(page, edits=(*page.edits, Proposal(name="rotate", options={"angle": 90})))]

    def _invent(self, page: Page, picture: Image.Image) -> list[Page]:
        del picture
        return [replace(page, edits=(Proposal(name="invented"),))]

    def _raise(self, page: Page, picture: Image.Image) -> list[Page]:
        raise ZeroDivisionError("not a step's best day")

    def _black(self, page: Page, picture: Image.Image) -> list[Page]:
        raise ZeroDivisionError("nothing to be seen")

    def _refuse(self, page: Page, picture: Image.Image) -> list[Page]:
        raise Unreadable("Nothing can be made out")
