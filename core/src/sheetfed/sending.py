"""One delivery's way: encoded once, tried until it arrives."""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from sheetfed.afterlife import bare
from sheetfed.api.contracts import Target
from sheetfed.api.errors import (
    AddonBroken,
    Cancelled,
    DeliveryUnsure,
    DiskFull,
    DriverCrashed,
    DriverTimeout,
    Exhausted,
    NotAllowed,
    ServiceGone,
    SheetfedError,
    TargetUnreachable,
)
from sheetfed.api.hooks import TargetSpec
from sheetfed.api.model import Receipt, Settings
from sheetfed.events import LOCAL
from sheetfed.hush import Hush
from sheetfed.outbox import Asked, Outbox
from sheetfed.outgoing import Outgoing
from sheetfed.store.deliveries import UNFINISHED, DeliveryRow, Try
from sheetfed.targets import Place, settled
from sheetfed.wholeness import whole

log = logging.getLogger(__name__)

SILENCE = 600.0
"""Seconds in which a target must report something; it has shorter limits of its own."""

TOLD_EVERY = 0.2
"""Seconds between two events of one delivery's progress."""

MOST_TRIES = 2000
"""At a quarter of an hour between them that is three weeks of the service's time."""

MOST_CRASHES = 5
"""Tries in a row that may end with the target's child."""

REMEMBERED = 50
"""Tries that a delivery's history holds; the newest."""

LONGEST_REST = 86_400.0
"""Seconds that a server may ask us to wait."""

LOOKS_UP = 30.0
"""Seconds after which who rests looks at the wall's clock."""

KEPT = "The target had all of it when it was given up; nobody knows whether it keeps it"

LATER = (TargetUnreachable, DiskFull, Exhausted, DriverCrashed, DriverTimeout)
"""What may be different next time, so that a delivery is tried again."""


