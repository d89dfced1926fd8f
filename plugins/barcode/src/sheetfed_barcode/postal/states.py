"""What a bar of a postal code can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SHORT: Final = 0
UP: Final = 1
DOWN: Final = 2
FULL: Final = 3
"""Up and down are bits: a bar that reaches both ways is full."""

States = Sequence[int]


def turned(states: States) -> list[int]:
    """Return the bars as they are when the sheet lies upside down."""
    return [(state & UP) << 1 | state >> 1 for state in reversed(states)]
