"""What steps make of an edited page, brought back to the original."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from office import ME, Office

from sheetfed.api.contracts import Transform
from sheetfed.api.errors import Conflict
from sheetfed.api.model import Box, Mark, Page
from sheetfed.documents.reading import Original
from sheetfed.sights import Sight
from sheetfed.store.pages import PageRow

HALF: Transform = (0.5, 0.0, -10.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0)


def mark(value: str, left: float, width: float) -> Mark:
    box = Box(left=left, top=0, width=width, height=width)
    return Mark(kind="word", value=value, by="other", box=box)


@pytest.fixture
def sight() -> Sight:
    """A page made half as large, two marks on it and one beside."""
    pairs = [(mark("a", 0, 5), mark("a", 20, 10)), (mark("b", 10, 5), mark("b", 40, 10))]
    page = Page(
        data=b"shown",
        media_type="image/png",
        width=50,
        height=50,
        dpi=(100.0, 100.0),
        marks=tuple(there for there, _ in pairs),
    )
    given = {(one.kind, one.value, one.by, one.box, one.corners): (one, o) for one, o in pairs}
    row = PageRow(
        id="pg_1",
        document="doc_1",
        position=0,
        media_type="image/png",
        width=100,
        height=100,
        dpi=(200.0, 200.0),
        side="",
        size=5,
        etag="e",
        marks=tuple(original for _, original in pairs),
        created=0.0,
        blob="b",
    )
    return Sight(page=page, row=row, transform=HALF, given=given, aside=(mark("beside", 0, 4),))


def test_marks_of_others_stay_exactly_where_they_were(sight: Sight) -> None:
    """What a step takes away is gone, and what it never saw is not."""
    first, _ = sight.page.marks
    new = Mark(kind="code", value="c", by="step", corners=((0.0, 0.0), (5.0, 0.0), (5.0, 5.0)))

    (made,) = sight.traced([replace(sight.page, marks=(first, new))])

    assert [(one.value, one.corners) for one in made.marks] == [
        ("beside", ()),
        ("a", ()),
        ("c", ((20.0, 0.0), (30.0, 0.0), (30.0, 10.0))),
    ]
    assert made.marks[:2] == (mark("beside", 0, 4), mark("a", 20, 10))


def test_a_step_cannot_put_an_edited_picture_over_the_original(sight: Sight) -> None:
    """Also where the edits are undone meanwhile, nothing of what came is lost."""
    with pytest.raises(Conflict):
        sight.traced([replace(sight.page, data=b"another")])


async def test_an_edit_of_many_pages_opens_few_files_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that has all its files open can answer nobody."""
    job = await office.state(await office.start(sheets=40), "done")
    pages = await office.pages(job)
    odd = [replace(page, width=page.width + place) for place, page in enumerate(pages)]
    real, opened = office.documents.file_of, [_open_files()]

    async def file_of(owner: str, page: PageRow) -> Original:
        file = await real(owner, page)
        opened.append(_open_files())
        return file

    monkeypatch.setattr(office.documents, "file_of", file_of)
    await office.edits.add(ME, pages[0].document, odd, office.edits.checked([{"name": "rotate"}]))

    assert len(opened) == 41
    assert max(opened) - opened[0] < 30
    assert {page.history.count for page in await office.pages(job)} == {1}


def _open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])
