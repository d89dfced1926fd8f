"""Pages that are looked at, unpacked before a nearer look."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sheetfed.api.errors import SheetfedError
from sheetfed.benches import QUIET
from sheetfed.edits import Edits
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import Wanted

DOT = Wanted(region=(0.0, 0.0, 1.0, 1.0), media_type="image/jpeg")
"""The smallest look from near: for it the whole page is unpacked, and kept."""


class Glances:
    """Has the page ready that somebody stays at; whoever leafs through pages costs nothing.

    A page of 600 dpi takes a second to unpack, in a child that takes half of one to start.
    """

    def __init__(self, edits: Edits) -> None:
        self._edits = edits
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._working: asyncio.Task[None] | None = None
        self._page = ""
        self._closed = False

    def look(self, owner: str, page: PageRow, *, edited: bool) -> None:
        """Begin once this owner looks at no other page for a while."""
        if waiting := self._later.pop(owner, None):
            waiting.cancel()
        if not self._closed:
            loop = asyncio.get_running_loop()
            self._later[owner] = loop.call_later(QUIET, self._begin, owner, page, edited)

    async def over(self, page: PageRow) -> None:
        """Wait for a page that is being unpacked: another child would begin anew."""
        if self._working and self._page == page.id:
            await asyncio.wait([self._working])

    def close(self) -> None:
        """Begin nothing more; what has begun ends with its child."""
        self._closed = True
        for waiting in self._later.values():
            waiting.cancel()
        self._later.clear()
        if self._working:
            self._working.cancel()

    def _begin(self, owner: str, page: PageRow, edited: bool) -> None:  # noqa: FBT001 - a timer calls
        if self._working and not self._working.done():
            self.look(owner, page, edited=edited)
            return
        self._later.pop(owner, None)
        self._page = page.id
        self._working = asyncio.create_task(self._unpack(owner, page, edited=edited))

    async def _unpack(self, owner: str, page: PageRow, *, edited: bool) -> None:
        with suppress(SheetfedError):  # whoever looks is told
            await self._edits.picture(owner, page, DOT, edited=edited)
