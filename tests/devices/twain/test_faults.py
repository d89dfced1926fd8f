"""Whatever a driver does: a typed error, the pages before it kept, and the next scan works."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from scanner import DEVICE, OTHER, PATIENT, SHEETS, Rig, scan

from sheetfed.api.errors import DeviceGone
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageBegun, PageDone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

BOTH = [*range(1, 2 * SHEETS + 1)]
"""The numbers of all images, both sides."""


async def works(worker: Worker, *, source: str = "duplex") -> bool:
    """Scan all that is in the feeder and tell whether every page came, in order."""
    scanned = await scan(worker, source=source)
    return scanned.error is None and scanned.numbers == BOTH


@pytest.mark.parametrize(
    ("orders", "way", "code", "kept"),
    [
        ({"jam": 3}, "memory", "paper-jam", 2),
        ({"jam": 3}, "native", "paper-jam", 2),
        ({"jam": 3}, "file", "paper-jam", 2),
        ({"double": 2}, "memory", "double-feed", 1),
        ({"interlock": 2}, "native", "cover-open", 1),
        ({"unplug": 2}, "memory", "device-gone", 1),
        ({"cancel": 3}, "memory", "cancelled", 2),
        ({"cancel": 3}, "native", "cancelled", 2),
    ],
)
async def test_a_fault_keeps_what_came_before_it(  # noqa: PLR0917 - a table has as many columns
    rig: Rig, worker: Worker, orders: dict[str, int], way: str, code: str, kept: int
) -> None:
    """Pytwain hides each of these behind an error about the order of calls."""
    rig.order(**orders)
    scanned = await scan(worker, source="duplex", transfer=way)

    assert scanned.error is not None
    assert scanned.error.code == code
    assert scanned.numbers == BOTH[:kept]
    assert len(scanned.pages) == kept
    assert await works(worker)


async def test_a_feeder_that_runs_empty_ends_the_batch(rig: Rig, worker: Worker) -> None:
    """After a page it is the end; before any it is an error, and the paper never moves."""
    rig.order(nomedia=4, unknown=1)
    ended = await scan(worker, source="duplex")
    rig.order(nomedia=1)
    none = await scan(worker, source="duplex")

    assert (ended.error, ended.numbers) == (None, [1, 2, 3])
    assert none.error is not None
    assert none.error.code == "feeder-empty"
    assert await works(worker)


async def test_an_empty_feeder_is_seen_before_it_moves(rig: Rig, worker: Worker) -> None:
    """The device can see its paper: nothing is enabled, so that the orders still stand."""
    await worker.release()
    rig.order(pages=0)
    scanned = await scan(worker, source="feeder")

    assert scanned.error is not None
    assert scanned.error.code == "feeder-empty"
    assert (rig.drivers / "virtual.txt").exists()
    (rig.drivers / "virtual.txt").unlink()
    await worker.release()
    assert await works(worker)


async def test_a_closed_dialog_ends_the_scan(rig: Rig, worker: Worker) -> None:
    """Pytwain calls that a success without pages."""
    rig.order(close=1)
    closed = await scan(worker, driver_dialog=True)

    assert closed.error is not None
    assert (closed.error.code, closed.pages) == ("cancelled", [])
    shown = await scan(worker, source="duplex", driver_dialog=True)
    assert shown.numbers == BOTH


async def test_a_source_that_is_never_ready_is_waited_for_so_long(rig: Rig, worker: Worker) -> None:
    """Pytwain waits for ever."""
    await scan(worker, driver_dialog=False)
    rig.order(ready=-1)
    scanned = await scan(worker)

    assert scanned.error is not None
    assert scanned.error.code == "driver-timeout"
    assert scanned.error.details["operation"] == "first-row"
    assert await works(worker)


async def test_cancel_twice_while_it_gets_ready_and_in_a_page(rig: Rig, worker: Worker) -> None:
    """A person presses the button again; the process stays, and scans."""
    await worker.open(DEVICE)
    child = worker.pid
    for orders in ({"ready": -1}, {}):
        rig.order(**orders)
        with pytest.raises(Exception, match="Cancelled"):  # noqa: PT012 - two, in one scan
            async with aclosing(worker.scan({"source": "duplex"}, Keep())) as events:
                async for event in events:
                    if not orders and not isinstance(event, PageBegun):
                        continue
                    await worker.cancel()
                    await worker.cancel()

    assert worker.pid == child
    assert await works(worker)


async def test_leaving_after_a_page_stops_the_device(worker: Worker) -> None:
    """Who takes pages may fail too: pytwain's source is then of no more use."""
    await worker.open(DEVICE)
    async with aclosing(worker.scan({"source": "duplex", "resolution": 75}, Keep())) as events:
        async for event in events:
            if isinstance(event, PageDone):
                break

    assert await works(worker)


async def test_a_driver_that_touches_foreign_memory_ends_its_process(
    rig: Rig, worker: Worker
) -> None:
    """Python would go on, in a state that nobody knows."""
    rig.order(crash=2)
    crashed = await scan(worker, source="duplex")

    assert crashed.error is not None
    assert crashed.error.code == "driver-crashed"
    assert crashed.error.details["crash"]["exit"] == 3
    assert any("access violation" in line for line in crashed.error.details["crash"]["stderr"])
    assert crashed.numbers == [1]
    assert await works(worker)


async def test_a_driver_that_hangs_is_killed(rig: Rig, tmp_path: Path) -> None:
    """Nothing inside the process could help."""
    deadlines = replace(PATIENT, row=2.0, page=2.0, first_row=30.0)
    async with rig.worker(tmp_path, deadlines) as worker:
        rig.order(hang=2)
        hung = await scan(worker, source="duplex")

        assert hung.error is not None
        assert hung.error.code == "driver-timeout"
        assert hung.numbers == [1]
        assert await works(worker)


async def test_a_device_that_is_off_is_gone(rig: Rig, worker: Worker) -> None:
    """Wine's manager loses the driver's reason; what is left still means that."""
    await worker.release()
    rig.order(offline=1)
    off = await scan(worker)

    assert off.error is not None
    assert off.error.code == "device-gone"
    assert await works(worker)


async def test_unknown_and_vanished_sources_are_gone(rig: Rig, worker: Worker) -> None:
    """A driver may be taken away between listing and opening."""
    found = {device.id for device in await worker.devices()}
    place = rig.drivers / "gphoto2.ds"
    place.rename(rig.drivers / "away")
    try:
        vanished = await scan(worker, OTHER)
    finally:
        (rig.drivers / "away").rename(place)
    unknown = [await scan(worker, name) for name in ("Nobody's Scanner", " ", "x" * 200, "\0")]

    assert found == {DEVICE, OTHER}
    for scanned in (vanished, *unknown):
        assert isinstance(scanned.error, DeviceGone)
    assert await works(worker)


@pytest.mark.parametrize(
    "orders",
    [{"short": 40}, {"long": 40}, {"wide": 8}, {"wide": 8, "length": 1}],
    ids=["fewer rows", "more rows", "wider rows", "wider rows of an unknown number"],
)
async def test_a_page_that_is_not_as_announced_is_not_kept(
    rig: Rig, worker: Worker, orders: dict[str, int]
) -> None:
    """Half a page must not pass for one."""
    rig.order(**orders)
    scanned = await scan(worker)

    assert scanned.error is not None
    assert scanned.error.code == "driver-lied"
    assert scanned.whole == []
    assert await works(worker)
