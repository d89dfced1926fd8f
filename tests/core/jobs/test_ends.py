"""What a job answers is what it says afterwards, also where the computer gives no more."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from office import ME, Office

from sheetfed import running
from sheetfed.api.errors import DiskFull, Exhausted
from sheetfed.documents.intake import Incoming
from sheetfed.ledger import Job, Ledger
from sheetfed.worker.wire import PageDone


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process take another byte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_files() -> Iterator[None]:
    """Let this process open nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    taken = []
    with suppress(OSError):
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    try:
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Slow:
    """Makes something take a while, and says when it has begun."""

    def __init__(self, real: Callable[..., Awaitable[Any]], *, before: float, after: float) -> None:
        self._real = real
        self._before, self._after = before, after
        self._begun = asyncio.Event()
        self.wanted: Callable[..., bool] = lambda *_: True

        async def run(*given: Any, **named: Any) -> Any:
            return await self._run(*given, **named)

        self.run = run  # a function, so that it can be a method of something

    async def _run(self, *given: Any, **named: Any) -> Any:
        if not self.wanted(*given):
            return await self._real(*given, **named)
        self._begun.set()
        if self._before:
            await asyncio.sleep(self._before)
        result = await self._real(*given, **named)
        if self._after:
            await asyncio.sleep(self._after)
        return result

    async def begun(self) -> None:
        async with asyncio.timeout(20):
            await self._begun.wait()


async def jammed(office: Office, *, restarted: bool) -> Job:
    paused = await office.state(await office.start(sheets=4, jam=3), "paused")
    if restarted:
        await office.close()
        await office.open()
    return paused


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("decision", ["keep", "discard"])
async def test_a_decision_that_cannot_be_written_down_is_refused(
    office: Office,
    decision: str,
    restarted: bool,  # noqa: FBT001
) -> None:
    """Otherwise the answer says done, and whoever asks next hears that it is paused."""
    paused = await jammed(office, restarted=restarted)

    with no_room(), pytest.raises(DiskFull):
        await getattr(office.jobs, decision)(ME, paused.id)

    now = await office.jobs.get(ME, paused.id)
    assert (now.state, now.pages) == ("paused", 2)
    ended = await getattr(office.jobs, decision)(ME, paused.id)
    assert ended.state == (await office.jobs.get(ME, paused.id)).state != "paused"


async def test_steps_go_on_after_a_discard_that_was_refused(office: Office) -> None:
    """It had stopped them already."""
    wish = {"word": "w"}
    paused = await office.state(await office.step(wish, sheets=6, jam=3), "paused")
    with no_room(), pytest.raises(DiskFull):
        await office.jobs.discard(ME, paused.id)

    await office.jobs.resume(ME, paused.id)
    done = await office.state(paused, "done")

    assert [page.marks[0].value for page in await office.pages(done)] == ["w0"] * 6


async def test_a_batch_whose_end_does_not_fit_waits_for_room(office: Office) -> None:
    job = await office.until(await office.start(sheets=2, delay=0.6), lambda now: now.pages == 1)
    with no_room():
        paused = await office.state(job, "paused")
        assert paused.error
        assert paused.error.code == DiskFull.code

    await office.jobs.resume(ME, paused.id)
    done = await office.state(job, "done")

    assert (await office.jobs.get(ME, job.id)).state == "done"
    assert done.pages >= 1


async def test_a_cancel_on_a_full_disk_answers_what_is_kept(office: Office) -> None:
    job = await office.until(await office.start(sheets=50, delay=0.1), lambda now: now.pages == 1)

    with no_room():
        stopped = await office.jobs.cancel(ME, job.id)
        read = await office.jobs.get(ME, job.id)

    assert stopped.state == read.state == "paused"
    async with office.devices.lease("tray:one"):
        pass
    assert (await office.jobs.cancel(ME, job.id)).state == "cancelled"


async def test_discard_leaves_pages_that_went_elsewhere(office: Office) -> None:
    """Who put a page into another document wants it there."""
    other = await office.documents.create(ME)
    paused = await jammed(office, restarted=False)
    pages = await office.pages(paused)
    await office.documents.move_to(ME, [pages[0].id], other.id, None)

    ended = await office.jobs.discard(ME, paused.id)

    assert [page.id for page in await office.documents.pages(ME, other.id)] == [pages[0].id]
    assert (ended.document, ended.pages) == (None, 1)
    assert await office.jobs.get(ME, paused.id) == ended


async def test_no_more_open_files_pauses_a_job(office: Office) -> None:
    """It passes, and then the batch goes on where it was."""
    job = await office.until(await office.start(sheets=6, delay=0.3), lambda now: now.pages == 1)

    with no_files():
        paused = await office.state(job, "paused")
    await office.jobs.resume(ME, job.id)
    done = await office.state(job, "done")

    assert paused.error
    assert paused.error.code == Exhausted.code
    assert 1 < done.pages == len(await office.pages(done))


@pytest.mark.parametrize("encoded", [False, True])
async def test_sheets_that_are_through_are_kept_when_the_service_stops(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    encoded: bool,  # noqa: FBT001
) -> None:
    """Their paper does not come again. Of pixels the next sheet is read meanwhile."""
    keep = Slow(Incoming.keep, before=0.3, after=0.0)
    monkeypatch.setattr(Incoming, "keep", keep.run)
    take = Slow(running._Intake.take, before=0.0, after=0.0)
    whole = [PageDone] if encoded else [PageDone, PageDone]
    take.wanted = lambda _, part: whole[:1] == [type(part)] and whole.pop() and not whole
    monkeypatch.setattr(running._Intake, "take", take.run)
    job = await office.start(sheets=3, encoded=encoded)
    await take.begun()

    await office.jobs.close()

    parked = await office.jobs.get(ME, job.id)
    assert (parked.state, parked.pages) == ("paused", len(await office.pages(parked)))
    assert parked.pages == (1 if encoded else 2)


async def test_a_job_that_has_just_ended_is_not_offered_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its deliveries went, and to continue would scan into it again."""
    slow = Slow(Ledger.change, before=0.0, after=0.3)
    slow.wanted = lambda _ledger, job: job.state == "done"
    monkeypatch.setattr(Ledger, "change", slow.run)
    job = await office.start(sheets=1)
    await slow.begun()

    await office.jobs.close()

    assert (await office.jobs.get(ME, job.id)).state == "done"
