"""Captures: started, watched, ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from aiohttp import web

from sheetfed.api.errors import (
    BadSettings,
    Conflict,
    DiskFull,
    NotAllowed,
    NotFound,
    SheetfedError,
)
from sheetfed.ledger import ENDED, Job, job_data
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer
from sheetfed.server.guard.door import DOOR
from sheetfed.server.requests import idempotency_key
from sheetfed.server.routes.devices import DEVICE_ERRORS
from sheetfed.server.table import Answering, Call, Op


async def start_job(call: Call) -> web.StreamResponse:
    """Open the device and start to scan."""
    body: shapes.jobs.NewJob = call.body
    request = {name: value for name, value in asdict(body).items() if value is not None}

    @contextmanager
    def entry() -> Iterator[None]:
        with _counted(call), _noted(call, body.device):
            yield

    job = await call.service.jobs.start(
        call.owner, request, key=idempotency_key(call.request), entry=entry
    )
    await _check_approved(call, job)
    return json_answer(job_data(job), status=201, headers={"Location": f"/v1/jobs/{job.id}"})


async def list_jobs(call: Call) -> web.StreamResponse:
    """List jobs, the newest first."""
    query: shapes.parts.ListQuery = call.query
    jobs, rest = await call.service.jobs.list(call.owner, limit=query.limit, after=query.cursor)
    return json_answer({"items": [job_data(job) for job in jobs], "next": rest})


async def get_job(call: Call) -> web.StreamResponse:
    """Return a job, at once or when there is news of it."""
    query: shapes.jobs.JobQuery = call.query
    if query.wait:
        await _news(call, query)
    job = await call.service.jobs.get(call.owner, call.part("job_id"))
    return json_answer(job_data(job))


async def cancel_job(call: Call) -> web.StreamResponse:
    """Stop a job; complete pages are kept."""
    return await _tell(call.service.jobs.cancel(call.owner, call.part("job_id")))


async def continue_job(call: Call) -> web.StreamResponse:
    """Scan on after a pause."""
    jobs, job_id = call.service.jobs, call.part("job_id")
    device = (await jobs.get(call.owner, job_id)).device
    with _noted(call, device):
        job = await jobs.resume(call.owner, job_id, entry=partial(_counted, call))
    await _check_approved(call, job)
    return json_answer(job_data(job))


async def keep_job(call: Call) -> web.StreamResponse:
    """End a paused job with the pages it has."""
    return await _tell(call.service.jobs.keep(call.owner, call.part("job_id")))


async def discard_job(call: Call) -> web.StreamResponse:
    """End a paused job and delete the pages it made."""
    return await _tell(call.service.jobs.discard(call.owner, call.part("job_id")))


@contextmanager
def _counted(call: Call) -> Iterator[None]:
    """Count a job that takes a device. Raises Refusal where a site has enough of them."""
    visits, jobs = call.request.app[DOOR].visits, call.service.jobs
    with visits.start(call.caller, jobs.running(call.owner)):
        yield


@contextmanager
def _noted(call: Call, device: str) -> Iterator[None]:
    """Write down who starts a device, and whether that went well."""
    try:
        yield
    except SheetfedError as error:
        call.service.audit.note(call.owner, "scan", error.code)
        raise
    call.service.audit.note(call.owner, "scan", "done", device=device)


async def _check_approved(call: Call, job: Job) -> None:
    """Stop the job of a site that was revoked while the device opened. Raises NotAllowed."""
    origin = call.caller.origin
    if origin and not call.service.approvals.approved(origin):
        await call.service.jobs.cancel(call.owner, job.id)
        raise NotAllowed("This site is not approved")


async def _tell(done: Awaitable[Job]) -> web.StreamResponse:
    return json_answer(job_data(await done))


async def _news(call: Call, query: shapes.jobs.JobQuery) -> None:
    """Return when something happened to the job, time is up or the service stops."""
    job_id = call.part("job_id")
    subscription = call.service.events.subscribe(call.owner)
    try:
        job = await call.service.jobs.get(call.owner, job_id)
        if query.seen != job.version or job.state in ENDED:
            return
        if await call.service.jobs.written(call.owner, job_id) > job.version:
            return  # it changes at this very moment, and that was told before we listened
        async with asyncio.timeout(query.wait):
            async for event in subscription:
                if event.topic == "job" and event.data["id"] == job_id:
                    return
    except TimeoutError:
        return
    finally:
        subscription.close()


def _verb(word: str, summary: str, handler: Answering) -> Op:
    return Op(
        method="POST",
        path=f"/v1/jobs/{{job_id}}/{word}",
        id=f"{word}_job",
        summary=summary,
        handler=handler,
        answer=lambda: shapes.jobs.Job,
        errors=(NotFound, Conflict, BadSettings, DiskFull, *DEVICE_ERRORS),
    )


OPS = (
    Op(
        method="POST",
        path="/v1/jobs",
        id="start_job",
        summary="Start to scan",
        handler=start_job,
        body=lambda: shapes.jobs.NewJob,
        headers=("Idempotency-Key",),
        status=201,
        answer=lambda: shapes.jobs.Job,
        errors=(NotFound, Conflict, BadSettings, DiskFull, *DEVICE_ERRORS),
    ),
    Op(
        method="GET",
        path="/v1/jobs",
        id="list_jobs",
        summary="Jobs, the newest first",
        handler=list_jobs,
        query=lambda: shapes.parts.ListQuery,
        answer=lambda: shapes.jobs.Jobs,
    ),
    Op(
        method="GET",
        path="/v1/jobs/{job_id}",
        id="get_job",
        summary="A job, at once or when there is news of it",
        handler=get_job,
        query=lambda: shapes.jobs.JobQuery,
        answer=lambda: shapes.jobs.Job,
        errors=(NotFound,),
    ),
    Op(
        method="DELETE",
        path="/v1/jobs/{job_id}",
        id="stop_job",
        summary="Stop a job, as cancel does",
        handler=cancel_job,
        answer=lambda: shapes.jobs.Job,
        errors=(NotFound,),
    ),
    _verb("cancel", "Stop a job; complete pages are kept", cancel_job),
    _verb("continue", "Scan on after a pause", continue_job),
    _verb("keep", "End a paused job with the pages it has", keep_job),
    _verb("discard", "End a paused job and delete the pages it made", discard_job),
)
