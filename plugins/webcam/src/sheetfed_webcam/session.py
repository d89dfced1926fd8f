"""One open camera: what it can be asked, and its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2

from sheetfed.api.contracts import Session
from sheetfed.api.errors import BadSettings, DeviceGone
from sheetfed.api.model import Option, Page, Raster, Settings, Value
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.shots import Shot


class CameraSession(Session):
    """An open camera."""

    def __init__(self, camera: Camera) -> None:
        self._camera: Camera | None = camera

    def options(self) -> Sequence[Option]:
        """Return what can be asked, with the values in force."""
        return [*self._open_camera().options()]

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option."""
        self._open_camera().set(name, value)
        return [option for option in self.options() if option.name == name]

    def scan(self, settings: Settings) -> Iterator[Page | Raster]:
        """Yield the picture that the camera sees."""
        for name in settings:
            raise BadSettings(f"There is no option {name!r}", option=name)
        yield page_of(self._open_camera().shoot())

    def close(self) -> None:
        """Let go of the camera."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    def _open_camera(self) -> Camera:
        if self._camera is None:
            raise DeviceGone("The camera was closed")
        return self._camera


def page_of(shot: Shot) -> Page | Raster:
    """Return a shot as a page: the camera's own JPEG as it came, else its pixels."""
    if shot.jpeg is not None:
        return Page(data=shot.jpeg, media_type="image/jpeg", width=shot.width, height=shot.height)
    colour = cv2.cvtColor(shot.drawn(), cv2.COLOR_BGR2RGB)
    return Raster(width=shot.width, height=shot.height, mode="color", rows=iter([colour.tobytes()]))
