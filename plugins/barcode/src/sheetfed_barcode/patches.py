"""Patch codes: four bars, two of them wide.

Bars and spaces are narrow, 0.08 inch, or wide, 0.20 inch; spaces are all narrow. Read from the
leading edge of the sheet inwards.
"""

from __future__ import annotations

from collections.abc import Mapping

NARROW, WIDE = 0.08, 0.20
LENGTH = 0.8
"""Inches across all bars and spaces."""

PATCHES: Mapping[str, tuple[float, float, float, float]] = {
    "I": (WIDE, WIDE, NARROW, NARROW),
    "II": (WIDE, NARROW, NARROW, WIDE),
    "III": (WIDE, NARROW, WIDE, NARROW),
    "IV": (NARROW, WIDE, WIDE, NARROW),
    "VI": (NARROW, NARROW, WIDE, WIDE),
    "T": (NARROW, WIDE, NARROW, WIDE),
}
"""By the names of the standard, the width of each bar in inches."""

NUMBERS: Mapping[str, str] = {"1": "I", "2": "II", "3": "III", "4": "IV", "6": "VI", "T": "T"}
"""The same by the numbers that scanners' manuals use."""
