"""Files that are open, and named where they do not open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sheetfed.api.contracts import Host, Opened
from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Settings


@asynccontextmanager
async def look(host: Host, path: Path, settings: Settings) -> AsyncIterator[Opened]:
    """Open a file until the block ends. Raises what keeps it from opening, with its name."""
    async with AsyncExitStack() as stack:
        try:
            opened = await stack.enter_async_context(host.look(path, settings))
        except SheetfedError as error:
            if str(path) not in error.message:
                error.args = (f"{path}: {error.message}",)
            raise
        yield opened
