"""Which sites may ask us: what was decided, and by whom."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sheetfed.api.errors import BadRequest, Conflict, NotAllowed, NotFound
from sheetfed.config import Config, Sites
from sheetfed.events import LOCAL, Event, Events
from sheetfed.origins import is_web_origin, origin_hint
from sheetfed.pairings import Pairing, Pairings
from sheetfed.store import log, sites
from sheetfed.store.clock import running
from sheetfed.store.database import Database
from sheetfed.store.sites import SiteRow

UNUSED = 90 * 86400.0
"""Seconds without use after which an approval no longer holds."""

State = Literal["approved", "blocked", "expired"]
Verb = Literal["approve", "block", "revoke"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that somebody decided about; `keys` counts the browsers it was approved for.

    `decided` is None where the configuration decided; without keys every browser may be used.
    """

    origin: str
    state: State
    decided_by: Literal["person", "configuration"]
    keys: int = 0
    decided: float | None = None
    first_used: float | None = None
    last_used: float | None = None


class Approvals:
    """Decisions about sites, in memory and in the store. Made by `open`."""

    def __init__(
        self,
        database: Database,
        events: Events,
        config: Config,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = running,
    ) -> None:
        self.pairings = Pairings(clock)
        self._database = database
        self._events = events
        self._fixed: Sites = config.sites
        self._config = config
        self._now = now
        self._rows: dict[str, SiteRow] = {}
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, database: Database, events: Events, config: Config) -> Approvals:
        """Read what was decided."""
        approvals = cls(database, events, config)
        await approvals.load()
        return approvals

    async def load(self) -> None:
        """Read the store."""
        self._rows = {row.origin: row for row in await self._database.read(sites.sites)}

    def close(self) -> None:
        """Let sites that wait for a decision go. Safe twice."""
        self.pairings.close()

    def state(self, origin: str) -> State | None:
        """Return what holds for an origin now, None where nobody decided."""
        if origin in self._fixed.blocked:
            return "blocked"
        if origin in self._fixed.approved:
            return "approved"
        row = self._rows.get(origin)
        if row is None or row.state == "configured":
            return None
        if row.state == "approved" and self._is_old(row.last_used or row.decided):
            return "expired"
        return row.state

    def approved(self, origin: str) -> bool:
        """Tell whether pages of an origin may talk to us."""
        return self.state(origin) == "approved"

    def admits(self, origin: str, spki: bytes) -> bool:
        """Tell whether a browser's key may speak for an origin."""
        if not self.approved(origin):
            return False
        if origin in self._fixed.approved or self._rows[origin].any_key:
            return True
        used = self._rows[origin].keys.get(spki)
        return used is not None and not self._is_old(used)

    def all(self) -> list[Site]:
        """Return every site that somebody decided about, by origin."""
        known = {*self._fixed.approved, *self._fixed.blocked, *self._rows}
        found = ((origin, self.state(origin)) for origin in sorted(known))
        return [self._site(origin, state) for origin, state in found if state]

    def ask(self, origin: str, spki: bytes) -> Pairing:
        """Take a site's wish to be approved. Raises NotAllowed where it is blocked, TooMany."""
        if self.state(origin) == "blocked":
            raise NotAllowed("This site is blocked")
        if self.admits(origin, spki):
            return self.pairings.admit(origin, spki)
        before = self.pairings.pending()
        pairing = self.pairings.ask(origin, spki)
        if pairing not in before:
            self._tell_pending()
        return pairing

    async def approve_pairing(self, pairing_id: str, code: str) -> Pairing:
        """Approve the browser that asks with this code. Raises NotFound, Conflict."""
        async with self._turn:
            pairing = self.pairings.still_pending(pairing_id)
            if code != pairing.code:
                raise Conflict("This is not the code that the page shows")
            self._check_free(pairing.origin)
            now = self._now()
            row = self._approved_row(pairing.origin, now)
            await self._keep(replace(row, keys={**row.keys, pairing.spki: now}), "approve")
            return self.pairings.settle(pairing, "approved")

    async def block_pairing(self, pairing_id: str) -> Pairing:
        """Block the site that asks. Raises NotFound, Conflict."""
        pairing = self.pairings.still_pending(pairing_id)
        await self.block(pairing.origin)
        return self.pairings.get(pairing_id)

    async def approve(self, origin: str) -> None:
        """Approve a site for every browser of this account. Raises BadRequest, Conflict."""
        _check_origin(origin)
        async with self._turn:
            self._check_free(origin)
            row = self._approved_row(origin, self._now())
            await self._keep(replace(row, any_key=True), "approve")
            self._settle(origin, "approved")

    async def block(self, origin: str) -> None:
        """Refuse a site, and do not ask about it again. Raises BadRequest, Conflict."""
        _check_origin(origin)
        async with self._turn:
            self._check_free(origin)
            row = SiteRow(
                origin=origin, state="blocked", any_key=False, decided=self._now(), keys={}
            )
            self._rows[origin] = row
            self._settle(origin, "blocked")
            await self._keep(row, "block")

    async def revoke(self, origin: str) -> None:
        """Forget what was decided about a site. Raises NotFound, Conflict."""
        async with self._turn:
            self._check_free(origin)
            if self.state(origin) is None:
                raise NotFound(f"Nothing was decided about {origin}")
            del self._rows[origin]
            await self._forget([origin], lambda db: sites.delete_site(db, origin))

    async def revoke_all(self) -> list[str]:
        """Forget every site but those of the configuration, and the key that they knew us by."""
        async with self._turn:
            gone = sorted(self._rows)
            self._rows.clear()
            await self._forget(gone, sites.delete_sites)
            return gone

    async def use(self, origin: str, spki: bytes) -> None:
        """Note that a site was used. Raises NotAllowed where it is not approved (any more)."""
        async with self._turn:
            if not self.admits(origin, spki):
                raise NotAllowed("This site is not approved")
            now = self._now()
            row = self._rows.get(origin) or SiteRow(
                origin=origin, state="configured", any_key=False, decided=now, keys={}
            )
            keys = {**row.keys, spki: now} if spki in row.keys else row.keys
            first = row.first_used or now
            row = replace(row, first_used=first, last_used=now, keys=keys)
            await self._database.tidy(lambda db: sites.put_site(db, row, now))
            self._rows[origin] = row

    def _site(self, origin: str, state: State) -> Site:
        row = self._rows.get(origin)
        fixed = origin in self._fixed.approved or origin in self._fixed.blocked
        return Site(
            origin=origin,
            state=state,
            decided_by="configuration" if fixed else "person",
            keys=len(row.keys) if row else 0,
            decided=row.decided if row and not fixed else None,
            first_used=row.first_used if row else None,
            last_used=row.last_used if row else None,
        )

    def _approved_row(self, origin: str, now: float) -> SiteRow:
        """Return the row of an approved site; keys of an approval that no longer holds go."""
        row = self._rows.get(origin)
        if row and self.state(origin) == "approved":
            return replace(row, decided=now)
        return SiteRow(origin=origin, state="approved", any_key=False, decided=now, keys={})

    def _is_old(self, used: float) -> bool:
        return self._now() - used > UNUSED

    def _check_free(self, origin: str) -> None:
        if origin in self._fixed.approved or origin in self._fixed.blocked:
            place = self._config.place("sites", "approved" if self.approved(origin) else "blocked")
            raise Conflict(
                f"The configuration decides about {origin}", advice=f"Change it there: {place}."
            )

    def _settle(self, origin: str, state: Literal["approved", "blocked"]) -> None:
        for pairing in self.pairings.pending():
            if pairing.origin == origin:
                self.pairings.settle(pairing, state)

    async def _keep(self, row: SiteRow, what: Verb) -> None:
        now = self._now()

        def write(connection: sqlite3.Connection) -> None:
            sites.put_site(connection, row, now)
            log.append(connection, "site", {"site": row.origin, "what": what}, LOCAL, now)

        await self._database.tidy(write)
        self._rows[row.origin] = row

    async def _forget(self, gone: list[str], change: Callable[[sqlite3.Connection], None]) -> None:
        now = self._now()

        def write(connection: sqlite3.Connection) -> None:
            change(connection)
            for origin in gone:
                log.append(connection, "site", {"site": origin, "what": "revoke"}, LOCAL, now)

        await self._database.tidy(write)

    def _tell_pending(self) -> None:
        data = {"site": None, "what": "pair"}
        self._events.publish(
            [Event(number=0, topic="site", data=data, at=self._now(), owner=LOCAL)]
        )


def _check_origin(origin: str) -> None:
    if not is_web_origin(origin):
        raise BadRequest(
            f"{origin!r} is no origin of a site; {origin_hint(origin)}",
            advice="Name a site as browsers do: https://, the host, and an unusual port.",
        )
