"""A delivery as its target sees it, at its pace."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, BinaryIO

from sheetfed.store.blobs import BlobReader
from sheetfed.store.deliveries import DeliveryRow

LEAST = 64 << 10
"""Bytes that are read for whoever asks for fewer; who asks for more gets them without a copy."""

BLOCK = 256 << 10
"""Bytes of which it is remembered that they waited for their turn."""

FLOWS = 4
"""In so many portions a second what has a limit goes on its way."""

Note = Callable[[int, Mapping[str, Any]], Awaitable[None]]
"""Takes in how far a target is; its state is safe once this was awaited."""


class Pace:
    """Keeps the bytes to one target below a rate. May be asked from any thread."""

    def __init__(self, second: int) -> None:
        self._second = second
        self._free = 0.0
        self._lock = threading.Lock()

    @property
    def limits(self) -> bool:
        """Whether there is a rate at all."""
        return self._second > 0

    def most(self, size: int) -> int:
        """Return how many of so many bytes may go at a time, so that a limited line flows.

        A clock that watches it would run out before a large piece is there.
        """
        return min(size, max(self._second // FLOWS, 1)) if self._second else size

    def wait(self, size: int) -> float:
        """Count bytes that are about to go; return the seconds to wait before they may."""
        if not self._second:
            return 0.0
        with self._lock:
            now = time.monotonic()
            begin = max(now, self._free)
            self._free = begin + size / self._second
            return begin - now


class Outgoing:
    """A delivery as its target sees it, in the service or behind a child."""

    def __init__(self, row: DeliveryRow, reader: BlobReader, pace: Pace, note: Note) -> None:
        self.name = row.name
        self.media_type = row.media_type
        self.size: int | None = reader.size
        self.fields = row.fields
        self.idempotency_key = row.id
        self.state = row.resume
        self._reader = reader
        self._pace = pace
        self._note = note
        self._passed: set[int] = set()

    def open(self, offset: int = 0) -> BinaryIO:
        """Return the bytes from `offset` on. Reading blocks."""
        return io.BufferedReader(_Bytes(self, offset), LEAST)

    def report(self, sent: int, state: Mapping[str, Any]) -> Awaitable[None]:
        """Take in how far it is; the state is safe once this was awaited."""
        return self.note(sent, state)

    async def note(self, sent: int, state: Mapping[str, Any]) -> None:
        """Do the same for a child."""
        await self._note(sent, state)

    def head(self) -> dict[str, Any]:
        """Return what a child is told of it."""
        return {
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "fields": dict(self.fields),
            "idempotency_key": self.idempotency_key,
            "state": dict(self.state),
        }

    async def read(self, offset: int, length: int) -> memoryview:
        """Return bytes of it, as fast as the target may have them."""
        length = self._pace.most(length)
        await asyncio.sleep(self._toll(offset, length))
        buffer = memoryview(bytearray(length))
        return buffer[: await asyncio.to_thread(self._reader.read_into, offset, buffer)]

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill a buffer, in a thread of the caller's; return how much of it is filled."""
        buffer = buffer[: self._pace.most(len(buffer))]
        if rest := self._toll(offset, len(buffer)):
            time.sleep(rest)
        return self._reader.read_into(offset, buffer)

    def _toll(self, offset: int, length: int) -> float:
        """Return the seconds to wait for bytes.

        What is read once more has waited: a checksum is made of what goes on the line later.
        """
        if not self._pace.limits:
            return 0.0
        end, fresh = min(offset + length, self._reader.size), 0
        for block in range(offset // BLOCK, -(-end // BLOCK)):
            if block not in self._passed:
                fresh += min(end, (block + 1) * BLOCK) - max(offset, block * BLOCK)
                if end >= min((block + 1) * BLOCK, self._reader.size):
                    self._passed.add(block)
        return self._pace.wait(fresh)


class _Bytes(io.RawIOBase):
    def __init__(self, outgoing: Outgoing, offset: int) -> None:
        self._outgoing = outgoing
        self._offset = offset

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        filled = self._outgoing.read_into(self._offset, memoryview(buffer))
        self._offset += filled
        return filled
