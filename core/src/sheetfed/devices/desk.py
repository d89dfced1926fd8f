"""One device's worker, and who sits at it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Option, Settings
from sheetfed.worker.parent import Worker

log = logging.getLogger(__name__)


class Desk:
    """A device with one user at a time: a job, a question, or those who look through it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.turn = asyncio.Lock()
        self.lent = False
        self.user = ""
        self.viewers: set[int] = set()
        self.looked = False
        self.opened = asyncio.Event()
        self.refused = False
        self.touched: frozenset[str] = frozenset()
        self.options: Sequence[Option] = ()
        self.fresh: Sequence[Option] = ()
        self.leaving: asyncio.Task[None] | None = None

    def is_lent(self) -> bool:
        """Say whether a job has it, now."""
        return self.lent

    def is_taken(self, owner: str) -> bool:
        """Say whether somebody else has it, or looks through it."""
        return (self.lent or bool(self.viewers)) and self.user != owner

    def known(self, owner: str) -> Sequence[Option]:
        """Return the options; what its user has set is nobody else's."""
        return self.fresh if self.is_taken(owner) else self.options

    def stay(self) -> None:
        """Let go of it no more: somebody came."""
        if self.leaving:
            self.leaving.cancel()

    async def open(self, native: str) -> None:
        """Have the device open, and know its options."""
        self.options = await self.worker.open(native)
        self.refused = False
        if not self.touched:
            self.fresh = self.options
        self.opened.set()

    async def set(self, settings: Settings) -> Sequence[Option]:
        """Set options one after the other; return all that can be asked then."""
        self.touched |= frozenset(settings)
        options = {option.name: option for option in self.options}
        for name, value in settings.items():
            for changed in await self.worker.set(name, value):
                options[changed.name] = changed
        if self.viewers:
            self.options = [*options.values()]
        return [*options.values()]

    async def release(self, device_id: str) -> None:
        """Let go of the device. What its driver says to that is nothing to who comes next."""
        try:
            await self.worker.release()
        except SheetfedError as error:
            log.warning("%s was not closed as it should be: %s", device_id, error)
