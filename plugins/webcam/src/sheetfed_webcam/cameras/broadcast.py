"""A camera of the network that speaks RTSP."""

from __future__ import annotations

import time

import cv2

from sheetfed.api.errors import DeviceGone, DriverTimeout
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.shots import Shot, of_pixels

SILENCE = 5_000
"""Milliseconds in which it must answer, and in which a picture must come."""


class Broadcast(Camera):
    """One RTSP stream, through OpenCV and FFmpeg."""

    settles = 0.5

    def __init__(self, address: str, title: str) -> None:
        self._title = title
        begun = time.monotonic()
        self._film = cv2.VideoCapture(
            address,
            cv2.CAP_FFMPEG,
            [
                cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
                SILENCE,
                cv2.CAP_PROP_READ_TIMEOUT_MSEC,
                SILENCE,
            ],
        )
        if not self._film.isOpened():
            if time.monotonic() - begun > SILENCE / 1000 - 0.5:
                raise DriverTimeout(f"{title} does not answer", operation="open")
            raise DeviceGone(f"{title} cannot be reached, or sends no video")

    def shoot(self) -> Shot:
        """Return the next picture."""
        begun = time.monotonic()
        whole, pixels = self._film.read()
        if whole:
            return of_pixels(pixels, time.time())
        if time.monotonic() - begun > SILENCE / 1000 - 0.5:
            raise DriverTimeout(f"{self._title} sends nothing any more", operation="frame")
        raise DeviceGone(f"{self._title} ended its stream")

    def interrupt(self) -> None:
        """Do nothing: a picture comes within its deadline."""

    def close(self) -> None:
        """Hang up."""
        self._film.release()
