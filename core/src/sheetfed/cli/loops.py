"""From one event loop to another, in another thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def there(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """Have work done in another loop and return what comes of it."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


@asynccontextmanager
async def over_there(
    block: AbstractAsyncContextManager[T], loop: asyncio.AbstractEventLoop
) -> AsyncIterator[T]:
    """Enter and leave a block in another loop."""
    entered = await there(block.__aenter__(), loop)
    try:
        yield entered
    except BaseException as error:
        if not await there(block.__aexit__(type(error), error, error.__traceback__), loop):
            raise
    else:
        await there(block.__aexit__(None, None, None), loop)


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
