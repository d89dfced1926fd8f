"""Pictures of 16 bits a colour, which Pillow cuts to 8."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_NATIVE = "RGB;16B" if sys.byteorder == "little" else "RGB;16L"
_OTHER_HALF = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": _NATIVE}
"""Pillow keeps each sample's high byte. Read in the other byte order, that is the low one."""


def is_deep(picture: Image.Image) -> bool:
    """Say whether an opened picture, nothing unpacked yet, has 16 bits a colour."""
    modes = {_mode(tile) for tile in getattr(picture, "tile", ())}
    return picture.mode == "RGB" and bool(modes) and modes <= _OTHER_HALF.keys()


def samples_of(picture: Image.Image, data: bytes, frame: int = 0) -> NDArray[np.uint16]:
    """Return all bits of an opened picture that is deep, and how it lies in `data`, its file."""
    with Image.open(io.BytesIO(data), formats=[str(picture.format)]) as again:
        if frame:
            again.seek(frame)
        again.tile = [_other(tile) for tile in again.tile]
        low = np.asarray(again).astype(np.uint16)
    low |= np.asarray(picture).astype(np.uint16) << 8
    return low


def _mode(tile: Any) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)


def _other(tile: Any) -> Any:
    mode = _OTHER_HALF[_mode(tile)]
    return tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
