"""A file of the parent's as the child reads it."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import Any, BinaryIO

from sheetfed.api.errors import NotFound, Unreadable
from sheetfed.worker.link import Link
from sheetfed.worker.wire import MOST

BLOCK = 256 * 1024
"""Bytes of a file that are asked for at least, and kept together."""

AHEAD = 4
"""Blocks that are asked for together where a file is read from front to back."""

BLOCKS = 48
"""Blocks that are kept of a file."""


class Inlet(io.RawIOBase):
    """A file as the child reads it: in blocks that it asks its parent for."""

    def __init__(self, link: Link, name: str, size: int) -> None:
        self._link = link
        self._name = name
        self._size = size
        self._at = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._last = -1

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a place before the file's beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, or what the file still has."""
        into = memoryview(buffer).cast("B")
        wanted = min(len(into), max(0, self._size - self._at))
        done = 0
        while done < wanted:
            piece = self._piece(self._at, wanted - done)
            into[done : done + len(piece)] = piece
            done += len(piece)
            self._at += len(piece)
        return done

    def readall(self) -> bytes:
        """Return the rest."""
        rest = bytearray(max(0, self._size - self._at))
        self.readinto(rest)
        return bytes(rest)

    def _piece(self, at: int, wanted: int) -> memoryview:
        """Return some of the bytes from a place on, at least one."""
        number, start = divmod(at, BLOCK)
        if number not in self._blocks:
            if wanted >= 2 * BLOCK:
                self._last = (at + min(wanted, MOST) - 1) // BLOCK
                return memoryview(self._asked(at, min(wanted, MOST)))
            self._fetch(number, AHEAD if number == self._last + 1 else 1)
        self._blocks.move_to_end(number)
        return memoryview(self._blocks[number])[start : start + wanted]

    def _fetch(self, number: int, count: int) -> None:
        data = self._asked(number * BLOCK, min(count * BLOCK, self._size - number * BLOCK))
        for at in range(0, len(data), BLOCK):
            self._last = number + at // BLOCK
            self._blocks[self._last] = data[at : at + BLOCK]
        while len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)

    def _asked(self, offset: int, length: int) -> bytes:
        self._link.say("read", {"file": self._name, "offset": offset, "length": length})
        data = self._link.told()[1]
        if len(data) != length:
            raise Unreadable("the file ends before its end")
        return data


class Shelf:
    """The files that a codec may open while it writes: those whose pages it was given."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._sizes: dict[str, int] = {}

    def add(self, name: str, size: int) -> None:
        """Put a file there."""
        self._sizes[name] = size

    def open(self, file: str) -> BinaryIO:
        """Open the file of an origin."""
        return stream(self._link, file, self._size(file))

    def copy(self, file: str, stream: BinaryIO) -> None:
        """Have the parent put a whole file where the stream is now."""
        if self._size(file):
            stream.flush()
            self._link.say("copy", {"file": file})

    def check(self) -> int:
        """Return the CRC-32 of all that was copied so."""
        self._link.say("check")
        return int(self._link.told()[0]["check"])

    def _size(self, file: str) -> int:
        if file not in self._sizes:
            raise NotFound(f"there is no file {file!r} to copy from")
        return self._sizes[file]


def stream(link: Link, name: str, size: int) -> BinaryIO:
    """Return a file of the parent's, as a codec reads it."""
    return io.BufferedReader(Inlet(link, name, size), 16 * 1024)
