"""Pages take steps on their way in: nothing is lost, nothing waits for them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from office import ME, Office

from sheetfed import stepping
from sheetfed.api.errors import AddonBroken, AddonMissing, BadSettings
from sheetfed.events import Event
from sheetfed.keeping import Keeping, Quota
from sheetfed.ledger import Job
from sheetfed.store.pages import PageRow


def words(pages: list[PageRow]) -> list[str]:
    return [" ".join(mark.value for mark in page.marks) for page in pages]


class Ear:
    """Hears what is told of pages."""

    def __init__(self, office: Office) -> None:
        self._subscription = office.store.events.subscribe(ME)

    async def heard(self) -> list[tuple[str, str]]:
        """Return what happened to which page so far."""
        told: list[tuple[str, str]] = []
        while True:
            try:
                async with asyncio.timeout(0.3):
                    event: Event = await anext(self._subscription)
            except TimeoutError:
                return told
            if event.topic == "page":
                told.append((event.data["change"], event.data["id"]))


async def test_every_step_marks_every_page_in_its_order(office: Office) -> None:
    ear = Ear(office)

    job = await office.state(
        await office.step({"word": "a"}, {"word": "b"}, sheets=5, shades="100 101 102"), "done"
    )

    pages = await office.pages(job)
    assert words(pages) == [f"a{n} b{n}" for n in (100, 101, 102, 100, 101)]
    assert [page.position for page in pages] == [0, 1, 2, 3, 4]
    assert (job.pages, job.problems) == (5, ())
    heard = await ear.heard()
    for page in pages:
        assert [change for change, which in heard if which == page.id] == ["added", "changed"]


async def test_marks_leave_the_file_as_it_was_captured(office: Office) -> None:
    """The original is never touched, so a step that only looks must not write it again."""
    job = await office.until(
        await office.step({"delay": 1.0}, sheets=1), lambda now: now.pages == 1
    )
    (before,) = await office.pages(job)
    await office.state(job, "done")

    (after,) = await office.pages(job)

    assert (after.blob, after.etag, after.size) == (before.blob, before.etag, before.size)
    assert after.marks
    assert await office.documents.picture(ME, after.id, "thumbnail")


async def test_blank_pages_are_dropped_and_told(office: Office) -> None:
    ear = Ear(office)

    job = await office.state(
        await office.step({"only": "blank"}, sheets=4, shades="100 255"), "done"
    )

    assert words(await office.pages(job)) == ["100", "100"]
    assert job.pages == 2
    assert [change for change, _ in await ear.heard()].count("removed") == 2
    assert len(office.store.blobs.ids()) == 2


async def test_a_document_of_which_nothing_is_left_goes_too(office: Office) -> None:
    job = await office.state(await office.step({"only": "blank"}, sheets=2, shades="255"), "done")

    assert (job.pages, job.document) == (0, None)
    assert office.store.blobs.ids() == set()


@pytest.mark.parametrize("beside", [False, True])
async def test_what_is_made_of_a_page_stands_in_its_place(office: Office, beside: bool) -> None:  # noqa: FBT001
    ear = Ear(office)
    wish = {"only": "double", "beside": beside}

    job = await office.state(await office.step(wish, sheets=3, shades="100 10 101"), "done")

    pages = await office.pages(job)
    widths = [8, 4, 8, 4, 8] if beside else [8, 4, 4, 8]
    assert [page.width for page in pages] == widths
    assert words(pages) == ["100", *["10"] * (len(widths) - 2), "101"]
    assert job.pages == len(pages) == (await office.jobs.get(ME, job.id)).pages
    assert {page.job for page in pages} == {job.id}
    assert {page.blob for page in pages} == office.store.blobs.ids()
    heard = await ear.heard()
    for page in pages:
        assert any(which == page.id for _, which in heard)
        assert len(await office.data(page)) == page.size


async def test_an_edit_that_a_step_proposes_is_undone_like_any_other(office: Office) -> None:
    """It comes with what was found, in one write, and the original is still there."""
    ear = Ear(office)
    job = await office.state(await office.step({"only": "turn"}, sheets=2, shades="100 80"), "done")
    plain, turned = await office.pages(job)

    assert job.problems == ()
    assert [change for change, _ in await ear.heard()].count("edited") == 0
    assert not plain.history.count
    assert [edit.name for edit in turned.history.in_force] == ["rotate"]
    assert (turned.shown.width, turned.shown.height) == (turned.height, turned.width)
    assert words([turned]) == ["80"]
    assert {page.blob for page in (plain, turned)} == office.store.blobs.ids()

    await office.edits.undo(ME, turned.document, [turned])

    (_, undone) = await office.pages(job)
    assert (undone.shown.width, undone.shown.height) == (turned.width, turned.height)


async def test_a_proposed_edit_that_no_addon_brings_is_told_and_the_page_kept(
    office: Office,
) -> None:
    job = await office.state(
        await office.step({"only": "invent"}, sheets=2, shades="90 100"), "done"
    )

    first, second = await office.pages(job)
    assert words([first, second]) == ["90", "100"]
    (problem,) = job.problems
    assert (problem.page, problem.error.code) == (first.id, "addon-missing")


@pytest.mark.parametrize(
    ("what", "shade", "code"),
    [
        ("crash", 20, "driver-crashed"),
        ("hang", 30, "driver-timeout"),
        ("lie", 40, "driver-lied"),
        ("negative", 70, "driver-lied"),
        ("raise", 50, "addon-broken"),
        ("refuse", 60, "unreadable"),
    ],
)
async def test_a_page_that_a_step_fails_at_is_kept_as_it_came(
    office: Office, what: str, shade: int, code: str
) -> None:
    job = await office.state(
        await office.step({"word": "a"}, {"only": what}, sheets=4, shades=f"100 {shade} 101"),
        "done",
    )

    pages = await office.pages(job)
    assert words(pages) == ["a100 100", "", "a101 101", "a100 100"]
    (problem,) = job.problems
    assert (problem.page, problem.step) == (pages[1].id, "inspector")
    assert problem.error.code == code
    assert await office.data(pages[1])
    read = await office.jobs.get(ME, job.id)
    assert [found.error.code for found in read.problems] == [code]


async def test_a_step_that_always_crashes_is_left_out_after_some_pages(office: Office) -> None:
    """Each time costs up to half a minute; a batch must end some time."""
    job = await office.state(await office.step({"only": "crash"}, sheets=9, shades="20"), "done")

    codes = [problem.error.code for problem in job.problems]
    crashed = codes.count("driver-crashed")
    assert stepping.STRIKES <= crashed < stepping.STRIKES + stepping.AT_ONCE
    assert codes.count("addon-broken") == 9 - crashed
    assert job.pages == 9


async def test_steps_are_taken_while_later_pages_scan(office: Office) -> None:
    """What a step costs must not be added to what the scanner takes."""
    begun = await office.step({"delay": 0.4}, sheets=40, delay=0.4)
    job = await office.until(begun, lambda now: now.pages >= 1)
    async with asyncio.timeout(30):
        while not any(page.marks for page in await office.pages(job)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    assert (await office.jobs.get(ME, job.id)).pages < 40, "the scan was over before"
    await office.jobs.cancel(ME, job.id)


async def test_a_slow_step_does_not_slow_the_scanner(office: Office) -> None:
    """Its pages wait as ids, and the device is free for the next job meanwhile."""
    job = await office.step({"delay": 0.8}, sheets=8)
    await office.until(job, lambda now: now.activity == "steps")

    second = await office.state(await office.start(sheets=2), "done")

    assert second.pages == 2
    first = await office.jobs.get(ME, job.id)
    assert (first.state, first.pages) == ("scanning", 8)
    waiting = await office.documents.unstepped(ME, job.id)
    assert len(waiting) > stepping.AT_ONCE
    await office.state(job, "done")
    assert not await office.documents.unstepped(ME, job.id)


async def test_cancel_stops_the_steps_too(office: Office) -> None:
    job = await office.step({"only": "hang"}, sheets=4, shades="30")
    await office.until(job, lambda now: now.activity == "steps")
    begun = time.monotonic()

    cancelled = await office.jobs.cancel(ME, job.id)

    assert time.monotonic() - begun < 1.4
    assert (cancelled.state, cancelled.pages) == ("cancelled", 4)
    assert not await office.documents.unstepped(ME, job.id)


async def test_a_stopped_service_steps_on_where_it_was(office: Office) -> None:
    job = await _cut_off(office)
    assert await office.documents.unstepped(ME, job.id)

    resumed = await office.jobs.resume(ME, job.id)
    done = await office.until(resumed, lambda now: now.state in ("done", "paused"))

    assert done.keep.form == "jpeg"
    assert [step.options for step in done.steps] == [{"delay": 0.5, "word": "w"}]
    pages = await office.pages(done)
    assert len(pages) >= 12
    assert set(words(pages)) == {"w0"}
    assert {page.media_type for page in pages} == {"image/jpeg"}


async def test_keep_after_a_restart_lets_the_steps_end(office: Office) -> None:
    job = await _cut_off(office)

    kept = await office.jobs.keep(ME, job.id)
    async with office.devices.lease("tray:one"):  # no device is needed for that
        done = await office.state(kept, "done")

    assert set(words(await office.pages(done))) == {"w0"}


async def test_keep_goes_without_a_step_that_was_removed(office: Office) -> None:
    """Whoever uninstalls an addon keeps the pages."""
    job = await _cut_off(office)
    await office.close()
    await office.open(steps=False)

    with pytest.raises(AddonMissing):
        await office.jobs.resume(ME, job.id)
    done = await office.jobs.keep(ME, job.id)

    assert done.state == "done"
    missed = [page.id for page in await office.pages(done) if not page.marks]
    assert [problem.page for problem in done.problems] == missed
    assert {problem.error.code for problem in done.problems} == {"addon-missing"}


async def test_keep_at_a_jam_lets_the_steps_end(office: Office) -> None:
    paused = await office.state(await office.step({"delay": 0.5}, sheets=4, jam=4), "paused")

    kept = await office.jobs.keep(ME, paused.id)
    using = office.jobs.scanning()
    done = await office.state(kept, "done")

    assert words(await office.pages(done)) == ["0", "0", "0"]
    assert (kept.state, using) == ("scanning", [])  # its device is free


async def test_a_jam_names_the_last_sheet_though_blanks_were_dropped(office: Office) -> None:
    """It is the paper in the feeder that somebody has to count."""
    wish = {"only": "blank"}
    paused = await office.state(
        await office.step(wish, sheets=5, shades="255 100", jam=4, delay=0.2), "paused"
    )

    assert paused.error
    assert "page 3 is the last that was kept" in paused.error.message


async def test_discard_deletes_what_steps_made(office: Office) -> None:
    job = await office.step({"only": "double"}, sheets=4, shades="10", jam=4, delay=0.2)
    paused = await office.state(job, "paused")

    ended = await office.jobs.discard(ME, paused.id)

    assert (ended.state, ended.pages, ended.document) == ("cancelled", 0, None)
    assert office.store.blobs.ids() == set()


async def test_a_page_deleted_before_its_steps_stays_deleted(office: Office) -> None:
    job = await office.until(
        await office.step({"delay": 0.6}, sheets=3), lambda now: now.pages == 3
    )
    pages = await office.pages(job)

    await office.documents.remove(ME, [pages[2].id])
    done = await office.state(job, "done")

    assert [page.id for page in await office.pages(done)] == [page.id for page in pages[:2]]
    assert done.problems == ()


async def test_a_page_that_moved_takes_its_steps_where_it_is(office: Office) -> None:
    other = await office.documents.create(ME)
    wish = {"delay": 0.6, "only": "double"}
    job = await office.until(
        await office.step(wish, sheets=2, shades="100 10"), lambda now: now.pages == 2
    )
    pages = await office.pages(job)

    await office.documents.move_to(ME, [pages[1].id], other.id, None)
    await office.state(job, "done")

    halves = [*await office.documents.pages(ME, other.id)]
    assert [page.width for page in halves] == [4, 4]
    for half in halves:
        assert await office.data(half)


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"nothing": 1}, "/steps/1/options/nothing"),
        ({"delay": "long"}, "/steps/1/options/delay"),
        ({"delay": 61}, "/steps/1/options/delay"),
        ({"beside": None}, "/steps/1/options/beside"),
        ({"a/b": 1}, "/steps/1/options/a~1b"),
        ({"password": "mine"}, "/steps/1/options/password"),
    ],
)
async def test_bad_options_are_refused_by_name(
    office: Office, options: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        await office.step({}, options)

    (fault,) = caught.value.details["errors"]
    assert fault["pointer"] == pointer
    async with office.devices.lease("tray:one"):  # it was never opened
        pass


async def test_what_a_step_itself_refuses_is_told_before_paper_moves(office: Office) -> None:
    """No option says which words there are; a job of fifty sheets must not find out at each."""
    with pytest.raises(BadSettings) as caught:
        await office.step({}, {"word": "unsayable"})
    with pytest.raises(AddonBroken, match="not on this computer"):
        await office.step({"word": "dictionary"})

    (fault,) = caught.value.details["errors"]
    assert fault["pointer"] == "/steps/1/options/word"
    assert await office.jobs.list(ME) == ([], None)


@pytest.mark.parametrize(("name", "package"), [("barcode", "sheetfed-barcode"), ("x", None)])
async def test_an_unknown_step_names_its_package(
    office: Office, name: str, package: str | None
) -> None:
    request = {"device": "tray:one", "steps": [{"name": name, "options": {}}]}

    with pytest.raises(AddonMissing) as caught:
        await office.jobs.start(ME, request)

    assert caught.value.details.get("package") == package


async def test_options_in_force_are_offered_without_secrets(office: Office) -> None:
    (offer,) = office.steps.offered()

    defaults = {option.name: option.default for option in offer.options}
    assert defaults["password"] is None
    assert defaults["delay"] == 0.0


async def test_pages_that_do_not_fit_the_quota_wait_for_room(office: Office) -> None:
    """What a step made of a page is kept whole or not at all, and made again."""
    await office.close()
    await office.open(keeping=Keeping(quota=Quota(pages=4)))
    old = await office.state(await office.start(sheets=1), "done")
    wish = {"only": "double"}
    job = await office.step(wish, sheets=3, shades="100 10 101")

    paused = await office.state(job, "paused")
    before = await office.pages(paused)
    await office.documents.remove(ME, [(await office.pages(old))[0].id])
    await office.jobs.resume(ME, paused.id)
    done = await office.state(job, "done")

    assert paused.error
    assert paused.error.code == "quota-reached"
    assert words(before) == ["100", "", "101"]
    assert words(await office.pages(done)) == ["100", "10", "10", "101"]
    assert {page.blob for page in await office.pages(done)} == office.store.blobs.ids()


async def test_private_pages_take_steps_too(office: Office) -> None:
    request = {"device": "tray:one", "private": True, "settings": {"shades": "100 10 50"}}
    wish = {"name": "inspector", "options": {"only": "double raise"}}

    job = await office.jobs.start(ME, {**request, "steps": [wish]})
    done = await office.state(job, "done")

    pages = await office.pages(done)
    assert words(pages) == ["100", "10", "10", ""]
    assert [len(await office.data(page)) for page in pages] == [page.size for page in pages]
    assert [problem.page for problem in done.problems] == [pages[3].id]


async def _cut_off(office: Office) -> Job:
    """Stop the service in the middle of a job with steps, and start it again."""
    wish = {"delay": 0.5, "word": "w"}
    job = await office.step(wish, sheets=12, delay=0.05, keep={"form": "jpeg", "quality": 60})
    await office.until(job, lambda now: now.pages > 6)
    await office.close()
    await office.open()
    return await office.jobs.get(ME, job.id)
