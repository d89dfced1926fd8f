"""Ids that nobody can guess."""

from __future__ import annotations

import base64
import secrets

_DRAWN, _FILLED = 16, 18
"""Bytes of an id, and what they are filled up to: whole letters, so that thousands are one call."""

_STEP, _LETTERS = 24, 22
"""Letters for so many bytes, and those of them that an id needs."""


def new_id(kind: str) -> str:
    """Return an id for a new thing of this kind: 128 bits, in the one way to write them."""
    return new_ids(kind, 1)[0]


def new_ids(kind: str, count: int) -> list[str]:
    """Return ids for new things of this kind."""
    drawn, filled = secrets.token_bytes(_DRAWN * count), bytearray(_FILLED * count)
    for place in range(_DRAWN):
        filled[place::_FILLED] = drawn[place::_DRAWN]
    letters = base64.urlsafe_b64encode(filled).decode()
    return [f"{kind}_{letters[at : at + _LETTERS]}" for at in range(0, _STEP * count, _STEP)]
