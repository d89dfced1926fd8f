"""One page's pixels as a file stores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Scheme = Literal[
    "none", "lzw", "deflate", "packbits", "jpeg", "rle", "g3", "g3-2d", "g4", "png", "jpx"
]
"""`png` is deflate over rows that each begin with the name of their filter; `jpx` is JPEG 2000.

In a fax of `g3-2d` rows lean on those above; `rle` is one without marks where rows end."""

FAX: frozenset[Scheme] = frozenset({"rle", "g3", "g3-2d", "g4"})
"""Ways that know nothing but black and white."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that stands in what is written as it is, its bytes passed on unseen."""

    file: str
    size: int


Data = bytes | memoryview

UNKNOWN_DPI_LARGE, UNKNOWN_DPI = 300.0, 96.0
"""What is assumed of a page of unknown resolution: a scan beyond 2000 pixels, else a screen's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Pixels of one page, cut into strips of whole rows.

    `dpi` is as the page is seen; `width` and `height` are as it is stored, before `turn`, which
    counts as Exif orientations do. 16-bit samples are big-endian under `png`, else as in
    `little`.
    """

    scheme: Scheme
    strips: Sequence[Data]
    strip_rows: int
    width: int
    height: int
    dpi: tuple[float, float]
    samples: int = 1
    bits: int = 8
    predictor: bool = False
    little: bool = False
    zero_is_white: bool = False
    subsampling: tuple[int, int] = (1, 1)
    adobe: int | None = None
    turn: int = 1
    profile: bytes | None = None
    whole: Whole | None = None
    """What stands in the place of strips."""

    tags: Sequence[tuple[int, int, bytes]] = ()
    """What else the page's own TIFF file says of it: tag, kind, values."""

    @property
    def lies(self) -> bool:
        """Whether the stored picture lies on its side."""
        return self.turn >= 5

    @property
    def size(self) -> int:
        """How many bytes they are."""
        if self.whole:
            return self.whole.size
        return sum(len(strip) for strip in self.strips)


def known_dpi(
    dpi: tuple[float, float], other: tuple[float, float], size: tuple[int, int]
) -> tuple[float, float]:
    """Return the first resolution that is one, or an assumption by size."""
    for across, down in (dpi, other):
        if 1 <= across < 100_000 and 1 <= down < 100_000:
            return across, down
    assumed = UNKNOWN_DPI_LARGE if max(size) > 2000 else UNKNOWN_DPI
    return assumed, assumed
