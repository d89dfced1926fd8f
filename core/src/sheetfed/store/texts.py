"""Sealed words in rows: titles, marks, requests, events.

They say what a page is about, so that a row holds them under the master key. SQL calls
`sealed(text, private)` and `opened(sealed)`.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache

from sheetfed.store.keys import Masters

_CONTEXT = b"text"

SHORT, KEPT = 128, 4096
"""Bytes of words that stay open once they were opened, and how many of these: 2 MB.

Thousands of pages have a tag or two each, and whoever arranges them reads all with every change.
"""


class Texts:
    """What seals and opens the words of one store."""

    def __init__(self, masters: Masters) -> None:
        self._masters = masters
        self._known = lru_cache(KEPT)(self._words)

    def teach(self, connection: sqlite3.Connection) -> None:
        """Give a connection our two functions."""
        connection.create_function("sealed", 2, self._seal)
        connection.create_function("opened", 1, self._open)

    def _seal(self, text: str | None, private: int) -> bytes | str | None:
        if not text:
            return text
        mark = b"\1" if private else b"\0"
        master = self._masters.of(private=bool(private))
        return mark + master.wrap(text.encode(), _CONTEXT)

    def _open(self, sealed: bytes | str | None) -> str | None:
        if not isinstance(sealed, bytes):  # nothing, or written before texts were sealed
            return sealed
        return self._known(sealed) if len(sealed) <= SHORT else self._words(sealed)

    def _words(self, sealed: bytes) -> str:
        master = self._masters.of(private=sealed[:1] == b"\1")
        return master.unwrap(sealed[1:], _CONTEXT).decode()


def teach_plain(connection: sqlite3.Connection) -> None:
    """Give a connection functions that leave words as they are: there is no key."""
    connection.create_function("sealed", 2, lambda text, _private: text)
    connection.create_function("opened", 1, lambda text: text)
