"""Live pictures: small, quick, with the sheet's corners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import cv2

from sheetfed.api.errors import DeviceFailed
from sheetfed.api.model import Frame, Mark, View
from sheetfed_webcam.reel import Reel
from sheetfed_webcam.shots import Pixels, Shot, decoded
from sheetfed_webcam.turning import Turn

QUALITY = 80
"""JPEG quality of a picture that is looked at once."""

LOOKED_AT = 640
"""Pixels of the longer side in which the sheet is looked for."""

_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}


class Found(Protocol):
    """A sheet that was found: its corners clockwise from its top left, and how sure it is."""

    corners: tuple[tuple[float, float], ...]
    score: float
    sheets: int


Finder = Callable[[Pixels], Found | None]


def live(reel: Reel, view: View, turn: Callable[[], Turn], find: Finder | None) -> Iterator[Frame]:
    """Yield the newest picture each time one is asked for."""
    seen = 0
    while True:
        newest = reel.newer(seen)
        seen = newest.number
        yield frame_of(newest.shot, view, turn(), find if view.sheet else None)


def frame_of(shot: Shot, view: View, turn: Turn, find: Finder | None = None) -> Frame:
    """Return a shot as it is wanted; a camera's own JPEG as it came, where that is no larger."""
    width, height = _fitted(shot, view, turn)
    is_whole = (width, height) == _turned(shot, turn)
    if shot.jpeg is not None and is_whole and turn.is_none:
        marks = _marks(_reduced(shot, LOOKED_AT), width, height, find) if find else ()
        return Frame(data=shot.jpeg, width=width, height=height, marks=marks, time=shot.time)
    pixels = turn.of(_reduced(shot, max(width, height)))
    if pixels.shape[:2] != (height, width):
        pixels = _resized(pixels, width, height)
    marks = _marks(_shrunk(pixels), width, height, find) if find else ()
    packed, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not packed:
        raise DeviceFailed("A picture of the camera could not be made small")
    return Frame(data=data.tobytes(), width=width, height=height, marks=marks, time=shot.time)


def _turned(shot: Shot, turn: Turn) -> tuple[int, int]:
    return (shot.height, shot.width) if turn.lies else (shot.width, shot.height)


def _fitted(shot: Shot, view: View, turn: Turn) -> tuple[int, int]:
    width, height = _turned(shot, turn)
    scale = min(1.0, (view.width or width) / width, (view.height or height) / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _reduced(shot: Shot, longest: int) -> Pixels:
    """Return its pixels, not much larger than wanted: a JPEG unpacks to a half or a quarter."""
    if shot.jpeg is None:
        return shot.drawn()
    times = max(shot.width, shot.height) // max(1, longest)
    how = _REDUCED[4 if times >= 4 else 2] if times >= 2 else cv2.IMREAD_COLOR
    pixels = decoded(shot.jpeg, how)
    if not pixels.size:
        raise DeviceFailed("The camera gave a picture that cannot be read")
    return pixels


def _shrunk(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = LOOKED_AT / max(width, height)
    return pixels if scale >= 1 else _resized(pixels, round(width * scale), round(height * scale))


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    made: Pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return made


def _marks(pixels: Pixels, width: int, height: int, find: Finder) -> tuple[Mark, ...]:
    """Return where the sheet lies, in pixels of a picture of this size."""
    found = find(pixels)
    if found is None:
        return ()
    across, down = width / pixels.shape[1], height / pixels.shape[0]
    corners = tuple((float(x) * across, float(y) * down) for x, y in found.corners)
    details = {"score": round(float(found.score), 2), "sheets": int(found.sheets)}
    return (Mark(kind="sheet", value="", by="webcam", corners=corners, details=details),)
