"""Pictures of 16 bits a sample, unpacked whole."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_NATIVE = "RGB;16B" if sys.byteorder == "little" else "RGB;16L"
_OTHER_HALF = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": _NATIVE}
"""Pillow keeps each colour's high byte. Read in the other byte order, that is the low one."""

_TRANSPOSED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Exif orientation: Image.Transpose


def samples_of(picture: Any, data: bytes) -> NDArray[np.uint16] | None:
    """Return all bits of an opened picture whose file is `data`; None where 8 a sample are all."""
    if picture.mode.startswith("I"):
        return np.asarray(picture).clip(0, 65535).astype(np.uint16)
    modes = {_mode(tile) for tile in picture.tile}
    if picture.mode != "RGB" or not modes or not modes <= _OTHER_HALF.keys():
        return None
    with Image.open(io.BytesIO(data), formats=[picture.format]) as again:
        again.tile = [_other(tile) for tile in again.tile]
        low = np.asarray(again).astype(np.uint16)
    low |= np.asarray(picture).astype(np.uint16) << 8
    return low


def upright(samples: NDArray[np.uint16], turn: int) -> NDArray[np.uint16]:
    """Return samples as they are meant to be seen."""
    if turn not in _TRANSPOSED:
        return samples
    how = Image.Transpose(_TRANSPOSED[turn])
    planes = samples[..., None] if samples.ndim == 2 else samples
    turned = [
        np.asarray(Image.fromarray(planes[..., place]).transpose(how))
        for place in range(planes.shape[2])
    ]
    return turned[0] if samples.ndim == 2 else np.dstack(turned)


def _mode(tile: Any) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)


def _other(tile: Any) -> Any:
    mode = _OTHER_HALF[_mode(tile)]
    return tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
