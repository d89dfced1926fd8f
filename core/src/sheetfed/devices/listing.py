"""Which devices are there, as every source says."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sheetfed.afterlife import bare
from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Device
from sheetfed.devices.chores import Chores
from sheetfed.worker.parent import Worker

FRESH = 3.0
"""Seconds for which a listing is not asked for again."""

STALE = 60.0
"""Seconds for which a listing is still given while the next one is made."""

IDLE = 60.0
"""Seconds after which an unused child ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A source that could not say which devices it has, and why."""

    source: str
    error: SheetfedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The devices of all sources, their ids as `source:id`, and what went wrong."""

    devices: tuple[Device, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Asker:
    """A source's worker that lists, until nobody asked for a while."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.leaving: asyncio.Task[None] | None = None


class Lister:
    """Asks sources for their devices, each in a child of its own."""

    def __init__(
        self,
        sources: Collection[str],
        *,
        worker: Callable[[str], Worker],
        changed: Callable[[], None],
        chores: Chores,
    ) -> None:
        self._sources = sources
        self._worker = worker
        self._changed = changed
        self._chores = chores
        self._askers: dict[str, _Asker] = {}
        self._asking: asyncio.Task[Listing] | None = None
        self._listed_at: float | None = None
        self._closed = False
        self.last = Listing()
        """What was found last."""

    async def list(self, *, refresh: bool = False) -> Listing:
        """Return the devices that are there; a source that fails is a problem in the answer.

        Asking all sources may take seconds. A listing that is no more than a minute old is returned
        at once while the next is made; if that one differs, it is told.
        """
        if self._age() < FRESH and not refresh:
            return self.last
        asking = self._ask_all()
        if self._age() < STALE and not refresh:
            return self.last
        return await asyncio.shield(asking)

    def foresee(self) -> None:
        """Begin to list the devices: somebody will ask for them soon."""
        if self._age() >= FRESH:
            self._ask_all()

    def has(self, device_id: str) -> bool:
        """Say whether a device was there last."""
        return any(device.id == device_id for device in self.last.devices)

    def known(self, device_id: str) -> Device:
        """Return a device as it was listed last; one that was not has its id for a title."""
        listed = (device for device in self.last.devices if device.id == device_id)
        return next(listed, Device(id=device_id, title=device_id))

    async def close(self) -> None:
        """End every child."""
        self._closed = True
        if self._asking:
            self._asking.cancel()
        for asker in self._askers.values():
            if asker.leaving:
                asker.leaving.cancel()
        await asyncio.gather(*(asker.worker.close() for asker in self._askers.values()))
        self._askers.clear()

    def _age(self) -> float:
        return math.inf if self._listed_at is None else time.monotonic() - self._listed_at

    def _ask_all(self) -> asyncio.Task[Listing]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return self._asking

    async def _ask(self) -> Listing:
        answers = await asyncio.gather(*(self._ask_source(name) for name in self._sources))
        before, self.last = (
            self.last,
            Listing(
                devices=tuple(device for found, _ in answers for device in found),
                problems=tuple(problem for _, problem in answers if problem),
            ),
        )
        self._listed_at = time.monotonic()
        if before.devices != self.last.devices:
            self._changed()
        return self.last

    async def _ask_source(self, name: str) -> tuple[Sequence[Device], Problem | None]:
        asker = self._askers.get(name)
        if asker is None:
            asker = self._askers[name] = _Asker(self._worker(name))
        if asker.leaving:
            asker.leaving.cancel()
        try:
            found = await asker.worker.devices()
        except SheetfedError as error:
            return [], Problem(source=name, error=bare(error))
        finally:
            if not self._closed:
                asker.leaving = self._chores.begin(self._leave(asker, name))
        return [replace(device, id=f"{name}:{device.id}") for device in found], None

    async def _leave(self, asker: _Asker, name: str) -> None:
        await asyncio.sleep(IDLE)
        self._askers.pop(name, None)
        await asker.worker.close()
