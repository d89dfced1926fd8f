"""One running job: takes pages in until the paper ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from sheetfed.afterlife import bare
from sheetfed.api.errors import (
    Cancelled,
    Conflict,
    CoverOpen,
    DiskFull,
    DoubleFeed,
    Exhausted,
    FeederEmpty,
    NotFound,
    PaperJam,
    QuotaReached,
    ServiceGone,
    SheetfedError,
    StoreGone,
)
from sheetfed.api.model import Progress
from sheetfed.delivery import Deliveries
from sheetfed.documents import Documents
from sheetfed.documents.intake import Incoming
from sheetfed.edits import Edits
from sheetfed.events import Events
from sheetfed.ledger import (
    ENDED,
    MOST_PROBLEMS,
    Job,
    Ledger,
    State,
    StepProblem,
    passing,
    unwritten,
)
from sheetfed.separation import Rule
from sheetfed.stepping import Stepping
from sheetfed.steps import Steps
from sheetfed.wholeness import whole
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import PageBegun, PageData, PageDone, PicturePart

log = logging.getLogger(__name__)

Decision = Literal["continue", "keep", "discard", "cancel", "give up"]

ASKS = (FeederEmpty, PaperJam, DoubleFeed, CoverOpen, DiskFull, QuotaReached, Exhausted)
"""What a person can put right, so that a job waits for them even before its first page."""

PATIENCE = 30 * 60.0
"""Seconds for which a paused job holds its device; then it fails, and its pages are kept."""


class Clerk:
    """Writes down what happens to jobs, and tells it."""

    def __init__(
        self,
        ledger: Ledger,
        documents: Documents,
        *,
        steps: Steps,
        edits: Edits,
        deliveries: Deliveries,
        events: Events,
    ) -> None:
        self.edits = edits
        self.ledger = ledger
        self._deliveries = deliveries
        self.documents = documents
        self.steps = steps
        self._events = events

    def tell(self, job: Job) -> Job:
        """Tell what need not survive: how far a job is."""
        job = replace(job, version=job.version + 1, changed=time.time())
        self._events.publish([passing(job)])
        return job

    async def change(self, job: Job, *, has_device: bool = True) -> Job:
        """Write down what must survive; it is told once that is done.

        On a full disk it is told all the same, if it is no end: that would come back.
        """
        job, kept = await self.ledger.change(job, has_device=has_device)
        if not kept and job.state in ENDED:
            raise DiskFull("The disk is too full to write down that the job ended")
        if not kept:
            self._events.publish([passing(job)])
        return job

    async def end(self, job: Job, state: State, error: SheetfedError | None = None) -> Job:
        """End a job; a document that it made and left empty goes with it. Raises DiskFull."""
        job = replace(job, state=state, error=error, activity="", done=None)
        if job.document and job.made_document and not job.pages:
            try:
                if not (await self.documents.get(job.owner, job.document)).pages:
                    await self.documents.delete(job.owner, job.document)
                    job = _without_document(job)
            except NotFound:
                job = _without_document(job)
        if state == "done" and job.split and job.document:
            job = await self._separate(job, job.document, job.split)
        if state == "done" and job.pages:
            await self._deliver(job)
        return await self.change(job)

    async def _separate(self, job: Job, document: str, split: Rule) -> Job:
        """Part what a job scanned. Done again, after a restart in between, it changes nothing."""
        try:
            await self.documents.separate(job.owner, document, split, job=job.id)
        except NotFound:  # deleted a moment ago, its pages with it
            return job
        filled, pages = await self._filled(job)
        return replace(job, documents=filled, pages=pages)

    async def _filled(self, job: Job) -> tuple[tuple[str, ...], int]:
        """Return the documents that a job's pages are in now, and how many pages these are."""
        here = await self.documents.pages_of_job(job.owner, job.id)
        return tuple(dict.fromkeys(page.document for page in here)), len(here)

    async def _deliver(self, job: Job) -> None:
        """Queue what was asked for, before the job ends: a restart in between makes no second."""
        for place, wish in enumerate(job.deliver):
            for number, document in enumerate(job.documents, 1):
                key = f"{job.id} {place} {document}"  # no client's key has a space
                await self._deliveries.promise(
                    job.owner, wish, document, number=number, job=job.id, key=key
                )

    async def discard(
        self, job: Job, let_go: Callable[[], Coroutine[Any, Any, None]] | None = None
    ) -> Job:
        """End a job and delete its pages; those that went elsewhere stay. Raises DiskFull.

        `let_go` is awaited once the pages are gone and there is no way back.
        """
        left = await self.documents.remove_of_job(job.owner, job.id, job.document)
        if let_go:
            await let_go()
        filled, _ = await self._filled(job)
        job = replace(job, pages=0, documents=filled)
        return replace(await self.end(job, "cancelled"), pages=left)


