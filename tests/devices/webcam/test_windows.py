"""A camera of Windows: listed, set, looked through, captured, pulled out."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from directshow import AUTO, LENS, LIGHT, MANUAL, NAME, PACKING, WindowsRig
from PIL import Image
from table import pages

from sheetfed.api.errors import (
    BadSettings,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    SheetfedError,
)
from sheetfed.api.model import Option, View
from sheetfed.testing.options import check_options
from sheetfed.worker.parent import Worker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

CONTROLS = ("exposure", "focus", "pan", "white-balance", "brightness", "color")
EXPOSURE, FOCUS, BRIGHTNESS, COLOR = 4, 6, 0, 6


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worker(
    windows_rig: WindowsRig, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Worker]:
    """A worker whose child runs in Windows; it is shared, for Wine is slow to start."""
    made = windows_rig.worker(tmp_path_factory.mktemp("crashes"))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def camera(worker: Worker, windows_rig: WindowsRig) -> str:
    """The id of the one that sends pixels; nobody looks through it, and it is well."""
    return await found(worker, windows_rig, NAME)


@pytest_asyncio.fixture(loop_scope="module")
async def packing(worker: Worker, windows_rig: WindowsRig) -> str:
    """The id of the one that makes JPEG files; nobody looks through it, and it is well."""
    return await found(worker, windows_rig, PACKING)


async def found(worker: Worker, rig: WindowsRig, name: str) -> str:
    """Return the id of a camera that nobody looks through."""
    rig.fails("")
    await worker.release()
    rig.log()
    return next(camera.id for camera in await worker.devices() if camera.title == name)


async def options_of(worker: Worker, camera: str) -> Mapping[str, Option]:
    """Return what can be asked of it, opened afresh."""
    await worker.release()
    options = await worker.open(camera)
    check_options(options)
    return {option.name: option for option in options}


async def test_it_has_its_name_sizes_and_controls(worker: Worker, camera: str) -> None:
    """Each with its range; what it lacks, cannot set, or says nonsense of, is not offered."""
    (listed,) = [each for each in await worker.devices() if each.id == camera]
    options = await options_of(worker, camera)
    exposure, focus = options["exposure"], options["focus"]

    assert (listed.title, listed.kind) == (NAME, "camera")
    assert camera.startswith("rig-document-camera-")
    assert [choice.value for choice in options["size"].choices] == ["640x480", "320x240"]
    assert [choice.value for choice in options["frame-rate"].choices] == [30.0, 5.0]
    assert [name for name in options if options[name].group == "Camera"] == [
        *("size", "frame-rate", "exposure-auto", "exposure", "focus-auto", "focus", "pan"),
        *("white-balance-auto", "white-balance", "brightness", "color"),
    ]
    assert (exposure.minimum, exposure.maximum, exposure.default) == (-11, -1, -5)
    assert "1/32 s" in exposure.description
    assert exposure.description.endswith("The camera's own is -6.")
    assert (focus.step, options["focus-auto"].default) == (5, True)
    assert (options["color"].kind, options["color"].default) == ("bool", True)


async def test_what_is_set_is_read_back(
    worker: Worker, camera: str, windows_rig: WindowsRig
) -> None:
    """To set a control switches off what would set it by itself, in one go."""
    await options_of(worker, camera)
    windows_rig.log()

    changed = {option.name: option.default for option in await worker.set("focus", 30)}
    automatic = {
        option.name: option.default for option in await worker.set("exposure-auto", value=False)
    }
    await worker.set("exposure-auto", value=True)
    await worker.set("color", value=False)
    with pytest.raises(BadSettings):
        await worker.set("focus", 31)
    with pytest.raises(BadSettings):
        await worker.set("zoom", 2)
    options = await options_of(worker, camera)

    assert changed == {"focus": 30, "focus-auto": False}
    assert automatic == {"exposure-auto": False}
    assert [line for line in windows_rig.log() if line.startswith("set")] == [
        f"set {LENS} {FOCUS} 30 {MANUAL}",
        f"set {LENS} {EXPOSURE} -5 {MANUAL}",
        f"set {LENS} {EXPOSURE} -5 {AUTO}",
        f"set {LIGHT} {COLOR} 0 {MANUAL}",
    ]
    assert (options["focus"].default, options["focus-auto"].default) == (30, False)
    assert (options["exposure-auto"].default, options["color"].default) == (True, False)


async def test_it_is_looked_through_and_captured_as_it_is_set(
    worker: Worker, camera: str, windows_rig: WindowsRig
) -> None:
    """Pictures come through OpenCV, controls go beside it: the same camera has both."""
    await options_of(worker, camera)
    frame = await worker.frame(camera, 1, View())
    slower = {option.name: option.default for option in await worker.set("frame-rate", 5.0)}
    await worker.set("size", "320x240")
    (page,) = [page async for page in pages(worker, brightness=90)]
    await worker.release()

    assert frame is not None
    assert (frame.width, frame.height) == (640, 480)
    assert slower == {"frame-rate": 5.0}
    picture = Image.open(io.BytesIO(page))
    assert picture.size == (320, 240)
    assert [picture.getpixel(place) for place in ((20, 20), (300, 20), (20, 220))] == [
        (0, 0, 0),
        (90, 90, 90),
        (90, 90, 90),
    ]
    assert windows_rig.log()[-1] == "off"


async def test_every_fault_has_a_name(worker: Worker, camera: str, windows_rig: WindowsRig) -> None:
    """A driver that fails or says nonsense has no controls, and no traceback."""
    faults: list[tuple[str, type[SheetfedError]]] = [
        ("denied", DeviceDenied),
        ("busy", DeviceBusy),
        ("gone", DeviceGone),
    ]
    for fault, error in faults:
        windows_rig.fails(fault)
        with pytest.raises(error):
            await options_of(worker, camera)
    for fault in ("fail", "nonsense"):
        windows_rig.fails(fault)
        assert not {*CONTROLS} & {*await options_of(worker, camera)}, fault
    windows_rig.fails("")
    assert {*CONTROLS} <= {*await options_of(worker, camera)}

    windows_rig.fails("stuck")
    with pytest.raises(DeviceFailed, match="80004005"):
        await worker.set("focus", 40)


async def test_jpeg_files_that_it_makes_are_kept_as_they_come(
    worker: Worker, packing: str, windows_rig: WindowsRig
) -> None:
    """Live pictures come out of the same files, and its light goes on once for each size."""
    options = await options_of(worker, packing)
    frame = await worker.frame(packing, 1, View())
    small = await worker.frame(packing, 2, View(width=320))
    burst = [page async for page in pages(worker, pages=3)]
    slower = {option.name: option.default for option in await worker.set("frame-rate", 5.0)}
    await worker.set("focus", 35)
    await worker.set("size", "320x240")
    (page,) = [page async for page in pages(worker, brightness=90)]
    await worker.release()
    log = windows_rig.log()

    assert [choice.value for choice in options["size"].choices] == ["640x480", "320x240"]
    assert frame is not None
    assert frame.data == windows_rig.sees().read_bytes()
    assert small is not None
    assert Image.open(io.BytesIO(small.data)).size == (320, 240)
    assert burst == [windows_rig.sees().read_bytes()] * 3
    assert slower == {"frame-rate": 5.0}
    assert page == windows_rig.sees("320x240").read_bytes()
    assert f"set {LENS} {FOCUS} 35 {MANUAL}" in log
    assert log[-1] == "off"
    assert log.count("on") == log.count("off")


async def test_where_its_files_cannot_be_had_pixels_are_kept(
    worker: Worker, packing: str, windows_rig: WindowsRig
) -> None:
    """OpenCV has its turn then, until they can: no file is said to be the camera's that is not."""
    windows_rig.fails("unpacked")
    await options_of(worker, packing)
    (pixels,) = [page async for page in pages(worker)]
    windows_rig.fails("")
    await worker.set("size", "320x240")
    (file,) = [page async for page in pages(worker)]

    assert Image.open(io.BytesIO(pixels)).format != "JPEG"
    assert file == windows_rig.sees("320x240").read_bytes()


