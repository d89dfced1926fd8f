"""An opened TIFF file: each of its pages is a picture."""

from __future__ import annotations

from typing import BinaryIO

from sheetfed.api import rare
from sheetfed.api.errors import Unreadable
from sheetfed.api.model import Box, Page, PageInfo
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.directories import Directories
from sheetfed.builtin.formats.leaves import Leaves


class Tiffs(Leaves):
    """A TIFF file of any number of pages, of which one is looked at at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._directories = Directories(stream)

    @property
    def count(self) -> int:
        """How many pages the file has."""
        return len(self._directories)

    def info(self, index: int) -> PageInfo:
        """Return size and resolution of a page as it is meant to be seen."""
        self._check(index)
        self._directories.check(index)
        if self._alone or (self._open and self._open[0] == index):
            return self._picture(index).info(0)
        head = Pictures(self._directories.head(index), whole=False)
        try:
            return head.info(0)
        finally:
            head.close()

    @property
    def _alone(self) -> bool:
        """Whether its only page is what everybody sees of the file."""
        return self.count == 1 and self._directories.begins

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw a page; the only one of a file is the file as it stands."""
        self._check(index)
        return self._picture(index).page(0, width=width, height=height, region=region)

    def cut(self, index: int) -> bytes:
        """Return a page as a file of its own, its pixels as they are packed."""
        self._check(index)
        return self._directories.cut(index)

    def _check(self, index: int) -> None:
        super()._check(index)
        why = rare.refusal(self._directories.compression(index))
        if why:
            raise Unreadable(f"a page of the TIFF file is packed as {why}")

    def _picture(self, index: int) -> Pictures:
        return self._leaf(index, lambda: self._made(index))

    def _made(self, index: int) -> Pictures:
        whole = self._alone
        if whole:
            self._stream.seek(0)
        data = self._stream.read() if whole else self._directories.cut(index)
        return Pictures(data, whole=whole)
