"""A video file as a camera: it plays over and over."""

from __future__ import annotations

import threading
import time

import cv2

from sheetfed.api.errors import DeviceFailed, DeviceGone
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.shots import Shot, of_pixels

USUAL = 25.0
"""Pictures a second where the file does not say."""


class Clip(Camera):
    """One video file, as fast as it was taken."""

    def __init__(self, path: str, title: str) -> None:
        self._title = title
        self._film = cv2.VideoCapture(path)
        if not self._film.isOpened():
            raise DeviceFailed(f"{title} is no video file that can be played")
        rate = self._film.get(cv2.CAP_PROP_FPS)
        self._pause = 1 / (rate if 0 < rate <= 240 else USUAL)
        self._closed = threading.Event()
        self._next = time.monotonic()

    def shoot(self) -> Shot:
        """Return the next picture of the film when it is due."""
        self._closed.wait(max(0.0, self._next - time.monotonic()))
        if self._closed.is_set():
            raise DeviceGone(f"{self._title} was closed")
        self._next = max(self._next + self._pause, time.monotonic() - self._pause)
        whole, pixels = self._film.read()
        if not whole:
            self._film.set(cv2.CAP_PROP_POS_FRAMES, 0)
            whole, pixels = self._film.read()
        if not whole:
            raise DeviceFailed(f"{self._title} holds no picture")
        return of_pixels(pixels, time.time())

    def interrupt(self) -> None:
        """Wait no longer."""
        self._closed.set()

    def close(self) -> None:
        """Close the file."""
        self._film.release()
