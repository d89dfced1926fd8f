"""Jobs written down: the value, and its rows."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from sheetfed.api.errors import BadRequest, DiskFull, NotFound, SheetfedError, from_json, to_json
from sheetfed.api.model import Settings
from sheetfed.events import LOCAL, Event
from sheetfed.separation import Rule
from sheetfed.steps import StepWish
from sheetfed.store import jobs, pages
from sheetfed.store import log as event_log
from sheetfed.store.database import Database
from sheetfed.store.labels import tags_of
from sheetfed.targets import Wish
from sheetfed.worker.wire import Keep

log = logging.getLogger(__name__)

State = Literal["waiting", "scanning", "paused", "done", "failed", "cancelled"]
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})

MOST_PROBLEMS = 100
"""Problems with pages that a job lists; the log tells the others."""

_COLUMNS = (
    "SELECT rowid, jobs.*, opened(request) AS words, opened(error) AS fault,"
    " opened(problems) AS lapses,"
    " (SELECT count(*) FROM pages WHERE pages.job = jobs.id) AS kept,"
    " (SELECT group_concat(document, ' ') FROM (SELECT document FROM pages"
    " WHERE pages.job = jobs.id GROUP BY document ORDER BY min(number))) AS filled FROM jobs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProblem:
    """A step that failed at a page, which is kept as it came."""

    page: str
    step: str
    error: SheetfedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One capture as it stands now."""

    id: str
    owner: str
    state: State
    device: str
    settings: Settings
    keep: Keep
    document: str | None
    made_document: bool
    private: bool
    created: float
    changed: float
    before: str | None = None
    tags: tuple[str, ...] = ()
    steps: tuple[StepWish, ...] = ()
    deliver: tuple[Wish, ...] = ()
    split: Rule | None = None
    documents: tuple[str, ...] = ()
    pages: int = 0
    problems: tuple[StepProblem, ...] = ()
    error: SheetfedError | None = None
    activity: str = ""
    done: float | None = None
    version: int = 0


def job_data(job: Job) -> dict[str, Any]:
    """Return the job as clients are told of it."""
    error = job.error
    return {
        "id": job.id,
        "state": job.state,
        "device": job.device,
        "settings": dict(job.settings),
        "keep": {"form": job.keep.form, "quality": job.keep.quality},
        "document": job.document,
        "before": job.before,
        "documents": list(job.documents),
        "private": job.private,
        "tags": list(job.tags),
        "steps": [{"name": step.name, "options": dict(step.options)} for step in job.steps],
        "deliver": [{"target": wish.target, "type": wish.type} for wish in job.deliver],
        "split": None if job.split is None else asdict(job.split),
        "pages": job.pages,
        "problems": [
            {
                "page": problem.page,
                "step": problem.step,
                "error": problem_data(problem.error, owner=job.owner),
            }
            for problem in job.problems
        ],
        "error": None if error is None else problem_data(error, owner=job.owner),
        "activity": job.activity,
        "done": job.done,
        "version": job.version,
        "created": job.created,
        "changed": job.changed,
    }


def problem_data(error: SheetfedError, *, owner: str) -> dict[str, Any]:
    """Return the error as a problem object (RFC 9457).

    What a driver said before it died may name files: it is for the person alone.
    """
    kept = {name: value for name, value in error.details.items() if name != "crash"}
    return {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "advice": str(error.details.get("advice") or error.advice),
        "details": dict(error.details) if owner == LOCAL else kept,
    }


