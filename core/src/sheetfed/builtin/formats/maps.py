"""PNM files of several pictures, one after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.api.model import Box, Page, PageInfo
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.leaves import Leaves
from sheetfed.builtin.formats.limits import MOST_PAGES

_SPACE = rb"(?:[ \t\r\n]|#[^\n]*\n)+"
_HEAD = re.compile(
    rb"\s*(?:P4%(s)b(\d{1,9})%(s)b(\d{1,9})|P([56])%(s)b(\d{1,9})%(s)b(\d{1,9})%(s)b(\d{1,5}))\s"
    % {b"s": _SPACE}
)
_BEGINNING = re.compile(rb"\s*P[456][\s#]")


def parts(data: bytes) -> Sequence[slice]:
    """Return where each picture of a file is; a plain one, of figures, is alone in it.

    What follows and begins as none is left alone. Raises TooLarge, Unreadable.
    """
    found: list[slice] = []
    at = 0
    while _BEGINNING.match(data, at):
        head = _HEAD.match(data, at)
        if head is None:
            break
        end = head.end() + _size(head)
        if found and end > len(data):
            raise Unreadable(f"picture {len(found) + 1} of the PNM file breaks off")
        if len(found) == MOST_PAGES:
            raise TooLarge(f"a PNM file of more than {MOST_PAGES} pictures", most=MOST_PAGES)
        found.append(slice(at, end))
        at = end
    return found


class Maps(Leaves):
    """A PNM file of several pictures, each of which is a page."""

    def __init__(self, data: bytes, places: Sequence[slice]) -> None:
        self._data = data
        self._places = places

    @property
    def count(self) -> int:
        """How many pages the file has."""
        return len(self._places)

    def info(self, index: int) -> PageInfo:
        """Return the size of a page."""
        return self._picture(index).info(0)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw a page."""
        return self._picture(index).page(0, width=width, height=height, region=region)

    def _picture(self, index: int) -> Pictures:
        self._check(index)
        return self._leaf(index, lambda: Pictures(self._data[self._places[index]], whole=False))


def _size(head: re.Match[bytes]) -> int:
    """Return how many bytes the samples of a picture take."""
    if head[1]:
        return (int(head[1]) + 7) // 8 * int(head[2])
    samples = int(head[4]) * int(head[5]) * (3 if head[3] == b"6" else 1)
    return samples * (2 if int(head[6]) > 255 else 1)
