"""The life of jobs, from the request to the last page."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from sheetfed.afterlife import bare
from sheetfed.api.errors import (
    BadRequest,
    Conflict,
    NotFound,
    ServiceGone,
    SheetfedError,
)
from sheetfed.delivery import Deliveries
from sheetfed.devices import Devices
from sheetfed.documents import Documents
from sheetfed.edits import Edits
from sheetfed.events import Events
from sheetfed.ledger import ENDED, MOST_PROBLEMS, Job, Ledger, StepProblem, rule_of, unwritten
from sheetfed.running import Clerk, Decision, Run
from sheetfed.separation import Rule, check_rule
from sheetfed.steps import Steps
from sheetfed.store.database import Database
from sheetfed.store.labels import tags_of
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep

Entry = Callable[[], AbstractContextManager[object]]
"""What is entered while a device is taken for a job; it may refuse by raising."""


class Jobs:
    """Starts, watches and ends jobs."""

    def __init__(
        self,
        *,
        database: Database,
        devices: Devices,
        documents: Documents,
        steps: Steps,
        edits: Edits,
        deliveries: Deliveries,
        events: Events,
    ) -> None:
        self._ledger = Ledger(database)
        self._clerk = Clerk(
            self._ledger,
            documents,
            steps=steps,
            edits=edits,
            deliveries=deliveries,
            events=events,
        )
        self._deliveries = deliveries
        self._steps = steps
        self._devices = devices
        self._documents = documents
        self._running: dict[str, Run] = {}
        self._watching: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def recover(self) -> None:
        """Offer every job that was cut off to be continued."""
        error = ServiceGone("The service stopped in the middle of this job")
        for job in await self._ledger.unfinished():
            # More than it can have told without writing it down, so that versions never fall.
            version = job.version + 1_000_000
            await self._clerk.change(replace(job, state="paused", error=error, version=version))

    async def start(
        self,
        owner: str,
        request: Mapping[str, Any],
        *,
        key: str | None = None,
        entry: Entry = nullcontext,
    ) -> Job:
        """Open the device and start to scan; returns as soon as the device is open.

        With the same `key` and request again, returns the job that is already there, without
        `entry`. Raises what opening raises, Conflict for a used key with another request, NotFound
        for the document or the page in it, AddonMissing and BadSettings for the steps and what is
        to be delivered, NotAllowed for a target.
        """
        if key is None:
            with entry():
                return await self._start(owner, request, None, "")
        mark = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        async with self._turn(f"{owner} {key}"):
            known = await self._ledger.made_by(owner, key)
            if known is None:
                with entry():
                    return await self._start(owner, request, key, mark)
            if known[1] != mark:
                raise Conflict("This Idempotency-Key was used for another request")
            return self._now(known[0])

    async def get(self, owner: str, job_id: str) -> Job:
        """Return a job. Raises NotFound."""
        run = self._running.get(job_id)
        if run is None:
            return self._now(await self._ledger.get(owner, job_id))
        if run.job.owner != owner:
            raise NotFound(f"There is no job {job_id!r}")
        return run.job

    async def written(self, owner: str, job_id: str) -> int:
        """Return the version of a job that is written down. Raises NotFound."""
        return (await self._ledger.get(owner, job_id)).version

    async def list(
        self, owner: str, *, limit: int = 100, after: str | None = None
    ) -> tuple[Sequence[Job], str | None]:
        """Return jobs, the newest first, and where the next ones begin."""
        jobs, rest = await self._ledger.list(owner, limit=limit, after=after)
        return [self._now(job) for job in jobs], rest

    def scanning(self) -> Sequence[Job]:
        """Return the jobs of all owners that use a device now."""
        using = ("waiting", "scanning")
        runs = [run for run in self._running.values() if run.has_device]
        return [run.job for run in runs if run.job.state in using]

    def running(self, owner: str) -> int:
        """Return how many jobs of an owner run now; one that only takes steps still is one."""
        return sum(run.job.owner == owner for run in self._running.values())

    async def cancel(self, owner: str, job_id: str) -> Job:
        """Stop the job; complete pages are kept. Safe twice, and after its end."""
        await self.get(owner, job_id)
        if job_id in self._running:
            return await self._running[job_id].cancel()
        async with self._turn(job_id):
            job = await self.get(owner, job_id)
            if job_id in self._running:
                return await self._running[job_id].cancel()
            return job if job.state in ENDED else await self._clerk.end(job, "cancelled")

    async def cancel_all(self, owner: str) -> None:
        """Stop every job of an owner that runs; complete pages are kept."""
        mine = [run for run in self._running.values() if run.job.owner == owner]
        await asyncio.gather(*(run.cancel() for run in mine))

    async def resume(self, owner: str, job_id: str, *, entry: Entry = nullcontext) -> Job:
        """Scan on after a pause, with `entry` where the job has no device any more.

        Raises Conflict where the job is not paused.
        """
        async with self._turn(job_id):
            job = await self.get(owner, job_id)
            if job_id in self._running:
                return await self._running[job_id].decide("continue")
            _check_paused(job)
            self._check_steps(job)
            with entry():
                worker, lease = await self._take(job.device, owner)
                try:
                    job = await self._with_document(job)
                except BaseException:
                    await lease.aclose()
                    raise
                return await self._launch(job, worker, lease)

    async def keep(self, owner: str, job_id: str) -> Job:
        """End a paused job with the pages it has, once they took its steps."""
        return await self._decide(owner, job_id, "keep")

    async def discard(self, owner: str, job_id: str) -> Job:
        """End a paused job and delete the pages it made."""
        return await self._decide(owner, job_id, "discard")

    def documents_in_use(self) -> set[str]:
        """Return the documents that running jobs scan into."""
        return {run.job.document for run in self._running.values() if run.job.document}

    async def close(self) -> None:
        """Park every running job; after the next start it is offered to be continued."""
        await asyncio.gather(*(run.park() for run in self._running.values()))

    async def _start(
        self, owner: str, request: Mapping[str, Any], key: str | None, mark: str
    ) -> Job:
        deliver = self._deliveries.checked(owner, request.get("deliver") or ())
        split = rule_of(request.get("split"))
        if split:
            check_rule(split)
        steps = self._steps.checked(self._asked(request.get("steps") or (), split))
        document = request.get("document")
        private = bool(request.get("private"))
        before = request.get("before")
        if document is not None:
            row = await self._documents.get(owner, document)
            if private and not row.private:
                raise Conflict("A private scan cannot go into a document that is kept")
            private = row.private
            if before is not None and before not in row.pages:
                raise NotFound(f"There is no page {before} in the document")
        elif before is not None:
            raise BadRequest("A page to scan before needs its document")
        tags = tags_of(request.get("tags") or ())
        await self._steps.tried(steps)
        made = document is None
        worker, lease = await self._take(request["device"], owner, str(request.get("hold") or ""))
        try:
            if document is None:
                title = str(request.get("title") or "")
                row = await self._documents.create(owner, title=title, private=private)
                document, private = row.id, row.private
            now = time.time()
            job = Job(
                id=f"job_{secrets.token_urlsafe(16)}",
                owner=owner,
                state="waiting",
                device=request["device"],
                settings=dict(request.get("settings") or {}),
                keep=Keep(**(request.get("keep") or {})),
                document=document,
                made_document=made,
                private=private,
                steps=steps,
                deliver=deliver,
                split=split,
                documents=(document,),
                created=now,
                changed=now,
                before=before,
                tags=tags,
            )
            await self._ledger.add(job, request, key, mark)
        except BaseException:
            await lease.aclose()
            if made and document:
                with suppress(SheetfedError):
                    await self._documents.delete(owner, document)
            raise
        return await self._launch(job, worker, lease)

    def _asked(
        self, steps: Sequence[Mapping[str, Any]], split: Rule | None
    ) -> Sequence[Mapping[str, Any]]:
        """Return the steps of a request, and the one that finds what parts its pages.

        That has the name of what it finds. Where other steps are named and it is not installed,
        one of those is trusted to make such marks.
        """
        if split is None or split.by == "pages" or any(s["name"] == split.by for s in steps):
            return steps
        if steps and not any(spec.name == split.by for spec in self._steps.offered()):
            return steps
        return [*steps, {"name": split.by}]

    async def _take(self, device: str, owner: str, hold: str = "") -> tuple[Worker, AsyncExitStack]:
        lease = AsyncExitStack()
        lent = self._devices.lease(device, owner=owner, hold=hold)
        worker = await lease.enter_async_context(lent)
        return worker, lease

    async def _launch(self, job: Job, worker: Worker | None, lease: AsyncExitStack) -> Job:
        run = self._running[job.id] = Run(job, worker, lease, self._clerk)
        run.begin()
        watch = asyncio.create_task(self._watch(run))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)
        await run.begun()
        return run.job

    async def _watch(self, run: Run) -> None:
        """Forget a run once it is over."""
        await run.over()
        del self._running[run.job.id]

    async def _decide(self, owner: str, job_id: str, decision: Decision) -> Job:
        async with self._turn(job_id):
            job = await self.get(owner, job_id)
            if job_id in self._running:
                return await self._running[job_id].decide(decision)
            _check_paused(job)
            if decision == "discard":
                return await self._clerk.discard(job)
            return await self._keep(job)

    async def _keep(self, job: Job) -> Job:
        """End a job that has no device; it runs on without one while pages take their steps."""
        waiting = await self._documents.unstepped(job.owner, job.id)
        try:
            self._check_steps(job)
        except (
            SheetfedError
        ) as error:  # the addon was removed meanwhile: the pages stay as they are
            step = str(error.details.get("step", ""))
            missed = [StepProblem(page=page.id, step=step, error=bare(error)) for page in waiting]
            for problem in missed:
                job = replace(job, problems=(*job.problems, problem)[:MOST_PROBLEMS])
                await self._ledger.note_problem(job, problem.page)
            waiting = ()
        if waiting:
            return await self._launch(job, None, AsyncExitStack())
        return await self._clerk.end(job, "done")

    def _check_steps(self, job: Job) -> None:
        """Raise AddonMissing, BadSettings where a job's steps cannot be taken any more."""
        self._steps.checked([{"name": step.name, "options": step.options} for step in job.steps])

    async def _with_document(self, job: Job) -> Job:
        """Return the job with a document to scan into, a new one where its own is gone."""
        try:
            if job.document:
                await self._documents.get(job.owner, job.document)
                return job
        except NotFound:
            pass
        made = await self._documents.create(job.owner, private=job.private)
        return replace(job, document=made.id, documents=(made.id,), made_document=True)

    def _turn(self, name: str) -> asyncio.Lock:
        """Return the lock of a job or a key; it lives while somebody holds or wants it."""
        lock = self._turns.get(name)
        if lock is None:
            lock = self._turns[name] = asyncio.Lock()
        return lock

    def _now(self, job: Job) -> Job:
        run = self._running.get(job.id)
        if run:
            return run.job
        if job.state in ("waiting", "scanning"):  # it ended, but that could not be written down
            return unwritten(job)
        return job


def _check_paused(job: Job) -> None:
    if job.state != "paused":
        raise Conflict(f"The job is not paused but {job.state}")
