"""A job lives, pauses and ends once, whoever asks and when."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from functools import partial

import pytest
from office import ME, Office

from sheetfed import running
from sheetfed.api.errors import Conflict, DeviceBusy, NotFound, ServiceGone, StoreDamaged
from sheetfed.events import LOCAL, Event
from sheetfed.ledger import ENDED
from sheetfed.store import jobs as kept_jobs
from sheetfed.store import log


async def test_a_job_ends_with_all_its_pages(office: Office) -> None:
    job = await office.state(await office.start(sheets=4), "done")

    assert job.document
    assert (job.pages, job.error) == (4, None)
    assert len(await office.documents.pages(ME, job.document)) == 4


async def test_a_second_job_is_refused_while_the_first_still_opens(office: Office) -> None:
    """Waiting would start a scan that nobody expects any more."""
    await office.close()
    await office.open(opening=1.0)
    first = asyncio.create_task(office.start(delay=0.3))
    await asyncio.sleep(0.3)
    begun = time.monotonic()

    with pytest.raises(DeviceBusy):
        await office.start()

    assert time.monotonic() - begun < 0.5
    await office.state(await first, "done")


async def test_a_jam_pauses_and_says_which_page_is_safe(office: Office) -> None:
    paused = await office.state(await office.start(sheets=4, jam=3), "paused")

    assert paused.error
    assert paused.error.code == "paper-jam"
    assert paused.error.details["kept"] == paused.pages == 2
    assert "page 2 is the last that was kept" in paused.error.message
    await office.jobs.resume(ME, paused.id)
    done = await office.state(paused, "done")
    assert done.pages == 4


@pytest.mark.parametrize(
    ("decision", "state", "pages"), [("keep", "done", 2), ("discard", "cancelled", 0)]
)
async def test_a_pause_ends_as_decided(
    office: Office, decision: str, state: str, pages: int
) -> None:
    paused = await office.state(await office.start(sheets=4, jam=3), "paused")

    ended = await getattr(office.jobs, decision)(ME, paused.id)

    assert (ended.state, ended.pages) == (state, pages)
    with pytest.raises(Conflict):
        await getattr(office.jobs, decision)(ME, paused.id)
    assert await office.jobs.cancel(ME, paused.id) == await office.jobs.get(ME, paused.id)


@pytest.mark.parametrize("end", ["done", "failed", "keep", "discard", "cancel"])
async def test_who_is_told_that_a_job_ended_may_scan_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """A person who discards a batch puts the paper in again and presses Scan."""
    if end == "failed":
        monkeypatch.setattr(running, "PATIENCE", 0.1)
    told = office.store.events.subscribe(ME)
    first = await office.start(sheets=3, **({} if end == "done" else {"jam": 2}))
    deciding = None
    if end not in ("done", "failed"):
        await office.state(first, "paused")
        deciding = asyncio.create_task(getattr(office.jobs, end)(ME, first.id))
    async with asyncio.timeout(20):
        async for event in told:
            if event.topic == "job" and event.data.get("state") in ENDED:
                break
    told.close()

    second = await office.start(sheets=1)

    if deciding:
        await deciding

    await office.state(second, "done")


async def test_a_cancel_right_after_continue_is_heard(office: Office) -> None:
    """Between the two the driver is asked nothing, and the feeder must not run empty."""
    paused = await office.state(await office.start(sheets=60, delay=0.05, jam=2), "paused")

    await office.jobs.resume(ME, paused.id)
    cancelled = await office.jobs.cancel(ME, paused.id)

    assert cancelled.state == "cancelled"
    assert cancelled.pages < 10


async def test_a_cancel_right_after_start_is_heard(office: Office) -> None:
    job = await office.start(sheets=60, delay=0.05)

    cancelled = await office.jobs.cancel(ME, job.id)
    again = await office.jobs.cancel(ME, job.id)

    assert cancelled.state == again.state == "cancelled"
    assert cancelled.pages < 10


async def test_nobody_comes_to_a_jam(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends by itself must not look like a complete batch."""
    monkeypatch.setattr(running, "PATIENCE", 0.1)

    failed = await office.state(await office.start(sheets=4, jam=3), "failed")

    assert failed.error
    assert failed.error.code == "paper-jam"
    assert failed.pages == 2


async def test_a_stopped_service_offers_its_job_again(office: Office) -> None:
    job = await office.until(await office.start(sheets=40, delay=0.05), lambda now: now.pages > 1)
    await office.close()
    await office.open()

    parked = await office.jobs.get(ME, job.id)

    assert parked.state == "paused"
    assert parked.error
    assert parked.error.code == ServiceGone.code
    assert parked.version > job.version
    resumed = await office.jobs.resume(ME, job.id)
    assert resumed.state == "scanning"
    await office.jobs.cancel(ME, job.id)


async def test_cancel_and_continue_of_an_old_job_meet(office: Office) -> None:
    """Opening takes seconds; whoever comes in between must not be overruled."""
    job = await office.until(await office.start(sheets=40, delay=0.05), lambda now: now.pages > 0)
    await office.close()
    await office.open(opening=0.5)

    resuming = asyncio.create_task(office.jobs.resume(ME, job.id))
    await asyncio.sleep(0.2)
    cancelled = await office.jobs.cancel(ME, job.id)
    await resuming

    assert cancelled.state == "cancelled"
    assert (await office.jobs.get(ME, job.id)).state == "cancelled"


