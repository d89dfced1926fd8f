"""A camera of this computer: listed, set, looked through, captured, pulled out."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from face import opened as serving
from photographs import black, photograph
from PIL import Image
from table import Rig, pages

from sheetfed.api.errors import (
    BadSettings,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DriverTimeout,
    SheetfedError,
)
from sheetfed.api.model import Option, View
from sheetfed.config import load
from sheetfed.worker.parent import Worker

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLE = View()
FOCUS, FOCUS_AUTO = 0x009A0900 + 10, 0x009A0900 + 12


async def opened(worker: Worker) -> tuple[str, Mapping[str, Option]]:
    """Open the only camera and return its id and options."""
    (camera,) = await worker.devices()
    options = await worker.open(camera.id)
    return camera.id, {option.name: option for option in options}


async def test_it_has_its_name_formats_sizes_and_controls(worker: Worker, rig: Rig) -> None:
    """What the system knows of a camera, in words that all cameras share."""
    (camera,) = await worker.devices()
    device_id, options = await opened(worker)

    assert (camera.title, camera.kind) == ("Rig document camera", "camera")
    assert camera.id.startswith("rig-document-camera-")
    assert [choice.value for choice in options["format"].choices] == ["mjpg", "yuyv"]
    assert [choice.value for choice in options["size"].choices] == ["1280x720", "640x480"]
    assert [choice.value for choice in options["frame-rate"].choices] == [30.0, 15.0]
    exposure, contrast = options["exposure"], options["contrast"]
    assert (exposure.minimum, exposure.maximum, exposure.default) == (3, 2047, 250)
    assert (contrast.default, "32" in contrast.description) == (40, True)
    assert options["focus-auto"].default is True
    assert "zoom" not in options

    changed = {option.name: option.default for option in await worker.set("focus", 25)}
    with pytest.raises(BadSettings):
        await worker.set("focus", 251)
    await worker.set("size", "640x480")
    frame = await worker.frame(device_id, 1, WHOLE)

    assert changed == {"focus": 25, "focus-auto": False}  # by itself it would look again
    assert rig.log()[:2] == [f"set {FOCUS_AUTO} 0", f"set {FOCUS} 25"]
    assert frame is not None
    assert frame.data == rig.seen("640x480").read_bytes()

    await worker.set("format", "yuyv")
    (plain,) = [page async for page in pages(worker)]
    picture = Image.open(io.BytesIO(plain))
    await worker.set("format", "mjpg")
    (packed,) = [page async for page in pages(worker)]

    assert (picture.format, picture.size) == ("PNG", (640, 480))  # pixels are kept without loss
    assert packed == rig.seen("640x480").read_bytes()


async def test_it_is_looked_through_and_captured_without_a_flicker(
    worker: Worker, rig: Rig
) -> None:
    """The page is the JPEG that the camera made, and the light goes on once and off once."""
    device_id, _ = await opened(worker)
    wanted = rig.seen().read_bytes()
    assert rig.log() == []  # to ask what a camera can do does not switch it on

    for view in (WHOLE, View(width=320)):
        assert (await worker.frame(device_id, 1, view)) is not None
    taken = [page async for page in pages(worker, pages=3)]
    small = await worker.frame(device_id, 2, View(width=320))
    await worker.release()

    assert taken == [wanted] * 3
    assert small is not None
    assert Image.open(io.BytesIO(small.data)).size == (320, 180)
    assert rig.log() == ["on", "off"]


async def test_every_fault_has_a_name_and_the_next_picture_comes(worker: Worker, rig: Rig) -> None:
    """Cables, other programs and bad cameras are no reason to start anything again."""
    device_id, _ = await opened(worker)
    faults: list[tuple[str, type[SheetfedError]]] = [
        ("unplug", DeviceGone),
        ("busy", DeviceBusy),
        ("half", DeviceFailed),
        ("stall", DriverTimeout),
    ]
    assert await worker.frame(device_id, 1, WHOLE)
    for fault, error in faults:
        rig.fails(fault)
        if fault == "unplug":
            with pytest.raises(error):
                await worker.set("focus", 30)
        if fault == "busy":  # noticed by who opens it
            await worker.release()
        with pytest.raises(error):
            await _looking_on(worker, device_id)
        rig.fails("")
        assert await worker.frame(device_id, 1, WHOLE), fault

    await worker.release()
    rig.fails("denied")
    with pytest.raises(DeviceDenied, match="video"):
        await opened(worker)


async def _looking_on(worker: Worker, device_id: str) -> None:
    while True:
        await worker.frame(device_id, 1, WHOLE)


async def test_a_picture_of_another_size_is_shown_and_kept_as_it_is(
    worker: Worker, rig: Rig
) -> None:
    """Some cameras change it in mid stream; nothing black becomes a page."""
    device_id, _ = await opened(worker)
    assert await worker.frame(device_id, 1, WHOLE)
    data = photograph(rig.seen(), 9, (800, 600))

    frame = await worker.frame(device_id, 1, WHOLE)
    while frame is None or frame.width != 800:
        frame = await worker.frame(device_id, 1, WHOLE)
    (page,) = [page async for page in pages(worker)]
    black(rig.seen())
    with pytest.raises(DeviceFailed, match="cover"):
        async for _ in pages(worker):
            pass

    assert page == data


async def test_what_was_captured_before_it_was_pulled_out_is_kept(worker: Worker, rig: Rig) -> None:
    """A burst ends with the error, and the pages before it are whole."""
    await opened(worker)
    kept: list[bytes] = []

    async def burst() -> None:
        async for page in pages(worker, pages=0):
            kept.append(page)
            if len(kept) == 3:
                rig.fails("unplug")

    with pytest.raises(DeviceGone):
        await burst()

    assert len(kept) >= 3
    assert set(kept) == {rig.seen().read_bytes()}


async def test_the_light_goes_off_soon_after_the_last_viewer_left(rig: Rig, tmp_path: Path) -> None:
    """Over HTTP: two look and one scans, and the camera is switched on and off once."""
    rig.begins()
    config = load(home=tmp_path / "home", environ={}, port=None)
    async with serving(config) as face:
        async with face.client.get("/v1/devices") as answer:
            listed = [each["id"] for each in (await answer.json())["items"]]
        (camera,) = [each for each in listed if each.startswith("webcam:rig-")]
        path = f"/v1/devices/{camera}/preview"
        async with face.client.get(path) as first, face.client.get(f"{path}?width=200") as second:
            assert first.status == second.status == 200
            await second.content.readexactly(2000)
            first.close()
            async with face.client.post("/v1/jobs", json={"device": camera}) as answer:
                job = await answer.json()
            while job["state"] != "done":
                wait = f"/v1/jobs/{job['id']}?wait=20&seen={job['version']}"
                async with face.client.get(wait) as answer:
                    job = await answer.json()
            await second.content.readexactly(2000)
            assert rig.log() == ["on"]

        async with asyncio.timeout(8):  # a scanner would be kept open for longer
            while rig.log() != ["on", "off"]:  # noqa: ASYNC110 - a driver tells nobody
                await asyncio.sleep(0.05)
    assert job["pages"] == 1
