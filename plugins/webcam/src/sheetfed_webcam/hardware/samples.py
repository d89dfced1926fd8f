"""JPEG files of a camera of Windows, as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sheetfed_webcam.hardware.film import Film, Size
from sheetfed_webcam.hardware.hardware import MJPG

SOON = 0.25
"""Seconds in which a picture comes from a camera that is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What JPEG files are to come; a rate of 0 leaves that to the camera."""

    size: Size
    rate: float = 0.0


class Newest:
    """The newest file: put there in one thread, taken in another, once."""

    def __init__(self) -> None:
        self._came = threading.Condition()
        self._data: bytes | None = None

    def put(self, data: bytes) -> None:
        """Replace the last one."""
        with self._came:
            self._data = data
            self._came.notify()

    def take(self, seconds: float) -> bytes | None:
        """Return it once there is one, None where none comes in time."""
        with self._came:
            self._came.wait_for(lambda: self._data is not None, seconds)
            data, self._data = self._data, None
            return data


class Samples(Film):
    """A camera that sends JPEG files which nobody unpacks on the way.

    `start` has them come, after those of before have ended; `check` raises what became of the
    camera; `stop` ends them.
    """

    format = MJPG

    def __init__(
        self,
        wish: Wish,
        *,
        start: Callable[[Wish, Newest], None],
        check: Callable[[], None],
        stop: Callable[[], None],
    ) -> None:
        self._start, self._check, self._stop = start, check, stop
        self._wish = wish
        self._newest = Newest()
        self._is_closed = False
        start(wish, self._newest)

    def take(self) -> bytes | None:
        """Return the next file."""
        data = self._newest.take(SOON)
        if data is None:
            self._check()
        return data

    def size(self) -> Size:
        """Return the size in force."""
        return self._wish.size

    def rate(self) -> float:
        """Return how many pictures a second are asked for."""
        return self._wish.rate

    def set_rate(self, rate: float) -> None:
        """Ask for so many pictures a second; the camera starts again."""
        self._wish = Wish(size=self._wish.size, rate=rate)
        self._newest = Newest()
        self._start(self._wish, self._newest)

    def close(self) -> None:
        """Switch the camera off."""
        if not self._is_closed:
            self._is_closed = True
            self._stop()
