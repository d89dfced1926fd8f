"""Children come and go without a trace."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import DriverCrashed, Exhausted
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, PageData, PageDone, Recipe

Scan = Callable[..., Awaitable[Any]]
Make = Callable[..., Any]


def is_gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_a_child_that_never_began_takes_nobody_with_it() -> None:
    """Its group would be number 0, which is the group of the service and of whoever began that."""
    script = (
        "import asyncio\n"
        "from sheetfed.worker.process import Process\n"
        "async def main():\n"
        "    child = Process('never', None)\n"
        "    child.kill()\n"
        "    child.process_exited()\n"
        "    print('here')\n"
        "asyncio.run(main())"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], start_new_session=True, stdout=subprocess.PIPE, check=False
    )

    assert (done.returncode, done.stdout) == (0, b"here\n")


async def test_a_child_that_died_while_idle_is_replaced_silently(make: Make, scan: Scan) -> None:
    worker = make()
    await worker.open("good")
    first = worker.pid
    os.kill(first, signal.SIGKILL)
    await asyncio.sleep(0.2)

    async with aclosing(worker.scan({"pages": 1}, Keep())) as events:
        seen = [event async for event in events]

    assert seen
    assert worker.pid != first


async def test_after_three_deaths_a_device_rests(make: Make) -> None:
    worker = make(devices="abort", deadlines={"rest": 1.0})
    for _ in range(3):
        with pytest.raises(DriverCrashed) as caught:
            await worker.devices()
        assert caught.value.details["crash"]

    began = time.monotonic()
    with pytest.raises(DriverCrashed) as caught:
        await worker.devices()

    assert "died 3 times" in caught.value.message
    assert caught.value.details["retry_after"] <= 1
    assert time.monotonic() - began < 0.1
    await asyncio.sleep(1)
    assert await worker.open("good")


async def test_fifteen_crashes_leave_no_descriptor_and_no_file(
    make: Make, scan: Scan, tmp_path: Path
) -> None:
    scanning, listing = make(), make(devices="abort")
    await scan(scanning, "segfaults")
    before = open_descriptors()

    for device in ["segfaults", "exits", "garbage"]:
        assert (await scan(scanning, device)).error
    for _ in range(12):
        with pytest.raises(DriverCrashed):
            await listing.devices()
    await asyncio.sleep(0.1)

    assert open_descriptors() <= before
    files = list((tmp_path / "crashes").iterdir())
    assert {file.suffix for file in files} == {".json"}
    assert len(files) <= 20


PARENT = """
import asyncio, sys
from pathlib import Path
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Keep, Recipe

async def main():
    recipe = Recipe(kind="source", name="hostile", factory="hostile:Hostile")
    worker = Worker(recipe, crashes=Path(sys.argv[1]))
    await worker.open(sys.argv[2])
    print(worker.pid, flush=True)
    async for _ in worker.scan({}, Keep()):
        pass

asyncio.run(main())
"""


@pytest.mark.parametrize("device", ["good", "hangs", "hangs-locked"])
async def test_a_child_does_not_outlive_its_parent(make: Make, device: str, tmp_path: Path) -> None:
    """Killed with no chance to say goodbye, and the driver may hold the interpreter lock."""
    parent = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", PARENT, str(tmp_path), device], stdout=subprocess.PIPE
    )
    with parent:
        child = int(parent.stdout.readline())
        await asyncio.sleep(0.4)
        parent.kill()

    await asyncio.sleep(1)
    assert is_gone(child)
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_memory_stays_flat_over_many_pages(make: Make) -> None:
    """Other tests left their own in this process, so it moves a little by itself."""
    worker = make(deadlines={"row": 10.0})
    await worker.open("large")

    async with aclosing(worker.scan({"pages": 40}, Keep())) as events:
        sizes = [
            resident(worker.pid) + resident(os.getpid())
            async for event in events
            if isinstance(event, PageDone)
        ]

    assert len(sizes) == 40
    assert max(sizes[20:]) - max(sizes[:20]) < 30_000_000


async def test_a_slow_reader_slows_the_driver_not_memory(make: Make) -> None:
    """Sixty megabytes wait in the scanner, not in the service."""
    worker = make(deadlines={"row": 10.0})
    await worker.open("large")
    before = resident(os.getpid())
    size = largest = 0

    async with aclosing(worker.scan({"blocks": 600}, Keep())) as events:
        async for event in events:
            if isinstance(event, PageData):
                size += len(event.data)
                await asyncio.sleep(0.005)
                largest = max(largest, resident(os.getpid()) - before)

    assert size > 50_000_000
    assert largest < 20_000_000


async def test_data_arrives_while_the_paper_moves(make: Make) -> None:
    worker = make()
    await worker.open("large")
    async with aclosing(worker.scan({"blocks": 100}, Keep())) as events:
        pieces = [len(event.data) async for event in events if isinstance(event, PageData)]

    assert len(pieces) > 10
    assert max(pieces) <= 1024 * 1024


async def test_a_child_imports_nothing_heavy(make: Make) -> None:
    code = "import sys, sheetfed.worker.child, sheetfed.worker.capture; print(*sys.modules)"
    modules = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    heavy = {"aiohttp", "asyncio", "numpy", "PIL", "pluggy", "pydantic", "cryptography", "sqlite3"}
    assert not heavy & set(modules)


async def test_no_core_file_holds_a_document(make: Make) -> None:
    worker = make()
    await worker.warm()

    assert resource.prlimit(worker.pid, resource.RLIMIT_CORE) == (0, 0)


async def test_a_full_disk_does_not_stop_a_scan(make: Make, scan: Scan, tmp_path: Path) -> None:
    """Without room for crash records there is still a scan, and a crash is still told."""
    (tmp_path / "crashes").write_text("a file where the folder should be")
    worker = make()

    assert len((await scan(worker, "good")).whole) == 2
    assert type((await scan(worker, "aborts")).error) is DriverCrashed


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


async def test_a_child_that_the_system_has_no_room_for_is_told(make: Make) -> None:
    """Nothing is wrong with the driver: a job pauses for it, and the next question tries again."""
    worker = make()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        with pytest.raises(Exhausted, match="No process for"):
            await worker.devices()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert await worker.devices()


async def test_an_interpreter_that_is_not_there_is_told(make: Make, tmp_path: Path) -> None:
    """No pause helps against that."""
    recipe = Recipe(
        kind="source",
        name="gone",
        factory="hostile:Hostile",
        settings={},
        python=str(tmp_path / "python"),
    )

    with pytest.raises(DriverCrashed, match="No process for gone"):
        await Worker(recipe, crashes=tmp_path).devices()
