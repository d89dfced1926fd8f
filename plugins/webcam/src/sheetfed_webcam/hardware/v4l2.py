"""What Linux knows of a camera: see videodev2.h."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sheetfed_webcam.hardware.letters import number as number_of
from sheetfed_webcam.hardware.words import Range

if sys.platform == "linux":
    from fcntl import ioctl
else:  # nobody calls it there

    def ioctl(_file: int, _request: int, _data: bytearray) -> int:
        """Refuse."""
        raise OSError(errno.ENOSYS, "no V4L2 here")


QUERYCAP = 0x80685600
ENUM_FMT = 0xC0405602
REQBUFS = 0xC0145608
G_CTRL = 0xC008561B
S_CTRL = 0xC008561C
QUERYCTRL = 0xC0445624
QUERYMENU = 0xC02C5625
ENUM_FRAMESIZES = 0xC02C564A
ENUM_FRAMEINTERVALS = 0xC034564B

CAPTURE = 1
"""V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE and V4L2_MEMORY_MMAP."""

MOST = 200
"""So many formats, sizes or rates are asked for."""

_DISABLED, _READ_ONLY = 0x1, 0x4


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A camera's name, and where it is plugged in."""

    name: str
    bus: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control of a camera."""

    kind: int
    span: Range
    readonly: bool


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Open a camera's node beside whoever streams from it. Raises OSError."""
    file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def card(file: int) -> Card | None:
    """Return what a node says it is; None where it captures no video. Raises OSError."""
    data = bytearray(104)
    ioctl(file, QUERYCAP, data)
    _, name, bus, _, every, here = struct.unpack_from("16s32s32sIII", data)
    if not (here or every) & CAPTURE:
        return None
    return Card(name=_text(name), bus=_text(bus))


def formats(file: int) -> list[str]:
    """Return the formats in which pictures come, each as its four letters."""
    listed = _listed(file, ENUM_FMT, 64, "II", CAPTURE)
    return [bytes(data[44:48]).decode("latin-1") for data in listed]


def sizes(file: int, pixels: str) -> list[tuple[int, int]]:
    """Return the sizes of a format, the largest first; the ends of a range where it has one."""
    found: set[tuple[int, int]] = set()
    for data in _listed(file, ENUM_FRAMESIZES, 44, "II", number_of(pixels)):
        kind, width, high, _, height, tall = struct.unpack_from("6I", data, 8)
        found.add((width, high) if kind == 1 else (width, height))
        if kind != 1:
            found.add((high, tall))
            break
    return sorted(found, key=lambda size: size[0] * size[1], reverse=True)


def rates(file: int, pixels: str, size: tuple[int, int]) -> list[float]:
    """Return how many pictures a second a size has, the most first."""
    found: set[float] = set()
    for data in _listed(file, ENUM_FRAMEINTERVALS, 52, "IIII", number_of(pixels), *size):
        _, above, below = struct.unpack_from("3I", data, 16)
        if above and below:
            found.add(round(below / above, 2))
    return sorted(found, reverse=True)


def control(file: int, number: int) -> Control | None:
    """Return what a control can be set to; None where the camera has none of this number."""
    data = bytearray(68)
    struct.pack_into("I", data, 0, number)
    try:
        ioctl(file, QUERYCTRL, data)
    except OSError:
        return None
    kind = struct.unpack_from("I", data, 4)[0]
    minimum, maximum, step, default, flags = struct.unpack_from("iiiiI", data, 40)
    if flags & _DISABLED or not minimum < maximum:
        return None
    return Control(
        kind=kind,
        span=Range(minimum=minimum, maximum=maximum, step=max(1, step), usual=default),
        readonly=bool(flags & _READ_ONLY),
    )


def has_item(file: int, number: int, index: int) -> bool:
    """Say whether the menu of a control has an item."""
    data = bytearray(44)
    struct.pack_into("II", data, 0, number, index)
    try:
        ioctl(file, QUERYMENU, data)
    except OSError:
        return False
    return True


def get(file: int, number: int) -> int:
    """Return what a control is set to. Raises OSError."""
    data = bytearray(struct.pack("Ii", number, 0))
    ioctl(file, G_CTRL, data)
    value: int = struct.unpack_from("i", data, 4)[0]
    return value


def put(file: int, number: int, value: int) -> None:
    """Set a control. Raises OSError."""
    ioctl(file, S_CTRL, bytearray(struct.pack("Ii", number, value)))


def is_busy(file: int) -> bool:
    """Say whether another program streams from it; ask only while nobody here does."""
    try:
        ioctl(file, REQBUFS, bytearray(struct.pack("5I", 1, CAPTURE, CAPTURE, 0, 0)))
        ioctl(file, REQBUFS, bytearray(struct.pack("5I", 0, CAPTURE, CAPTURE, 0, 0)))
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def _listed(file: int, request: int, size: int, form: str, *asked: int) -> Iterator[bytearray]:
    for index in range(MOST):
        data = bytearray(size)
        struct.pack_into(form, data, 0, index, *asked)
        try:
            ioctl(file, request, data)
        except OSError:
            return
        yield data


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
