"""Rows on their way: a page is packed in bands of rows.

Bands of one page are packed at the same time on several cores, and joined in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sheetfed.api.model import Mode, row_size

if TYPE_CHECKING:  # a child may lack numpy
    import numpy as np
    from numpy.typing import NDArray

BAND_BYTES = 1 << 21
"""Enough that starting a thread's turn costs little, and a few of them fit into the cache."""

SAMPLES = {"bw": 1, "gray": 1, "gray16": 1, "color": 3, "color16": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What all bands of a page have in common."""

    width: int
    mode: Mode
    dpi: tuple[float, float]
    rows: int

    @property
    def row(self) -> int:
        """Bytes in a row."""
        return row_size(self.mode, self.width)

    @property
    def samples(self) -> int:
        """Samples in a pixel."""
        return SAMPLES[self.mode]

    @property
    def deep(self) -> bool:
        """Whether a sample takes two bytes."""
        return self.mode.endswith("16")


class Band:
    """Some rows of a page, with the row above them; used again for later rows."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.count = 0
        self._memory = bytearray((shape.rows + 1) * shape.row)
        self._view = memoryview(self._memory)
        self.scratch: NDArray[np.uint8] | None = None
        """Room that a form keeps from one use to the next."""

    @property
    def full(self) -> bool:
        """Whether no row fits any more."""
        return self.count == self.shape.rows

    @property
    def rows(self) -> memoryview:
        """The rows, without the one above them."""
        return self._view[self.shape.row : (self.count + 1) * self.shape.row]

    @property
    def rows_and_above(self) -> memoryview:
        """The row above, then the rows."""
        return self._view[: (self.count + 1) * self.shape.row]

    def take(self, rows: memoryview) -> int:
        """Copy as many whole rows as fit and return how many bytes that was."""
        start = (self.count + 1) * self.shape.row
        size = min(len(rows), len(self._memory) - start)
        self._view[start : start + size] = rows[:size]
        self.count += size // self.shape.row
        return size

    def follow(self, above: Band | None) -> None:
        """Start over, right below the band `above` (None: at the top of the page)."""
        row = self.shape.row
        self._view[:row] = bytes(row) if above is None else above.rows[-row:]
        self.count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A band in its kept form, and what is needed to join it to the others."""

    data: bytes
    checksum: int = 0
    length: int = 0


class Form(Protocol):
    """A file format that is written band by band."""

    media_type: str

    def pack(self, band: Band) -> Packed:
        """Pack one band; called on several threads at once."""

    def head(self, height: int) -> bytes:
        """Return how the file begins."""

    def join(self, packed: Packed) -> bytes:
        """Return what the next band adds to the file; called in order."""

    def tail(self, height: int) -> bytes:
        """Return how the file ends."""
