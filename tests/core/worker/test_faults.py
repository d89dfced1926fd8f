"""A driver that crashes, hangs, lies or shouts harms nobody but its own scan."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import AddonBroken, DriverCrashed, DriverLied, DriverTimeout
from sheetfed.worker.process import HELD, Process

Scan = Callable[..., Awaitable[Any]]
Make = Callable[..., Any]


WINDOWS = sys.platform == "win32"

LONG_ROWS = {"row": 30.0}
"""For a driver that says much before its next row, on a machine that may be busy."""


@pytest.mark.parametrize(
    ("device", "end"),
    [
        ("aborts", 3 if WINDOWS else "SIGABRT"),
        ("segfaults", 1 if WINDOWS else "SIGSEGV"),
        ("exits", 0),
    ],
    ids=["aborts", "segfaults", "exits"],
)
async def test_a_death_is_told_with_its_record(
    make: Make, scan: Scan, device: str, end: str | int, tmp_path: Path
) -> None:
    """On Windows ctypes makes an error of foreign memory, and the process would go on."""
    worker = make()

    scanned = await scan(worker, device)

    assert type(scanned.error) is DriverCrashed
    crash = scanned.error.details["crash"]
    assert end in {crash["signal"], crash["exit"]}
    assert crash["operation"] == "row"
    last_words = crash["stack"] + "".join(crash["stderr"])
    assert ("hostile.py" in last_words) is (device != "exits")
    assert len(scanned.whole) == 1
    (record,) = (tmp_path / "crashes").glob("*.json")
    kept = json.loads(record.read_text())
    assert (kept["worker"], kept["device"], kept["pid"]) == ("hostile", device, crash["pid"])
    assert len((await scan(worker, "good")).whole) == 2


@pytest.mark.parametrize("device", ["hangs", "hangs-locked", "spins"])
async def test_a_hang_ends_with_the_place_where_it_hangs(
    make: Make, scan: Scan, device: str
) -> None:
    worker = make()

    scanned = await scan(worker, device)

    assert type(scanned.error) is DriverTimeout
    assert scanned.error.details["operation"] == "row"
    assert "hostile.py" in scanned.error.details["crash"]["stack"]
    assert len(scanned.whole) == 1
    assert len((await scan(worker, "good")).whole) == 2


async def test_a_stopped_child_is_ended_too(make: Make, scan: Scan) -> None:
    worker = make()

    scanned = await scan(worker, "stops")

    assert type(scanned.error) is DriverTimeout
    assert len((await scan(worker, "good")).whole) == 2


async def test_every_operation_has_its_own_deadline(make: Make, scan: Scan) -> None:
    hanging = make(devices="hang")
    with pytest.raises(DriverTimeout) as caught:
        await hanging.devices()
    assert caught.value.details["operation"] == "devices"

    worker = make(deadlines={"first_row": 1.5})
    for device, operation in [
        ("open-hangs", "open"),
        ("options-hang", "options"),
        ("hangs-first", "first-row"),
        ("empty-rows", "first-row"),
    ]:
        scanned = await scan(worker, device)
        assert type(scanned.error) is DriverTimeout
        assert scanned.error.details["operation"] == operation

    await worker.open("good")
    with pytest.raises(DriverTimeout) as caught:
        await worker.set("hang", 1)
    assert caught.value.details["operation"] == "set"
    await worker.open("close-hangs")
    with pytest.raises(DriverTimeout) as caught:
        await worker.release()
    assert caught.value.details["operation"] == "close"


async def test_rows_that_are_slow_but_come_are_no_hang(make: Make, scan: Scan) -> None:
    """The page takes two seconds, three times the deadline for a row."""
    scanned = await scan(make(), "slow")

    assert scanned.error is None
    assert len(scanned.whole) == 2


@pytest.mark.parametrize(
    "device",
    [
        "too-few",
        "too-many",
        "row-less",
        "row-more",
        "wide-lie",
        "negative",
        "nothing",
        "empty-page",
        "odd-type",
        "no-jpeg",
        "garbage",
        "forged",
        "forged-begin",
        "forged-error",
        "forged-done",
        "early-data",
        "early-bytes",
        "early-picture",
        "odd-head",
        "endless-head",
        "options-lie",
    ],
)
async def test_a_lie_is_caught(make: Make, scan: Scan, device: str) -> None:
    worker = make(deadlines=LONG_ROWS)

    scanned = await scan(worker, device)

    assert isinstance(scanned.error, DriverLied | AddonBroken)
    assert len(scanned.whole) in {0, 1}
    assert len((await scan(worker, "good")).whole) == 2


@pytest.mark.parametrize("device", ["forged-error", "forged-done"])
async def test_an_answer_needs_the_number_of_its_question(
    make: Make, scan: Scan, device: str
) -> None:
    """A driver that writes into the pipe by mistake neither ends a scan nor says how it ended."""
    scanned = await scan(make(), device)

    assert type(scanned.error) is DriverLied
    assert "another question" in scanned.error.message


async def test_a_size_beyond_all_reason_is_refused_before_memory_is_taken(
    make: Make, scan: Scan
) -> None:
    scanned = await scan(make(), "huge-lie")

    assert scanned.error.code in {"too-large", "driver-lied"}
    assert not scanned.pages


async def test_a_lie_about_devices_is_caught(make: Make) -> None:
    with pytest.raises(DriverLied):
        await make(devices="lie").devices()


async def test_a_crash_while_listing_is_told(make: Make) -> None:
    with pytest.raises(DriverCrashed) as caught:
        await make(devices="abort").devices()

    assert caught.value.details["operation"] == "devices"


async def test_a_closed_pipe_is_no_hang(make: Make, scan: Scan) -> None:
    worker = make()

    scanned = await scan(worker, "closes-pipe")

    assert type(scanned.error) is DriverCrashed
    assert len((await scan(worker, "good")).whole) == 2


async def test_what_a_driver_prints_stays_out_of_the_pipe(
    make: Make, scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    scanned = await scan(make(), "prints")

    assert scanned.error is None
    assert len(scanned.whole) == 2
    for words in ["sane-backends: status 0", '{"say":"done"', "raw bytes to 1", "from Python"]:
        assert words in caplog.text


async def test_a_driver_cannot_read_what_was_meant_for_the_worker(make: Make, scan: Scan) -> None:
    assert len((await scan(make(), "reads-input")).whole) == 2


async def test_a_flood_of_complaints_neither_blocks_nor_fills_the_log(
    make: Make, scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    """Eleven megabytes on stderr: all is read, a little of it is kept."""
    caplog.set_level("INFO")
    worker = make(deadlines=LONG_ROWS)

    scanned = await scan(worker, "floods")

    assert scanned.error is None
    assert len(scanned.whole) == 2
    assert len(caplog.records) < 1000


async def test_a_crash_record_holds_the_last_lines(make: Make, scan: Scan) -> None:
    worker = make(deadlines=LONG_ROWS)
    await scan(worker, "floods")

    os.kill(worker.pid, signal.SIGKILL)
    await asyncio.sleep(0.2)
    scanned = await scan(worker, "aborts")

    assert scanned.error.details["crash"]["stderr"] == []  # the fresh child said nothing
    await scan(worker, "floods")
    scanned = await scan(worker, "aborts")
    lines = scanned.error.details["crash"]["stderr"]
    assert lines[-2:] == ["the very last line", "the device is closed"]
    assert len(lines) == 200


async def test_a_last_line_without_an_end_is_kept(make: Make, scan: Scan) -> None:
    scanned = await scan(make(), "half-line")

    assert scanned.error.details["crash"]["stderr"] == ["no end of line"]


@pytest.mark.parametrize("birth", ["raise", "abort", "hang"])
async def test_a_source_that_cannot_be_made(make: Make, birth: str) -> None:
    soon = {"start": 1.5} if birth == "hang" else {}
    worker = make("DiesAtBirth", birth=birth, deadlines=soon)
    expected = {"raise": AddonBroken, "abort": DriverCrashed, "hang": DriverTimeout}[birth]

    with pytest.raises(expected) as caught:
        await worker.devices()

    assert birth == "raise" or caught.value.details["operation"] == "start"
    assert worker.pid is None


async def test_a_factory_that_is_not_there(make: Make) -> None:
    with pytest.raises(AddonBroken) as caught:
        await make("Nobody").warm()

    assert "AttributeError" in caught.value.message


async def test_a_kill_from_outside_in_mid_page(make: Make, scan: Scan) -> None:
    worker = make()
    await worker.open("slow")
    scanning = asyncio.create_task(scan(worker, "slow"))
    await asyncio.sleep(1.2)

    os.kill(worker.pid, signal.SIGKILL)
    scanned = await scanning

    assert type(scanned.error) is DriverCrashed
    assert scanned.error.details["crash"]["signal"] == "SIGKILL"
    assert len(scanned.pages) == 1
    assert not scanned.whole


async def test_a_fork_left_behind_does_not_hold_up_the_news(make: Make, scan: Scan) -> None:
    """A driver's own child keeps the pipe open after the worker died."""
    worker = make()
    await scan(worker, "forks")
    died = worker.pid
    os.kill(died, signal.SIGKILL)
    await asyncio.sleep(0.2)

    scanned = await scan(worker, "good")

    assert len(scanned.whole) == 2
    assert not [group for group in living_groups() if group == died]


