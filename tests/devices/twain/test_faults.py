"""Whatever a driver does: a typed error, the pages before it kept, and the next scan works."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from scanner import DEVICE, OTHER, PATIENT, SHEETS, Rig, scan

from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Value
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageBegun, PageDone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

BOTH = [*range(1, 2 * SHEETS + 1)]
"""The numbers of all images, both sides."""


async def works(worker: Worker, **settings: Value) -> bool:
    """Scan all that is in the feeder and tell whether every page came, in order."""
    scanned = await scan(worker, source="duplex", mode="color", **settings)
    return scanned.error is None and scanned.numbers == BOTH


@pytest.mark.parametrize(
    ("orders", "way", "code", "kept"),
    [
        ({"jam": 3}, "memory", "paper-jam", 2),
        ({"jam": 3}, "native", "paper-jam", 2),
        ({"jam": 3}, "file", "paper-jam", 2),
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


async def test_every_condition_has_an_error(rig: Rig, worker: Worker) -> None:
    """By the number that the driver gives (TWCC); one that nobody knows is told with it."""
    expected = dict.fromkeys((1, 5, 9, 11, 17, 18, 19, 22, 26, 27, 28, 4711), "device-failed")
    expected |= dict.fromkeys((6, 10, 13, 14, 15), "bad-settings")
    expected |= dict.fromkeys((3, 12, 23), "device-gone")
    expected |= {2: "too-large", 4: "device-busy", 16: "device-denied", 20: "paper-jam"}
    expected |= {21: "double-feed", 24: "cover-open", 25: "paper-jam"}
    got: dict[int, str] = {}
    for why in expected:
        rig.order(fault=2, why=why)
        scanned = await scan(worker, source="duplex", mode="lineart")
        assert scanned.error is not None
        assert scanned.error.details["condition"] == why
        assert scanned.numbers == [1]
        got[why] = scanned.error.code

    assert got == expected
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
    assert await works(worker, driver_dialog=False)


async def test_a_driver_shows_itself_when_asked_and_in_front(rig: Rig, worker: Worker) -> None:
    """Its dialog or its bar would lie under the browser, and wait for somebody."""
    rig.order(quiet=1)
    silent = await scan(worker, source="duplex", driver_dialog=False)
    rig.order(quiet=1)
    refused = await scan(worker, source="duplex", driver_dialog=True)
    in_front = await scan(worker, source="duplex", driver_dialog=True)

    assert (silent.error, silent.numbers) == (None, BOTH)
    assert refused.error is not None
    assert refused.error.code == "device-failed"
    assert (in_front.error, in_front.numbers) == (None, BOTH)
    assert await works(worker, driver_dialog=False)


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
    """Nothing inside the process could help; the page's first rows had come, without its last."""
    deadlines = replace(PATIENT, row=2.0, page=2.0, first_row=30.0)
    async with rig.worker(tmp_path, deadlines) as worker:
        rig.order(hang=2)
        hung = await scan(worker, source="duplex")

        assert hung.error is not None
        assert hung.error.code == "driver-timeout"
        assert (len(hung.pages), hung.numbers) == (2, [1])
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
