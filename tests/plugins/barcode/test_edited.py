"""Codes on pages that were edited, read where they are seen."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest_asyncio
from PIL import ImageOps

sys.path.insert(0, str(Path(__file__).parent))
from printing import Printed, marks, page, sheet

from sheetfed.api.model import Mark
from sheetfed.config import load
from sheetfed.events import LOCAL
from sheetfed.service import Service
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun

NEAR = 3.0
"""Pixels that a reader's corners may be off on a picture that was turned."""

CODES = (Printed(text="cut away"), Printed(text="kept", place=(330, 560), scale=4))


class Desk:
    """A service with one page on it, light on dark."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def lay(self) -> None:
        came = page(ImageOps.invert(sheet(*CODES)))
        begun = PageBegun(
            number=1,
            media_type=came.media_type,
            width=came.width,
            height=came.height,
            mode="gray",
            dpi=came.dpi,
            side="",
        )
        documents = self.service.documents
        self.document = (await documents.create(LOCAL)).id
        incoming = await documents.receive(LOCAL, self.document, job=None, begun=begun)
        await incoming.write(came.data)
        self.page = (await incoming.keep(width=came.width, height=came.height)).id

    async def row(self) -> PageRow:
        return await self.service.documents.page(LOCAL, self.page)

    async def edit(self, name: str, **options: Any) -> None:
        deeds = self.service.edits.checked([{"name": name, "options": options}])
        await self.service.edits.add(LOCAL, self.document, [await self.row()], deeds)

    async def undo(self) -> None:
        await self.service.edits.undo(LOCAL, self.document, [await self.row()], every=True)

    async def read(self, **options: Any) -> list[str]:
        """Have the page read; return what the codes that it shows say."""
        wishes = [{"name": "barcode", "options": options}]
        one = await self.service.rounds.start(LOCAL, self.document, wishes)
        async with asyncio.timeout(30):
            while one.state == "running":
                await asyncio.sleep(0.02)
                one = await self.service.rounds.get(LOCAL, one.id)
        assert (one.state, one.problems) == ("done", ())
        return texts((await self.row()).shown_marks)

    async def check_places(self) -> None:
        """Hold the marks against where the codes are on the picture that is shown."""
        row = await self.row()
        shown = await self.service.edits.shown(LOCAL, row)
        there = {mark.value: mark for mark in marks(replace(shown, marks=()))}
        for mark in row.shown_marks:
            ways = zip(mark.corners, there[mark.value].corners, strict=True)
            assert max(math.dist(a, b) for a, b in ways) < NEAR, (mark, there[mark.value])
        assert len(row.shown_marks) == len(there)


def texts(found: Sequence[Mark]) -> list[str]:
    return sorted(mark.value for mark in found)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    service = await Service.start(load(home=tmp_path / "home", environ={}))
    desk = Desk(service)
    await desk.lay()
    yield desk
    await service.close()


async def test_a_code_is_read_as_it_is_shown_and_its_place_stays_right(desk: Desk) -> None:
    """A person who makes a code legible has it read, and sees it outlined where it is."""
    assert await desk.read(polarity="dark") == []
    await desk.edit("invert")
    await desk.edit("rotate", angle=90)
    await desk.edit("crop", left=40, top=280, width=500, height=400)

    assert await desk.read(polarity="dark") == ["kept"]
    await desk.check_places()
    await desk.edit("rotate", angle=7)
    await desk.check_places()
    await desk.undo()
    (mark,) = (await desk.row()).shown_marks
    there = {one.value: one for one in marks(page(sheet(*CODES)))}
    ways = zip(mark.corners, there["kept"].corners, strict=True)
    assert max(math.dist(a, b) for a, b in ways) < NEAR


async def test_what_is_out_of_sight_is_not_read_and_not_forgotten(desk: Desk) -> None:
    """A code that was cropped away comes back with the paper around it."""
    assert await desk.read() == ["cut away", "kept"]
    await desk.edit("crop", left=280, top=500, width=400, height=400)

    assert await desk.read() == ["kept"]
    await desk.undo()

    assert texts((await desk.row()).shown_marks) == ["cut away", "kept"]
    await desk.check_places()


async def test_what_is_redacted_is_not_read(desk: Desk) -> None:
    """No mark tells what lies under a redaction, not even once that is undone."""
    await desk.edit("redact", left=280, top=500, width=400, height=380)

    assert await desk.read() == []
    await desk.undo()

    assert texts((await desk.row()).shown_marks) == ["cut away"]
