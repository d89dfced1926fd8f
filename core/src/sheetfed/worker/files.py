"""Files that children read piece by piece."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PIECE = 2 * 1024 * 1024
"""Bytes of a file that are read at once where all of it is wanted: mostly a page."""


Data = bytes | memoryview
"""Bytes of a file; what is opened into a buffer stays there, for a copy takes as long again."""


class File(Protocol):
    """A file as the parent has it."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    async def read(self, offset: int, length: int) -> Data:
        """Return up to `length` bytes from `offset` on."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)

    async def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` on."""
        return self.data[offset : offset + length]


class Begun:
    """A file whose first piece was read already; whoever wants that has it at once."""

    def __init__(self, file: File, first: Data) -> None:
        self.first = first
        self.size = file.size
        self._file = file

    async def read(self, offset: int, length: int) -> Data:
        """Return up to `length` bytes from `offset` on."""
        end = min(offset + length, self.size)
        if end <= len(self.first):
            return self.first[offset:end]
        return await self._file.read(offset, length)


class OnDisk:
    """A file that a person named."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._stream = path.open("rb", buffering=0)
        self.size = os.fstat(self._stream.fileno()).st_size

    async def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` on."""
        return await asyncio.to_thread(self._read, offset, length)

    def close(self) -> None:
        """Let go of it. Safe twice."""
        self._stream.close()

    def _read(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._stream.seek(offset)
            return self._stream.read(length) or b""


Opener = Callable[[str], Awaitable[File]]
"""Opens the file of an origin."""

Finder = Callable[[str], Awaitable[File | None]]
"""Returns the file of a name; None where there is no such."""


class Offered:
    """The files that a child may ask for while it writes: those whose pages it was given."""

    def __init__(self, files: Opener | None) -> None:
        self._files = files
        self._names: set[str] = set()

    async def add(self, name: str) -> File:
        """Offer a file; return it."""
        assert self._files, "a page that has an origin needs its file"
        self._names.add(name)
        return await self._files(name)

    async def file(self, name: str) -> File | None:
        """Return a file that was offered."""
        return await self._files(name) if self._files and name in self._names else None


def among(files: Mapping[str, File]) -> Finder:
    """Return what finds one of these files."""

    async def find(name: str) -> File | None:
        return files.get(name)

    return find


async def pieces(file: File) -> AsyncGenerator[Data, None]:
    """Yield a file from front to back; the next piece is read while one is made use of."""
    places = range(0, file.size, PIECE)
    coming: asyncio.Task[Data] | None = None
    try:
        for at in places:
            piece = await (coming or file.read(at, PIECE))
            after = at + PIECE
            coming = asyncio.ensure_future(file.read(after, PIECE)) if after in places else None
            if coming is not None:
                await asyncio.sleep(0)  # it begins now, and not once this piece is made use of
            yield piece
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
