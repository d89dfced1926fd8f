"""The cameras of this computer, by names that stay."""

from __future__ import annotations

import errno
import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
from cv2_enumerate_cameras import enumerate_cameras, supported_backends

from sheetfed_webcam import v4l2

BY_ID = Path("/dev/v4l/by-id")
"""Links that udev names after maker, model and serial number."""

_PREFERRED = (cv2.CAP_V4L2, cv2.CAP_AVFOUNDATION, cv2.CAP_MSMF, cv2.CAP_DSHOW)

_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A camera of this computer: what OpenCV opens it by, and on Linux its node."""

    id: str
    title: str
    index: int
    backend: int
    node: str = ""


def cameras() -> Mapping[str, Local]:
    """Return the cameras that are plugged in, by their ids."""
    backend = next((each for each in _PREFERRED if each in supported_backends), cv2.CAP_ANY)
    found: dict[str, Local] = {}
    listed = sorted(enumerate_cameras(backend), key=lambda camera: camera.index)
    for camera in listed:
        node = str(camera.path) if sys.platform == "linux" else ""
        title, key = camera.name or f"Camera {camera.index}", camera.path or str(camera.index)
        if node:
            described = _described(node, title)
            if described is None:
                continue
            title, key = described
        device_id = _id(title, key)
        if device_id in found:  # two alike that nothing tells apart
            device_id = _id(title, f"{key} {camera.index}")
        found[device_id] = Local(
            id=device_id, title=title, index=camera.index, backend=backend, node=node
        )
    return found


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
