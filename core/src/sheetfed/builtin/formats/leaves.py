"""Files whose pages are pictures, one of them open at a time."""

from __future__ import annotations

from collections.abc import Callable

from sheetfed.api.contracts import Book
from sheetfed.api.errors import NotFound
from sheetfed.builtin.formats.book import Pictures


class Leaves(Book):
    """A file each of whose pages becomes a picture; the one looked at last stays open."""

    _open: tuple[int, Pictures] | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self._open:
            self._open[1].close()
        self._open = None

    def _check(self, index: int) -> None:
        """Raise NotFound where the file has no such page."""
        if not 0 <= index < self.count:
            raise NotFound(f"the file has {self.count} pages, none at {index}", pages=self.count)

    def _leaf(self, index: int, made: Callable[[], Pictures]) -> Pictures:
        """Return the picture of a page, made where another one was looked at last."""
        if self._open is None or self._open[0] != index:
            self.close()
            self._open = index, made()
        return self._open[1]
