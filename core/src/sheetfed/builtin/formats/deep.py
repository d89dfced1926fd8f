"""Pictures of 16 bits a colour, which Pillow cuts to 8."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_NATIVE = "RGB;16B" if sys.byteorder == "little" else "RGB;16L"
_OTHER_HALF = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": _NATIVE}
"""Pillow keeps each sample's high byte. Read in the other byte order, that is the low one."""

_SPACE = rb"(?:[ \t\r\n]|#[^\n]*\n)+"
_MAP = re.compile(rb"P6%b\d+%b\d+%b65535[ \t\r\n]" % (_SPACE, _SPACE, _SPACE))
_HEAD = 1024
"""Bytes that the words before the samples of a portable pixmap may take, remarks included."""


def is_deep(picture: Image.Image) -> bool:
    """Say whether an opened picture, nothing unpacked yet, has 16 bits a colour."""
    if picture.format == "PPM":
        return picture.mode == "RGB" and _MAP.match(_beginning(picture)) is not None
    modes = {_mode(tile) for tile in getattr(picture, "tile", ())}
    return picture.mode == "RGB" and bool(modes) and modes <= _OTHER_HALF.keys()


def samples_of(picture: Image.Image, data: bytes, frame: int = 0) -> NDArray[np.uint16]:
    """Return all bits of an opened picture that is deep, and how it lies in `data`, its file."""
    if picture.format == "PPM":
        return _of_map(picture, data)
    with Image.open(io.BytesIO(data), formats=[str(picture.format)]) as again:
        if frame:
            again.seek(frame)
        again.tile = [_other(tile) for tile in again.tile]
        low = np.asarray(again).astype(np.uint16)
    low |= np.asarray(picture).astype(np.uint16) << 8
    return low


def _beginning(picture: Image.Image) -> bytes:
    """Return the head of an opened file."""
    stream = getattr(picture, "fp", None)
    if stream is None:
        return b""
    place = stream.tell()
    stream.seek(0)
    head: bytes = stream.read(_HEAD)
    stream.seek(place)
    return head


def _of_map(picture: Image.Image, data: bytes) -> NDArray[np.uint16]:
    """Return the samples of a portable pixmap whose largest one is 65535."""
    head = _MAP.match(data[:_HEAD])
    size = picture.width * picture.height * 3
    if head is None or len(data) - head.end() < 2 * size:
        raise ValueError("the pixmap breaks off")
    found = np.frombuffer(data, ">u2", size, head.end())
    return found.astype(np.uint16).reshape(picture.height, picture.width, 3)


def _mode(tile: Any) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)


def _other(tile: Any) -> Any:
    mode = _OTHER_HALF[_mode(tile)]
    return tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
