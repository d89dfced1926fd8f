"""The cameras that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Device, Settings
from sheetfed_webcam import listing, named
from sheetfed_webcam.cameras.album import Album
from sheetfed_webcam.cameras.broadcast import Broadcast
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.cameras.clip import Clip
from sheetfed_webcam.cameras.local import LocalCamera
from sheetfed_webcam.cameras.stream import Stream
from sheetfed_webcam.named import Named
from sheetfed_webcam.session import CameraSession


class Webcam(Source):
    """Reaches cameras through OpenCV, and without it those that send JPEG files over HTTP."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        cv2.setNumThreads(1)  # one camera is no reason to keep every processor busy

    def devices(self) -> Iterable[Device]:
        """Return the cameras that are there now: those with a name, then the computer's own.

        Whether one of the network answers is found out when it is opened.
        """
        found = {
            camera.id: camera.title
            for camera in self._named().values()
            if camera.way != "file" or Path(camera.place).exists()
        }
        for camera in listing.cameras().values():
            found.setdefault(camera.id, camera.title)
        return [Device(id=each, title=title, kind="camera") for each, title in found.items()]

    def open(self, device_id: str) -> Session:
        """Open a camera by the id that it was listed with."""
        camera = self._named().get(device_id)
        if camera is not None:
            return CameraSession(_opened(camera))
        own = listing.cameras().get(device_id)
        if own is None:
            raise DeviceGone(f"There is no camera {device_id!r}", device=device_id)
        return CameraSession(LocalCamera(own))

    def _named(self) -> Mapping[str, Named]:
        return named.read(str(self.settings.get("cameras") or ""))


def _opened(camera: Named) -> Camera:
    if camera.way == "http":
        return Stream(camera.place, camera.title)
    if camera.way == "rtsp":
        return Broadcast(camera.place, camera.title)
    place = Path(camera.place)
    if place.is_dir():
        return Album(camera.place, camera.title)
    if not place.exists():
        raise DeviceGone(f"The file of {camera.title} is not there")
    return Clip(camera.place, camera.title)
