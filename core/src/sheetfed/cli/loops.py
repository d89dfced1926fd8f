"""From one event loop to another, in another thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def there(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """Have work done in another loop and return what comes of it."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


async def across(
    items: AsyncIterator[T], loop: asyncio.AbstractEventLoop
) -> AsyncGenerator[T, None]:
    """Yield what an iterator of another loop yields, one after the other."""
    try:
        while (item := await there(_next(items), loop)) is not None:
            yield item
    finally:
        if isinstance(items, AsyncGenerator):
            await there(items.aclose(), loop)


async def _next(items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)
