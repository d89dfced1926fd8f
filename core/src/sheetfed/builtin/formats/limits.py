"""How large a picture may be, asked before unpacking."""

from __future__ import annotations

from sheetfed.api.errors import TooLarge

MOST_PIXELS = 200_000_000
MOST_BLACK_AND_WHITE = 5 * MOST_PIXELS
"""A plan on the largest paper; its pixels take a byte at most."""

MOST_FRAMES = 500
"""Pictures of a GIF or a WebP: each is drawn on the one before."""

MOST_MOVING = 10 * MOST_PIXELS
"""Pixels of all pictures of a GIF or a WebP: to see the last, all are drawn."""

MOST_PAGES = 2000
"""Pages of a TIFF file, as many as of any other that is taken in."""

MOST_EXTRA = 1024 * 1024
"""Bytes that each kind of what is no picture may have: Exif, colour profile, XMP, text."""

MOST_SCANS = 200
"""Times that a progressive JPEG may go over all its pixels; encoders need about ten."""


def check_size(width: int, height: int, *, most: int = MOST_PIXELS) -> None:
    """Raise TooLarge where a picture would not fit into an ordinary machine's memory."""
    if width * height > most:
        raise TooLarge(
            f"a picture of {width} x {height} pixels has more than {most // 10**6} million",
            width=width,
            height=height,
        )
