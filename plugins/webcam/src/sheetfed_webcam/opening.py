"""Opens cameras of every kind."""

from __future__ import annotations

from pathlib import Path

import cv2

from sheetfed.api.contracts import Session
from sheetfed.api.errors import DeviceGone
from sheetfed_webcam.cameras.album import Album
from sheetfed_webcam.cameras.broadcast import Broadcast
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.cameras.clip import Clip
from sheetfed_webcam.cameras.local import LocalCamera
from sheetfed_webcam.cameras.stream import Stream
from sheetfed_webcam.listing import Local
from sheetfed_webcam.named import Named
from sheetfed_webcam.session import CameraSession


def opened(camera: Named | Local) -> Session:
    """Open a camera. Raises what the camera fails with."""
    cv2.setNumThreads(1)  # one camera is no reason to keep every processor busy
    return CameraSession(LocalCamera(camera) if isinstance(camera, Local) else _reached(camera))


def _reached(camera: Named) -> Camera:
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
