"""An easel that stays, asked from ordinary tests."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from sheetfed.api.model import Page, PageInfo
from sheetfed.builtin.edits import sheetfed_edits
from sheetfed.worker.files import Held
from sheetfed.worker.parent import USUAL, Worker
from sheetfed.worker.wire import Deadlines, Deed, Measured, Recipe, Sheet, Tool, Wanted

DEFAULTS = {
    spec.name: {option.name: option.default for option in spec.options} for spec in sheetfed_edits()
}
VANDALS = ("crash", "hang", "lie", "escape", "mix", "raise")


class Desk:
    """One easel, asked from ordinary tests."""

    def __init__(self, folder: Path, deadlines: Deadlines = USUAL) -> None:
        self._runner = asyncio.Runner()
        tools = [
            Tool(name=spec.name, factory=spec.factory, settings=DEFAULTS[spec.name])
            for spec in sheetfed_edits()
        ]
        tools += [Tool(name=name, factory=f"vandal:{name.capitalize()}") for name in VANDALS]
        recipe = Recipe(
            kind="edit",
            name="images",
            factory="sheetfed.builtin.formats.codec:Images",
            tools=tuple(tools),
        )
        self.worker = Worker(recipe, crashes=folder, deadlines=deadlines)
        self.read = 0
        """Bytes that the child read."""

    def measure(
        self, size: tuple[int, int], *deeds: tuple[str, Any], **page: Any
    ) -> list[Measured]:
        """Return what comes of edits on a page of this size."""
        info = PageInfo(width=size[0], height=size[1], **page)
        sheet = Sheet(file=f"blank {size}", size=1, index=0, page=info)
        nothing = Held(b"x")  # that no edit here looks at
        return self._runner.run(self.worker.measure(sheet, nothing, named(deeds), known=0))

    def find(self, array: Any, *deeds: tuple[str, Any]) -> list[dict[str, Any]]:
        """Return what edits find in a picture."""
        picture = Image.fromarray(array)
        info = PageInfo(width=picture.width, height=picture.height)
        file = Held(file_of(picture))
        sheet = Sheet(file=str(hash(file.data)), size=file.size, index=0, page=info)
        asked = self.worker.measure(sheet, file, named(deeds), known=0)
        return [dict(one.found) for one in self._runner.run(asked)]

    def draw(
        self,
        data: bytes,
        *deeds: tuple[str, Any],
        key: str = "",
        file: bytes = b"",
        **wanted: Any,
    ) -> Image.Image:
        """Return a picture of a page, made by the child; it may get another file than it thinks."""
        wish = {"media_type": "image/png", **wanted}
        page = self._rendered(data, deeds, key=key, file=file, wish=wish)
        found = Image.open(io.BytesIO(page.data))
        found.load()
        assert found.size == (page.width, page.height)
        return found

    def data(self, data: bytes, *deeds: tuple[str, Any], **wanted: Any) -> bytes:
        """Return the file that the child makes of a page."""
        return self._rendered(data, deeds, wish=wanted).data

    def _rendered(
        self,
        data: bytes,
        deeds: Sequence[tuple[str, Any]],
        *,
        wish: dict[str, Any],
        key: str = "",
        file: bytes = b"",
    ) -> Page:
        with Image.open(io.BytesIO(data)) as picture:
            dpi = picture.info.get("dpi", (0.0, 0.0))
            width, height = picture.size
            if picture.getexif().get(274, 1) >= 5:
                width, height, dpi = height, width, dpi[::-1]
        info = PageInfo(width=width, height=height, dpi=(dpi[0], dpi[1]))
        given = Counted(file or data)
        sheet = Sheet(file=key or str(hash(data)), size=given.size, index=0, page=info)
        asked = self.worker.render(sheet, given, named(deeds), Wanted(**wish))
        page = self._runner.run(asked)
        self.read += given.read_so_far
        return page

    def close(self) -> None:
        """End the child."""
        self._runner.run(self.worker.close())
        self._runner.close()


class Counted:
    """A file that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)
        self.read_so_far = 0

    async def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` on."""
        self.read_so_far += length
        return self._data[offset : offset + length]


def named(deeds: Sequence[tuple[str, Any]]) -> list[Deed]:
    """Return edits whose other options have their defaults."""
    return [Deed(name=name, options={**DEFAULTS.get(name, {}), **asked}) for name, asked in deeds]


def file_of(picture: Image.Image, form: str = "PNG", **how: Any) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()
