"""A camera of this computer, through OpenCV."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress

import cv2

from sheetfed.api.errors import (
    BadSettings,
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DriverTimeout,
    SheetfedError,
)
from sheetfed.api.model import Choice, Option, Value
from sheetfed_webcam import knobs, v4l2
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.jpeg import whole
from sheetfed_webcam.listing import Local
from sheetfed_webcam.shots import Pixels, Shot, of_pixels

SILENCE = 4.0
"""Seconds in which a picture must come;"""

HALVES = 20
"""so many may come broken in a row."""

WAIT = 0.05
"""Seconds before a camera that gave nothing is asked again."""

USUAL_SIZES = ((3840, 2160), (2592, 1944), (1920, 1080), (1280, 720), (640, 480))
"""Sizes to try where the system tells none."""

_LOST = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})
_MJPG = float(v4l2.MJPG)


class LocalCamera(Camera):
    """One camera. Where it makes JPEG files, these are handed over as they come."""

    settles = 0.7

    def __init__(self, local: Local) -> None:
        self._local = local
        self._turn = threading.Lock()
        self._gave = False
        self._sizes: Sequence[tuple[int, int]] = USUAL_SIZES
        self._rates: Sequence[float] = ()
        self._packed = False
        self._pixels = 0
        if local.node:
            self._ask_node()
        self._film = self._opened()
        self._adjust(self._sizes[0] if local.node and self._sizes else None)

    def shoot(self) -> Shot:
        """Return the next picture that comes whole."""
        limit, broken = time.monotonic() + SILENCE, 0
        while True:
            with self._turn:
                came, data = self._film.read()
            if came and (shot := self._shot(data)) is not None:
                self._gave = True
                return shot
            if came:
                broken += 1
                if broken > HALVES:
                    raise DeviceFailed(f"{self._local.title} gives half pictures")
                continue
            self._check_there()
            if time.monotonic() > limit:
                raise self._silent()
            time.sleep(WAIT)

    def options(self) -> Sequence[Option]:
        """Return size, rate and what else the camera lets one set."""
        width = int(self._film.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(self._film.get(cv2.CAP_PROP_FRAME_HEIGHT))
        sizes = sorted({*self._sizes, (width, height)}, key=lambda s: s[0] * s[1], reverse=True)
        found = [
            Option(
                name="size",
                title="Size of the picture",
                kind="choice",
                default=f"{width}x{height}",
                choices=tuple(Choice(value=f"{w}x{h}", title=f"{w} by {h}") for w, h in sizes),
                group=knobs.GROUP,
            )
        ]
        rate = round(self._film.get(cv2.CAP_PROP_FPS), 2)
        if self._rates:
            rates = sorted({*self._rates, rate} if rate > 0 else self._rates, reverse=True)
            found.append(
                Option(
                    name="frame-rate",
                    title="Pictures a second",
                    kind="choice",
                    default=rate if rate in rates else rates[0],
                    choices=tuple(Choice(value=each, title=f"{each:g}") for each in rates),
                    group=knobs.GROUP,
                )
            )
        if self._local.node:
            with suppress(OSError), v4l2.opened(self._local.node) as file:
                found += knobs.options(file)
        return found

    def set(self, name: str, value: Value) -> None:
        """Set one; a size or a rate makes the camera start again."""
        if name == "size":
            width, _, height = str(value).partition("x")
            self._adjust((int(width), int(height)))
        elif name == "frame-rate" and isinstance(value, int | float):
            with self._turn:
                self._film.set(cv2.CAP_PROP_FPS, float(value))
        elif self._local.node:
            with self._node() as file:
                knobs.turn(file, name, value)
        else:
            raise BadSettings(f"There is no option {name!r}", option=name)

    def interrupt(self) -> None:
        """Do nothing: a picture comes within its deadline."""

    def close(self) -> None:
        """Let go of the camera; its light goes off."""
        if self._turn.acquire(timeout=SILENCE):
            self._film.release()
            self._turn.release()

    def _node(self) -> AbstractContextManager[int]:
        return v4l2.opened(self._local.node)

    def _ask_node(self) -> None:
        """Find out what there is to choose from. Raises where it cannot be opened."""
        try:
            with self._node() as file:
                pixels = v4l2.formats(file)
                self._packed = v4l2.MJPG in pixels
                self._pixels = v4l2.MJPG if self._packed or not pixels else pixels[0]
                self._sizes = v4l2.sizes(file, self._pixels)
        except OSError as error:
            raise self._refused(error) from error

    def _opened(self) -> cv2.VideoCapture:
        wishes = [cv2.CAP_PROP_FOURCC, v4l2.MJPG] if self._packed else []
        film = cv2.VideoCapture(self._local.index, self._local.backend, wishes)
        if film.isOpened():
            if self._packed:
                film.set(cv2.CAP_PROP_CONVERT_RGB, 0)
            return film
        self._film = film
        self._check_there()
        raise self._silent()

    def _adjust(self, size: tuple[int, int] | None) -> None:
        with self._turn:
            if size is not None:
                self._film.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
                self._film.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
            self._packed = self._packed and self._film.get(cv2.CAP_PROP_FOURCC) == _MJPG
            self._film.set(cv2.CAP_PROP_CONVERT_RGB, 0 if self._packed else 1)
        if self._local.node:
            now = (
                int(self._film.get(cv2.CAP_PROP_FRAME_WIDTH)),
                int(self._film.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            )
            with suppress(OSError), self._node() as file:
                self._rates = v4l2.rates(file, self._pixels, now)

    def _shot(self, data: Pixels) -> Shot | None:
        """Return a picture, None where it is not whole."""
        if not self._packed:
            return of_pixels(data, time.time()) if data.size else None
        picture = whole(data.tobytes())
        if picture is None:
            return None
        return Shot(width=picture.width, height=picture.height, time=time.time(), jpeg=picture.data)

    def _check_there(self) -> None:
        """Raise where the camera is not there any more, or not for us."""
        if not self._local.node:
            return
        try:
            with self._node() as file:
                v4l2.card(file)
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> SheetfedError:
        title = self._local.title
        if error.errno in _LOST:
            return DeviceGone(f"{title} was unplugged")
        if error.errno == errno.EBUSY:
            return DeviceBusy(f"Another program uses {title}")
        if error.errno in (errno.EACCES, errno.EPERM):
            return DeviceDenied(f"This account may not use {title}; on Linux the group is 'video'")
        return DeviceFailed(f"{title} cannot be used: {error.strerror}")

    def _silent(self) -> SheetfedError:
        """Return what it means that no picture comes; the camera is let go of."""
        self._film.release()
        if self._local.node:
            with suppress(OSError), self._node() as file:
                if v4l2.is_busy(file):
                    return DeviceBusy(f"Another program uses {self._local.title}")
        elif not self._gave:
            return DeviceBusy(f"{self._local.title} gives no picture: another program may use it")
        return DriverTimeout(
            f"{self._local.title} gives no picture", operation="frame" if self._gave else "open"
        )
