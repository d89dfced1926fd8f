"""A source that gives sheets, jams, and opens slowly, as its settings say."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Iterator, Sequence

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import PaperJam
from sheetfed.api.model import Device, Option, Page, Progress, Raster, Settings, Value


class Tray(Source):
    """One device; `opening` is how many seconds that takes."""

    def devices(self) -> list[Device]:
        """List it."""
        return [Device(id="one", title="Tray")]

    def open(self, device_id: str) -> Stack:
        """Open it, slowly."""
        del device_id
        time.sleep(float(self.settings.get("opening") or 0))
        return Stack()


class Stack(Session):
    """Paper: `sheets` of it, `delay` seconds each, a jam before sheet `jam` that happens once.

    `shades` are the greys of the sheets, as one text. They come as pixels, or `encoded`.
    """

    def __init__(self) -> None:
        self._given = 0
        self._jammed = False

    def options(self) -> Sequence[Option]:
        """Return none: what a test asks for is taken as it comes."""
        return []

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Take anything."""
        del name, value
        return []

    def scan(self, settings: Settings) -> Iterator[Page | Raster | Progress]:
        """Yield what is left of the stack."""
        while self._given < int(settings.get("sheets") or 3):
            time.sleep(float(settings.get("delay") or 0))
            if self._given + 1 == settings.get("jam") and not self._jammed:
                self._jammed = True
                raise PaperJam("Sheet stuck")
            shades = str(settings.get("shades") or "0").split()
            shade = int(shades[self._given % len(shades)])
            self._given += 1
            if settings.get("encoded"):
                yield Page(data=_picture(shade), media_type="image/png", width=8, height=8)
            else:
                yield Raster(width=8, height=8, mode="gray", rows=iter([bytes([shade]) * 64]))

    def close(self) -> None:
        """Let go."""


def _picture(shade: int) -> bytes:
    """Return a sheet as PNG."""
    rows = zlib.compress(b"".join(b"\0" + bytes([shade]) * 8 for _ in range(8)))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
