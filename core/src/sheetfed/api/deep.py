"""Pictures of 16 bits a colour, which Pillow cuts to 8."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api import rare
from sheetfed.api.samples import Uncommon

_OPPOSITE = "16B" if sys.byteorder == "little" else "16L"
_OTHER_HALF = {
    "RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": f"RGB;{_OPPOSITE}",
    "RGBA;16B": "RGBA;16L", "RGBA;16L": "RGBA;16B", "RGBA;16N": f"RGBA;{_OPPOSITE}",
    "RGBa;16B": "RGBA;16L", "RGBa;16L": "RGBA;16B", "RGBa;16N": f"RGBA;{_OPPOSITE}",
}  # fmt: skip
"""Pillow keeps each sample's high byte. Read in the other byte order, that is the low one."""

_MIXED = {"RGBa;16B": "RGBA;16B", "RGBa;16L": "RGBA;16L", "RGBa;16N": "RGBA;16N"}
"""Colours that are mixed with black by as much as they can be seen through, and as they lie."""

_CLEAR_GREY, _FOUR_BYTES = "LA;16B", "RGBA"
"""Grey that can be seen through, and how to have its bytes as they lie: high, low, high, low."""

_WHITE = np.uint32(0xFFFF)

_SPACE = rb"(?:[ \t\r\n]|#[^\n]*\n)+"
_MAP = re.compile(rb"P([36])%b\d+%b\d+%b(\d{1,5})[ \t\r\n]" % (_SPACE, _SPACE, _SPACE))
_REMARK = re.compile(rb"#[^\r\n]*")
_BYTE = 255
_HEAD = 1024
"""Bytes that the words before the samples of a portable pixmap may take, remarks included."""


def is_deep(picture: Image.Image) -> bool:
    """Say whether an opened picture, nothing unpacked yet, has 16 bits a colour."""
    if isinstance(picture, Uncommon):
        return picture.is_deep
    if picture.format == "PPM":
        head = _MAP.match(_beginning(picture)) if picture.mode == "RGB" else None
        return head is not None and int(head[2]) > _BYTE
    modes = {_mode(tile) for tile in getattr(picture, "tile", ())}
    known = modes <= _OTHER_HALF.keys() or modes == {_CLEAR_GREY}
    return picture.mode in {"RGB", "RGBA"} and bool(modes) and known


def samples_of(picture: Image.Image, data: bytes, frame: int = 0) -> NDArray[np.uint16]:
    """Return all bits of an opened picture that is deep, and whose file is `data`.

    Rows and columns, and red, green and blue where it is no grey. What can be seen through lies on
    white.
    """
    if isinstance(picture, Uncommon):
        return picture.samples()
    if picture.format == "PPM":
        return _of_map(picture, data)
    modes = {_mode(tile) for tile in getattr(picture, "tile", ())}
    if modes == {_CLEAR_GREY}:
        found = _read(picture, data, frame, {_CLEAR_GREY: _FOUR_BYTES})
        return _on_white(found[..., ::2] << np.uint16(8) | found[..., 1::2])[..., 0]
    found = _read(picture, data, frame, _OTHER_HALF)
    if modes <= _MIXED.keys():
        found |= _read(picture, data, frame, _MIXED) << np.uint16(8)
        return np.minimum(found[..., :3] + (_WHITE - found[..., 3:]), _WHITE).astype(np.uint16)
    found |= np.asarray(picture).astype(np.uint16) << 8
    clear = picture.info.get("transparency")
    if isinstance(clear, tuple) and len(clear) == found.shape[2]:  # one colour that nobody sees
        found[(found == np.array(clear)).all(axis=2)] = _WHITE
    return found if found.shape[2] == 3 else _on_white(found)


def _read(
    picture: Image.Image, data: bytes, frame: int, modes: Mapping[str, str]
) -> NDArray[np.uint16]:
    """Return the bytes of a picture that Pillow keeps where it takes it for another mode."""
    with Image.open(rare.readable(io.BytesIO(data)), formats=[str(picture.format)]) as again:
        if frame:
            again.seek(frame)
        again.tile = [_taken(tile, modes) for tile in again.tile]
        return np.asarray(again).astype(np.uint16)


def _on_white(samples: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return colours mixed with white where they can be seen through."""
    colours, cover = samples[..., :-1].astype(np.uint32), samples[..., -1:].astype(np.uint32)
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
    """Return the samples of a portable pixmap, the largest one that it names as 65535."""
    head = _MAP.match(data[:_HEAD])
    if head is None:
        raise ValueError("this is no pixmap")
    size, most = picture.width * picture.height * 3, int(head[2])
    if head[1] == b"3":
        figures = _REMARK.sub(b"", data[head.end() :]).split(maxsplit=size)[:size]
        found = np.array(figures, "S6").astype(np.uint32)
    else:
        found = np.frombuffer(data[head.end() : head.end() + 2 * size], ">u2").astype(np.uint32)
    if len(found) < size:
        raise ValueError("the pixmap breaks off")
    found = np.minimum(found, most)
    if most != _WHITE:
        found = (found * _WHITE + most // 2) // np.uint32(most)
    return found.astype(np.uint16).reshape(picture.height, picture.width, 3)


def _mode(tile: Any) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)


def _taken(tile: Any, modes: Mapping[str, str]) -> Any:
    mode = modes[_mode(tile)]
    return tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