async def test_every_end_of_its_files_has_a_name(
    worker: Worker, packing: str, windows_rig: WindowsRig
) -> None:
    """What was captured is kept, and the next question opens it afresh."""
    faults: list[tuple[str, type[SheetfedError]]] = [
        ("half", DeviceFailed),
        ("ended", DeviceGone),
        ("lost", DeviceGone),
    ]
    for fault, error in faults:
        await options_of(worker, packing)
        kept: list[bytes] = []
        with pytest.raises(error):
            await _burst(worker, kept, windows_rig, fault)
        assert len(kept) >= 2, fault
        assert {*kept} == {windows_rig.sees().read_bytes()}, fault
        windows_rig.fails("")
    windows_rig.fails("taken")
    with pytest.raises(DeviceBusy):
        await options_of(worker, packing)
    windows_rig.fails("")
    assert await worker.frame(packing, 1, View())


async def _burst(worker: Worker, kept: list[bytes], rig: WindowsRig, fault: str) -> None:
    async for page in pages(worker, pages=0):
        kept.append(page)
        if len(kept) == 2:
            rig.fails(fault)


async def test_one_that_is_pulled_out_is_gone(
    worker: Worker, camera: str, windows_rig: WindowsRig
) -> None:
    """This one is the last: whoever looks, sets or lists is told. Nothing hangs."""
    await options_of(worker, camera)
    assert await worker.frame(camera, 1, View())
    windows_rig.fails("gone")
    windows_rig.pulled_out(NAME)

    with pytest.raises(DeviceGone):
        await worker.set("pan", 10)
    with pytest.raises(DeviceGone):
        await _looking_on(worker, camera)
    assert [each.title for each in await worker.devices()] == [PACKING]


async def _looking_on(worker: Worker, camera: str) -> None:
    while True:
        await worker.frame(camera, 1, View())