def living_groups() -> list[int]:
    """Return the process group of every process that is no zombie."""
    groups = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = status.read_text().rsplit(")", 1)[1].split()[:3]
            groups += [int(group)] if state != "Z" else []
    return groups


async def test_one_hangs_and_the_other_goes_on(make: Make, scan: Scan) -> None:
    hanging, working = make(), make()
    await asyncio.gather(hanging.open("hangs"), working.open("good"))

    hung, *worked = await asyncio.gather(
        scan(hanging, "hangs-locked"), *(scan(working, "good", pages=5) for _ in range(4))
    )

    assert type(hung.error) is DriverTimeout
    assert [len(scanned.whole) for scanned in worked] == [5, 5, 5, 5]


async def test_a_child_that_chatters_while_nobody_listens_has_to_wait() -> None:
    """Words fill the service's memory as bytes do."""
    script = """import os\nwhile True: os.write(1, b'{"say":"%s"}\\n' % (b'x' * 200) * 100)"""
    loop = asyncio.get_running_loop()
    _, child = await loop.subprocess_exec(
        lambda: Process("chatty", None), sys.executable, "-c", script, start_new_session=True
    )
    try:
        words = 0
        async with asyncio.timeout(20):
            while not child._paused:  # noqa: ASYNC110 - nothing tells of that moment
                await asyncio.sleep(0.02)
            most = len(child._items)
            while words < 3 * most:  # it goes on as it is heard
                words += isinstance(await child.receive(), dict)
    finally:
        await child.end()

    assert 0 < most * 200 < 2 * HELD
