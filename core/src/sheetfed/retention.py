"""Ends documents that nobody has used for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress

from sheetfed.api.errors import SheetfedError
from sheetfed.audit import Audit
from sheetfed.documents import Documents

log = logging.getLogger(__name__)

LONGEST_WAIT = 15 * 60.0
SHORTEST_WAIT = 0.2
"""Seconds between two looks; as a rule they are a twentieth of the time that a document has."""

GRACE = 0.1
"""The part of its time that a document has left after a restart, whatever the date says."""


class Retention:
    """Looks after documents while the service lives. Where they have no time, once at its start."""

    def __init__(
        self,
        documents: Documents,
        *,
        seconds: float | None,
        audit: Audit,
        busy: Callable[[], Collection[str]],
    ) -> None:
        self._documents = documents
        self._seconds = seconds
        self._audit = audit
        self._busy = busy
        self._task: asyncio.Task[None] | None = None

    async def start(self, hidden: float) -> None:
        """Begin; for `hidden` seconds before, only the date tells how long they were.

        A date may be years off. So those seconds end no document at once: a person who comes back
        has some time to use what is there.
        """
        if self._seconds is None:
            return
        if hidden and self._seconds:
            await self._documents.renew(self._seconds * (1 - GRACE))
        await self.sweep()
        if self._seconds:
            self._task = asyncio.create_task(self._live(self._seconds), name="retention")

    async def close(self) -> None:
        """Stop. Safe twice."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def sweep(self) -> None:
        """Delete what nobody has used for too long."""
        assert self._seconds is not None
        try:
            ended = await self._documents.forget_unused(self._seconds, busy=self._busy())
        except SheetfedError as error:  # the next one may succeed
            log.warning("unused documents could not be deleted: %s", error.message)
            return
        except OSError:
            log.exception("unused documents could not be deleted")
            return
        if ended:
            self._audit.note("service", "delete", "done", reason="retention", documents=ended)

    async def _live(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(max(SHORTEST_WAIT, min(LONGEST_WAIT, seconds / 20)))
            await self.sweep()
