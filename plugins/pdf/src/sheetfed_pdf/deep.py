"""Pictures of 16 bits a sample, or with a profile, unpacked."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.api import deep, rare
from sheetfed_pdf import pixels

_STREAM = b"\xff\x4f\xff\x51"
"""How the pixels of a JPEG 2000 file begin: with their sizes (ISO/IEC 15444-1, A.5.1)."""

_MOST_FILTER = 4
"""The last of the ways in which a PNG's rows are told by those above (PNG, 9.2)."""

_TRANSPOSED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Exif orientation: Image.Transpose


def samples_of(picture: Any, data: bytes) -> NDArray[np.uint16] | None:
    """Return all bits of an opened picture whose file is `data`; None where 8 a sample are all.

    What can be seen through lies on white.
    """
    if picture.mode.startswith("I"):
        return np.asarray(rare.grey_of(picture)).astype(np.uint16, copy=False)
    return deep.samples_of(picture, data) if deep.is_deep(picture) else None


def stored(
    stream: bytes,
    size: tuple[int, int],
    samples: int,
    *,
    bits: int,
    packed: bool,
    filtered: bool,
) -> NDArray[np.uint8] | NDArray[np.uint16] | None:
    """Return the samples of a picture in a PDF, as they lie there; None where it is damaged.

    It is deflated where it is `packed`, its rows as those of a PNG where they are `filtered`.
    """
    width, height = size
    row = bits // 8 * samples * width + filtered
    try:
        rows = zlib.decompressobj().decompress(stream, row * height) if packed else stream
    except zlib.error:
        return None
    if len(rows) < row * height or (filtered and max(rows[: row * height : row]) > _MOST_FILTER):
        return None
    if not filtered:
        kind = ">u2" if bits == 16 else "u1"
        found = np.frombuffer(rows, kind, samples * width * height).astype(kind[-2:])
        return found.reshape((height, width, samples) if samples > 1 else (height, width))
    data = pixels.around(stream, size, samples, (72.0, 72.0), bits=bits)
    with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
        return samples_of(picture, data) if bits == 16 else np.asarray(picture)


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
