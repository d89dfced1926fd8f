"""A codec that remembers every file it was given, as one that a file has taken over would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.model import Box, Page, PageInfo, Settings


class Witness(Codec):
    """Tells whoever asks what it has seen."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.seen: list[bytes] = []

    def open(self, stream: BinaryIO, options: Settings) -> Book:
        self.seen.append(stream.read())
        return Memory(b"|".join(self.seen))

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        self.seen += [page.data for page in pages]
        stream.write(b"|".join(self.seen))


class Memory(Book):
    """One page with all of it."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @property
    def count(self) -> int:
        return 1

    def info(self, index: int) -> PageInfo:
        return PageInfo(width=1, height=1)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        return Page(data=self._text, media_type="text/x-seen", width=1, height=1)
