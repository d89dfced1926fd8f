"""Devices that are kept for somebody who will use them soon."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sheetfed.api.errors import DeviceBusy
from sheetfed.events import LOCAL

LONGEST = 600
"""Seconds that a hold lasts at most, unless it is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A device that nobody gets but who names this."""

    id: str
    owner: str
    until: float


class Holds:
    """One hold a device, each with an end: whoever forgets theirs keeps nobody out for long."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._holds: dict[str, Hold] = {}

    def begin(self, device: str, owner: str, seconds: float, named: str) -> Hold:
        """Hold a device from now on, again where it is named already. Raises DeviceBusy."""
        self.check(device, owner, named)
        before = self._now(device)
        name = before.id if before else f"hold_{secrets.token_urlsafe(16)}"
        hold = Hold(id=name, owner=owner, until=self._clock() + min(seconds, LONGEST))
        self._holds[device] = hold
        if before is None:
            self._changed()
        return hold

    def on(self, device: str) -> tuple[str, int] | None:
        """Return for whom a device is held, and for how many seconds more; None for nobody."""
        hold = self._now(device)
        return None if hold is None else (hold.owner, math.ceil(hold.until - self._clock()))

    def check(self, device: str, asker: str, named: str = "") -> None:
        """Raise DeviceBusy where a device is held under another name.

        The person is told for whom; a site is not.
        """
        hold = self._now(device)
        if hold is None or (hold.id == named and hold.owner == asker):
            return
        if asker != LOCAL:
            raise DeviceBusy(f"Somebody uses {device}", device=device)
        holder = "A program of this account" if hold.owner == LOCAL else hold.owner
        left = math.ceil((hold.until - self._clock()) / 60)
        raise DeviceBusy(
            f"{holder} waits to scan with {device}, and keeps it for {left} min at most",
            device=device,
            holder=hold.owner,
        )

    def end(self, device: str, owner: str, named: str = "") -> None:
        """End the hold of that name, else the owner's own; the person's word ends anybody's."""
        hold = self._now(device)
        if hold and (hold.id == named if named else owner in (hold.owner, LOCAL)):
            del self._holds[device]
            self._changed()

    def end_all(self, owner: str) -> None:
        """End the holds of an owner."""
        kept = {device: hold for device, hold in self._holds.items() if hold.owner != owner}
        if len(kept) < len(self._holds):
            self._holds = kept
            self._changed()

    def _now(self, device: str) -> Hold | None:
        """Return the hold that is in force."""
        hold = self._holds.get(device)
        if hold and hold.until <= self._clock():
            del self._holds[device]
            return None
        return hold
