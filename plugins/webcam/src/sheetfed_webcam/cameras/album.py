"""A folder of pictures as a camera: one after the other."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import cv2

from sheetfed.api.errors import DeviceFailed, DeviceGone
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.shots import Shot, decoded, of_pixels

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
PAUSE = 1.0
"""Seconds for which each picture is seen,"""

BEAT = 0.1
"""by as many shots as a slow camera takes."""


class Album(Camera):
    """The pictures of one folder, by name, over and over."""

    def __init__(self, folder: str, title: str) -> None:
        self._title = title
        self._folder = Path(folder)
        self._closed = threading.Event()
        self._begun = time.monotonic()
        self._shown: tuple[Path, Shot] | None = None
        self._files()

    def shoot(self) -> Shot:
        """Return the picture whose turn it is."""
        if self._closed.wait(BEAT):
            raise DeviceGone(f"{self._title} was closed")
        files = self._files()
        file = files[int((time.monotonic() - self._begun) / PAUSE) % len(files)]
        if self._shown is None or self._shown[0] != file:
            self._shown = file, self._read(file)
        return replace(self._shown[1], time=time.time())

    def interrupt(self) -> None:
        """Wait no longer."""
        self._closed.set()

    def close(self) -> None:
        """Show no more."""

    def _files(self) -> list[Path]:
        try:
            found = sorted(f for f in self._folder.iterdir() if f.suffix.lower() in ENDINGS)
        except OSError as error:
            raise DeviceGone(f"The folder of {self._title} is not there") from error
        if not found:
            raise DeviceFailed(f"The folder of {self._title} holds no picture")
        return found

    def _read(self, file: Path) -> Shot:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise DeviceFailed(f"{file.name} cannot be read: {error.strerror}") from error
        pixels = decoded(data, cv2.IMREAD_COLOR)
        if not pixels.size:
            raise DeviceFailed(f"{file.name} is no picture")
        if data.startswith(b"\xff\xd8"):
            height, width = pixels.shape[:2]
            return Shot(width=width, height=height, time=time.time(), jpeg=data)
        return of_pixels(pixels, time.time())
