"""Edits that crash, hang, lie, raise, break out of their box."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import Any

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo
from sheetfed.worker.trial import ATTEMPTS

REHEARSAL = 16
"""Pixels of the picture that an edit is tried with before its box closes."""


class Crash(Edit):
    """Dies."""

    def apply(self, picture: Any, scale: float) -> Any:
        """Abort the process."""
        if picture.width > REHEARSAL:
            os.abort()
        return picture


class Hang(Edit):
    """Never comes to an end."""

    def apply(self, picture: Any, scale: float) -> Any:
        """Sleep."""
        if picture.width > REHEARSAL:
            time.sleep(1000)
        return picture


class Lie(Edit):
    """Says one thing and does another."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Tell what the options say."""
        transform = json.loads(str(self.settings.get("transform", "[1,0,0,0,1,0,0,0,1]")))
        size = int(self.settings.get("size") or 50)
        return replace(page, width=size, height=size), transform

    def apply(self, picture: Any, scale: float) -> Any:
        """Return something else."""
        return "no picture" if self.settings.get("text") else picture


class Mix(Edit):
    """Takes a pixel's colours together, and blackens a corner."""

    def apply(self, picture: Any, scale: float) -> Any:
        """Paint in eight bits."""
        picture.paste(0, (0, 0, 4, 4))
        return picture


class Raise(Edit):
    """Has a fault."""

    def apply(self, picture: Any, scale: float) -> Any:
        """Divide by zero."""
        return picture.width // 0


class Escape(Edit):
    """Tries everything that leads out of its box, and tells what succeeded."""

    def apply(self, picture: Any, scale: float) -> Any:
        """Try, and tell."""
        if picture.width <= REHEARSAL:
            return picture
        raise BadSettings(json.dumps([name for name, way in ATTEMPTS.items() if _leads(way)]))


def _leads(way: Any) -> bool:
    try:
        way()
    except (OSError, MemoryError, ValueError):
        return False
    return True
