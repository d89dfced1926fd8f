"""Cameras of the network: their pictures as they come, and all that is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mjpeg import Camera, camera
from photographs import photograph

from sheetfed.api.errors import (
    BadSettings,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DriverTimeout,
    SheetfedError,
)
from sheetfed.api.model import View
from sheetfed_webcam import named
from sheetfed_webcam.cameras import stream as room
from sheetfed_webcam.cameras.stream import Stream
from sheetfed_webcam.source import Webcam


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camera]:
    """A camera of the network."""
    with camera(photograph(tmp_path_factory.mktemp("seen") / "one.jpg", 1, (640, 480))) as server:
        yield server


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SILENCE", 0.6)
    monkeypatch.setattr(room, "PATIENCE", 1.2)


@pytest.mark.parametrize("path", ["stream", "unmeasured", "snapshot", "moved"])
def test_pictures_come_as_the_camera_made_them(server: Camera, path: str) -> None:
    """Not one byte of a page is ours."""
    seen = Stream(f"{server.address}/{path}", "Desk")
    try:
        for _ in range(3):
            shot = seen.shoot()
            assert (shot.width, shot.height, shot.jpeg) == (640, 480, server.picture)
    finally:
        seen.close()


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("half", DeviceFailed),
        ("endless", DeviceFailed),
        ("huge", DeviceFailed),
        ("closes", DeviceGone),
        ("stops", DriverTimeout),
        ("drips", DriverTimeout),
        ("page", DeviceFailed),
        ("circle", DeviceFailed),
        ("away", DeviceFailed),
        ("to-file", DeviceFailed),
        ("locked", DeviceDenied),
        ("full", DeviceBusy),
        ("silent", DriverTimeout),
        ("nothing", DeviceFailed),
    ],
)
def test_what_is_no_video_has_a_name(server: Camera, path: str, error: type[SheetfedError]) -> None:
    """It ends soon, with what a person can do about it."""
    with pytest.raises(error):
        _exhaust(f"{server.address}/{path}")


def _exhaust(address: str) -> None:
    seen = Stream(address, "Desk")
    try:
        for _ in range(10):
            seen.shoot()
    finally:
        seen.close()


def test_a_camera_that_is_locked_opens_with_the_name_and_password_of_its_address(
    server: Camera,
) -> None:
    """Both stand in the configuration, and no page ever sees them."""
    address = server.address.replace("://", "://ann:p%40ss@")
    source = Webcam({"cameras": f"Front desk = {address}/locked"})

    (device,) = [each for each in source.devices() if each.id == "front-desk"]
    session = source.open("front-desk")
    frame = next(session.frames(View(width=320)))
    session.close()

    assert (device.title, device.kind) == ("Front desk", "camera")
    assert (frame.width, frame.height) == (320, 240)
    assert frame.data.startswith(b"\xff\xd8")


def test_nobody_at_an_address_is_gone(tmp_path: Path) -> None:
    """Nor does an address open anything that is not in the configuration under a name."""
    cameras = f"Web = http://127.0.0.1:9/\nOld = rtsp://127.0.0.1:9/a\nClip = {tmp_path}/none.mp4"
    source = Webcam({"cameras": cameras})

    for device_id in ("web", "old", "clip", "http://127.0.0.1:9/", "/etc/passwd"):
        with pytest.raises(DeviceGone):
            source.open(device_id)


@pytest.mark.parametrize("line", ["Desk", "= http://camera/", "A = ftp://camera/", "A=/a\na = /b"])
def test_a_line_that_names_no_camera_is_refused(line: str) -> None:
    """The mistake is told where it is made."""
    with pytest.raises(BadSettings):
        named.read(line)


@pytest.mark.parametrize(
    "lines",
    [
        "http://ann:secret@camera/",
        "http://ann:secret@camera/video?a=b",
        "rtsp ann:secret = /a\nrtsp ann:secret = /b",
        "Desk = ann:secret@camera?to=http://camera/",
    ],
)
def test_a_line_that_is_refused_is_told_by_its_number(lines: str) -> None:
    """R15: sites are told why no camera is listed, and a password may stand in the line."""
    with pytest.raises(BadSettings, match=r"Line \d") as refused:
        named.read(f"\nShelf = /a\n{lines}")

    assert "secret" not in refused.value.message
    assert "secret" not in str(refused.value.details)
    assert f"Line {2 + len(lines.splitlines())} " in refused.value.message
