"""Steps on demand: pages of a document take them when somebody asks."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from office import ME, Office

from sheetfed import rounds as room
from sheetfed.api.errors import AddonMissing, BadSettings, NotFound, SheetfedError, TooMany
from sheetfed.rounds import MOST_AT_ONCE, Round, Rounds
from sheetfed.store import outcomes


@pytest_asyncio.fixture
async def rounds(office: Office) -> AsyncIterator[Rounds]:
    made = Rounds(
        documents=office.documents,
        steps=office.steps,
        edits=office.edits,
        events=office.store.events,
    )
    yield made
    await made.close()


def wish(**options: object) -> list[dict[str, object]]:
    return [{"name": "inspector", "options": options}]


async def over(rounds: Rounds, one: Round) -> Round:
    async with asyncio.timeout(20):
        while one.state == "running":
            await asyncio.sleep(0.02)
            one = await rounds.get(one.owner, one.id)
    return one


async def document(office: Office, sheets: int, shades: str = "100") -> str:
    job = await office.state(await office.start(sheets=sheets, shades=shades), "done")
    assert job.document
    return job.document


async def marks(office: Office, document_id: str) -> list[tuple[str, ...]]:
    pages = await office.documents.pages(ME, document_id)
    return [tuple(mark.value for mark in page.marks) for page in pages]


async def test_a_round_marks_and_replaces_what_the_same_step_marked(
    office: Office, rounds: Rounds
) -> None:
    """Asked again with other options, a page has the newer marks and those of others."""
    wanted = await document(office, 3)
    (first, _, last) = await office.documents.pages(ME, wanted)
    await office.mark(first.id, "patch", "T")
    listening = office.store.events.subscribe(ME)

    one = await rounds.start(ME, wanted, wish(word="old "))
    done = await over(rounds, one)
    again = await rounds.start(ME, wanted, wish(word="new "), [first.id, last.id])
    await over(rounds, again)

    assert (one.state, done.state, done.pages, done.done) == ("running", "done", 3, 3)
    assert await marks(office, wanted) == [("T", "new 100"), ("old 100",), ("new 100",)]
    told = []
    async for event in listening:
        if event.topic == "round" and event.data["id"] == one.id:
            told.append((event.data["state"], event.data["done"]))
            if event.data["state"] != "running":
                break
    assert told[0] == ("running", 0)
    assert told[-1] == ("done", 3)
    assert [version for version, _ in enumerate(told, 1)][-1] == done.version


async def test_a_step_that_fails_leaves_the_marks_as_they_were(
    office: Office, rounds: Rounds
) -> None:
    wanted = await document(office, 2, shades="100 60")
    await over(rounds, await rounds.start(ME, wanted, wish(word="old ")))

    done = await over(rounds, await rounds.start(ME, wanted, wish(only="refuse")))

    assert (done.state, done.done) == ("done", 2)
    (problem,) = done.problems
    assert (problem.step, problem.error.code) == ("inspector", "unreadable")
    assert await marks(office, wanted) == [("100",), ("old 60",)]


async def test_a_round_can_be_stopped(office: Office, rounds: Rounds) -> None:
    """Pages that are through keep what they took; the others are as they were."""
    wanted = await document(office, 6)
    one = await rounds.start(ME, wanted, wish(delay=30))

    stopped = await rounds.cancel(ME, one.id)

    assert (stopped.state, stopped.problems) == ("cancelled", ())
    assert (await rounds.cancel(ME, one.id)).state == "cancelled"
    assert await marks(office, wanted) == [()] * 6
    assert rounds.documents_in_use() == set()


async def test_an_impossible_round_is_refused(office: Office, rounds: Rounds) -> None:
    wanted = await document(office, 1)

    for error, name, step, pages in (
        (NotFound, "doc_x", "inspector", "all"),
        (NotFound, wanted, "inspector", ["pg_x"]),
        (AddonMissing, wanted, "barcode", "all"),
    ):
        with pytest.raises(error):
            await rounds.start(ME, name, [{"name": step}], pages)  # type: ignore[arg-type]
    with pytest.raises(BadSettings):
        await rounds.start(ME, wanted, wish(delay=1000))
    with pytest.raises(NotFound):
        await rounds.start("https://other.example", wanted, wish())


async def test_rounds_of_one_owner_are_limited_and_nobody_else_s(
    office: Office, rounds: Rounds
) -> None:
    """R13: a round is as private as the document it is about."""
    wanted = await document(office, 1)
    going = [await rounds.start(ME, wanted, wish(delay=30)) for _ in range(MOST_AT_ONCE)]

    with pytest.raises(TooMany):
        await rounds.start(ME, wanted, wish())
    with pytest.raises(NotFound):
        await rounds.get("https://other.example", going[0].id)
    with pytest.raises(NotFound):
        await rounds.cancel("https://other.example", going[0].id)
    assert rounds.documents_in_use() == {wanted}
    await rounds.close()
    assert [(await rounds.get(ME, one.id)).state for one in going] == ["cancelled"] * 4


async def test_a_round_that_the_disk_fails_ends(
    office: Office, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong: who waits for it would wait for ever."""
    wanted = await document(office, 1)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(outcomes, "put", fail)
    failed = await over(rounds, await rounds.start(ME, wanted, wish(word="new ")))

    assert failed.error
    assert (failed.state, failed.error.code) == ("failed", SheetfedError.code)
    assert (await rounds.cancel(ME, failed.id)).state == "failed"


async def test_rounds_of_others_push_none_out(
    office: Office, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_KEPT", 1)
    other = "https://other.example"
    theirs = (await office.documents.create(other)).id
    mine = await over(rounds, await rounds.start(ME, await document(office, 1), wish()))

    for _ in range(2):
        await over(rounds, await rounds.start(other, theirs, wish()))

    assert (await rounds.get(ME, mine.id)).state == "done"
