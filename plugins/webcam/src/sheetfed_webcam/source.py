"""The cameras that are there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Device
from sheetfed_webcam import named
from sheetfed_webcam.cameras.album import Album
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.cameras.clip import Clip
from sheetfed_webcam.named import Named
from sheetfed_webcam.session import CameraSession


class Webcam(Source):
    """Reaches cameras through OpenCV."""

    def devices(self) -> Iterable[Device]:
        """Return the cameras that are there now."""
        return [
            Device(id=camera.id, title=camera.title, kind="camera")
            for camera in self._named().values()
            if camera.way != "file" or Path(camera.place).exists()
        ]

    def open(self, device_id: str) -> Session:
        """Open a camera."""
        camera = self._named().get(device_id)
        if camera is None:
            raise DeviceGone(f"There is no camera {device_id!r}", device=device_id)
        return CameraSession(_opened(camera))

    def _named(self) -> dict[str, Named]:
        return dict(named.read(str(self.settings.get("cameras") or "")))


def _opened(camera: Named) -> Camera:
    place = Path(camera.place)
    if place.is_dir():
        return Album(camera.place, camera.title)
    if not place.exists():
        raise DeviceGone(f"The file of {camera.title} is not there")
    return Clip(camera.place, camera.title)
