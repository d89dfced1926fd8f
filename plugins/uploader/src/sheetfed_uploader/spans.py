"""A span of a document, read as often as it is needed."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from threading import Event

from sheetfed_uploader.aside import aside
from sheetfed_uploader.pumps import SHORT, Opened

PIECE = 256 << 10


@dataclass(frozen=True, slots=True)
class Span:
    """So many bytes from where `opened(0)` begins; nothing of them stays in memory."""

    opened: Opened
    size: int

    async def sha256(self, *, before: bytes = b"", after: bytes = b"") -> bytes:
        """Return its checksum, that of some bytes around it included.

        Raises OSError where it ends early.
        """
        given_up = Event()
        try:
            return await aside(lambda: self._sha256(before, after, given_up))
        finally:
            given_up.set()

    def _sha256(self, before: bytes, after: bytes, given_up: Event) -> bytes:
        found, left = hashlib.sha256(before), self.size
        buffer = memoryview(bytearray(min(PIECE, left)))
        with self.opened(0) as stream:
            while left and not given_up.is_set():
                size = stream.readinto(buffer[:left])  # type: ignore[attr-defined]
                if not size:
                    raise SHORT
                found.update(buffer[:size])
                left -= size
        found.update(after)
        return found.digest()


def of_bytes(data: bytes) -> Span:
    """Return some bytes as a span."""
    return Span(lambda at: io.BytesIO(data[at:]), len(data))
