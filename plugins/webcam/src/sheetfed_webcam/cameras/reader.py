"""A camera's pictures as OpenCV reads them."""

from __future__ import annotations

import cv2

from sheetfed_webcam.hardware.film import Film, Size
from sheetfed_webcam.hardware.hardware import MJPG
from sheetfed_webcam.hardware.letters import number
from sheetfed_webcam.shots import Pixels


class Reader(Film):
    """One capture of OpenCV's; without pictures where it `is_open` not.

    `packs` says whether JPEG files can pass as they come.
    """

    def __init__(self, index: int, backend: int, *, letters: str, packs: bool) -> None:
        self.format = letters
        self._packs = packs
        self._packed = False
        wishes = [cv2.CAP_PROP_FOURCC, number(MJPG)] if packs and letters == MJPG else []
        self._video = cv2.VideoCapture(index, backend, wishes)
        self.is_open = self._video.isOpened()

    def adjust(self, letters: str, size: Size | None) -> None:
        """Have pictures come in a format and a size; not every camera does as it is told."""
        video = self._video
        if letters and video.get(cv2.CAP_PROP_FOURCC) != number(letters):
            video.set(cv2.CAP_PROP_FOURCC, number(letters))
        if size is not None:
            video.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            video.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        comes = int(video.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        self._packed = self._packs and comes == number(MJPG)
        self.format = comes.to_bytes(4, "little").decode("latin-1")
        video.set(cv2.CAP_PROP_CONVERT_RGB, 0 if self._packed else 1)

    def take(self) -> bytes | Pixels | None:
        """Return what the camera gave, None where it gave nothing.

        OpenCV's `read` would say that all is well: with DirectShow it gives whatever there was in
        memory where no picture came.
        """
        if not self._video.grab():
            return None
        came, data = self._video.retrieve()
        if not came or data is None:  # after a change of its size both may be said
            return None
        return data.tobytes() if self._packed else data

    def size(self) -> Size:
        """Return the size in force."""
        sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        width, height = (int(self._video.get(side)) for side in sides)
        return width, height

    def rate(self) -> float:
        """Return how many pictures a second are asked for."""
        return round(self._video.get(cv2.CAP_PROP_FPS), 2)

    def set_rate(self, rate: float) -> None:
        """Ask for so many pictures a second."""
        self._video.set(cv2.CAP_PROP_FPS, rate)

    def close(self) -> None:
        """Switch it off."""
        self._video.release()
