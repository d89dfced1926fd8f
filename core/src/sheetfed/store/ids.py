"""Ids that nobody can guess."""

from __future__ import annotations

import base64
import secrets

_LENGTH = 22
_DRAWN = 18
"""Bytes that one id is cut from: whole letters, so that thousands are made at once."""


def new_id(kind: str) -> str:
    """Return an id for a new thing of this kind."""
    return new_ids(kind, 1)[0]


def new_ids(kind: str, count: int) -> list[str]:
    """Return ids for new things of this kind."""
    letters = base64.urlsafe_b64encode(secrets.token_bytes(_DRAWN * count)).decode()
    step = _DRAWN // 3 * 4
    return [f"{kind}_{letters[at : at + _LENGTH]}" for at in range(0, step * count, step)]
