"""Reads POSTNET and PLANET: tall and short bars.

Source: USPS Publication 25. Five bars are a digit. The digits' sum is a multiple of ten.
"""

from __future__ import annotations

from itertools import combinations

from sheetfed_barcode.postal.states import SHORT, UP, States

_WEIGHTS = (7, 4, 2, 1, 0)
_POSTNET = (6, 10, 12)
_PLANET = (12, 14)
"""Digits that such codes have, their check digit included."""

_TWO_TALL = {
    tuple(UP if at in pair else SHORT for at in range(5)): sum(_WEIGHTS[at] for at in pair) % 11
    for pair in combinations(range(5), 2)
}
_TWO_SHORT = {tuple(UP - state for state in bars): digit for bars, digit in _TWO_TALL.items()}


def postnet(states: States) -> str | None:
    """Return the 5, 9 or 11 digits of a POSTNET, and its check digit."""
    return _read(states, _TWO_TALL, _POSTNET)


def planet(states: States) -> str | None:
    """Return the 11 or 13 digits of a PLANET, and its check digit."""
    return _read(states, _TWO_SHORT, _PLANET)


def _read(
    states: States, table: dict[tuple[int, ...], int], lengths: tuple[int, ...]
) -> str | None:
    if len(states) - 2 not in {5 * length for length in lengths}:
        return None
    if states[0] != UP or states[-1] != UP:
        return None
    digits = [table.get(tuple(states[at : at + 5]), -1) for at in range(1, len(states) - 1, 5)]
    if -1 in digits or sum(digits) % 10:
        return None
    return "".join(map(str, digits))