class Run:
    """A delivery that has not ended."""

    def __init__(self, row: DeliveryRow, outbox: Outbox, asked: Asked | None = None) -> None:
        self.row = row
        self._asked = asked
        self.sent = 0
        self.next_try: float | None = None
        self._outbox = outbox
        self._told = 0.0
        self._later: asyncio.TimerHandle | None = None
        self._crashes = 0
        self._limit: asyncio.Timeout | None = None
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, *, rest: float = 0.0) -> None:
        """Start to deliver, after a rest."""
        self.next_try = time.time() + rest if rest else None
        if self.row.blob is not None:
            self._written.set()
        self._task = asyncio.create_task(self._live(rest), name=self.row.id)

    def hurry(self) -> None:
        """Try again at once where it rests."""
        self._wake.set()

    async def stop(self) -> None:
        """Stop where it is; what is written down stays."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._written.set()

    async def written(self) -> None:
        """Return when its document is not needed: its file is there, or it rests, or it ended."""
        await self._written.wait()

    async def over(self) -> None:
        """Return when it has ended, or was stopped."""
        if self._task:
            await asyncio.wait([self._task])

    async def cancel(self) -> DeliveryRow:
        """Give it up: nothing of it stays here, or at the target as far as that can be helped."""
        await self.stop()
        if self.row.state in UNFINISHED:
            unsure = await self._abandon()
            if unsure:
                unsure.details["advice"] = "Look at the target: it may be there."
                self.row = replace(self.row, history=self._history(unsure.code, unsure.message))
            self.row = await self._outbox.let_go(self.row, state="cancelled", error=unsure)
            self._outbox.audit.note(
                self.row.owner, "deliver", "cancelled", target=self.row.target, delivery=self.row.id
            )
        return self.row

    async def note(self, sent: int, state: Mapping[str, Any]) -> None:
        """Take in how far the target is; return once the state is safe."""
        if self._limit:
            self._limit.reschedule(asyncio.get_running_loop().time() + SILENCE)
        if dict(state) != self.row.resume:
            self.row = await self._outbox.remember(self.row, state)
        self.sent = min(sent, self.row.size or 0)
        if self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_at(max(loop.time(), self._told + TOLD_EVERY), self._tell)

    def _tell(self) -> None:
        """Tell how far it is: of what is noted meanwhile, the last is never left out."""
        self._later = None
        self._told = asyncio.get_running_loop().time()
        self._outbox.tell(self.row, sent=self.sent)

    def _tell_no_more(self) -> None:
        if self._later:
            self._later.cancel()
            self._later = None

    async def _live(self, rest: float) -> None:
        try:
            await self._rest(rest)
            while self.row.state in UNFINISHED:
                rest = await self._step()
                if rest:
                    await self._rest(rest)
        except Exception as error:  # whatever it was, the person is told and may retry
            log.exception("delivery %s failed", self.row.id)
            await self._fail(SheetfedError(f"{type(error).__name__}: {error}"))
        finally:
            self._written.set()

    async def _rest(self, seconds: float) -> None:
        """Wait, by the wall's clock too: the other one stands still while the computer sleeps."""
        self._wake.clear()
        until, end = time.time() + seconds, time.monotonic() + seconds
        while not self._wake.is_set():
            left = min(until - time.time(), end - time.monotonic())
            if left <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOKS_UP)):
                    await self._wake.wait()

    async def _step(self) -> float:
        """Encode or try; return the seconds to rest before the next one."""
        try:
            place, spec = self._outbox.targets.find(self.row.owner, self.row.target)
            if self.row.blob is None:
                await self._encode()
            self._written.set()
            async with self._outbox.gate(place):
                await self._try(place, spec)
            return 0.0
        except SheetfedError as error:
            self._written.set()
            return await self._judge(error)

    async def _encode(self) -> None:
        self._written.clear()
        self.row = await self._outbox.change(self.row, state="encoding", error=None)
        wanted = self._asked or await self._outbox.asked(self.row)
        async with aclosing(self._outbox.pieces(self.row, wanted)) as pieces:  # type: ignore[type-var]
            self.row = await self._outbox.keep(self.row, pieces)
        self._asked = None

    async def _try(self, place: Place, spec: TargetSpec) -> None:
        self.sent, self.next_try = 0, None
        tries = self.row.tries + 1
        self.row = await self._outbox.change(self.row, state="sending", error=None, tries=tries)
        reader = await self._outbox.reader(self.row)
        try:
            outgoing = Outgoing(self.row, reader, self._outbox.pace(place), self.note)
            receipt = await self._sent(place, spec, outgoing)
        finally:
            self._tell_no_more()
            await asyncio.to_thread(reader.close)
        self._crashes = 0
        history = self._history("done", receipt.place if self.row.owner == LOCAL else "")
        await whole(self._arrived(receipt, history))  # whoever gives it up now

    async def _arrived(self, receipt: Receipt, history: tuple[Try, ...]) -> None:
        self.row = await self._outbox.let_go(
            self.row, state="done", receipt=receipt, error=None, history=history
        )
        self._audit("done")

    async def _sent(self, place: Place, spec: TargetSpec, outgoing: Outgoing) -> Receipt:
        secrets: list[Any] = [self.row.fields.get(name) for name in self.row.hidden]
        try:
            settings = await settled(place)
            secrets += [settings.get(name) for name in place.secrets]
            return Hush(secrets).receipt(await self._received(spec, settings, outgoing))
        except SheetfedError as error:
            Hush(secrets).error(error)
            if self.row.owner != LOCAL:
                Hush(place.whereabouts).error(error)
            raise

    async def _received(self, spec: TargetSpec, settings: Settings, outgoing: Outgoing) -> Receipt:
        if not spec.in_service:
            worker = self._outbox.made(spec, settings)
            try:
                return await worker.send(outgoing)
            finally:
                await worker.close()
        target = await loaded(spec, settings)
        try:
            async with asyncio.timeout(SILENCE) as self._limit:
                receipt = await _awaited(target.send(outgoing, outgoing.report))
        except TimeoutError as error:
            raise TargetUnreachable("The target said nothing for ten minutes") from error
        except (OSError, EOFError) as error:
            raise TargetUnreachable(f"The connection failed: {error}") from error
        finally:
            self._limit = None
        if not isinstance(receipt, Receipt):
            raise AddonBroken(f"The target {spec.name!r} gave no receipt")
        return receipt

    async def _judge(self, error: SheetfedError) -> float:
        """Decide what a fault means; return the seconds to rest where it is tried again."""
        bare(error)  # it is kept until the next try, maybe for weeks
        self._crashes = self._crashes + 1 if isinstance(error, DriverCrashed) else 0
        again = error.details.get("again", isinstance(error, LATER))
        if self.row.state != "waiting":
            self.row = replace(
                self.row, history=self._history(error.code, error.message), error=error
            )
        if isinstance(error, Cancelled | ServiceGone):  # the service stops
            return LONGEST_REST
        if not again or self.row.tries >= MOST_TRIES or self._crashes >= MOST_CRASHES:
            await self._fail(error)
            return 0.0
        rest = self._outbox.rests.after(max(1, self.row.tries))
        rest = max(rest, asked_for(error))
        self.next_try = time.time() + rest
        self.row = await self._outbox.change(
            self.row, state="waiting", error=error, next_try=self.next_try
        )
        return rest

    async def _fail(self, error: SheetfedError) -> None:
        """End it; its file stays, so that a person can put things right and retry."""
        if not isinstance(error, DeliveryUnsure | NotAllowed):
            await self._abandon()
        self.row = await self._outbox.change(self.row, state="failed", error=error)
        self._audit(error.code)
        await self._outbox.forget_old(self.row.owner)

    async def _abandon(self) -> DeliveryUnsure | None:
        """Have the target take away what tries left behind; return why it may have all of it.

        That may fail. A target that was given all, and left nothing to be taken away, may have it.
        """
        if self.row.blob is None:
            return None
        if not self.row.resume:
            return DeliveryUnsure(KEPT) if self.sent and self.sent == self.row.size else None
        try:
            place, spec = self._outbox.targets.find(self.row.owner, self.row.target)
            settings = await settled(place)
            reader = await self._outbox.reader(self.row)
            try:
                outgoing = Outgoing(self.row, reader, self._outbox.pace(place), self.note)
                async with asyncio.timeout(30):
                    if spec.in_service:
                        await _awaited((await loaded(spec, settings)).abandon(outgoing))
                    else:
                        worker = self._outbox.made(spec, settings)
                        try:
                            await worker.abandon(outgoing)
                        finally:
                            await worker.close()
            finally:
                await asyncio.to_thread(reader.close)
        except DeliveryUnsure as error:
            bare(error)
            return error
        except (SheetfedError, OSError, TimeoutError) as error:
            log.info("what %s left at its target stays there: %s", self.row.id, error)
        except Exception:  # an addon's fault holds no delivery
            log.exception("what %s left at its target stays there", self.row.id)
        return None

    def _history(self, outcome: str, message: str) -> tuple[Try, ...]:
        one = Try(at=time.time(), outcome=outcome, message=message[:1000], sent=self.sent)
        return (*self.row.history, one)[-REMEMBERED:]

    def _audit(self, result: str) -> None:
        row = self.row
        self._outbox.audit.note(row.owner, "deliver", result, target=row.target, delivery=row.id)


def asked_for(error: SheetfedError | None) -> float:
    """Return the seconds that a server asked us to wait."""
    asked = error.details.get("retry_after") if error else None
    return min(float(asked), LONGEST_REST) if isinstance(asked, int | float) else 0.0


async def loaded(spec: TargetSpec, settings: Settings) -> Target:
    """Import and make a target; its module may be slow to import. Raises AddonBroken."""

    def make() -> Any:
        module, _, name = spec.factory.partition(":")
        return getattr(importlib.import_module(module), name)(settings)

    try:
        target = await asyncio.to_thread(make)
    except SheetfedError:
        raise
    except Exception as error:
        raise AddonBroken(f"The target {spec.name!r} cannot be used: {error}") from error
    if not isinstance(target, Target):
        raise AddonBroken(f"{spec.factory} is no Target")
    return target


async def _awaited(result: Any) -> Any:
    return await result
