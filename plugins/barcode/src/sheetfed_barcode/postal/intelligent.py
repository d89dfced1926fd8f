"""Reads USPS Intelligent Mail: 65 bars, 31 digits at most.

Source: USPS-B-3200, appendices A to D. Ten characters of 13 bits hold a number of 102 bits in
codewords; the 11 bits of its check lie in the characters' polarity and in the first codeword.
"""

from __future__ import annotations

from collections.abc import Iterator

from sheetfed_barcode.postal.states import DOWN, UP, States

BARS = 65
_BITS = 13
_FIVE, _TWO = 1287, 78
"""Characters of 13 bits with five of them set, or eight; and with two, or eleven."""

_CHECK = 0xF35
_START = 0x7FF

_BOTTOMS = (
    "H2 B10 J12 F5 I9 A1 C5 E4 G3 D9 F11 I5 J10 H1 D6 A3 G4 B1 H10 E0 G2 I11 J8 C6 F1 B12 H3 F8"
    " E6 D4 I4 H11 G0 A6 C1 F9 E11 J5 D3 A7 B3 G10 I7 C11 A8 E2 F10 J3 G5 H8 F0 C3 G12 D11 I8 F4"
    " B5 J1 I3 H0 E7 A12 C9 G8 D10"
)
_TOPS = (
    "E3 A0 C8 G11 D1 F12 B8 J11 I10 H6 B4 C12 A2 G7 E9 I6 C7 J9 F2 D8 A4 B0 D12 H7 E10 G9 I0 J7"
    " C10 A5 F7 B9 J6 E8 D2 I12 G1 H4 B2 C0 E1 D5 J4 F6 H12 I1 D0 A9 C4 B7 E5 A10 J2 B6 H9 A11"
    " C2 E12 G6 D7 H5 B11 J0 F3 I2"
)
"""For each bar the character and its bit that say whether it reaches down, and up."""

_ROUTING = ((1_000_100_000, 11), (100_000, 9), (0, 5))
"""From which number on a routing code has so many digits."""


def read(states: States) -> str | None:
    """Return the 20 digits of the tracking code and those of the routing code."""
    if len(states) != BARS:
        return None
    words, check = [], 0
    for place, character in enumerate(_characters(states)):
        if character in _WORDS:
            words.append(_WORDS[character])
        elif (other := character ^ 0x1FFF) in _WORDS:
            words.append(_WORDS[other])
            check |= 1 << place
        else:
            return None
    return _text(words, check)


def _characters(states: States) -> list[int]:
    characters = [0] * 10
    for bit, places in ((DOWN, _DOWN), (UP, _UP)):
        for state, (character, weight) in zip(states, places, strict=True):
            if state & bit:
                characters[character] |= weight
    return characters


def _text(words: list[int], check: int) -> str | None:
    last, odd = divmod(words[-1], 2)
    first = words[0]
    if first >= 659:
        first -= 659
        check |= 1 << 10
    if odd or first >= 659 or last >= 636:
        return None
    number = first
    for word in words[1:-1]:
        number = number * 1365 + word
    number = number * 636 + last
    if number >> 102 or _remainder(number) != check:
        return None
    return _digits(number)


def _digits(number: int) -> str | None:
    tracking = ""
    for _ in range(18):
        number, digit = divmod(number, 10)
        tracking = f"{digit}{tracking}"
    number, second = divmod(number, 5)
    routing, first = divmod(number, 10)
    tracking = f"{first}{second}{tracking}"
    if not routing:
        return tracking
    for least, digits in _ROUTING:
        if routing > least:
            text = f"{routing - least - 1:0{digits}}"
            return tracking + text if len(text) == digits else None
    return None


def _remainder(number: int) -> int:
    """Return the check of 102 bits."""
    check = _START
    for place in range(101, -1, -1):
        high = check >> 10 ^ number >> place & 1
        check = (check << 1 & 0x7FF) ^ (_CHECK & 0x7FF if high else 0)
    return check


def _ones(count: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield characters with so many bits set, each with its codeword.

    A character and its mirror image are neighbours; those that are their own image come last.
    """
    front, back = 0, length - 1
    for character in range(1 << _BITS):
        image = int(f"{character:013b}"[::-1], 2)
        if character.bit_count() != count or image < character:
            continue
        if image == character:
            yield character, back
            back -= 1
        else:
            yield character, front
            yield image, front + 1
            front += 2


def _places(named: str) -> list[tuple[int, int]]:
    return [(ord(name[0]) - ord("A"), 1 << int(name[1:])) for name in named.split()]


_WORDS = dict(_ones(5, _FIVE)) | {c: _FIVE + word for c, word in _ones(2, _TWO)}
_DOWN, _UP = _places(_BOTTOMS), _places(_TOPS)
