"""Reads Japan Post's customer code: 67 bars, 20 characters.

Source: Japan Post, manual of the customer barcode. Three bars to a character; letters are a control
character and a digit. All that is checked, with its check digit, is a multiple of 19.
"""

from __future__ import annotations

from sheetfed_barcode.postal.states import DOWN, FULL, UP, States

BARS = 67
_SIZES = {FULL: "1", UP: "2", DOWN: "3", 0: "4"}
_CHARACTERS = (
    "144", "114", "132", "312", "123", "141", "321", "213", "231", "411",
    "414", "324", "342", "234", "432", "243", "423", "441", "111",
)  # fmt: skip
"""Digits 0 to 9, the dash, and control characters 1 to 8, in the order of their check values."""

_DASH, _FIRST, _PADDING = 10, 11, 14
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(states: States) -> str | None:
    """Return postcode and address, as the sender wrote them."""
    if len(states) != BARS:
        return None
    sizes = "".join(_SIZES[state] for state in states)
    if not (sizes.startswith("13") and sizes.endswith("31")):
        return None
    threes = [sizes[at : at + 3] for at in range(2, BARS - 2, 3)]
    if not all(three in _CHARACTERS for three in threes):
        return None
    values = [_CHARACTERS.index(three) for three in threes]
    return _text(values[:-1]) if sum(values) % 19 == 0 else None


def _text(values: list[int]) -> str | None:
    while values and values[-1] == _PADDING:
        values.pop()
    text = ""
    waiting = iter(values)
    for value in waiting:
        if value < _DASH:
            text += str(value)
        elif value == _DASH:
            text += "-"
        elif value < _PADDING:
            place = 10 * (value - _FIRST) + next(waiting, 99)
            if place >= len(_ALPHABET):
                return None
            text += _ALPHABET[place]
        else:
            return None
    return text if text[:7].isdecimal() and len(text) >= 7 else None
