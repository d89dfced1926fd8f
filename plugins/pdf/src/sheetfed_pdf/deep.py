"""Pictures of 16 bits a sample, unpacked whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api import deep

_STREAM = b"\xff\x4f\xff\x51"
"""How the pixels of a JPEG 2000 file begin: with their sizes (ISO/IEC 15444-1, A.5.1)."""

_TRANSPOSED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Exif orientation: Image.Transpose


def samples_of(picture: Any, data: bytes) -> NDArray[np.uint16] | None:
    """Return all bits of an opened picture whose file is `data`; None where 8 a sample are all.

    What can be seen through lies on white.
    """
    if picture.mode.startswith("I"):
        return np.asarray(picture).clip(0, 65535).astype(np.uint16)
    return deep.samples_of(picture, data) if deep.is_deep(picture) else None


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
