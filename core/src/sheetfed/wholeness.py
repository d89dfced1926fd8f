"""Changes that happen whole, whoever is cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from sheetfed.api.errors import SheetfedError

T = TypeVar("T")


async def whole(change: Coroutine[Any, Any, T]) -> T:
    """Return what a change returns; whoever is cancelled waits until it has happened whole."""
    making = asyncio.ensure_future(change)
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        await asyncio.wait([making])  # who is cancelled again waits no more; the change goes on
        with suppress(SheetfedError):
            making.result()
        raise
