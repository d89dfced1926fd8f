"""Reads Australia Post's 4-state codes, and mends them.

Up to two symbols of three bars each may be damaged.

Source: Australia Post, "Customer Barcoding Technical Specifications". After the start come a format
control code, the sorting code of eight digits, what the customer wants, and four symbols of three
bars each of a Reed-Solomon code over 64 elements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sheetfed_barcode.postal.states import DOWN, FULL, SHORT, UP, States

_QUARTERS = {FULL: 0, UP: 1, DOWN: 2, SHORT: 3}
_FILLER = 3
_ENDS = (1, 3)

_KINDS: Mapping[int, frozenset[str]] = {
    37: frozenset({"11", "45", "87", "92"}),
    52: frozenset({"59"}),
    67: frozenset({"44", "62"}),
}
"""By the number of bars, the format control codes that have so many."""

_DIGITS = dict(zip(product(range(3), repeat=2), "012345678", strict=True)) | {(3, 0): "9"}
_THREES = list(product(range(4), repeat=3))
_LETTERS = dict(
    zip(
        [three for three in _THREES if _FILLER not in three[1:]],
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        strict=True,
    )
) | dict(
    zip(
        [three for three in _THREES if _FILLER in three[1:]],
        " #abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a code says; `other` is what the customer's part says by the other table."""

    text: str
    other: str = ""
    corrected: int = 0


def read(states: States) -> Reading | None:
    """Return the control code, the sorting code and what the customer added."""
    kinds = _KINDS.get(len(states))
    bars = [_QUARTERS[state] for state in states]
    if kinds is None or tuple(bars[:2]) != _ENDS or tuple(bars[-2:]) != _ENDS:
        return None
    symbols = [16 * a + 4 * b + c for a, b, c in zip(*[iter(bars[2:-2])] * 3, strict=True)]
    mended = _mended(symbols)
    if mended is None:
        return None
    corrected = sum(a != b for a, b in zip(symbols, mended, strict=True))
    data = [bar for symbol in mended[:-4] for bar in (symbol >> 4, symbol >> 2 & 3, symbol & 3)]
    head = _digits(data[:20])
    if len(head) != 10 or head[:2] not in kinds:
        return None
    digits, letters = _digits(data[20:]), _letters(data[20:])
    own, other = (digits, letters) if digits else (letters, "")
    return Reading(text=head + own, other=other, corrected=corrected)


def _digits(bars: Sequence[int]) -> str:
    """Return what bars say two by two; nothing where one of the pairs is no digit."""
    pairs = [(a, b) for a, b in zip(bars[::2], bars[1::2], strict=False)]
    while pairs and pairs[-1] == (_FILLER, _FILLER):
        pairs.pop()
    if len(bars) % 2 and bars[-1] != _FILLER:
        return ""
    digits = [_DIGITS.get(pair, "") for pair in pairs]
    return "".join(digits) if all(digits) else ""


def _letters(bars: Sequence[int]) -> str:
    """Return what bars say three by three; the rest is filled."""
    threes = [*zip(bars[::3], bars[1::3], bars[2::3], strict=False)]
    while threes and threes[-1] == (_FILLER,) * 3:
        threes.pop()
    return "".join(_LETTERS[three] for three in threes)


def _powers() -> list[int]:
    powers = [1]
    while len(powers) < 63:
        doubled = powers[-1] << 1
        powers.append(doubled ^ 0x43 if doubled > 63 else doubled)
    return powers


_POWERS = _powers()
_LOGARITHMS = {power: at for at, power in enumerate(_POWERS)}


def _times(a: int, b: int) -> int:
    return _POWERS[(_LOGARITHMS[a] + _LOGARITHMS[b]) % 63] if a and b else 0


def _over(a: int, b: int) -> int:
    return _POWERS[(_LOGARITHMS[a] - _LOGARITHMS[b]) % 63] if a else 0


def _syndromes(symbols: Sequence[int]) -> list[int]:
    """Return the polynomial of the symbols, the first the highest, at four powers."""
    values = []
    for power in range(1, 5):
        value = 0
        for symbol in symbols:
            value = _times(value, _POWERS[power]) ^ symbol
        values.append(value)
    return values


def _mended(symbols: Sequence[int]) -> list[int] | None:
    """Return the symbols with up to two of them corrected; None where more are wrong."""
    found = _syndromes(symbols)
    if not any(found):
        return list(symbols)
    one, two, three, four = found
    mended = list(symbols)
    whole = _times(one, three) ^ _times(two, two)
    if whole == 0:
        if not one or not two:
            return None
        _change(mended, _over(two, one), _over(_times(one, one), two))
    else:
        linear = _over(_times(one, four) ^ _times(two, three), whole)
        constant = _over(_times(two, four) ^ _times(three, three), whole)
        places = [
            power
            for power in _POWERS[: len(symbols)]
            if not _times(power, power) ^ _times(linear, power) ^ constant
        ]
        if len(places) != 2:
            return None
        first, second = places
        share = _over(_times(one, second) ^ two, _times(first, first ^ second))
        _change(mended, first, share)
        _change(mended, second, _over(one ^ _times(share, first), second))
    return None if any(_syndromes(mended)) else mended


def _change(symbols: list[int], place: int, error: int) -> None:
    """Add an error at the place that a power of the field names."""
    at = len(symbols) - 1 - _LOGARITHMS[place]
    if at >= 0:
        symbols[at] ^= error
