"""Pictures of 16 bits a sample, unpacked whole."""

from __future__ import annotations

import io
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
"""Pillow keeps each colour's high byte. Read in the other byte order, that is the low one."""

_CLEAR_GREY, _FOUR_BYTES = "LA;16B", "RGBA"
"""Grey that can be seen through, and how to have its bytes as they lie: high, low, high, low."""

_WHITE = np.uint32(0xFFFF)

_STREAM = b"\xff\x4f\xff\x51"
"""How the pixels of a JPEG 2000 file begin: with their sizes (ISO/IEC 15444-1, A.5.1)."""

_TRANSPOSED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Exif orientation: Image.Transpose


def samples_of(picture: Any, data: bytes) -> NDArray[np.uint16] | None:
    """Return all bits of an opened picture whose file is `data`; None where 8 a sample are all.

    What can be seen through lies on white.
    """
    if picture.mode.startswith("I"):
        return np.asarray(picture).clip(0, 65535).astype(np.uint16)
    modes = {_mode(tile) for tile in picture.tile}
    clear_grey = modes == {_CLEAR_GREY}
    if picture.mode not in {"RGB", "RGBA"} or not modes:
        return None
    if not modes <= _OTHER_HALF.keys() and not clear_grey:
        return None
    with Image.open(io.BytesIO(data), formats=[picture.format]) as again:
        again.tile = [_other(tile) for tile in again.tile]
        found = np.asarray(again).astype(np.uint16)
    if clear_grey:
        found = found[..., (0, 0, 0, 2)] << np.uint16(8) | found[..., (1, 1, 1, 3)]
    else:
        found |= np.asarray(picture).astype(np.uint16) << 8
    return found if found.shape[2] == 3 else _on_white(found)


def is_cut(picture: Any, data: bytes) -> bool:
    """Say whether of an opened picture Pillow gives 8 bits of more, and nothing gives the rest."""
    at = data.find(_STREAM) if picture.format == "JPEG2000" else -1
    return (
        at >= 0
        and picture.mode != "I;16"
        and any(
            depth & 0x7F > 7 for depth in data[at + 42 : at + 42 + 3 * len(picture.getbands()) : 3]
        )
    )


def _on_white(samples: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return colours mixed with white where they can be seen through."""
    colours, cover = samples[..., :3].astype(np.uint32), samples[..., 3:].astype(np.uint32)
    mixed = colours * cover + (_WHITE - cover) * _WHITE + _WHITE // np.uint32(2)
    return (mixed // _WHITE).astype(np.uint16)


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
    mode = _OTHER_HALF.get(_mode(tile), _FOUR_BYTES)
    return tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
