"""What systems tell of a camera, read without one."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from sheetfed.api.errors import BadSettings, DeviceDenied, DeviceGone
from sheetfed_webcam.hardware import mediatypes
from sheetfed_webcam.hardware.hardware import Mode
from sheetfed_webcam.hardware.places import place

HEAD = UUID("05589F80-C356-11CE-BF01-00AA0055595A").bytes_le
HEAD_2 = UUID("F72A76A0-EB0A-11D0-ACE4-0000C0CC16BA").bytes_le
NONE = bytes(16)


def four(letters: str) -> bytes:
    """Return the name of a format that has four letters."""
    return letters.encode() + UUID("00000000-0000-0010-8000-00AA00389B71").bytes_le[4:]


def told(width: int, height: int, *, second: bool = False) -> bytes:
    """Return how DirectShow tells a size, 25 pictures a second."""
    size = struct.pack("<iii", 40, width, height)
    return struct.pack("<40xq", 400_000) + bytes(24 * second) + size


def limits(least: int, most: int) -> bytes:
    """Return the times between two pictures that a camera can do, in 100 ns."""
    return struct.pack("<104xqq8x", least, most)


@pytest.mark.parametrize("second", [False, True])
def test_a_mode_of_windows_is_read(second: bool) -> None:  # noqa: FBT001 - one of two heads
    """Both heads that there are; a height below zero says which row comes first, no more."""
    kind = HEAD_2 if second else HEAD
    head = told(1280, -720, second=second)

    found = mediatypes.mode(four("MJPG"), kind, head, limits(333_333, 2_000_000))

    assert found == Mode(format="MJPG", width=1280, height=720, rates=(30.0, 25.0, 5.0))


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        (NONE, told(640, 480)),
        (HEAD, told(640, 480)[:50]),
        (HEAD, told(0, 480)),
        (HEAD, told(-640, 480)),
        (HEAD, b""),
    ],
)
def test_a_mode_that_makes_no_sense_is_none(kind: bytes, head: bytes) -> None:
    """Drivers announce sizes of nothing, and heads that end too soon."""
    assert mediatypes.mode(four("YUY2"), kind, head, limits(0, 0)) is None


def test_pixels_without_letters_have_no_format_to_choose() -> None:
    """OpenCV could not ask for them by name."""
    found = mediatypes.mode(NONE[:4] + b"\1" * 12, HEAD, told(640, 480), limits(0, -1))

    assert found == Mode(format="", width=640, height=480, rates=(25.0,))


def test_one_camera_has_one_place_in_both_of_windows_ways() -> None:
    """Each ends its path with its own class, and writes it as it likes."""
    one = (
        r"\\?\usb#vid_046d&pid_082d&mi_00#7&1&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
    )
    other = r"\\?\USB#VID_046D&PID_082D&MI_00#7&1&0&0000#{e5323777-f976-4f5b-9b94-b55699c46e44}\g"
    twin = (
        r"\\?\usb#vid_046d&pid_082d&mi_00#7&2&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
    )

    assert place(one, "C920") == place(other, "HD Pro Webcam")
    assert place(one, "C920") != place(twin, "C920")
    assert place("", "OBS Virtual Camera") == "OBS Virtual Camera"


@pytest.fixture
def apple(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Stand-ins for Apple's libraries, and what is made of them."""
    stand_ins = Path(__file__).parents[2] / "rigs" / "webcam" / "apple"
    monkeypatch.syspath_prepend(stand_ins)
    yield
    for name in ("AVFoundation", "CoreMedia", "sheetfed_webcam.hardware.macos"):
        sys.modules.pop(name, None)


def test_a_camera_of_macos_has_sizes_and_what_it_does_by_itself(apple: None) -> None:
    """No range, for macOS knows none; what the camera cannot lock is not offered."""
    from AVFoundation import AVCaptureDevice

    from sheetfed_webcam.hardware.macos import MacCamera

    camera = MacCamera("0x1234", "FaceTime")
    before = [(option.name, option.default) for option in camera.options()]
    camera.set("exposure-auto", value=False)
    after = [(option.name, option.default) for option in camera.options()]

    assert [(mode.width, mode.height, mode.rates) for mode in camera.modes()] == [
        (1280, 720, (60, 30, 15)),
        (1920, 1080, (30,)),
    ]
    assert (before, after) == ([("exposure-auto", True)], [("exposure-auto", False)])
    assert AVCaptureDevice.log == ["lock", "unlock"]
    for name in ("exposure", "brightness", "zoom-auto"):
        with pytest.raises(BadSettings):
            camera.set(name, value=1)


def test_what_becomes_of_a_camera_of_macos_has_a_name(
    apple: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells more of it than OpenCV does."""
    from AVFoundation import AVCaptureDevice

    from sheetfed_webcam.hardware.macos import MacCamera

    camera, gone = MacCamera("0x1234", "FaceTime"), MacCamera("0x5678", "Old")
    camera.check()

    with pytest.raises(DeviceGone):
        gone.check()
    assert (gone.modes(), gone.options()) == ([], [])
    monkeypatch.setattr(AVCaptureDevice, "busy", True)
    camera.check()  # programs may share it; what gives no picture is asked whether it is busy
    assert camera.is_busy()
    for name, value, error in (
        ("connected", False, DeviceGone),
        ("allowed", 2, DeviceDenied),
        ("allowed", 0, DeviceDenied),
    ):
        monkeypatch.setattr(AVCaptureDevice, name, value)
        with pytest.raises(error):
            camera.check()