class Ledger:
    """Keeps jobs in the database, each change with its event."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job, request: Mapping[str, Any], key: str | None, mark: str) -> None:
        """Write a new job with the request that made it; `mark` stands for that request."""
        steps = [asdict(step) for step in job.steps]
        deliver = [asdict(wish) for wish in job.deliver]
        made_document = job.made_document
        kept = json.dumps(
            {**request, "steps": steps, "deliver": deliver, "made_document": made_document}
        )
        made = (job.id, job.owner, job.state, kept, job.private, job.private, job.document)
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO jobs (id, owner, state, request, private, document, created, changed,"
                " idempotency_key, idempotency_hash)"
                " VALUES (?, ?, ?, sealed(?, ?), ?, ?, ?, ?, ?, ?)",
                (*made, job.created, job.changed, key, mark),
            )
        )

    async def change(self, job: Job, *, has_device: bool = True) -> tuple[Job, bool]:
        """Write down a job's new state and its event, which the database tells.

        That a site uses a device is told only where its job has one.
        Returns the job with its next version, and whether there was room to write it down.
        """
        job = replace(job, version=job.version + 1, changed=time.time())
        data = job_data(job)
        error = None if job.error is None else json.dumps(to_json(job.error))
        values = (job.state, job.document, error, job.version, job.changed, job.id)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE jobs SET state = ?, document = ?, error = sealed(?, private), version = ?,"
                " changed = ? WHERE id = ?",
                values,
            )
            if job.state in ENDED:
                pages.set_all_stepped(connection, job.id)
                jobs.forget_old(connection, job.owner)
            event_log.append(connection, "job", data, job.owner, job.changed, private=job.private)
            if job.owner != LOCAL and (has_device or job.state != "scanning"):
                told = _site_data(job)
                event_log.append(connection, "site", told, LOCAL, job.changed, private=job.private)

        try:
            await self._database.tidy(write)
        except DiskFull:
            log.warning("the disk is full: the state of %s could not be written down", job.id)
            return job, False
        return job, True

    async def note_problem(self, job: Job, page: str) -> None:
        """Write down a job's problems, the last one with this page, which is to be stepped no more.

        Raises DiskFull.
        """
        problems = json.dumps([_problem_json(problem) for problem in job.problems])

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE jobs SET problems = sealed(?, private) WHERE id = ?", (problems, job.id)
            )
            pages.set_stepped(connection, page)

        await self._database.tidy(write)

    async def get(self, owner: str, job_id: str) -> Job:
        """Return a job as it was written last. Raises NotFound."""
        row = await self._database.read(
            lambda connection: connection.execute(
                f"{_COLUMNS} WHERE id = ? AND owner = ?", (job_id, owner)
            ).fetchone()
        )
        if row is None:
            raise NotFound(f"There is no job {job_id!r}")
        return _job(row)

    async def list(
        self, owner: str, *, limit: int, after: str | None
    ) -> tuple[Sequence[Job], str | None]:
        """Return jobs, the newest first, and where the next ones begin."""
        if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
            raise BadRequest("That cursor is not one of ours")
        before = (1 << 62) if after is None else int(after)
        rows = await self._database.read(
            lambda connection: connection.execute(
                f"{_COLUMNS} WHERE owner = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
                (owner, before, limit + 1),
            ).fetchall()
        )
        rest = str(rows[limit - 1]["rowid"]) if len(rows) > limit else None
        return [_job(row) for row in rows[:limit]], rest

    async def made_by(self, owner: str, key: str) -> tuple[Job, str] | None:
        """Return the job that an Idempotency-Key made, and the mark of its request."""
        row = await self._database.read(
            lambda connection: connection.execute(
                f"{_COLUMNS} WHERE owner = ? AND idempotency_key = ?", (owner, key)
            ).fetchone()
        )
        return None if row is None else (_job(row), row["idempotency_hash"])

    async def unfinished(self) -> Sequence[Job]:
        """Return the jobs that were running when the last service stopped."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                f"{_COLUMNS} WHERE state IN ('waiting', 'scanning')"
            ).fetchall()
        )
        return [_job(row) for row in rows]


def _site_data(job: Job) -> dict[str, Any]:
    """Return what the person at this computer is told when a site starts or stops a device."""
    what = "scan" if job.state == "scanning" else "scan-ended"
    return {"site": job.owner, "what": what, "device": job.device, "job": job.id}


def passing(job: Job) -> Event:
    """Return an event that is told but not kept."""
    return Event(number=0, topic="job", data=job_data(job), at=job.changed, owner=job.owner)


def unwritten(job: Job) -> Job:
    """Return a job that stopped but could not be written down: what is kept is that it ran."""
    error = DiskFull("The disk was full when this job stopped")
    return replace(job, state="paused", error=error, activity="", done=None)


def _problem_json(problem: StepProblem) -> dict[str, Any]:
    return {"page": problem.page, "step": problem.step, "error": to_json(problem.error)}


def _problem(found: Mapping[str, Any]) -> StepProblem:
    return StepProblem(page=found["page"], step=found["step"], error=from_json(found["error"]))


def _job(row: sqlite3.Row) -> Job:
    request = json.loads(row["words"])
    return Job(
        id=row["id"],
        owner=row["owner"],
        state=row["state"],
        device=request["device"],
        settings=request.get("settings") or {},
        keep=Keep(**(request.get("keep") or {})),
        document=row["document"],
        made_document=request["made_document"],
        private=bool(row["private"]),
        created=row["created"],
        changed=row["changed"],
        before=request.get("before"),
        tags=tags_of(request.get("tags") or ()),
        steps=tuple(StepWish(**step) for step in request.get("steps") or ()),
        deliver=tuple(Wish(**wish) for wish in request.get("deliver") or ()),
        split=rule_of(request.get("split")),
        documents=tuple((row["filled"] or row["document"] or "").split()),
        pages=row["kept"],
        problems=tuple(_problem(found) for found in json.loads(row["lapses"] or "[]")),
        error=None if row["fault"] is None else from_json(json.loads(row["fault"])),
        version=row["version"],
    )


def rule_of(request: Mapping[str, Any] | None) -> Rule | None:
    """Return how a request wants its pages parted."""
    if request is None:
        return None
    lists = {name: tuple(request.get(name) or ()) for name in ("patches", "tags")}
    return Rule(**{**request, **lists})