def _without_document(job: Job) -> Job:
    """Return a job whose own document is gone."""
    left = tuple(document for document in job.documents if document != job.document)
    return replace(job, document=None, documents=left)


class Run:
    """A job that runs: scans, waits for a person, finishes its steps, ends.

    It has a worker and the lease of its device until the paper is through.
    """

    def __init__(
        self, job: Job, worker: Worker | None, lease: AsyncExitStack, clerk: Clerk
    ) -> None:
        self.job = job
        self._worker = worker
        self._lease = lease
        self._clerk = clerk
        self._captured = job.pages
        self._stepping = Stepping(
            clerk.documents,
            owner=job.owner,
            job=job.id,
            walk=partial(clerk.steps.walk, job.steps, job.document),
            edits=clerk.edits,
            stepped=self._note_stepped,
            failed=self._note_problem,
        )
        self._turn = asyncio.Lock()
        """Held while the job changes: it scans, and its pages take steps, at the same time."""
        self._decision: asyncio.Future[Decision] | None = None
        self._refusal: SheetfedError | None = None
        self._cancelled = False
        self._parked = False
        self._news = asyncio.Event()
        self._begun = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def has_device(self) -> bool:
        """Whether the paper is not through: nobody else can use its device."""
        return self._worker is not None

    def begin(self) -> None:
        """Start to scan."""
        self._task = asyncio.create_task(self._live(), name=self.job.id)

    async def begun(self) -> None:
        """Return once it is written down that this job scans, or that it cannot."""
        await self._begun.wait()

    async def over(self) -> None:
        """Return when the job no longer runs."""
        if self._task:
            await asyncio.wait([self._task])

    async def cancel(self) -> Job:
        """Stop; complete pages are kept. Safe twice."""
        self._cancelled = True
        if self._decision and not self._decision.done():
            self._decision.set_result("cancel")
        await asyncio.gather(self._halt(), self._stepping.stop())
        return self.job

    async def decide(self, decision: Decision) -> Job:
        """Say what becomes of a paused job.

        Raises Conflict where it is not paused, DiskFull where that cannot be written down.
        """
        asked = self._decision
        if asked is None or asked.done():
            raise Conflict(f"The job is not paused but {self.job.state}")
        self._refusal = None
        asked.set_result(decision)
        while self._decision is asked:
            await self._news.wait()
        if self._refusal:
            raise self._refusal
        return self.job

    async def park(self) -> None:
        """Stop because the service stops; the job can be continued later."""
        self._parked = True
        if self._task:
            self._task.cancel()
            await self.over()

    async def _halt(self) -> None:
        while self._task and not self._task.done():
            if self._worker:
                await self._worker.cancel()  # heard only while something is asked of it
            await asyncio.wait([self._task], timeout=0.1)

    async def _let_go(self) -> None:
        """Give the device back: somebody else may scan while steps are still taken."""
        self._worker = None
        await self._lease.aclose()

    async def _change(self, **changes: Any) -> None:
        async with self._turn:
            job = replace(self.job, **changes)
            await self._put(self._clerk.change(job, has_device=self.has_device))

    async def _put(self, change: Coroutine[Any, Any, Job]) -> None:
        """Take over what is written down, also where the service stops meanwhile."""

        async def put() -> None:
            self._set(await change)

        await whole(put())

    def _set(self, job: Job) -> None:
        self.job = job
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _live(self) -> None:
        try:
            async with self._lease:
                await self._change(state="scanning", error=None)
                self._begun.set()
                await self._stepping.begin()
                await self._scan_and_ask()
        except asyncio.CancelledError:
            if not self._parked or self.job.state in ENDED:
                raise
            await self._stepping.stop()
            error = ServiceGone("The service was stopped while this job ran")
            await self._change(state="paused", error=error)
        except Exception as error:
            log.exception("job %s failed", self.job.id)
            await self._fail(error)
        finally:
            self._begun.set()
            await self._stepping.stop()

    async def _fail(self, error: Exception) -> None:
        reason = bare(error) if isinstance(error, SheetfedError) else SheetfedError(repr(error))
        try:
            await self._end("failed", reason)
        except DiskFull:
            self._set(self._clerk.tell(unwritten(self.job)))
        except SheetfedError:  # the store itself is in trouble; who asks is told all the same
            log.exception("the end of job %s could not be written down", self.job.id)
            self._set(self._clerk.tell(replace(self.job, state="failed", error=reason)))

    async def _scan_and_ask(self) -> None:
        while not self._cancelled:
            try:
                if self._worker:
                    await self._scan_to_the_end(self._worker)
                await self._finish_steps()
                return await self._end("done")
            except SheetfedError as error:
                bare(error)  # it stays for as long as a person thinks
                if self._cancelled or isinstance(error, Cancelled):
                    break
                if isinstance(error, NotFound) and await self._is_gone():  # its pages with it
                    self._set(replace(self.job, document=None, documents=(), pages=0))
                    return await self._end("failed", error)
                if isinstance(error, StoreGone):  # no answer of a person would reach the store
                    return await self._end("failed", error)
                if not (isinstance(error, ASKS) or self._captured):
                    return await self._end("failed", error)
                if not await self._ask(_with_last_page(error, self._captured)):
                    return None
        return await self._end("cancelled")

    async def _is_gone(self) -> bool:
        """Return whether the document was deleted: a driver may say of anything that it is gone."""
        if self.job.document:
            with contextlib.suppress(NotFound):
                await self._clerk.documents.get(self.job.owner, self.job.document)
                return False
        return True

    async def _ask(self, error: SheetfedError) -> bool:
        """Wait for a person to decide; return whether there is more to do."""
        self._decision = asyncio.get_running_loop().create_future()
        try:
            await self._change(state="paused", error=error, activity="", done=None)
            while True:
                decision = await self._decided(self._decision)
                try:
                    return await self._obey(decision, error)
                except DiskFull as refusal:
                    if decision in ("cancel", "give up"):
                        raise
                    self._refusal = refusal
                self._decision = asyncio.get_running_loop().create_future()
                self._set(self.job)  # who decided learns that it is not so
        finally:
            self._decision = None
            self._set(self.job)

    async def _decided(self, asked: asyncio.Future[Decision]) -> Decision:
        if self._cancelled:
            return "cancel"
        try:
            async with asyncio.timeout(PATIENCE):
                return await asked
        except TimeoutError:
            return "give up"

    async def _obey(self, decision: Decision, error: SheetfedError) -> bool:
        match decision:
            case "continue":
                await self._change(state="scanning", error=None)
                await self._stepping.begin()
                return True
            case "keep":
                await self._stepping.begin()
                if self._stepping.left:
                    await self._let_go()
                    await self._change(state="scanning", error=None)
                    return True
                await self._end("done")
            case "discard":
                await self._stepping.stop()
                async with self._turn:
                    await self._put(self._clerk.discard(self.job, self._let_go))
            case "give up":
                await self._end("failed", error)
            case "cancel":
                await self._end("cancelled")
        return False

    async def _end(self, state: State, error: SheetfedError | None = None) -> None:
        await self._stepping.stop()
        await self._let_go()  # who is told of the end may scan at once
        async with self._turn:
            await self._put(self._clerk.end(self.job, state, error))

    async def _finish_steps(self) -> None:
        """Wait for the pages whose steps are not through; the device is free meanwhile."""
        await self._let_go()
        if self._stepping.left:
            async with self._turn:
                self._set(self._clerk.tell(replace(self.job, activity="steps", done=None)))
            await self._stepping.finish()
        if self._cancelled:
            raise Cancelled

    async def _note_stepped(self, more: int) -> None:
        async with self._turn:
            self._set(self._clerk.tell(replace(self.job, pages=self.job.pages + more)))

    async def _note_problem(self, problem: StepProblem) -> None:
        async with self._turn:
            job = replace(self.job, problems=(*self.job.problems, problem)[:MOST_PROBLEMS])
            await self._clerk.ledger.note_problem(job, problem.page)
            self._set(self._clerk.tell(job))

    async def _scan_to_the_end(self, worker: Worker) -> None:
        """Scan until there is no more paper. Raises FeederEmpty where there was none."""
        before = self._captured
        try:
            await self._scan(worker)
        except FeederEmpty:
            if self._captured == before:
                raise

    async def _scan(self, worker: Worker) -> None:
        intake = _Intake(self._keep)
        try:
            async with aclosing(worker.scan(self.job.settings, self.job.keep)) as events:
                async for event in events:
                    match event:
                        case PageBegun():
                            intake.page = await self._receive(event)
                            intake.waits = event.mode is None
                        case Progress():
                            progress = replace(self.job, activity=event.activity, done=event.done)
                            self._set(self._clerk.tell(progress))
                        case _:
                            await intake.take(event)
            await intake.finish()
        except asyncio.CancelledError:
            with contextlib.suppress(SheetfedError):
                await intake.drop()
            raise
        finally:
            await intake.drop()

    async def _receive(self, begun: PageBegun) -> Incoming:
        assert self.job.document
        return await self._clerk.documents.receive(
            self.job.owner,
            self.job.document,
            job=self.job.id,
            begun=begun,
            unstepped=bool(self.job.steps),
            before=self.job.before,
            tags=self.job.tags,
        )

    async def _keep(self, incoming: Incoming, done: PageDone) -> None:
        page = await incoming.keep(width=done.width, height=done.height, marks=done.marks)
        self._captured += 1
        async with self._turn:
            job = replace(self.job, pages=self.job.pages + 1, activity="", done=None)
            self._set(self._clerk.tell(job))
        if self.job.steps:
            self._stepping.add(page.id)


