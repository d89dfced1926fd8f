"""A codec that takes no more of a file than it needs, and one that wants more than it may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.model import Box, Page, PageInfo, Settings

STRIDE = 1_000_000
LENGTH = 10


class Places(Book):
    """Page N is ten bytes at a million times N."""

    def __init__(self, stream: BinaryIO, opened: int) -> None:
        self._stream = stream
        self._opened = opened

    @property
    def count(self) -> int:
        return self._stream.seek(0, 2) // STRIDE

    def info(self, index: int) -> PageInfo:
        return PageInfo(width=LENGTH, height=1)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        self._stream.seek(index * STRIDE)
        data = self._stream.read(LENGTH)
        start = int(region.left) if region else 0
        data = data[start : start + int(region.width) if region else LENGTH]
        return Page(data=data, media_type="text/x-ten", width=len(data), height=self._opened)


class Reader(Codec):
    """Draws such pages, and copies them out of the files they came in."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._opened = 0

    def open(self, stream: BinaryIO, options: Settings) -> Book:
        self._opened += 1
        return Places(stream, int(options.get("height") or self._opened))

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        for page in pages:
            if page.origin:
                place = str(options.get("file") or page.origin.file)
                stream.write(Places(files.open(place), 0).page(page.origin.index).data)
            else:
                stream.write(page.data)
