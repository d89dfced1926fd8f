"""Sites that ask to be approved, and what they hear."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sheetfed.api.errors import Conflict, NotFound, TooMany

PENDING = 5
"""So many sites may wait for a person at once."""

LASTS = 60.0
"""Seconds in which a person must decide."""

REMEMBERED = 300.0
"""Seconds after which nobody is told any more how it ended."""

ENDED = 64
"""So many that ended are remembered."""

State = Literal["pending", "approved", "blocked", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A site that asks: both sides show the code, so that a person knows which page it is."""

    id: str
    origin: str
    spki: bytes
    code: str
    begun: float
    state: State = "pending"


class Pairings:
    """Who asks now, and who asked a moment ago. A restart forgets them all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all: dict[str, Pairing] = {}
        self._news: dict[str, asyncio.Event] = {}

    def ask(self, origin: str, spki: bytes) -> Pairing:
        """Return what a person is to decide; asked again with the same key, it is the same.

        Raises TooMany.
        """
        pending = self.pending()
        for pairing in pending:
            if pairing.origin == origin and pairing.spki == spki:
                return pairing
            if pairing.origin == origin:
                wait = self.seconds_left(pairing)
                raise TooMany("This site asks already, from another browser", retry_after=wait)
        if len(pending) >= PENDING:
            wait = min(self.seconds_left(pairing) for pairing in pending)
            raise TooMany("Too many sites ask to be approved", retry_after=wait)
        code = _code({pairing.code for pairing in pending})
        return self._add(origin, spki, code=code, state="pending")

    def admit(self, origin: str, spki: bytes) -> Pairing:
        """Return the answer to a site that asks although it is approved."""
        return self._add(origin, spki, code="", state="approved")

    def get(self, pairing_id: str) -> Pairing:
        """Return a pairing as it stands. Raises NotFound."""
        pairing = self._all.get(pairing_id)
        if pairing is None or self._clock() >= pairing.begun + LASTS + REMEMBERED:
            raise NotFound("There is no such request to be approved")
        if pairing.state == "pending" and not self.seconds_left(pairing):
            return replace(pairing, state="expired")
        return pairing

    def pending(self) -> list[Pairing]:
        """Return who waits for a person, the one that asked first at the head."""
        found = (self.get(pairing_id) for pairing_id in self._known())
        return [pairing for pairing in found if pairing.state == "pending"]

    def seconds_left(self, pairing: Pairing) -> int:
        """Return how long a person may still decide."""
        left = pairing.begun + LASTS - self._clock()
        return max(0, int(left) + (left > int(left)))

    def still_pending(self, pairing_id: str) -> Pairing:
        """Return a pairing that can be decided. Raises NotFound, Conflict."""
        pairing = self.get(pairing_id)
        if pairing.state != "pending":
            raise Conflict(f"This request is not pending but {pairing.state}")
        return pairing

    def settle(self, pairing: Pairing, state: Literal["approved", "blocked"]) -> Pairing:
        """Say how it ended to whoever waits for it."""
        settled = self._all[pairing.id] = replace(pairing, state=state)
        self._news.pop(pairing.id, asyncio.Event()).set()
        return settled

    async def wait(self, pairing_id: str, seconds: float) -> Pairing:
        """Return a pairing as soon as it is not pending, after so long at the latest."""
        pairing = self.get(pairing_id)
        if pairing.state == "pending":
            news = self._news.setdefault(pairing_id, asyncio.Event())
            try:
                async with asyncio.timeout(min(seconds, self.seconds_left(pairing))):
                    await news.wait()
            except TimeoutError:
                pass
        return self.get(pairing_id)

    def close(self) -> None:
        """Let everybody who waits go."""
        for news in self._news.values():
            news.set()

    def _add(self, origin: str, spki: bytes, *, code: str, state: State) -> Pairing:
        ended = [p for p in self._known() if self.get(p).state != "pending"]
        gone = {*(self._all.keys() - self._known()), *ended[: max(0, len(ended) - ENDED + 1)]}
        for pairing_id in gone:
            del self._all[pairing_id]
            self._news.pop(pairing_id, None)
        pairing = Pairing(
            id=f"pair_{secrets.token_urlsafe(16)}",
            origin=origin,
            spki=spki,
            code=code,
            begun=self._clock(),
            state=state,
        )
        self._all[pairing.id] = pairing
        return pairing

    def _known(self) -> list[str]:
        now = self._clock()
        return [p.id for p in self._all.values() if now < p.begun + LASTS + REMEMBERED]


def _code(taken: set[str]) -> str:
    """Return six digits that nobody else shows now."""
    while (code := f"{secrets.randbelow(1_000_000):06}") in taken:
        pass
    return code
