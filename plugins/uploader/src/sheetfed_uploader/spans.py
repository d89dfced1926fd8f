"""A span of a document, read as often as it is needed."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass

from sheetfed_uploader.pumps import SHORT, Opened

PIECE = 256 << 10


@dataclass(frozen=True, slots=True)
class Span:
    """So many bytes from where `opened(0)` begins; nothing of them stays in memory."""

    opened: Opened
    size: int

    async def sha256(self) -> str:
        """Return its checksum. Raises OSError where it ends early."""
        return await asyncio.to_thread(self._sha256)

    def _sha256(self) -> str:
        found, left = hashlib.sha256(), self.size
        buffer = memoryview(bytearray(min(PIECE, left)))
        with self.opened(0) as stream:
            while left:
                size = stream.readinto(buffer[:left])  # type: ignore[attr-defined]
                if not size:
                    raise SHORT
                found.update(buffer[:size])
                left -= size
        return found.hexdigest()


def of_bytes(data: bytes) -> Span:
    """Return some bytes as a span."""
    return Span(lambda at: io.BytesIO(data[at:]), len(data))
