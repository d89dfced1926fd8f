"""A device that jams, lies, hangs or dies costs one page, told in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
import zxingcpp
from setups import Rig

from paper import code_of
from sheetfed.api.errors import (
    Cancelled,
    CoverOpen,
    DeviceBusy,
    DeviceFailed,
    DriverCrashed,
    DriverLied,
    DriverTimeout,
    FeederEmpty,
    PaperJam,
    SheetfedError,
)
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageData

Make = Callable[..., Worker]
Scan = Callable[..., Any]

FAST = {"resolution": 75}


def codes(scanned: Any) -> list[str]:
    """Return what the bar codes of the whole pages say."""
    return [code.text for page in scanned.whole for code in zxingcpp.read_barcodes(page.samples)]


async def test_a_feeder_gives_every_front_in_order(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    scanned = await scan(make(rig, binding), "rig:a", source="feeder", page_size="a4")

    assert scanned.error is None
    assert codes(scanned) == [code_of(1), code_of(2), code_of(3)]
    assert [page.begun.side for page in scanned.whole] == ["front"] * 3


async def test_duplex_gives_both_sides_of_every_sheet(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    scanned = await scan(make(rig, binding), "rig:a", source="duplex", mode="gray")

    assert scanned.error is None
    assert codes(scanned) == [code_of(1), code_of(2), code_of(3)]
    assert [page.begun.side for page in scanned.whole] == ["front", "back"] * 3


async def test_a_batch_is_cancelled_once_and_at_its_end(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    """A cancel between two pages makes a feeder throw out the sheet that it has already drawn."""
    await scan(make(rig, binding), "rig:a", source="feeder", **FAST)

    assert rig.calls("a") == ["start", "start", "start", "start", "cancel"]


async def test_an_empty_feeder_says_so(make: Make, binding: str, rig: Rig, scan: Scan) -> None:
    rig.break_("a", "start=7")

    scanned = await scan(make(rig, binding), "rig:a", source="feeder", **FAST)

    assert isinstance(scanned.error, FeederEmpty)
    assert scanned.pages == []


async def test_a_feeder_that_is_empty_only_when_read_ends_the_batch(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    rig.break_("a", "page=3 status=7")

    scanned = await scan(make(rig, binding), "rig:a", source="feeder", **FAST)

    assert (len(scanned.whole), scanned.error) == (2, None)


async def test_after_a_jam_the_next_sheet_follows(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    worker = make(rig, binding)
    rig.break_("a", "page=2 line=100 status=6")

    jammed = await scan(worker, "rig:a", source="feeder", **FAST)
    rig.mend("a")
    rest = await scan(worker, "rig:a", source="feeder", **FAST)

    assert isinstance(jammed.error, PaperJam)
    assert len(jammed.whole) == 1
    assert (len(rest.whole), rest.error) == (1, None)


FAULTS: list[tuple[str, type[SheetfedError]]] = [
    ("line=300 status=6", PaperJam),
    ("status=8", CoverOpen),
    ("line=300 status=9", DeviceFailed),
    ("start=3", DeviceBusy),
    ("start=13", DeviceFailed),
    ("start=99", DeviceFailed),
    ("short=1", DriverLied),
    ("extra=1", DriverLied),
    ("short=400 line=3", DriverLied),
]


async def test_every_fault_has_its_error_and_the_next_scan_works(
    make: Make, binding: str, rig: Rig, scan: Scan, subtests: pytest.Subtests
) -> None:
    worker = make(rig, binding)

    for fault, kind in FAULTS:
        with subtests.test(fault=fault):
            rig.break_("a", fault)
            failed = await scan(worker, "rig:a", **FAST)
            rig.mend("a")
            healthy = await scan(worker, "rig:a", **FAST)

            assert type(failed.error) is kind
            assert failed.whole == []
            assert (len(healthy.whole), healthy.error) == (1, None)


DEATHS: list[tuple[str, type[SheetfedError]]] = [
    ("line=300 hang=1", DriverTimeout),
    ("line=300 spin=1", DriverTimeout),
    ("line=300 crash=1", DriverCrashed),
    ("line=300 exit=1", DriverCrashed),
]


@pytest.mark.parametrize(("fault", "kind"), DEATHS)
async def test_a_driver_that_dies_or_hangs_is_replaced(
    make: Make, binding: str, *, rig: Rig, scan: Scan, fault: str, kind: type[SheetfedError]
) -> None:
    worker = make(rig, binding, deadlines={"first_row": 2.0, "row": 2.0})
    rig.break_("a", fault)

    failed = await scan(worker, "rig:a", **FAST)
    rig.mend("a")
    healthy = await scan(worker, "rig:a", **FAST)

    assert type(failed.error) is kind
    assert failed.whole == []
    assert (len(healthy.whole), healthy.error) == (1, None)


async def test_a_lamp_may_take_its_time(make: Make, binding: str, rig: Rig, scan: Scan) -> None:
    rig.break_("a", "start=12")
    worker = make(rig, binding)

    async def mend_in_a_while() -> None:
        await asyncio.sleep(1)
        rig.mend("a")

    scanned, _ = await asyncio.gather(scan(worker, "rig:a", **FAST), mend_in_a_while())

    assert (len(scanned.whole), scanned.error) == (1, None)
    assert any("warming up" in progress.activity for progress in scanned.progress)


async def test_an_unknown_height_is_known_in_the_end(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    rig.break_("a", "unknown=1")

    scanned = await scan(make(rig, binding), "rig:a", **FAST)

    assert scanned.whole[0].begun.height is None
    assert scanned.whole[0].done.height == 876


async def test_a_cancel_stops_the_device_in_the_middle(make: Make, rig: Rig, scan: Scan) -> None:
    """python-sane cannot be stopped in the middle of a page: there the child is ended."""
    rig.break_("a", "delay_us=2000")
    worker = make(rig)
    await worker.open("rig:a")

    async def scan_and_cancel() -> None:
        async with aclosing(worker.scan({"resolution": 300}, Keep())) as events:
            async for event in events:
                if isinstance(event, PageData):
                    await worker.cancel()

    with pytest.raises(Cancelled):
        await scan_and_cancel()
    rig.mend("a")
    again = await scan(worker, "rig:a", **FAST)

    assert rig.calls("a")[:2] == ["start", "cancel"]
    assert (len(again.whole), again.error) == (1, None)


async def test_a_reader_that_leaves_stops_the_device(make: Make, rig: Rig) -> None:
    rig.break_("a", "delay_us=2000")
    worker = make(rig)
    await worker.open("rig:a")

    async with aclosing(worker.scan({"resolution": 300}, Keep())) as events:
        async for event in events:
            if isinstance(event, PageData):
                break
    await worker.release()

    assert rig.calls("a") == ["start", "cancel", "close"]


async def test_a_device_pulled_in_mid_batch_is_no_end_of_the_service(
    make: Make, binding: str, rig: Rig, scan: Scan
) -> None:
    worker = make(rig, binding)
    rig.break_("a", "page=2 line=50 status=9")

    scanned = await scan(worker, "rig:a", source="feeder", **FAST)
    rig.unplug("a")
    devices = await worker.devices()

    assert isinstance(scanned.error, DeviceFailed)
    assert len(scanned.whole) == 1
    assert devices == []
