"""Deliveries that are not as the contract has them."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sheetfed.testing.target import CONTENT, Parcel


@dataclass(slots=True, kw_only=True)
class Damaged(Parcel):
    """A delivery of which one byte is another one when it is read for the first time."""

    content: ClassVar[bytes] = CONTENT[:300_000] + b"!" + CONTENT[300_001:]
    opened: int = 0

    def open(self, offset: int = 0) -> Any:
        self.opened += 1
        return io.BytesIO((self.content if self.opened == 1 else CONTENT)[offset:])


class Thin(Parcel):
    """A delivery of which little is there at a time."""

    def open(self, offset: int = 0) -> Any:
        return _Thin(CONTENT[offset:])


class _Thin(io.BytesIO):
    def readinto1(self, buffer: Any, /) -> int:
        time.sleep(0.22)
        return self.readinto(memoryview(buffer)[: 16 << 10])


class Another(Parcel):
    """The same name, other bytes."""

    def open(self, offset: int = 0) -> Any:
        return io.BytesIO(CONTENT[::-1][offset:])


@dataclass(slots=True, kw_only=True)
class Tripping(Parcel):
    """A delivery in whose middle something happens, once, after it was read so often."""

    content: bytes = CONTENT
    at: int
    reads: int = 0
    trip: Callable[[], None]
    tripped: threading.Event = field(default_factory=threading.Event)

    def open(self, offset: int = 0) -> Any:
        return _Tripping(self, offset)

    def reached(self) -> None:
        """Note that one more reader is there."""
        if self.reads:
            self.reads -= 1
        elif self.at >= 0:
            self.at = -1
            try:
                self.trip()
            finally:
                self.tripped.set()


class _Tripping(io.BytesIO):
    def __init__(self, parcel: Tripping, offset: int) -> None:
        super().__init__(parcel.content[offset:])
        self._parcel = parcel
        self._offset = offset
        self._reached = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the bytes up to the place where it happens, then those after it."""
        parcel, here = self._parcel, self._offset + self.tell()
        if parcel.at > here:
            return super().read(min(size or -1, parcel.at - here) if size != -1 else parcel.at)
        if not self._reached:
            self._reached = True
            parcel.reached()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        """Do the same into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    readinto1 = readinto
