"""The four letters of a format, as a number."""

from __future__ import annotations


def number(letters: str) -> int:
    """Return what V4L2 and OpenCV write for four letters."""
    return int.from_bytes(letters.encode("latin-1"), "little")
