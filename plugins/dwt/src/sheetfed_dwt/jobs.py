"""The life of their jobs: one at a time for a scanner."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from sheetfed.api.errors import NotAllowed, NotFound, SheetfedError, TooMany
from sheetfed_dwt import faults, holding, notes, scanners, uids, wishes
from sheetfed_dwt.asking import Asked, insist
from sheetfed_dwt.faults import Fault
from sheetfed_dwt.job import Job, restored
from sheetfed_dwt.panel import Panel
from sheetfed_dwt.wishes import Wish

log = logging.getLogger(__name__)

MOST = 1000
"""Jobs that are held; older ones that ended are read again from their notes."""

REMEMBERED = 10_000
"""Deleted jobs that are told apart from jobs that never were, until the service ends."""

WAIT = 30
"""Seconds for which our own interface is asked to wait for news."""


class Jobs:
    """Makes jobs, finds them again, and follows those that run."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], Job] = OrderedDict()
        self._deleted: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._locks: dict[str, Job] = {}
        self._last: dict[str, str] = {}
        self._finding = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def create(self, asked: Asked, wish: Wish) -> Job:
        """Make a job, pending or running. Raises Fault, SheetfedError."""
        scanner = await scanners.wanted(asked.client, wish.device, self._last.get(asked.whose, ""))
        job = Job(
            document="",
            whose=asked.whose,
            client=asked.client,
            scanner=scanner,
            settings={},
            watch=wish.watch,
            limit=wish.limit,
        )
        await self._lock(job)
        try:
            await self._prepare(job, wish)
        except BaseException:
            await self._undo(job)
            raise
        self._last[asked.whose] = scanner.id
        self._hold(job)
        return job

    async def find(self, asked: Asked, uid: str) -> Job:
        """Return a job of who asks. Raises Fault."""
        document = uids.ours("doc", uid, faults.unknown_job())
        key = (asked.whose, document)
        async with self._finding:
            if key in self._deleted:
                raise faults.deleted_job()
            if key not in self._held:
                self._hold(await self._restore(asked, document))
            job = self._held[key]
        if job.is_over():
            await self.delete(job)
        if job.deleted:
            raise faults.deleted_job()
        job.client = asked.client
        if holding.is_due(job):
            await job.hold_on()
        return job

    async def run(self, job: Job) -> None:
        """Start a pending job. Raises Fault."""
        async with job.turn:
            if job.deleted:
                raise faults.deleted_job()
            if job.state != "pending":
                raise faults.out_of_sequence("Only a pending job can be started.")
            try:
                await self._start(job)
            except SheetfedError as error:
                self._failed(job, error)
                await holding.end(job)
            await self.save(job)

    async def cancel(self, job: Job) -> None:
        """Stop a job; its pages stay. One that ended stays as it is."""
        async with job.turn:
            if job.state == "pending":
                job.state = "canceled"
                await holding.end(job)
                await self._rest(job)
            elif job.state == "running":
                await insist(job.client, "POST", f"/v1/jobs/{job.ours}/cancel")
                await self._settle(job)

    async def delete(self, job: Job) -> None:
        """Stop a job and delete its pages."""
        async with job.turn:
            if not job.deleted:
                await self._delete(job)

    async def panel(self, job: Job) -> Panel:
        """Return the options of a pending job's scanner as they are set. Raises Fault."""
        if job.state != "pending":
            raise faults.out_of_sequence("The job is not pending.")
        fresh = (await job.client.ask("GET", holding.address(job)))["options"]
        usual = {option["name"]: option["default"] for option in fresh}
        here = await _adjusted(job, job.settings)
        now = {option["name"]: option["default"] for option in here}
        return Panel([{**o, "default": usual.get(o["name"], o["default"])} for o in here], now)

    async def save(self, job: Job) -> None:
        """Note a job with its document; a document that is gone is no harm."""
        try:
            async with job.saving:
                job.unsaved = False
                await notes.write(job.client, job.document, job.note())
        except NotFound:
            log.debug("the document of a job is gone")

    def save_soon(self, job: Job) -> None:
        """Note a job without keeping its client waiting; what waits to be noted is noted once."""
        if not job.unsaved:
            job.unsaved = True
            self._begin(job, self._save_quietly(job))

    async def close(self) -> None:
        """End all that is followed; it is taken up again when somebody asks."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _delete(self, job: Job) -> None:
        """Delete a job; where that is refused it is still there, and may be deleted again."""
        job.deleted = True
        try:
            with suppress(NotFound, NotAllowed):
                if job.ours and not job.ended:
                    await insist(job.client, "POST", f"/v1/jobs/{job.ours}/cancel")
            with suppress(NotFound, NotAllowed):  # a site may have been revoked meanwhile
                await insist(job.client, "DELETE", f"/v1/documents/{job.document}")
        except BaseException:
            job.deleted = False
            raise
        self._end_tasks(job)
        self._release(job)
        await holding.end(job)
        key = (job.whose, job.document)
        self._held.pop(key, None)
        self._deleted[key] = None
        if len(self._deleted) > REMEMBERED:
            self._deleted.popitem(last=False)
        job.announce()

    async def _prepare(self, job: Job, wish: Wish) -> None:
        if not wish.runs:
            await holding.begin(job)
        options = (await job.client.ask("GET", holding.address(job)))["options"]
        if ground := wishes.ground_for(wish, options):
            options = await _adjusted(job, ground)
        job.settings = wishes.settings_for(wish, options)
        panel = Panel(options, job.settings)
        depth = panel.value("depth")
        job.mode, job.depth = str(panel.value("mode") or ""), depth if type(depth) is int else 0
        if not wish.runs:
            await _adjusted(job, job.settings)
        made = await job.client.ask("POST", "/v1/documents", body={"title": wish.name})
        job.document = made["id"]
        if wish.runs:
            try:
                await self._start(job)
            except SheetfedError as error:
                if faults.of(error).status < 500:
                    raise
                self._failed(job, error)
        else:
            self._limit(job)
        await self.save(job)

    async def _undo(self, job: Job) -> None:
        self._end_tasks(job)
        if job.ours:
            with suppress(SheetfedError):
                await insist(job.client, "POST", f"/v1/jobs/{job.ours}/cancel")
        self._release(job)
        await holding.end(job)
        if job.document:
            with suppress(SheetfedError):
                await insist(job.client, "DELETE", f"/v1/documents/{job.document}")

    async def _start(self, job: Job) -> None:
        wish = {"device": job.scanner.id, "settings": job.settings, "document": job.document}
        found = await job.client.ask("POST", "/v1/jobs", body={**wish, **holding.named(job)})
        job.ours, job.state, job.until, job.hold = found["id"], "running", 0.0, ""
        self._begin(job, self._follow(job))

    def _failed(self, job: Job, error: SheetfedError) -> None:
        job.fail(faults.NUMBERS.get(error.code, faults.UNKNOWN), error.message)
        self._release(job)
        self._limit(job)
        job.announce()

    async def _follow(self, job: Job) -> None:
        """See a job through: count its pages, lose patience, note its end."""
        seen: dict[str, Any] | None = None
        last = time.monotonic()
        while not job.ended:
            left = job.watch - (time.monotonic() - last) if job.watch else WAIT
            if left <= 0:
                await self._lose_patience(job)
                return
            query: dict[str, str | int] = {"wait": max(1, min(WAIT, math.ceil(left)))}
            if seen:
                query["seen"] = seen["version"]
            try:
                found = await insist(job.client, "GET", f"/v1/jobs/{job.ours}", query=query)
            except TooMany:  # its site asks and asks: that says nothing of the scanner
                last = time.monotonic()
                continue
            except SheetfedError as error:
                self._failed(job, error)
                return
            if seen is None or found["version"] != seen["version"]:
                last = time.monotonic()
            seen = found
            await self._look(job, found)

    async def _lose_patience(self, job: Job) -> None:
        """Fail a job at once; its scanner is free once the driver has ended."""
        job.fail(faults.NUMBERS["driver-timeout"], f"No sign of the scanner for {job.watch} s.")
        job.announce()
        path = f"/v1/jobs/{job.ours}"
        with suppress(SheetfedError):
            going = await insist(job.client, "POST", f"{path}/cancel")
            while going["state"] in ("waiting", "scanning", "paused"):
                query = {"wait": WAIT, "seen": going["version"]}
                going = await insist(job.client, "GET", path, query=query)
        await self._rest(job)

    async def _settle(self, job: Job) -> None:
        """See how our job is now."""
        found = await insist(job.client, "GET", f"/v1/jobs/{job.ours}")
        await self._look(job, found)

    async def _look(self, job: Job, found: dict[str, Any]) -> None:
        """Take over what our job says."""
        if job.ended:
            return
        job.kept = found["pages"]
        error = found["error"] or {"code": "", "detail": ""}
        match found["state"]:
            case "paused" | "failed":
                number = faults.NUMBERS.get(error["code"], faults.UNKNOWN)
                job.fail(number, error["detail"])
            case "done":
                job.state = "completed"
            case "cancelled":
                job.state = "canceled"
            case _:
                job.announce()
                return
        if found["state"] == "paused":  # nobody of theirs can continue it, and it holds the device
            with suppress(SheetfedError):
                await insist(job.client, "POST", f"/v1/jobs/{job.ours}/keep")
        await self._rest(job)

    async def _rest(self, job: Job) -> None:
        """Note an end, tell those who wait, and let somebody else have the scanner."""
        self._release(job)
        self._limit(job)
        job.announce()
        await self._save_quietly(job)

    async def _save_quietly(self, job: Job) -> None:
        try:
            await self.save(job)
        except SheetfedError as error:
            log.warning("a job was not noted: %s", error)

    def _limit(self, job: Job) -> None:
        """Let the time of a job begin that is neither running nor wanted for ever."""
        if job.limit:
            job.until = time.time() + job.limit
            self._begin(job, self._expire(job))

    async def _expire(self, job: Job) -> None:
        until = job.until
        await asyncio.sleep(max(0.0, until - time.time()))
        if job.until == until:
            with suppress(SheetfedError):
                await self.delete(job)

    async def _lock(self, job: Job) -> None:
        """Keep a scanner for a job, unless another one that is still there has it. Raises Fault."""
        holder = self._locks.get(job.scanner.id)
        if holder is not None and holder.state == "pending" and not await _is_there(holder):
            await self.delete(holder)
            holder = self._locks.get(job.scanner.id)
        if holder is not None:
            raise faults.locked(job.scanner.name)
        self._locks[job.scanner.id] = job

    def _release(self, job: Job) -> None:
        if self._locks.get(job.scanner.id) is job:
            del self._locks[job.scanner.id]

    async def _restore(self, asked: Asked, document: str) -> Job:
        """Return a job that was noted before a restart. Raises Fault."""
        try:
            found = await asked.client.ask("GET", f"/v1/documents/{document}")
        except NotFound:
            raise faults.unknown_job() from None
        note = notes.read(found)
        if note.get("kind") != "job":
            raise faults.unknown_job()
        try:
            job = restored(document, asked.whose, asked.client, note)
        except (KeyError, IndexError, TypeError, ValueError):  # somebody wrote over it
            raise faults.unknown_job() from None
        job.kept = len(found["pages"])
        if job.state == "running":
            await self._settle(job)
            if not job.ended:
                self._locks.setdefault(job.scanner.id, job)
                self._begin(job, self._follow(job))
        elif job.until:
            self._begin(job, self._expire(job))
        if job.state == "pending":
            await self._lock_again(job)
        return job

    async def _lock_again(self, job: Job) -> None:
        try:
            await self._lock(job)
            await holding.begin(job)
        except (Fault, SheetfedError) as error:
            fault = faults.of(error)
            self._release(job)
            job.fail(fault.code, fault.message)
            await self.save(job)

    def _hold(self, job: Job) -> None:
        self._held[job.whose, job.document] = job
        if len(self._held) > MOST:
            old = next((key for key, held in self._held.items() if held.ended), None)
            if old:
                del self._held[old]

    def _begin(self, job: Job, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        for tasks in (job.tasks, self._tasks):
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    def _end_tasks(self, job: Job) -> None:
        for task in job.tasks:
            if task is not asyncio.current_task():
                task.cancel()


async def _adjusted(job: Job, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what can be asked of a job's scanner with these settings."""
    body = {"settings": settings, **holding.named(job)}
    answer = await job.client.ask("POST", f"{holding.address(job)}/options", body=body)
    found: list[dict[str, Any]] = answer["options"]
    return found


async def _is_there(job: Job) -> bool:
    """Tell whether a job that waits is wanted: its time, its document, the right to ask."""
    if job.is_over():
        return False
    if not job.document:  # it is being made
        return True
    try:
        await job.client.ask("GET", f"/v1/documents/{job.document}/pages", query={"limit": 1})
    except SheetfedError:
        return False
    return True
