"""Ids that nobody can guess."""

from __future__ import annotations

import secrets


def new_id(kind: str) -> str:
    """Return an id for a new thing of this kind."""
    return f"{kind}_{secrets.token_urlsafe(16)}"
