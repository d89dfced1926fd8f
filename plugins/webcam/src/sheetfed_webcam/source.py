"""The cameras that are there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Device, Settings
from sheetfed_webcam import named
from sheetfed_webcam.named import Named

if TYPE_CHECKING:  # it needs OpenCV, which a computer without cameras need not load to say so
    from sheetfed_webcam.listing import Local

OPENCV: Mapping[str, str] = {
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp",
}
"""What OpenCV is told before it is loaded: seconds to wait for a picture, and what gets through."""


class Webcam(Source):
    """Reaches cameras that send JPEG files over HTTP by itself, all others through OpenCV."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        for name, value in OPENCV.items():
            os.environ.setdefault(name, value)

    def devices(self) -> Iterable[Device]:
        """Return the cameras that are there now: those with a name, then the computer's own.

        Whether one of the network answers is found out when it is opened.
        """
        found = {
            camera.id: camera.title
            for camera in self._named().values()
            if camera.way != "file" or Path(camera.place).exists()
        }
        for camera in _own().values():
            found.setdefault(camera.id, camera.title)
        return [Device(id=each, title=title, kind="camera") for each, title in found.items()]

    def open(self, device_id: str) -> Session:
        """Open a camera by the id that it was listed with."""
        camera = self._named().get(device_id) or _own().get(device_id)
        if camera is None:
            raise DeviceGone(f"There is no camera {device_id!r}", device=device_id)
        from sheetfed_webcam.opening import opened  # noqa: PLC0415 - see above

        return opened(camera)

    def _named(self) -> Mapping[str, Named]:
        return named.read(str(self.settings.get("cameras") or ""))


def _own() -> Mapping[str, Local]:
    if sys.platform == "linux" and not [*Path("/dev").glob("video*")]:
        return {}
    from sheetfed_webcam import listing  # noqa: PLC0415 - see above

    return listing.cameras()
