"""A child that has seen one document never sees another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sheetfed.api.hooks import CodecSpec
from sheetfed.api.model import Page
from sheetfed.catalogue import package_for
from sheetfed.imaging import Imaging
from sheetfed.worker.files import Held
from sheetfed.worker.wire import Recipe

RIGS = Path(__file__).parents[2] / "rigs"
SEEN = "text/x-seen"


@pytest.fixture
async def imaging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Imaging]:
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    kinds = frozenset({SEEN})
    spec = CodecSpec(
        name="witness", title="Witness", factory="witness:Witness", reads=kinds, writes=kinds
    )
    recipe = Recipe(kind="codec", name="witness", factory=spec.factory)
    found = Imaging(
        {"witness": recipe}, specs={"witness": spec}, crashes=tmp_path, package_for=package_for
    )
    yield found
    await found.close()


async def drawn(imaging: Imaging, data: bytes, document: str | None) -> bytes:
    page = await imaging.draw(
        Held(data), SEEN, 0, width=None, height=None, as_type=SEEN, document=document
    )
    return page.data


async def saved(imaging: Imaging, *pages: bytes) -> bytes:
    async def given() -> AsyncIterator[Page]:
        for data in pages:
            yield Page(data=data, media_type=SEEN, width=1, height=1)

    return b"".join([piece async for piece in imaging.export(given(), SEEN, {})])


async def test_pages_of_one_document_share_a_child(imaging: Imaging) -> None:
    """Or each picture would wait a quarter of a second."""
    assert await drawn(imaging, b"a1", "a") == b"a1"
    assert await drawn(imaging, b"a2", "a") == b"a1|a2"


async def test_another_document_has_another_child(imaging: Imaging) -> None:
    for number in range(6):
        data = b"%d" % number
        assert await drawn(imaging, data, str(number)) == data


async def test_a_child_comes_back_to_its_own_document_only(imaging: Imaging) -> None:
    await drawn(imaging, b"a1", "a")
    await drawn(imaging, b"b1", "b")

    assert await drawn(imaging, b"a2", "a") == b"a1|a2"
    assert await drawn(imaging, b"b2", "b") == b"b1|b2"


async def test_a_picture_of_nothing_known_has_a_child_of_its_own(imaging: Imaging) -> None:
    assert await drawn(imaging, b"1", None) == b"1"
    assert await drawn(imaging, b"2", None) == b"2"


async def test_every_file_that_is_saved_has_a_child_of_its_own(imaging: Imaging) -> None:
    await drawn(imaging, b"a1", "a")

    assert await saved(imaging, b"b1", b"b2") == b"b1|b2"
    assert await saved(imaging, b"c1") == b"c1"


async def test_many_documents_at_once_stay_apart(imaging: Imaging) -> None:
    asked = [str(number) for number in range(8)]

    seen = await asyncio.gather(*(drawn(imaging, name.encode(), name) for name in asked))

    assert seen == [name.encode() for name in asked]


async def test_no_child_stays_when_all_is_closed(imaging: Imaging) -> None:
    before = children()
    await drawn(imaging, b"a", "a")
    assert children() > before  # the document's, and the one that waits for the next

    await imaging.close()

    assert children() == before


def children() -> set[str]:
    """Return the processes that this one started and that are no zombies."""
    found = Path("/proc/self/task").glob("*/children")
    return {child for task in found for child in task.read_text().split()}
