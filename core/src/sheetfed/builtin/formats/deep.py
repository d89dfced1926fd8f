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
_OTHER_HALF = {
    "RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": _NATIVE,
    "RGBA;16B": "RGBA;16L", "RGBA;16L": "RGBA;16B",
}  # fmt: skip
"""Pillow keeps each sample's high byte. Read in the other byte order, that is the low one."""

_CLEAR_GREY, _FOUR_BYTES = "LA;16B", "RGBA"
"""Grey that can be seen through, and how to have its bytes as they lie: high, low, high, low."""

_WHITE = np.uint32(0xFFFF)

_SPACE = rb"(?:[ \t\r\n]|#[^\n]*\n)+"
_MAP = re.compile(rb"P6%b\d+%b\d+%b65535[ \t\r\n]" % (_SPACE, _SPACE, _SPACE))
_HEAD = 1024
"""Bytes that the words before the samples of a portable pixmap may take, remarks included."""


def is_deep(picture: Image.Image) -> bool:
    """Say whether an opened picture, nothing unpacked yet, has 16 bits a colour."""
    if picture.format == "PPM":
        return picture.mode == "RGB" and _MAP.match(_beginning(picture)) is not None
    modes = {_mode(tile) for tile in getattr(picture, "tile", ())}
    known = modes <= _OTHER_HALF.keys() or modes == {_CLEAR_GREY}
    return picture.mode in {"RGB", "RGBA"} and bool(modes) and known


def samples_of(picture: Image.Image, data: bytes, frame: int = 0) -> NDArray[np.uint16]:
    """Return all bits of an opened picture that is deep, and how it lies in `data`, its file.

    What can be seen through lies on white.
    """
    if picture.format == "PPM":
        return _of_map(picture, data)
    clear_grey = {_mode(tile) for tile in getattr(picture, "tile", ())} == {_CLEAR_GREY}
    with Image.open(io.BytesIO(data), formats=[str(picture.format)]) as again:
        if frame:
            again.seek(frame)
        again.tile = [_other(tile) for tile in again.tile]
        found = np.asarray(again).astype(np.uint16)
    if clear_grey:
        found = found[..., (0, 0, 0, 2)] << np.uint16(8) | found[..., (1, 1, 1, 3)]
    else:
        found |= np.asarray(picture).astype(np.uint16) << 8
    return found if found.shape[2] == 3 else _on_white(found)


def _on_white(samples: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return colours mixed with white where they can be seen through."""
    colours, cover = samples[..., :3].astype(np.uint32), samples[..., 3:].astype(np.uint32)
    mixed = colours * cover + (_WHITE - cover) * _WHITE + _WHITE // np.uint32(2)
    return (mixed // _WHITE).astype(np.uint16)


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
    mode = _OTHER_HALF.get(_mode(tile), _FOUR_BYTES)
    return tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
