"""Page after page: nothing out of order, nothing piled up, nothing lost at a seam."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import Cancelled, PaperJam
from sheetfed.worker.wire import Keep, PageBegun, PageDone

Scan = Callable[..., Awaitable[Any]]
Make = Callable[..., Any]


async def names(worker: Any, device: str, **settings: Any) -> list[str]:
    await worker.open(device)
    async with aclosing(worker.scan(settings, Keep())) as events:
        return [type(event).__name__ async for event in events]


@pytest.mark.parametrize("device", ["good", "large"])
async def test_pages_follow_one_another(make: Make, device: str) -> None:
    """Bands of a page are packed on several threads; its words have one order all the same."""
    seen = await names(make(), device, pages=6, blocks=30)

    page = ["PageBegun", "PageData", "PicturePart", "PicturePart", "PageDone"]
    short = [name for name in seen if name != "Progress"]
    once = [name for at, name in enumerate(short) if name != "PageData" or short[at - 1] != name]
    assert once == page * 6


async def test_a_whole_page_is_told_though_the_next_one_jams(make: Make, scan: Scan) -> None:
    scanned = await scan(make(), "jams-at-once", pages=4)

    assert type(scanned.error) is PaperJam
    assert len(scanned.whole) == 4
    assert all(len(page.pictures) == 2 for page in scanned.whole)


async def test_a_whole_page_is_told_though_the_scan_is_cancelled(make: Make, scan: Scan) -> None:
    """All rows of a page came, and its reader is slow; the cancel meets the page behind it."""
    worker = make(deadlines={"grace": 5.0})
    await worker.open("large-then-slow")
    done: list[int] = []

    async def read() -> None:
        async with aclosing(worker.scan({"blocks": 19}, Keep())) as events:
            async for event in events:
                if isinstance(event, PageBegun) and event.number == 1:
                    await asyncio.sleep(0.7)
                    await worker.cancel()
                if isinstance(event, PageDone):
                    done.append(event.size)

    with pytest.raises(Cancelled):
        await read()
    assert len(done) == 1
    assert done[0] > 1_900_000
    assert len((await scan(worker, "good")).whole) == 2


async def test_a_reader_that_rests_holds_the_driver_up(make: Make) -> None:
    """Pages that nobody reads must not pile up in the child."""
    worker = make(deadlines={"row": 30.0, "page": 30.0})
    await worker.open("large")
    before = after = 0

    async with aclosing(worker.scan({"pages": 12}, Keep())) as events:
        async for _ in events:
            await asyncio.sleep(1.0)
            before = resident(worker.pid)
            await asyncio.sleep(1.0)
            after = resident(worker.pid)
            break

    assert after - before < 8 * 1024 * 1024


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
