"""One open camera: its options, live pictures and pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module, util

import cv2

from sheetfed.api.contracts import Session
from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Frame, Option, Page, Progress, Raster, Settings, Value, View
from sheetfed.api.options import fitted
from sheetfed_webcam import jpeg
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.capture import shots
from sheetfed_webcam.dials import Dials
from sheetfed_webcam.frames import Finder, live
from sheetfed_webcam.reel import Reel
from sheetfed_webcam.shots import Pixels, Shot
from sheetfed_webcam.turning import Turn

FINDER = "sheetfed_webcam.sheets.finder"


class CameraSession(Session):
    """An open camera. What is set stays set until it is closed; a scan's settings are that scan's.

    The controls of the camera itself are set for good by a scan too: there is one lens.
    """

    def __init__(self, camera: Camera) -> None:
        self._camera: Camera | None = camera
        self._reel = Reel(camera)
        self._dials = Dials()
        self._find: Finder | None = None

    def options(self) -> Sequence[Option]:
        """Return what can be asked, with the values in force."""
        return [*self._dials.options(), *self._open_camera().options()]

    def set(self, name: str, value: Value) -> Sequence[Option]:
        """Set one option; return all that changed."""
        before = {option.name: option for option in self.options()}
        if name in self._dials:
            self._dials = self._dials.with_settings({name: value})
        else:
            self._turn_knob(name, value)
        return [
            option
            for option in self.options()
            if option.name == name or before.get(option.name) != option
        ]

    def frames(self, view: View) -> Iterator[Frame]:
        """Yield what the camera sees."""
        self._open_camera()
        return live(self._reel, view, lambda: self._dials.turn, self._finder(view))

    def scan(self, settings: Settings) -> Iterator[Page | Raster | Progress]:
        """Yield pictures as they are taken, so many as were asked for."""
        camera = self._open_camera()
        mine = {name: value for name, value in settings.items() if name in self._dials}
        dials = self._dials.with_settings(mine)
        for name, value in settings.items():
            if name not in mine:
                self._turn_knob(name, value)
        for item in shots(self._reel, dials, settles=camera.settles):
            self._open_camera()
            yield item if isinstance(item, Progress) else page_of(item, dials.turn)

    def close(self) -> None:
        """Let go of the camera."""
        if self._camera is not None:
            camera, self._camera = self._camera, None
            self._reel.close()
            camera.close()

    def _open_camera(self) -> Camera:
        if self._camera is None:
            raise DeviceGone("The camera was closed")
        return self._camera

    def _turn_knob(self, name: str, value: Value) -> None:
        camera = self._open_camera()
        knobs = {option.name: option for option in camera.options()}
        camera.set(name, fitted(knobs[name], value) if name in knobs else value)

    def _finder(self, view: View) -> Finder | None:
        """Return what finds a sheet; loaded for who wants it."""
        if view.sheet and self._find is None and util.find_spec(FINDER.rpartition(".")[0]):
            self._find = import_module(FINDER).find
        return self._find


def page_of(shot: Shot, turn: Turn) -> Page | Raster:
    """Return a shot as a page: the camera's own JPEG as it came, else its pixels.

    Where it is turned the file says so, and no pixel is packed again.
    """
    if shot.jpeg is not None:
        data = shot.jpeg if turn.is_none else jpeg.lying(shot.jpeg, turn.orientation)
        if data is not None:
            size = (shot.height, shot.width) if turn.lies else (shot.width, shot.height)
            return Page(data=data, media_type="image/jpeg", width=size[0], height=size[1])
    pixels: Pixels = turn.of(shot.drawn())
    height, width = pixels.shape[:2]
    if pixels.ndim == 2:
        return Raster(width=width, height=height, mode="gray", rows=iter([pixels.tobytes()]))
    colour = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return Raster(width=width, height=height, mode="color", rows=iter([colour.tobytes()]))
