"""Files that children read piece by piece."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class File(Protocol):
    """A file as the parent has it."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    async def read(self, offset: int, length: int) -> bytes:
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
