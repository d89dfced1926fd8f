"""What a codec writes to: the pipe, without what is known."""

from __future__ import annotations

import io
from collections import deque
from typing import Any

from sheetfed.worker import extras
from sheetfed.worker.link import Link
from sheetfed.worker.wire import LENT

PIECE = 256 * 1024
"""Bytes that leave together."""

LEAST = 16 * 1024
"""Bytes that are worth naming instead of sending."""


class Outlet(io.BufferedIOBase):
    """The stream a codec writes to.

    Bytes of a page that just came through the pipe do not go back through it: it is said which they
    are. A codec that copies a page as it stands hands on those very bytes.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waiting = bytearray()
        self._lent: deque[tuple[int, bytes, int]] = deque(maxlen=LENT)
        self._count = 0
        self.shut = False

    def lend(self, data: bytes) -> None:
        """Take notice of a page that came."""
        self._lent.append((self._count, data, _address(data)))
        self._count += 1

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on, or say where they are."""
        view = memoryview(data).cast("B")
        if self.shut or not len(view):  # whoever is thrown away writes once more
            return len(view)
        place = self._place(data, view) if len(view) >= LEAST else None
        if place is not None:
            self.flush()
            self._link.check()
            self._link.say("again", {"page": place[0], "offset": place[1], "length": len(view)})
        elif len(view) >= PIECE:
            self.flush()
            self._send(view)
        else:
            self._waiting += view
            if len(self._waiting) >= PIECE:
                self.flush()
        return len(view)

    def flush(self) -> None:
        """Send what waits."""
        if self._waiting and not self.shut:
            waiting, self._waiting = self._waiting, bytearray()
            self._send(waiting)

    def _send(self, data: bytes | bytearray | memoryview) -> None:
        self._link.check()
        self._link.say("data", body=data)

    def _place(self, data: Any, view: memoryview) -> tuple[int, int] | None:
        """Return in which page these very bytes are, and where."""
        owner = data.obj if isinstance(data, memoryview) else data
        for number, page, start in self._lent:
            if data is page:
                return number, 0
            if owner is page and start:
                return number, _address(view) - start
        return None


def _address(data: bytes | memoryview) -> int:
    """Return where bytes are in memory, 0 where nobody can tell."""
    numpy = extras.numpy()
    if numpy is None or not len(data):
        return 0
    return int(numpy.frombuffer(data, numpy.uint8).__array_interface__["data"][0])
