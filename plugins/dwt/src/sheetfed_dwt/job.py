"""One job as their clients know it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from sheetfed.api.contracts import Client
from sheetfed.api.errors import SheetfedError
from sheetfed_dwt import holding, uids
from sheetfed_dwt.asking import Asked
from sheetfed_dwt.faults import Fault, deleted_job
from sheetfed_dwt.scanners import Scanner

State = Literal["pending", "running", "completed", "faulted", "canceled"]
ENDED = frozenset({"completed", "faulted", "canceled"})

PULSE = 1.0
"""Seconds after which is looked whether a client still waits."""

PIECE = 100
"""Pages that are asked for at once."""

TOLD = ("id", "width", "height", "dpi")
"""What of a page is told; the rest, as its marks, would be held for nothing."""


@dataclass(slots=True)
class Cursor:
    """How far a client has read, and whether it was told that there is no more."""

    place: int = 0
    told: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True, kw_only=True)
class Job:
    """A job: the document of ours that it scans into, and the job of ours that does it."""

    document: str
    whose: str
    client: Client
    scanner: Scanner
    settings: dict[str, Any]
    mode: str = ""
    """What the scanner sends with these settings, as far as it says; the bits of a sample too."""
    depth: int = 0
    watch: int
    limit: int
    state: State = "pending"
    ours: str = ""
    code: int = 0
    message: str = ""
    until: float = 0.0
    """When it is deleted by itself, 0 for never."""
    hold: str = ""
    """The name under which its scanner is kept while it waits."""
    held: float = 0.0
    """When that was asked for last."""
    freed: bool = False
    """Whether the person took it back: it is not asked for again."""
    deleted: bool = False
    pictures: Cursor = field(default_factory=Cursor)
    infos: Cursor = field(default_factory=Cursor)
    pages: list[dict[str, Any]] = field(default_factory=list)
    kept: int = 0
    """Pages that are safe, as our job says."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    unsaved: bool = False
    """Whether somebody is about to note it as it is then."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it is started, stopped or deleted: of two who want that at once one is late."""
    _from: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def uid(self) -> str:
        """The id that clients have."""
        return uids.of_job(self.document)

    @property
    def ended(self) -> bool:
        """Whether no more pages come."""
        return self.state in ENDED

    def data(self) -> dict[str, Any]:
        """Return what a client is told that made it."""
        return {"jobuid": self.uid, "status": self.state, "scanner": self.scanner.data()}

    def status(self) -> dict[str, Any]:
        """Return how it is."""
        return {"status": self.state, "code": self.code, "message": self.message}

    def fail(self, code: int, message: str) -> None:
        """End it with a reason."""
        self.state, self.code, self.message = "faulted", code, message

    def announce(self) -> None:
        """Wake everybody who waits for news."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def page(self, place: int, asked: Asked) -> dict[str, Any] | None:
        """Return the page at a place, once it is there, or None at the end. Raises Fault."""
        while True:
            news = self._news
            if self.deleted:
                raise deleted_job()
            ended = self.ended
            if place >= len(self.pages) and (ended or self.kept > len(self.pages)):
                await self.refresh()
            if place < len(self.pages):
                return self.pages[place]
            if ended:
                return None
            if asked.is_gone():
                raise Fault(499, 0, "Nobody waits any more.")
            if holding.is_due(self):
                await self.hold_on()
            with suppress(TimeoutError):
                async with asyncio.timeout(PULSE):
                    await news.wait()

    async def hold_on(self) -> None:
        """Keep the scanner longer, unless the job starts or goes at this very moment."""
        async with self.turn:
            if holding.is_due(self) and not self.deleted:
                with suppress(SheetfedError):  # somebody took it when it was no longer kept
                    await holding.begin(self)

    async def refresh(self) -> None:
        """Read which pages there are by now; those that are known stay where they are."""
        async with self._reading:
            path = f"/v1/documents/{self.document}/pages"
            while True:
                query: dict[str, str | int] = {"limit": PIECE}
                if self._from:
                    query["cursor"] = self._from
                found = await self.client.ask("GET", path, query=query)
                here = {page["id"] for page in self.pages}
                self.pages += [
                    {name: page[name] for name in TOLD}
                    for page in found["items"]
                    if page["id"] not in here
                ]
                if not found["next"]:
                    return
                self._from = found["next"]

    def note(self) -> dict[str, Any]:
        """Return what must be known of it after a restart."""
        return {
            "kind": "job",
            "scanner": [self.scanner.id, self.scanner.name],
            "settings": self.settings,
            "pixels": [self.mode, self.depth],
            "limits": [self.watch, self.limit],
            "state": self.state,
            "ours": self.ours,
            "fault": [self.code, self.message],
            "until": self.until,
            "pictures": [self.pictures.place, self.pictures.told],
            "infos": [self.infos.place, self.infos.told],
        }

    def is_over(self) -> bool:
        """Tell whether its time is up."""
        return bool(self.until) and time.time() >= self.until


def restored(document: str, whose: str, client: Client, note: dict[str, Any]) -> Job:
    """Return a job as it was noted."""
    scanner, limits, fault = note["scanner"], note["limits"], note["fault"]
    mode, depth = note.get("pixels") or (note["settings"].get("mode", ""), 0)
    return Job(
        document=document,
        whose=whose,
        client=client,
        scanner=Scanner(id=scanner[0], name=scanner[1]),
        settings=note["settings"],
        mode=mode,
        depth=depth,
        watch=limits[0],
        limit=limits[1],
        state=note["state"],
        ours=note["ours"],
        code=fault[0],
        message=fault[1],
        until=note["until"],
        pictures=Cursor(*note["pictures"]),
        infos=Cursor(*note["infos"]),
    )
