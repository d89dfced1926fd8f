"""A scanner kept from everybody while its job waits."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sheetfed.api.errors import SheetfedError

if TYPE_CHECKING:
    from sheetfed_dwt.job import Job

LASTS: Final = 300
"""Seconds for which a scanner is kept after its client's last word about the job."""

AGAIN: Final = 30
"""Seconds within which it is not asked for again."""


def address(job: Job) -> str:
    """Return where the scanner of a job is."""
    return f"/v1/devices/{quote(job.scanner.id, safe='')}"


def is_due(job: Job) -> bool:
    """Tell whether the scanner of a job that waits has to be asked for again."""
    is_old = not job.held or time.monotonic() - job.held >= AGAIN
    return job.state == "pending" and not job.freed and is_old


async def begin(job: Job) -> None:
    """Keep the scanner for a job, or keep it longer. Raises SheetfedError."""
    before, asked = job.hold, time.monotonic()
    is_in_time, job.held = bool(before) and asked - job.held < LASTS, asked
    body = {"seconds": LASTS, **named(job)}
    job.hold = (await job.client.ask("POST", f"{address(job)}/hold", body=body))["id"]
    if is_in_time and job.hold != before:  # the person ended it before its time
        job.freed = True
        await end(job)


async def end(job: Job) -> None:
    """Let others have the scanner."""
    query, job.hold = named(job), ""
    if query:
        with suppress(SheetfedError):
            await job.client.ask("DELETE", f"{address(job)}/hold", query=query)


def named(job: Job) -> dict[str, str | int]:
    """Return what says that the scanner is kept for this job."""
    return {"hold": job.hold} if job.hold else {}
