"""The sample scanner's worst faults, in the process where they belong."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import DriverCrashed, DriverLied, DriverTimeout, SheetfedError
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deadlines, Keep, PageDone, Recipe

RECIPE = Recipe(
    kind="source", name="sample", factory="sheetfed.builtin.sample.scanner:SampleSource"
)
QUICK = {"resolution": 75, "speed": 0, "mode": "gray", "fault-page": 2}


async def scan(worker: Worker, **settings: Any) -> int:
    asked = QUICK | {name.replace("_", "-"): value for name, value in settings.items()}
    async with aclosing(worker.scan(asked, Keep())) as events:
        return len([event async for event in events if isinstance(event, PageDone)])


@pytest.mark.parametrize("row", [0, 300])
@pytest.mark.parametrize(
    ("fault", "error"), [("crash", DriverCrashed), ("hang", DriverTimeout), ("lie", DriverLied)]
)
async def test_a_fault_of_the_driver_is_told_and_the_next_scan_works(
    tmp_path: Path, fault: str, error: type[SheetfedError], row: int
) -> None:
    worker = Worker(RECIPE, crashes=tmp_path, deadlines=Deadlines(row=2, page=2, grace=0.5))
    try:
        await worker.open("paper")
        with pytest.raises(error):
            await scan(worker, fault=fault, fault_row=row)
        await worker.open("paper")
        assert await scan(worker) == 5 - (fault == "lie")  # the lying driver keeps its stack
    finally:
        await worker.close()


async def test_a_slow_page_is_slow_and_no_timeout(tmp_path: Path) -> None:
    """A band every few seconds is a sign of life; and it can be cancelled."""
    worker = Worker(RECIPE, crashes=tmp_path)
    try:
        await worker.open("paper")
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(6):
                await scan(worker, fault="slow", fault_page=1)
        assert time.monotonic() - started < 9
    finally:
        await worker.close()