async def test_a_job_whose_document_was_deleted_scans_into_a_new_one(office: Office) -> None:
    job = await office.until(await office.start(sheets=9, delay=0.1), lambda now: now.pages > 0)
    await office.close()
    await office.open()
    assert job.document
    await office.documents.delete(ME, job.document)

    await office.jobs.resume(ME, job.id)
    done = await office.state(job, "done")

    assert done.document not in (None, job.document)
    assert len(await office.documents.pages(ME, str(done.document))) == 9


async def test_a_job_that_cannot_be_written_down_lets_go_of_its_device(office: Office) -> None:
    """A store in trouble must not leave the scanner busy for ever."""
    async with office.devices.lease("tray:one"):
        pass
    await office.store.database.close()

    with pytest.raises(ServiceGone):
        await office.start()

    async with office.devices.lease("tray:one"):
        pass


async def test_the_same_key_is_the_same_job(office: Office) -> None:
    jobs = await asyncio.gather(*(office.start(key="k", sheets=2) for _ in range(10)))

    assert len({job.id for job in jobs}) == 1
    with pytest.raises(Conflict):
        await office.start(key="k", sheets=3)
    await office.state(jobs[0], "done")


async def test_a_job_is_its_owners_alone(office: Office) -> None:
    job = await office.start(sheets=2)

    with pytest.raises(NotFound):
        await office.jobs.get("somebody", job.id)
    with pytest.raises(NotFound):
        await office.jobs.cancel("somebody", job.id)
    await office.state(job, "done")
    with pytest.raises(NotFound):
        await office.jobs.get("somebody", job.id)


async def test_an_empty_document_that_a_job_made_goes_with_it(office: Office) -> None:
    paused = await office.state(await office.start(jam=1), "paused")
    assert paused.document

    ended = await office.jobs.cancel(ME, paused.id)

    assert ended.document is None
    with pytest.raises(NotFound):
        await office.documents.get(ME, paused.document)


async def test_a_job_whose_document_is_deleted_while_it_scans_fails(office: Office) -> None:
    """Going on would pull in paper for nobody."""
    job = await office.until(await office.start(sheets=40, delay=0.05), lambda now: now.pages > 0)
    assert job.document

    await office.documents.delete(ME, job.document)
    failed = await office.state(job, "failed")

    assert failed.error
    assert failed.error.code == NotFound.code
    assert (failed.document, failed.pages) == (None, 0)


async def test_a_refused_continue_leaves_no_document_behind(office: Office) -> None:
    job = await office.until(await office.start(sheets=40, delay=0.05), lambda now: now.pages > 0)
    await office.close()
    await office.open()
    assert job.document
    await office.documents.delete(ME, job.document)

    async with office.devices.lease("tray:one"):
        for _ in range(3):
            with pytest.raises(DeviceBusy):
                await office.jobs.resume(ME, job.id)

    documents, _ = await office.documents.list(ME)
    assert documents == []


async def test_nothing_tells_of_a_private_job_after_its_service(office: Office) -> None:
    """The person at this computer is told of a site's job too, in events of their own."""
    site = "https://scan.example"
    request = {"device": "tray:one", "private": True, "settings": {"sheets": 1}}
    job = await office.jobs.start(site, request)
    while job.state != "done":
        job = await office.jobs.get(site, job.id)
        await asyncio.sleep(0.02)
    await office.close()

    await office.open()

    told = [
        event
        for owner in (LOCAL, site)
        for event in await office.store.database.read(partial(_after, owner=owner))
    ]
    assert [event.data for event in told if job.id in str(event.data)] == []


def _after(connection: sqlite3.Connection, *, owner: str) -> list[Event]:
    """Return all that an owner is still told of what was."""
    kept = connection.execute("SELECT min(number) - 1 FROM events").fetchone()[0]
    return (log.replay(connection, kept, owner) if kept is not None else []) or []


async def test_a_job_that_waits_for_its_first_page_uses_its_device(office: Office) -> None:
    """So the person sees who has it from the first moment on."""
    starting = asyncio.create_task(office.start(sheets=1))
    async with asyncio.timeout(20):
        while not office.jobs.running(ME):  # noqa: ASYNC110 - nothing tells of that moment
            await asyncio.sleep(0)

    used = [(job.state, job.device) for job in office.jobs.scanning()]

    assert used == [("waiting", "tray:one")]
    await office.state(await starting, "done")
    assert office.jobs.scanning() == []


async def test_a_thousand_jobs_are_remembered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever reads the newest opens no other: a list is as quick with many as with few."""
    monkeypatch.setattr(kept_jobs, "KEPT", 3)
    made = [await office.state(await office.start(sheets=1), "done") for _ in range(4)]

    listed, _ = await office.jobs.list(ME)
    await office.store.database.write(
        lambda connection: connection.execute(
            "UPDATE jobs SET request = x'00' WHERE id = ?", (made[1].id,)
        )
    )
    newest, _ = await office.jobs.list(ME, limit=1)

    assert [job.id for job in listed] == [job.id for job in reversed(made[1:])]
    assert [job.id for job in newest] == [made[3].id]
    with pytest.raises(NotFound):
        await office.jobs.get(ME, made[0].id)
    with pytest.raises(StoreDamaged):
        await office.jobs.get(ME, made[1].id)
    assert len(await office.pages(made[0])) == 1
