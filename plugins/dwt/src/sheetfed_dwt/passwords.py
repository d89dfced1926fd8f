"""Passwords of documents: kept so that nobody can read them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

_COST = 2**14
_MEMORY = 64 * 1024 * 1024


async def sealed(password: str) -> dict[str, str]:
    """Return what a password is told by later."""
    salt = secrets.token_bytes(16)
    return {"salt": salt.hex(), "hash": (await _derived(password, salt)).hex()}


async def opens(password: str, seal: Mapping[str, Any]) -> bool:
    """Tell whether a password is the one that was sealed; a seal that is none opens to nobody."""
    try:
        salt, kept = bytes.fromhex(seal["salt"]), bytes.fromhex(seal["hash"])
    except (KeyError, TypeError, ValueError):
        return False
    return hmac.compare_digest(await _derived(password, salt), kept)


async def _derived(password: str, salt: bytes) -> bytes:
    def derive() -> bytes:
        return hashlib.scrypt(
            password.encode(), salt=salt, n=_COST, r=8, p=1, maxmem=_MEMORY, dklen=32
        )

    return await asyncio.to_thread(derive)
