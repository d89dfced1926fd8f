"""Refusals in the log: short lines, and never a flood."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

LINES = 20
"""So many lines are written in a window; the others are counted."""

WINDOW = 10.0
"""Seconds."""


class Refusals:
    """Tells the log of refusals, without a word that the refused one chose."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._lines = 0
        self._untold = 0

    def note(self, status: int, why: str) -> None:
        """Write a line, or count it."""
        now = self._clock()
        if now - self._since >= WINDOW:
            if self._untold:
                log.info("refused %d more", self._untold)
            self._since, self._lines, self._untold = now, 0, 0
        if self._lines == LINES:
            self._untold += 1
            return
        self._lines += 1
        log.info("refused with %d: %s", status, why)
