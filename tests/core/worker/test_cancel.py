"""Stopping: by asking, by walking away, by force."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from sheetfed.api.errors import Cancelled, ServiceGone
from sheetfed.api.model import Page
from sheetfed.worker.wire import Keep

Scan = Callable[..., Awaitable[Any]]
Make = Callable[..., Any]


async def cancelled_after(worker: Any, *, wait: float, **settings: Any) -> list[str]:
    """Scan, cancel twice `wait` seconds after the first event; return the names of all events."""
    seen: list[str] = []
    async with aclosing(worker.scan(settings, Keep())) as events:
        try:
            async for event in events:
                seen.append(type(event).__name__)
                if len(seen) == 1:
                    await asyncio.sleep(wait)
                    await worker.cancel()
                    await worker.cancel()
        except Cancelled:
            return seen
    raise AssertionError("it was not cancelled")


async def said(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until a child's words are in the log: they have another way than its answers."""
    for _ in range(1000):
        if text in caplog.text:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"it did not say {text!r}: {caplog.text}")


async def test_a_cancel_in_the_middle_of_a_body_waits_for_nothing(make: Make) -> None:
    """The child would take it for a part of the body, and whatever came next for a head."""
    worker = make("Marks", kind="step", deadlines={"grace": 300.0, "codec": 300.0})
    page = Page(data=b"x" * (8 << 20), media_type="image/png", width=1, height=1)
    await worker.warm()
    os.kill(worker.pid, signal.SIGSTOP)  # it takes no more than the pipe holds
    applying = asyncio.create_task(worker.apply(page))
    while worker._life._process._writable.is_set():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.02)

    await worker.cancel()

    with pytest.raises(Cancelled):
        await applying
    assert len(await worker.apply(replace(page, data=b"one"))) == 2


async def test_a_driver_that_obeys_is_stopped_and_stays(
    make: Make, scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    worker = make()
    await worker.open("slow")
    pid = worker.pid

    seen = await cancelled_after(worker, wait=0)

    assert "PageDone" not in seen
    await said(caplog, "the lamp is off")
    await said(caplog, "the motor is off")
    assert len((await scan(worker, "good")).whole) == 2
    assert worker.pid == pid


async def test_a_driver_that_obeyed_is_not_ended_while_nobody_reads(make: Make, scan: Scan) -> None:
    """A reader that takes longer than a driver may is no fault of the driver."""
    worker = make(deadlines={"grace": 0.5})
    await worker.open("good")
    pid = worker.pid
    async with aclosing(worker.scan({"pages": 20}, Keep())) as events:
        await anext(events)
        await worker.cancel()
        await asyncio.sleep(1.5)
        with pytest.raises(Cancelled):
            [event async for event in events]

    assert len((await scan(worker, "good")).whole) == 2
    assert worker.pid == pid


@pytest.mark.parametrize("device", ["hangs", "hangs-locked"])
async def test_a_driver_that_does_not_obey_is_ended(make: Make, scan: Scan, device: str) -> None:
    worker = make(deadlines={"row": 30.0})
    await worker.open(device)
    pid = worker.pid

    await cancelled_after(worker, wait=0.3)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert len((await scan(worker, "good")).whole) == 2
    assert worker.pid != pid


async def test_cancel_from_another_task(make: Make, scan: Scan) -> None:
    worker = make()
    scanning = asyncio.create_task(scan(worker, "slow"))
    await asyncio.sleep(0.5)

    await worker.cancel()

    assert type((await scanning).error) is Cancelled


async def test_cancel_with_nothing_to_cancel(make: Make, scan: Scan) -> None:
    worker = make()
    await worker.cancel()
    await worker.warm()
    await worker.cancel()

    assert len((await scan(worker, "good")).whole) == 2


async def test_complete_pages_survive_a_cancel(make: Make) -> None:
    """The reader is slow: pages that were whole when the cancel came still arrive."""
    worker = make()
    await worker.open("good")

    seen = await cancelled_after(worker, wait=1.5, pages=20)

    assert seen.count("PageDone") == 20


async def test_leaving_a_scan_early_stops_the_device(
    make: Make, scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    worker = make()
    await worker.open("slow")
    pid = worker.pid

    async with aclosing(worker.scan({}, Keep())) as events:
        async for _ in events:
            break

    await said(caplog, "the motor is off")
    assert len((await scan(worker, "good")).whole) == 2
    assert worker.pid == pid


async def test_leaving_a_large_page_early_does_not_block(make: Make, scan: Scan) -> None:
    """The child waits in the middle of a write when nobody reads on."""
    worker = make(deadlines={"grace": 5.0})
    await worker.open("large")
    pid = worker.pid

    async with aclosing(worker.scan({"pages": 3}, Keep())) as events:
        async for _ in events:
            await asyncio.sleep(0.3)
            break

    assert len((await scan(worker, "good")).whole) == 2
    assert worker.pid == pid


async def test_a_cancelled_task_stops_the_device(make: Make, scan: Scan) -> None:
    worker = make()
    scanning = asyncio.create_task(scan(worker, "slow"))
    await asyncio.sleep(0.5)

    scanning.cancel()

    with pytest.raises(asyncio.CancelledError):
        await scanning
    assert len((await scan(worker, "good")).whole) == 2


async def test_a_second_question_waits_for_the_first(make: Make, scan: Scan) -> None:
    worker = make()
    await worker.open("slow")
    scanning = asyncio.create_task(scan(worker, "slow"))
    await asyncio.sleep(0.2)

    devices = await worker.devices()

    assert scanning.done()
    assert devices


async def test_closing_in_mid_scan_ends_the_scan(make: Make, scan: Scan) -> None:
    worker = make()
    scanning = asyncio.create_task(scan(worker, "slow"))
    await asyncio.sleep(0.5)

    await worker.close()
    await worker.close()

    assert type((await scanning).error) is Cancelled
    with pytest.raises(ServiceGone):
        await worker.devices()


async def test_closing_does_not_wait_for_a_reader_that_left(make: Make) -> None:
    worker = make(deadlines={"grace": 0.3})
    await worker.open("slow")
    events = worker.scan({}, Keep())
    await anext(events)
    pid = worker.pid

    await worker.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await events.aclose()


async def test_a_device_that_does_not_close_does_not_hold_up_the_end(make: Make) -> None:
    worker = make()
    await worker.open("close-hangs")
    began = time.monotonic()

    await worker.close()

    assert time.monotonic() - began < 3
