"""Pages take their steps, a job's while others still come."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence

from sheetfed.afterlife import bare
from sheetfed.api.errors import (
    AddonBroken,
    Conflict,
    DriverCrashed,
    DriverTimeout,
    NotFound,
    SheetfedError,
    StoreDamaged,
)
from sheetfed.api.model import Page
from sheetfed.documents import Documents
from sheetfed.edits import Edits
from sheetfed.ledger import StepProblem
from sheetfed.sights import Sight, as_it_came, as_shown
from sheetfed.steps import Walk
from sheetfed.store.edits import Turn
from sheetfed.worker.wire import Deed

log = logging.getLogger(__name__)

AT_ONCE = max(2, min(4, os.cpu_count() or 2))
"""Pages of one job that are in memory and in children at the same time."""

STRIKES = 3
"""A step that crashed or hung at so many pages in a row is asked no more: it costs half a minute
a page."""


class Stepping:
    """Takes pages of one job, or round, through its steps.

    A page is on the disk before it comes here, and waits as an id; so nothing that waits is lost
    or takes room. Pages overtake one another, their places do not change by that. Marks that the
    steps of `replaces` made before are not handed on. A page is looked at as it came, or as it is
    `shown`.
    """

    def __init__(
        self,
        documents: Documents,
        *,
        owner: str,
        job: str,
        walk: Callable[[], Walk],
        stepped: Callable[[int], Awaitable[None]],
        failed: Callable[[StepProblem], Awaitable[None]],
        edits: Edits,
        replaces: frozenset[str] = frozenset(),
        shown: bool = False,
    ) -> None:
        self._documents = documents
        self._owner = owner
        self._job = job
        self._walk = walk
        self._stepped = stepped
        self._failed = failed
        self._replaces = replaces
        self._edits = edits
        self._shown = shown
        self._waiting: deque[str] = deque()
        self._lanes: set[asyncio.Task[None]] = set()
        self._walks: list[Walk] = []
        self._idle: list[Walk] = []
        self._strikes: Counter[str] = Counter()
        self._stopped = False

    @property
    def left(self) -> int:
        """How many pages wait or are on their way."""
        return len(self._waiting) + len(self._lanes)

    async def begin(self) -> None:
        """Take up what was left undone: by an earlier service, after a failure, after `stop`."""
        self._stopped = False
        if not self._lanes:
            for page in await self._documents.unstepped(self._owner, self._job):
                self.add(page.id)

    def add(self, page_id: str) -> None:
        """Take one more page through, as soon as there is a place."""
        self._waiting.append(page_id)
        if len(self._lanes) < AT_ONCE:
            self._lanes.add(asyncio.create_task(self._go()))

    async def finish(self) -> None:
        """Return when every page is through. Raises what the store refused; `begin` tries again."""
        while self._lanes:
            done, _ = await asyncio.wait([*self._lanes], return_when=asyncio.FIRST_COMPLETED)
            failed = [lane for lane in done if lane.exception()]
            if failed:
                await self._settle()
                failed[0].result()

    async def stop(self) -> None:
        """Leave the pages that are not through as they came. Safe twice."""
        self._stopped = True
        await asyncio.gather(*(walk.close() for walk in self._walks))
        await self._settle()
        self._walks, self._idle = [], []

    async def _settle(self) -> None:
        """Wait for the pages on their way, and forget those that wait: the store knows them."""
        self._waiting.clear()
        while self._lanes:
            done, _ = await asyncio.wait([*self._lanes])
            for lane in done:
                if error := lane.exception():
                    log.warning("pages of %s wait for their steps: %s", self._job, error)
            self._lanes -= done

    async def _go(self) -> None:
        walk = self._idle.pop() if self._idle else self._new_walk()
        try:
            while self._waiting and not self._stopped:
                await self._take(walk, self._waiting.popleft())
        finally:
            self._idle.append(walk)
        lane = asyncio.current_task()
        assert lane
        self._lanes.discard(lane)  # one that failed stays, so that `finish` hears of it

    def _new_walk(self) -> Walk:
        walk = self._walk()
        self._walks.append(walk)
        return walk

    async def _take(self, walk: Walk, page_id: str) -> None:
        try:
            sight = await self._seen(page_id)
        except NotFound:  # deleted meanwhile
            return
        except SheetfedError as error:
            await self._fail(page_id, error)
            return
        try:
            made = sight.traced(await self._made(walk, sight.page))
        except SheetfedError as error:
            if not self._stopped:
                await self._fail(page_id, error)
            return
        turns = [await self._turn(sight, one) for one in made]
        try:
            ids = await self._documents.put_stepped(self._owner, page_id, sight.page, made, turns)
        except NotFound:
            return
        except (StoreDamaged, Conflict) as error:
            await self._fail(page_id, error)
            return
        for made_id, one, turn in zip(ids, made, turns, strict=True):
            if one.edits and turn is None:
                await self._correct(made_id, one)
        await self._stepped(len(ids) - 1)

    async def _turn(self, sight: Sight, page: Page) -> Turn | None:
        """Return what the edits that steps propose make of a page's history.

        None where that can be told only once the page is there: `_correct` does it then.
        """
        same = (page.media_type, page.data) == (sight.page.media_type, sight.page.data)
        if not page.edits or not same or sight.row.history.edits:
            return None
        try:
            return await self._edits.turn(self._owner, sight.row, self._deeds(page))
        except SheetfedError:
            return None

    async def _correct(self, page_id: str, page: Page) -> None:
        """Put on a page the edits that its steps propose."""
        try:
            row = await self._documents.page(self._owner, page_id)
            if row.history.count and not self._shown:
                raise Conflict("The page was edited while a step looked at it as it came")
            await self._edits.add(self._owner, row.document, [row], self._deeds(page))
        except NotFound:
            return
        except SheetfedError as error:
            await self._fail(page_id, error)

    def _deeds(self, page: Page) -> Sequence[Deed]:
        return self._edits.checked(
            [{"name": edit.name, "options": edit.options} for edit in page.edits]
        )

    async def _seen(self, page_id: str) -> Sight:
        row = await self._documents.page(self._owner, page_id)
        if self._shown and row.history.count:
            return await as_shown(self._edits, self._owner, row, self._replaces)
        return await as_it_came(self._documents, self._owner, row, self._replaces)

    async def _made(self, walk: Walk, page: Page) -> list[Page]:
        for step, strikes in self._strikes.items():
            if strikes >= STRIKES:
                told = f"The step {step!r} failed at {STRIKES} pages in a row and is left out"
                raise AddonBroken(told, step=step)
        made = await walk.take(page)
        self._strikes.clear()
        return made

    async def _fail(self, page_id: str, error: SheetfedError) -> None:
        step = str(error.details.get("step", ""))
        if step and isinstance(error, DriverCrashed | DriverTimeout):
            self._strikes[step] += 1
        log.warning("page %s is kept as it came: step %s: %s", page_id, step, error)
        for long in ("crash", "traceback"):  # they stand in the crash record and the log
            error.details.pop(long, None)
        await self._failed(StepProblem(page=page_id, step=step, error=bare(error)))
