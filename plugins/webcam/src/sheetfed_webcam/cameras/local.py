"""A camera of this computer."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module

from sheetfed.api.errors import DeviceBusy, DeviceFailed, DriverTimeout, SheetfedError
from sheetfed.api.model import Choice, Option, Value
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.cameras.reader import Reader
from sheetfed_webcam.hardware import words
from sheetfed_webcam.hardware.film import Film, Size
from sheetfed_webcam.hardware.hardware import MJPG, Hardware
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

FORMATS: Mapping[str, str] = {
    MJPG: "JPEG",
    "YUYV": "YUYV",
    "YUY2": "YUYV",
    "UYVY": "UYVY",
    "NV12": "NV12",
    "YU12": "YUV 4:2:0",
    "I420": "YUV 4:2:0",
    "YV12": "YVU 4:2:0",
    "RGB3": "RGB",
    "BGR3": "RGB",
    "GREY": "Gray",
}
"""The formats that OpenCV unpacks, as a person reads them; the first ones are the smallest."""

_SYSTEMS: Mapping[str, tuple[str, str]] = {
    "linux": ("linux", "LinuxCamera"),
    "win32": ("windows", "WindowsCamera"),
    "darwin": ("macos", "MacCamera"),
}
"""Which room knows the cameras of a system; its libraries are there on that system only."""


class LocalCamera(Camera):
    """One camera. Where it makes JPEG files and its system lets them pass, they stay as they come.

    They pass through OpenCV, or past it where `Hardware.film` knows a way.
    """

    settles = 0.7

    def __init__(self, local: Local) -> None:
        self._title = local.title
        self._turn = threading.Lock()
        self._gave = False
        self._local = local
        self._film: Film | None = None
        self._hardware = _hardware(local)
        try:
            self._modes = self._hardware.modes()
            known = [each for each in FORMATS if any(each == mode.format for mode in self._modes)]
            self._formats = known or sorted({mode.format for mode in self._modes})
            self._format = self._formats[0] if self._formats else ""
            self._adjust(next(iter(self._sizes()), None))
        except BaseException:
            self._switch_off()
            self._hardware.close()
            raise

    def shoot(self) -> Shot:
        """Return the next picture that comes whole."""
        limit, broken = time.monotonic() + SILENCE, 0
        while True:
            data = self._taken()
            if data is not None and (shot := self._shot(data)) is not None:
                self._gave = True
                return shot
            if data is not None:
                broken += 1
                if broken > HALVES:
                    raise DeviceFailed(f"{self._title} gives half pictures")
                continue
            self._hardware.check()
            if time.monotonic() > limit:
                raise self._silent()
            time.sleep(WAIT)

    def options(self) -> Sequence[Option]:
        """Return format, size, rate and what else the camera lets one set."""
        found = []
        if len(self._formats) > 1:
            formats = [(each.lower(), FORMATS.get(each, each)) for each in self._formats]
            found.append(_choice("format", "How it sends pictures", self._format.lower(), formats))
        size = self._size()
        sizes = sorted({*(self._sizes() or USUAL_SIZES), size}, key=_area, reverse=True)
        named = [(_name(each), f"{each[0]} by {each[1]}") for each in sizes]
        found.append(_choice("size", "Size of the picture", _name(size), named))
        rates = self._rates(size)
        if rates:
            rate = self._running().rate()
            rates = sorted({*rates, rate} if rate > 0 else rates, reverse=True)
            told = [(each, f"{each:g}") for each in rates]
            now = rate if rate in rates else rates[0]
            found.append(_choice("frame-rate", "Pictures a second", now, told))
        return [*found, *self._hardware.options()]

    def set(self, name: str, value: Value) -> None:
        """Set one; a format, a size or a rate makes the camera start again."""
        if name == "size":
            width, _, height = str(value).partition("x")
            self._adjust((int(width), int(height)))
        elif name == "format":
            size = self._size()
            self._format = next(each for each in self._formats if each.lower() == value)
            sizes = self._sizes()
            self._adjust(size if size in sizes else next(iter(sizes), None))
        elif name == "frame-rate" and isinstance(value, int | float):
            with self._turn:
                self._running().set_rate(float(value))
        else:
            self._hardware.set(name, value)

    def interrupt(self) -> None:
        """Do nothing: a picture comes within its deadline."""

    def close(self) -> None:
        """Let go of the camera; its light goes off."""
        if self._turn.acquire(timeout=SILENCE):
            self._switch_off()
            self._turn.release()
        self._hardware.close()

    def _sizes(self) -> Sequence[Size]:
        """Return the sizes of the format in force, the largest first."""
        found = {(mode.width, mode.height) for mode in self._modes if mode.format == self._format}
        return sorted(found, key=_area, reverse=True)

    def _rates(self, size: Size) -> Sequence[float]:
        here = [mode for mode in self._modes if mode.format == self._format]
        return next((mode.rates for mode in here if (mode.width, mode.height) == size), ())

    def _size(self) -> Size:
        return self._running().size()

    def _running(self) -> Film:
        if self._film is None:
            raise self._silent()
        return self._film

    def _adjust(self, size: Size | None) -> None:
        """Have pictures come in the format in force, and in a size."""
        with self._turn:
            self._film = self._packed(size) or self._read(size)
            comes = self._film.format
            self._format = comes if comes in self._formats else self._format

    def _packed(self, size: Size | None) -> Film | None:
        """Return the camera's JPEG files past OpenCV, None where there is no such way."""
        if self._format != MJPG or size is None or self._hardware.hands_over_jpeg:
            return None
        self._switch_off()
        return self._hardware.film(size, next(iter(self._rates(size)), 0.0))

    def _read(self, size: Size | None) -> Film:
        """Return what OpenCV reads; a camera that it reads already does not start again."""
        film = self._film
        if not isinstance(film, Reader):
            self._switch_off()
            where = self._local
            packs = self._hardware.hands_over_jpeg
            film = Reader(where.index, where.backend, letters=self._format, packs=packs)
            if not film.is_open:
                film.close()
                self._hardware.check()
                raise self._silent()
        film.adjust(self._format, size)
        return film

    def _switch_off(self) -> None:
        if self._film is not None:
            self._film.close()
            self._film = None

    def _taken(self) -> bytes | Pixels | None:
        """Return what the camera gave, None where it gave nothing."""
        with self._turn:
            return self._running().take()

    def _shot(self, data: bytes | Pixels) -> Shot | None:
        """Return a picture, None where it is not whole."""
        if not isinstance(data, bytes):
            return of_pixels(data, time.time()) if data.size else None
        picture = whole(data)
        if picture is None:
            return None
        return Shot(width=picture.width, height=picture.height, time=time.time(), jpeg=picture.data)

    def _silent(self) -> SheetfedError:
        """Return what it means that no picture comes; the camera is let go of."""
        self._switch_off()
        busy = self._hardware.is_busy()
        if busy:
            return DeviceBusy(f"Another program uses {self._title}")
        if busy is None and not self._gave:
            return DeviceBusy(f"{self._title} gives no picture: another program may use it")
        return DriverTimeout(
            f"{self._title} gives no picture", operation="frame" if self._gave else "open"
        )


def _hardware(local: Local) -> Hardware:
    if sys.platform not in _SYSTEMS:
        return Hardware()
    room, name = _SYSTEMS[sys.platform]
    made: Hardware = getattr(import_module(f"sheetfed_webcam.hardware.{room}"), name)(
        local.place, local.title
    )
    return made


def _choice(name: str, title: str, now: Value, choices: Sequence[tuple[Value, str]]) -> Option:
    return Option(
        name=name,
        title=title,
        kind="choice",
        default=now,
        choices=tuple(Choice(value=value, title=said) for value, said in choices),
        group=words.GROUP,
    )


def _area(size: Size) -> int:
    return size[0] * size[1]


def _name(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
