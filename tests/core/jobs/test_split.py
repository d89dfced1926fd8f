"""Jobs whose pages become several documents."""

from __future__ import annotations

from typing import Any

import pytest
from office import ME, Office

from sheetfed.api.errors import AddonMissing, BadRequest
from sheetfed.ledger import Job
from sheetfed.separation import Rule


async def scan(office: Office, split: dict[str, Any], **settings: Any) -> Job:
    request = {"device": "tray:one", "settings": settings, "title": "Post", "split": split}
    return await office.jobs.start(ME, request)


async def titles(office: Office, job: Job) -> list[tuple[str, int, tuple[str, ...]]]:
    rows = [await office.documents.get(ME, document) for document in job.documents]
    return [(row.title, len(row.pages), row.tags) for row in rows]


async def test_a_job_s_pages_become_documents_with_names(office: Office) -> None:
    """One request says where documents end and what they are called."""
    split = {"by": "pages", "every": 2, "title": "{title} {n:2}", "tags": ["batch", "no {n}"]}

    done = await office.state(await scan(office, split, sheets=5), "done")

    assert await titles(office, done) == [
        ("Post 01", 2, ("batch", "no 1")),
        ("Post 02", 2, ("batch", "no 2")),
        ("Post 03", 1, ("batch", "no 3")),
    ]
    assert done.documents[0] == done.document
    assert (await office.jobs.get(ME, done.id)).documents == done.documents
    assert done.pages == 5


async def test_a_job_parts_only_what_it_scanned(office: Office) -> None:
    """A document that it adds to stays together up to there."""
    first = await office.state(await office.start(sheets=3), "done")
    request = {
        "device": "tray:one",
        "settings": {"sheets": 4},
        "document": first.document,
        "split": {"by": "pages", "every": 3},
    }

    done = await office.state(await office.jobs.start(ME, request), "done")

    assert [count for _, count, _ in await titles(office, done)] == [6, 1]


async def test_separators_that_a_job_drops_are_gone_with_their_files(office: Office) -> None:
    """The inspector stands in for what reads patches: `shade` is no separator, `patch` is."""
    job = await office.state(await office.start(sheets=4), "done")
    assert job.document
    sheets = await office.pages(job)
    await office.mark(sheets[0].id, "patch", "T")
    await office.mark(sheets[2].id, "patch", "II")
    before = {file.name for file in (office.home / "store" / "blobs").iterdir()}

    rows, gone = await office.documents.separate(ME, job.document, Rule(by="patch"))

    assert gone == 2
    assert [row.pages for row in rows] == [(sheets[1].id,), (sheets[3].id,)]
    after = {file.name for file in (office.home / "store" / "blobs").iterdir()}
    assert before - after == {sheets[0].blob, sheets[2].blob}
    for row in rows:
        (page,) = await office.documents.pages(ME, row.id)
        assert await office.data(page)
    again, _ = await office.documents.separate(ME, job.document, Rule(by="patch"))
    assert [row.pages for row in again] == [(sheets[1].id,)]


async def test_a_batch_of_nothing_but_separators_loses_nothing(office: Office) -> None:
    job = await office.state(await office.start(sheets=2), "done")
    assert job.document
    sheets = await office.pages(job)
    for page in sheets:
        await office.mark(page.id, "blank", "0")

    rows, gone = await office.documents.separate(ME, job.document, Rule(by="blank"))

    assert (gone, [row.pages for row in rows]) == (0, [tuple(page.id for page in sheets)])


@pytest.mark.parametrize(
    "split", [{"by": "pages"}, {"by": "patch", "title": "{nothing}"}, {"by": "blank", "every": 2}]
)
async def test_an_impossible_split_is_refused_before_paper_moves(
    office: Office, split: dict[str, Any]
) -> None:
    with pytest.raises(BadRequest):
        await scan(office, split)

    assert await office.jobs.list(ME) == ([], None)


async def test_what_parts_a_batch_is_looked_for_or_missed_aloud(office: Office) -> None:
    """A batch of a hundred letters that stays one document says nothing of what went wrong."""
    with pytest.raises(AddonMissing, match="sheetfed-barcode"):
        await scan(office, {"by": "barcode"})
    wish = {"device": "tray:one", "settings": {"sheets": 1}, "split": {"by": "barcode"}}
    other = {**wish, "steps": [{"name": "inspector", "options": {}}]}

    job = await office.state(await office.jobs.start(ME, other), "done")

    assert [step.name for step in job.steps] == ["inspector"]  # it may mark codes as well


async def test_kept_pages_of_a_jam_are_parted_as_well(office: Office) -> None:
    job = await scan(office, {"by": "pages", "every": 1}, sheets=3, jam=3)
    paused = await office.state(job, "paused")

    done = await office.jobs.keep(ME, paused.id)

    assert done.state == "done"
    assert [count for _, count, _ in await titles(office, done)] == [1, 1]


async def test_a_split_that_was_cut_off_is_done_once(office: Office) -> None:
    """Between the split and the end of its job a service may die; the next one does both again."""
    job = await office.state(await scan(office, {"by": "pages", "every": 2}, sheets=4), "done")
    await office.store.database.write(
        lambda connection: connection.execute("UPDATE jobs SET state = 'scanning'")
    )
    await office.jobs.recover()

    again = await office.jobs.keep(ME, job.id)

    assert (again.state, again.documents) == ("done", job.documents)
    assert [count for _, count, _ in await titles(office, again)] == [2, 2]