class _Intake:
    """Takes a page in piece by piece; while one is made safe, the next is already read."""

    def __init__(self, keep: Callable[[Incoming, PageDone], Coroutine[Any, Any, None]]) -> None:
        self.page: Incoming | None = None
        self.waits = False
        """Whether the source may go on only when the page is safe."""
        self._keep = keep
        self._keeping: asyncio.Task[None] | None = None

    async def take(self, part: PageData | PicturePart | PageDone) -> None:
        assert self.page
        match part:
            case PageData():
                await self.page.write(part.data)
            case PicturePart():
                await self.page.picture(part)
            case PageDone():
                before, page, self.page = self._keeping, self.page, None
                self._keeping = asyncio.create_task(self._keep_next(before, page, part))
                if before:
                    await asyncio.wait([before])
                if self.waits or (before and before.exception()):
                    await self.finish()

    async def finish(self) -> None:
        """Return when the last page is safe. Raises what kept it from being so.

        Whoever is cancelled leaves it to be made safe, and calls `drop`.
        """
        if keeping := self._keeping:
            await asyncio.wait([keeping])
            self._keeping = None
            keeping.result()

    async def drop(self) -> None:
        """Let go of half a page; a whole one is still made safe."""
        page, self.page = self.page, None
        if page:
            await page.drop()
        await self.finish()

    async def _keep_next(
        self, before: asyncio.Task[None] | None, page: Incoming, done: PageDone
    ) -> None:
        """Keep a page once the one before it is safe; there is to be no gap between them."""
        try:
            if before:
                await before
        except BaseException:
            await page.drop()
            raise
        await self._keep(page, done)


def _with_last_page(error: SheetfedError, pages: int) -> SheetfedError:
    """Return the error saying as well which page is the last that is safe."""
    if not pages:
        return error
    told = type(error)(f"{error.message.rstrip('.')}; page {pages} is the last that was kept")
    told.details = {**error.details, "kept": pages}
    return told
