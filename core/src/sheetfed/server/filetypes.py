"""Which types of files hold one page."""

from __future__ import annotations

SINGLE = frozenset({"image/jpeg", "image/png", "image/bmp"})
"""The others hold any number of pages."""
