"""The cameras of this computer, by names that stay."""

from __future__ import annotations

import errno
import hashlib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from cv2 import videoio_registry as registry
from cv2_enumerate_cameras import enumerate_cameras, supported_backends
from cv2_enumerate_cameras.camera_info import CameraInfo

from sheetfed_webcam.hardware import v4l2
from sheetfed_webcam.hardware.places import place

BY_ID = Path("/dev/v4l/by-id")
"""Links that udev names after maker, model and serial number."""

_WAYS = (cv2.CAP_V4L2, cv2.CAP_AVFOUNDATION, cv2.CAP_MSMF, cv2.CAP_DSHOW)
"""Ways in which OpenCV reaches cameras, the better one of Windows' two before the other.

Which of them an OpenCV has is its maker's choice: `opencv-python-headless` knows Media Foundation's
name and has nothing behind it, so that whatever is listed there could never be opened.
"""

_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A camera of this computer: what OpenCV opens it by, and what its system knows it by."""

    id: str
    title: str
    index: int
    backend: int
    place: str


def cameras() -> Mapping[str, Local]:
    """Return the cameras that are plugged in, by their ids."""
    found: dict[str, Local] = {}
    for camera in _listed():
        title, key = camera.name or f"Camera {camera.index}", _place(camera)
        if sys.platform == "linux":
            described = _described(key, title)
            if described is None:
                continue
            title, key = described
        device_id = _id(title, key)
        if device_id in found:  # two alike that nothing tells apart
            device_id = _id(title, f"{key} {camera.index}")
        found[device_id] = Local(
            id=device_id,
            title=title,
            index=camera.index,
            backend=camera.backend,
            place=_place(camera),
        )
    return found


def _listed() -> Sequence[CameraInfo]:
    """Return what OpenCV can open, each camera in the better one of the ways that reach it."""
    found: list[CameraInfo] = []
    ways = [way for way in _WAYS if way in supported_backends and registry.hasBackend(way)]
    for way in ways or [cv2.CAP_ANY]:
        known = {_place(camera) for camera in found}
        listed = [camera for camera in enumerate_cameras(way) if _place(camera) not in known]
        found += sorted(listed, key=lambda camera: camera.index)
    return found


def _place(camera: CameraInfo) -> str:
    path, name = str(camera.path or ""), str(camera.name or camera.index)
    return place(path, name) if sys.platform == "win32" else path or name


def _described(node: str, name: str) -> tuple[str, str] | None:
    """Return a node's title and what it is known by; None where it is no camera.

    One that may not be opened, or that another program has for itself, is one all the same.
    """
    try:
        with v4l2.opened(node) as file:
            card = v4l2.card(file)
    except OSError as error:
        return (name, _link(node) or node) if error.errno in _CLOSED else None
    if card is None:
        return None
    title = card.name if name == Path(node).name and card.name else name
    return title, _link(node) or f"{card.name} {card.bus}"


def _link(node: str) -> str:
    """Return udev's name of a node, which stays wherever it is plugged in."""
    try:
        links = sorted(BY_ID.iterdir())
        return next((each.name for each in links if each.resolve() == Path(node).resolve()), "")
    except OSError:
        return ""


def _id(title: str, key: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:40]
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{name}-{digest}" if name else digest
