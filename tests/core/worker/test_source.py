"""A source in its child: what it says arrives, as it said it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from PIL import Image

from sheetfed.api.errors import (
    AddonBroken,
    BadSettings,
    Conflict,
    DeviceFailed,
    DeviceGone,
    PaperJam,
)
from sheetfed.api.model import Progress, View
from sheetfed.worker.wire import Keep

Scan = Callable[..., Awaitable[Any]]
Make = Callable[..., Any]


async def test_devices_and_options_arrive(make: Make) -> None:
    worker = make()

    devices = await worker.devices()
    options = await worker.open("good")
    changed = await worker.set("resolution", 600)

    assert "good" in {device.id for device in devices}
    assert [(option.name, option.default) for option in options] == [("resolution", 300)]
    assert changed[0].default == 600
    assert (await worker.open("good"))[0].default == 600  # still the same session


async def test_pages_arrive_whole_with_their_pictures(make: Make, scan: Scan) -> None:
    scanned = await scan(make(), "good", pages=3)

    assert scanned.error is None
    assert [page.begun.number for page in scanned.pages] == [1, 2, 3]
    for page in scanned.pages:
        assert (page.begun.width, page.begun.height, page.begun.mode) == (64, 40, "gray")
        assert page.done.size == len(page.data)
        assert {picture.kind for picture in page.pictures} == {"preview", "thumbnail"}
        image = Image.open(io.BytesIO(page.data))
        assert image.tobytes() == bytes(range(64)) * 40


async def test_a_height_that_only_the_last_row_tells(make: Make, scan: Scan) -> None:
    scanned = await scan(make(), "unknown-height")

    assert scanned.pages[0].begun.height is None
    assert scanned.pages[0].done.height == 33


async def test_a_raster_is_kept_as_asked(make: Make, scan: Scan) -> None:
    scanned = await scan(make(), "good", Keep(form="jpeg", quality=90))

    assert {page.begun.media_type for page in scanned.pages} == {"image/jpeg"}


async def test_signs_of_life_are_few(make: Make) -> None:
    """A driver that reports every line must not drown the service in events."""
    worker = make()
    await worker.open("progress")

    async with aclosing(worker.scan({}, Keep())) as events:
        seen = [event async for event in events]

    assert seen[0] == Progress(activity="lamp", done=0.5)
    assert len(seen) < 20


async def test_a_typed_error_arrives_unchanged(make: Make, scan: Scan) -> None:
    worker = make()

    scanned = await scan(worker, "jams")

    assert type(scanned.error) is PaperJam
    assert scanned.error.message == "paper stuck at roller 2"
    assert scanned.error.details == {"roller": 2, "odd": "x"}
    assert len(scanned.whole) == 1
    pid = worker.pid
    assert len((await scan(worker, "good")).whole) == 2
    assert worker.pid == pid  # a jam is no reason for a new child


async def test_details_that_are_no_json_still_arrive(make: Make, scan: Scan) -> None:
    scanned = await scan(make(), "odd-details")

    assert type(scanned.error) is PaperJam
    assert scanned.error.details["nan"] == "NaN"


@pytest.mark.parametrize(
    ("device", "kind", "words"),
    [
        ("raises", "RuntimeError", "the driver's own words"),
        ("system-exit", "SystemExit", "0"),
    ],
)
async def test_any_exception_names_itself(
    make: Make, scan: Scan, device: str, kind: str, words: str
) -> None:
    worker = make()

    scanned = await scan(worker, device)

    assert type(scanned.error) is AddonBroken
    assert scanned.error.message == f"{kind}: {words}"
    assert "hostile.py" in scanned.error.details["traceback"]
    assert len(scanned.whole) == 1
    assert len((await scan(worker, "good")).whole) == 2


async def test_unknown_devices_and_options_are_refused(make: Make) -> None:
    worker = make()

    with pytest.raises(Conflict):
        await worker.set("resolution", 300)
    with pytest.raises(DeviceGone):
        await worker.open("nobody")
    await worker.open("good")
    with pytest.raises(DeviceGone):
        await worker.open("nobody")
    with pytest.raises(Conflict):
        await worker.set("resolution", 300)
    await worker.open("good")
    with pytest.raises(BadSettings) as caught:
        await worker.set("colour", "red")
    assert caught.value.details == {"option": "colour"}


async def test_what_is_no_number_is_refused_before_it_is_asked(make: Make, scan: Scan) -> None:
    """JSON cannot carry it, and no driver means it."""
    worker = make()
    await worker.open("good")

    with pytest.raises(BadSettings) as refused:
        await worker.set("pages", float("nan"))
    scanned = await scan(worker, "good", pages=float("inf"))

    assert refused.value.details["option"] == "pages"
    assert isinstance(scanned.error, BadSettings)


async def test_releasing_closes_the_device_and_keeps_the_child(
    make: Make, scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    worker = make()
    await worker.open("good")
    pid = worker.pid

    await worker.release()
    await worker.release()

    assert worker.pid == pid
    assert len((await scan(worker, "good")).whole) == 2
    assert "the device is closed" in caplog.text


async def test_what_a_live_picture_fails_with_beside_a_scan_is_told(make: Make) -> None:
    """The pictures that ended are asked for anew: their end alone says nothing."""
    worker = make("Flickers")
    under_way = asyncio.Event()

    async def scan() -> None:
        try:
            async with aclosing(worker.scan({}, Keep())) as events:
                async for _ in events:
                    under_way.set()
        finally:
            under_way.set()

    await worker.open("lamp")
    first = await worker.frame("lamp", 1, View())
    scanning = asyncio.create_task(scan())
    await under_way.wait()

    with pytest.raises(DeviceFailed, match="The lamp went out"):
        await worker.frame("lamp", 1, View())

    assert first is not None
    await scanning
