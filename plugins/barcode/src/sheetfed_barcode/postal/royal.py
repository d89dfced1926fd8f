"""Reads Royal Mail's 4-state code and KIX.

Source: Royal Mail, "RM4SCC"; PostNL, "KIX-code". Two of the four bars of a character
reach up and two reach down; which they are says the row and the column of the
character in a square of 36.
"""

from __future__ import annotations

import re
from itertools import combinations

from sheetfed_barcode.postal.states import DOWN, FULL, UP, States

_SQUARE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = sorted(combinations(range(4), 2), reverse=True)
"""The two bars of each row, and of each column."""

_SHORTEST, _LONGEST = 4, 50
_DUTCH = re.compile(r"\d{4}[A-Z]{2}\d{1,5}(X[0-9A-Z]{1,6})?")
"""Postcode and house number; there is no check digit, so that nothing else is believed."""


def royal(states: States) -> str | None:
    """Return the characters of a 4-state code of Royal Mail, its check character left out."""
    if len(states) < 2 or states[0] != UP or states[-1] != FULL:
        return None
    text = _text(states[1:-1])
    if text is None or not _SHORTEST <= len(text) - 1 <= _LONGEST:
        return None
    rows = sum(_SQUARE.index(letter) // 6 + 1 for letter in text[:-1])
    columns = sum(_SQUARE.index(letter) % 6 + 1 for letter in text[:-1])
    check = _SQUARE[(rows - 1) % 6 * 6 + (columns - 1) % 6]
    return text[:-1] if text[-1] == check else None


def kix(states: States) -> str | None:
    """Return the characters of a KIX."""
    text = _text(states)
    return text if text is not None and _DUTCH.fullmatch(text) else None


def _text(states: States) -> str | None:
    if len(states) % 4:
        return None
    letters = [_letter(states[at : at + 4]) for at in range(0, len(states), 4)]
    return "".join(letters) if all(letters) else None


def _letter(four: States) -> str:
    up = tuple(at for at, state in enumerate(four) if state & UP)
    down = tuple(at for at, state in enumerate(four) if state & DOWN)
    if len(up) != 2 or len(down) != 2:
        return ""
    return _SQUARE[_PAIRS.index(up) * 6 + _PAIRS.index(down)]
