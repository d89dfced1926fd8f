"""Packs a page's bands on several threads, joins them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sheetfed.worker.bands import Band, Form, Packed, Shape
from sheetfed.worker.pictures import Shrink

THREADS = min(2, os.cpu_count() or 1)
AHEAD = THREADS + 2
"""Bands that exist at most: one being filled, the others being packed or about to be."""


@dataclass(frozen=True, slots=True)
class _Begun:
    band: Band
    packed: Future[Packed]
    piece: Future[Any] | None

    def is_done(self) -> bool:
        return self.packed.done() and (self.piece is None or self.piece.done())


class Packing:
    """A page between its rows and its file."""

    def __init__(self, shape: Shape, form: Form, shrink: Shrink | None) -> None:
        self._shape = shape
        self._form = form
        self._shrink = shrink
        self._pool = ThreadPoolExecutor(THREADS, "rows")
        self._begun: deque[_Begun] = deque()
        self._free: list[Band] = []
        self._band = Band(shape)

    def add(self, rows: memoryview) -> Iterator[bytes]:
        """Copy whole rows; yield what of the file is ready."""
        at = 0
        while at < len(rows):
            at += self._band.take(rows[at:])
            if self._band.full:
                self._begin()
                yield from self._ready()
                self._follow()

    def finish(self) -> Iterator[bytes]:
        """Yield the rest of the file."""
        if self._band.count:
            self._begin()
        while self._begun:
            yield from self._join()

    def close(self) -> None:
        """Wait for the threads; drop what they have not begun."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self) -> None:
        band = self._band
        packed = self._pool.submit(self._form.pack, band)
        piece = None if self._shrink is None else self._pool.submit(self._shrink.pack, band)
        self._begun.append(_Begun(band, packed, piece))

    def _ready(self) -> Iterator[bytes]:
        while len(self._begun) == AHEAD or (self._begun and self._begun[0].is_done()):
            yield from self._join()

    def _join(self) -> Iterator[bytes]:
        begun = self._begun.popleft()
        data = self._form.join(begun.packed.result())
        if self._shrink is not None and begun.piece is not None:
            self._shrink.join(begun.piece.result())
        self._free.append(begun.band)
        if data:
            yield data

    def _follow(self) -> None:
        above = self._band
        self._band = self._free.pop() if self._free else Band(self._shape)
        self._band.follow(above)
