"""A codec that reads one odd type, draws it as PNG, and writes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.errors import UnsupportedType
from sheetfed.api.model import Box, Page, PageInfo, Settings


class Slate(Codec):
    """Every file is one grey square."""

    def open(self, stream: BinaryIO, options: Settings) -> Book:
        """Open it."""
        stream.read()
        return Square()

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        """Refuse."""
        raise UnsupportedType(f"A slate does not write {media_type}")


class Square(Book):
    """One page."""

    @property
    def count(self) -> int:
        """How many pages."""
        return 1

    def info(self, index: int) -> PageInfo:
        """Return its size."""
        del index
        return PageInfo(width=100, height=100)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw it as PNG."""
        del index
        size = min(width or 100, height or 100)
        stream = io.BytesIO()
        Image.new("L", (size, size), 90).save(stream, "PNG")
        return Page(data=stream.getvalue(), media_type="image/png", width=size, height=size)
