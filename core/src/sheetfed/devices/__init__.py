"""Pages in: the devices that are there, one worker for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

from sheetfed.api.errors import AddonMissing, Conflict, DeviceBusy, DeviceGone
from sheetfed.api.model import Device, Option, Settings, View
from sheetfed.devices.chores import Chores
from sheetfed.devices.desk import Desk
from sheetfed.devices.listing import IDLE, Lister, Listing
from sheetfed.events import LOCAL, Event, Events
from sheetfed.holds import Hold, Holds
from sheetfed.looks import Look
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Recipe

LINGER = 10.0
"""Seconds for which a device stays open after its last use;"""

GLANCE = 1.0
"""for so many where it is a camera: its light tells people that it is on."""

EVERYTHING = frozenset({"*"})
"""What a scan sets: nobody knows, so the next user gets the device opened afresh."""


class Devices:
    """Lists devices and lends each to one user at a time."""

    def __init__(
        self,
        sources: Mapping[str, Recipe],
        *,
        events: Events,
        crashes: Path,
        package_for: Callable[[str, str], str | None],
        deadlines: Deadlines | None = None,
    ) -> None:
        self._sources = sources
        self._events = events
        self._crashes = crashes
        self._package_for = package_for
        self._deadlines = deadlines or Deadlines()
        self.holds = Holds(changed=lambda: self._tell("hold", LOCAL))
        self._chores = Chores()
        self._lister = Lister(
            sources,
            worker=self._worker,
            changed=lambda: self._tell("list", ""),
            chores=self._chores,
        )
        self._desks: dict[str, Desk] = {}
        self._doubts: dict[str, asyncio.Lock] = {}
        self._looks: set[Look] = set()
        self._viewers = 0
        self._closed = False

    async def list(self, *, refresh: bool = False) -> Listing:
        """Return the devices that are there; a source that fails is a problem in the answer.

        One that is not fresh is given at once where it is not stale, and an event tells if it was
        wrong.
        """
        return await self._lister.list(refresh=refresh)

    def foresee(self) -> None:
        """Begin to list the devices: somebody will ask for them soon."""
        self._lister.foresee()

    def known(self, device_id: str) -> Device:
        """Return a device as it was listed last; one that was not has its id for a title."""
        return self._lister.known(device_id)

    async def options(self, device_id: str, *, owner: str = "") -> Sequence[Option]:
        """Return what can be asked of a device; of one that a job has, what was known last.

        Of one that somebody else uses, the options are as they were when it was opened.
        """
        desk = self._desk(device_id)
        if desk.lent:
            await desk.opened.wait()
            if desk.is_lent() or desk.options:
                return desk.known(owner)
            desk = self._desk(device_id)  # that one was given up where it could not be opened
        if desk.viewers and desk.options:
            return desk.known(owner)
        async with self._sit(desk, device_id):
            return desk.known(owner)

    async def adjust(
        self, device_id: str, settings: Settings, *, owner: str = "", hold: str = ""
    ) -> Sequence[Option]:
        """Return what can be asked once these settings, and no others, are made.

        Where the owner looks through the device, what was set before stays.
        """
        desk = self._desk(device_id)
        self._check_free(desk, device_id, owner, hold)
        async with self._sit(desk, device_id, keeping=frozenset(settings)):
            if desk.is_taken(owner):  # since this waited for its turn
                raise _busy(device_id)
            return await desk.set(settings)

    async def tune(self, device_id: str, settings: Settings, *, owner: str) -> Sequence[Option]:
        """Set options of a device that the owner looks through; return all that can be asked.

        Raises Conflict where the owner has no preview of it, DeviceBusy while a job has it.
        """
        self._source(device_id)
        desk = self._desks.get(device_id)
        if desk is None:
            raise _nobody_looks(device_id)
        _check_looks(desk, device_id, owner)
        if desk.lent:
            raise _busy(device_id)
        async with desk.turn:
            _check_looks(desk, device_id, owner)  # again, since this waited for its turn
            return await desk.set(settings)

    @asynccontextmanager
    async def look(self, device_id: str, view: View, *, owner: str) -> AsyncIterator[Look]:
        """Give the device's live pictures until the block ends; a preview is no job.

        An owner may scan with the device meanwhile, and look through it several times. Raises
        DeviceBusy where somebody else uses it.
        """
        desk = self._desk(device_id)
        if desk.is_taken(owner):
            raise _busy(device_id)
        self.holds.check(device_id, owner)
        self._viewers += 1
        look = Look(desk.worker, device_id, self._viewers, view)
        desk.viewers.add(look.number)
        desk.looked = True
        desk.user = owner
        self._looks.add(look)
        try:
            if desk.lent:
                await desk.opened.wait()
            else:
                async with self._sit(desk, device_id, viewer=look.number):
                    pass
            yield look
        finally:
            self._looks.discard(look)
            desk.viewers.discard(look.number)
            self._chores.begin(look.end())
            if not (desk.viewers or desk.lent or self._closed):
                self._part(desk, device_id)

    def end_looks(self) -> None:
        """End every preview."""
        for look in self._looks:
            look.stop()

    async def hold(self, device_id: str, *, owner: str, seconds: float, named: str = "") -> Hold:
        """Keep a device that is there for somebody who will use it soon, or keep it longer.

        It is not opened by that. Raises DeviceGone, DeviceBusy where somebody else has it.
        """
        await self.list()
        if not self._lister.has(device_id):
            raise DeviceGone(f"There is no device {device_id!r}", device=device_id)
        self._check_free(self._desk(device_id), device_id, owner, named)
        return self.holds.begin(device_id, owner, seconds, named)

    @asynccontextmanager
    async def lease(
        self, device_id: str, *, owner: str = "", hold: str = ""
    ) -> AsyncIterator[Worker]:
        """Give the device's worker, freshly opened, to one job until the block ends.

        One that the owner looks through is lent as it is, and the hold that is named ends. Raises
        DeviceBusy while another job has it or another owner looks through it or it is held for
        somebody else, DeviceGone where nobody knows it.
        """
        desk = self._desk(device_id)
        self._check_free(desk, device_id, owner, hold)
        if hold:
            self.holds.end(device_id, owner, hold)
        desk.lent = True
        desk.user = owner
        desk.opened.clear()
        try:
            async with self._sit(desk, device_id):
                desk.touched = EVERYTHING
                yield desk.worker
        finally:
            desk.lent = False
            desk.opened.set()

    async def close(self) -> None:
        """End every child."""
        self._closed = True
        self.end_looks()
        for desk in self._desks.values():
            desk.stay()
        desks = [*self._desks.values()]
        await asyncio.gather(self._lister.close(), *(desk.worker.close() for desk in desks))
        await self._chores.wait()
        self._desks.clear()

    @asynccontextmanager
    async def _sit(
        self,
        desk: Desk,
        device_id: str,
        *,
        keeping: frozenset[str] = frozenset(),
        viewer: int = 0,
    ) -> AsyncIterator[None]:
        """Open the device for one user at a time; the others wait for their turn.

        It is opened afresh unless all that was set before is among `keeping`, or somebody looks
        through it beside the `viewer` who sits down.
        """
        async with desk.turn:
            desk.stay()
            try:
                if desk.touched - keeping and not desk.viewers - {viewer}:
                    await desk.release(device_id)
                    desk.touched = frozenset()
                desk.refused = True
                async with self._doubt(device_id):
                    await desk.open(self._native(device_id))
                yield
            finally:
                if not (self._closed or desk.viewers):
                    self._part(desk, device_id)

    def _part(self, desk: Desk, device_id: str) -> None:
        """Have a device that nobody uses let go of, soon."""
        desk.stay()
        desk.leaving = self._chores.begin(self._leave(desk, device_id))

    def _tell(self, change: str, owner: str) -> None:
        """Tell everybody, or an owner, that something about devices is different."""
        data = {"change": change}
        told = Event(number=0, topic="device", data=data, at=time.time(), owner=owner)
        self._events.publish([told])

    def _desk(self, device_id: str) -> Desk:
        desk = self._desks.get(device_id)
        if desk is None:
            desk = self._desks[device_id] = Desk(self._worker(self._source(device_id)))
        return desk

    def _source(self, device_id: str) -> str:
        """Return the source of a device. Raises DeviceGone, AddonMissing."""
        name, colon, native = device_id.partition(":")
        if not colon or not native:
            raise DeviceGone(f"There is no device {device_id!r}", device=device_id)
        if name not in self._sources:
            package = self._package_for("source", name)
            if package is None:
                raise DeviceGone(
                    f"There is no device {device_id!r}: no addon brings {name!r}", device=device_id
                )
            raise AddonMissing(f"Devices of {name!r} come with {package}", package=package)
        return name

    def _check_free(self, desk: Desk, device_id: str, owner: str, hold: str) -> None:
        """Raise DeviceBusy where somebody has a device that is not who names its hold."""
        if desk.lent or desk.is_taken(owner):
            raise _busy(device_id)
        self.holds.check(device_id, owner, hold)

    def _worker(self, source: str) -> Worker:
        return Worker(self._sources[source], crashes=self._crashes, deadlines=self._deadlines)

    @staticmethod
    def _native(device_id: str) -> str:
        return device_id.partition(":")[2]

    def _doubt(self, device_id: str) -> AbstractAsyncContextManager[object]:
        """Return what is held while a device is opened: of those not listed one at a time.

        Their names may be made up, and each has a child.
        """
        if self._lister.has(device_id):
            return nullcontext()
        return self._doubts.setdefault(device_id.partition(":")[0], asyncio.Lock())

    async def _leave(self, desk: Desk, device_id: str) -> None:
        """Let go of a device after a while, and of its child later; at once if it did not open."""
        idle = 0.0
        if not desk.refused:
            is_camera = desk.looked or self.known(device_id).kind == "camera"
            await asyncio.sleep(GLANCE if is_camera else LINGER)
            idle = IDLE
        async with desk.turn:  # what is being set must not lose its device half way
            if desk.viewers or desk.lent:
                return
            if not desk.refused:
                await desk.release(device_id)
        if idle:
            await asyncio.sleep(idle)
        self._desks.pop(device_id, None)
        await desk.worker.close()


def _check_looks(desk: Desk, device_id: str, owner: str) -> None:
    if not desk.viewers or desk.user != owner:
        raise _nobody_looks(device_id)


def _nobody_looks(device_id: str) -> Conflict:
    return Conflict(f"Nobody here looks through {device_id}: start a preview first")


def _busy(device_id: str) -> DeviceBusy:
    return DeviceBusy(f"Somebody uses {device_id}", device=device_id)
