"""Samples packed for TIFF and PDF."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed.builtin.formats import deflate, jpeg, jpx, pixels, png, tags
from sheetfed.builtin.formats.packed import FAX, Packed, Scheme
from sheetfed.builtin.formats.pixels import Samples

STRIP = 1 << 20
"""Bytes in a strip of a TIFF file, before they are packed."""

_NAMES = {
    "lzw": "tiff_lzw", "packbits": "packbits", "rle": "tiff_ccitt", "g3": "group3",
    "g3-2d": "group3", "g4": "group4",
}  # fmt: skip
_OFFSETS, _ROWS, _SIZES, _FAX = 273, 278, 279, 292


def pack(
    samples: Samples,
    scheme: Scheme,
    *,
    dpi: tuple[float, float],
    quality: int,
    order: Literal["<", ">"],
    strip: int = STRIP,
) -> Packed:
    """Return samples packed; `order` is how 16-bit samples are to lie.

    g3 and g4 make them black and white, jpeg makes them 8-bit.
    """
    if scheme == "jpeg":
        return jpeg.packed(jpeg.encode(pixels.eight_bits(samples), quality=quality, dpi=dpi), dpi)[
            1
        ]
    if scheme == "jpx":
        return _jpx(samples, dpi)
    if scheme in FAX:
        samples = pixels.black_and_white(samples)
        strip = samples.size + 8
    height, width = samples.shape[:2]
    bilevel = samples.dtype == bool
    deep_in_pdf = samples.dtype == np.uint16 and order == ">"  # few readers undo its predictor
    predictor = scheme in {"lzw", "deflate"} and not bilevel and not deep_in_pdf
    if scheme == "png":
        strips, strip_rows = [png.stream(samples)], height
    else:
        rows = _rows(samples, order, predictor=predictor)
        strips, strip_rows = _strips(rows, scheme, max(1, strip // rows.shape[1]), width)
    return Packed(
        scheme=scheme,
        strips=strips,
        strip_rows=strip_rows,
        width=width,
        height=height,
        dpi=dpi,
        samples=samples.shape[2] if samples.ndim == 3 else 1,
        bits=1 if bilevel else samples.dtype.itemsize * 8,
        predictor=predictor,
        little=order == "<",
        zero_is_white=bilevel and scheme != "png",
    )


def fax(picture: Image.Image, scheme: Scheme, *, dpi: tuple[float, float]) -> Packed:
    """Return a picture of mode 1, black set, packed as a fax."""
    strips, strip_rows = _saved(picture, scheme, picture.height * picture.width)
    return Packed(
        scheme=scheme,
        strips=strips,
        strip_rows=strip_rows,
        width=picture.width,
        height=picture.height,
        dpi=dpi,
        bits=1,
        little=True,
        zero_is_white=True,
    )


def _jpx(samples: Samples, dpi: tuple[float, float]) -> Packed:
    height, width = samples.shape[:2]
    return Packed(
        scheme="jpx",
        strips=[jpx.encode(samples)],
        strip_rows=height,
        width=width,
        height=height,
        dpi=dpi,
        samples=3 if samples.ndim == 3 else 1,
    )


def _rows(samples: Samples, order: str, *, predictor: bool) -> NDArray[np.uint8]:
    """Return rows of bytes; a predictor keeps of each sample what the pixel before lacks."""
    if samples.dtype == bool:
        return np.packbits(samples.astype(bool, copy=False), axis=1)
    if predictor:
        changes = samples.copy()
        np.subtract(samples[:, 1:], samples[:, :-1], out=changes[:, 1:])
        samples = changes
    if samples.dtype == np.uint16:
        ordered = np.ascontiguousarray(samples).astype(order + "u2")
        return ordered.reshape(len(samples), -1).view(np.uint8)
    return np.ascontiguousarray(samples).astype(np.uint8, copy=False).reshape(len(samples), -1)


def _strips(
    rows: NDArray[np.uint8], scheme: Scheme, count: int, width: int
) -> tuple[list[bytes], int]:
    """Return rows packed in strips of `count`, or what Pillow makes of that."""
    if scheme in _NAMES:
        return _strips_by_pillow(rows, scheme, count, width)
    pieces = [rows[at : at + count] for at in range(0, len(rows), count)]
    packed = [
        deflate.compress(piece) if scheme == "deflate" else piece.tobytes() for piece in pieces
    ]
    return packed, count


def _strips_by_pillow(
    rows: NDArray[np.uint8], scheme: Scheme, count: int, width: int
) -> tuple[list[bytes], int]:
    """Return the strips of a TIFF file that Pillow writes.

    To LZW and PackBits all bytes are alike, so they are given as 8-bit grey.
    """
    if scheme in FAX:
        picture = Image.frombuffer("1", (width, len(rows)), rows.tobytes(), "raw", "1", 0, 1)
        count = len(rows)
    else:
        picture = Image.frombuffer("L", rows.shape[::-1], rows.tobytes(), "raw", "L", 0, 1)
    return _saved(picture, scheme, count * max(rows.shape[1], width))


def _saved(picture: Image.Image, scheme: Scheme, size: int) -> tuple[list[bytes], int]:
    """Return the strips that Pillow writes of a picture, and their rows."""
    stream = io.BytesIO()
    with pixels.reading("the picture"):
        more = {_FAX: 1} if scheme == "g3-2d" else {}
        picture.save(stream, "TIFF", compression=_NAMES[scheme], strip_size=size, tiffinfo=more)
    data = memoryview(stream.getvalue())
    found = tags.read(bytes(data))
    places = zip(found[_OFFSETS], found[_SIZES], strict=True)
    return [bytes(data[int(at) : int(at) + int(size)]) for at, size in places], int(found[_ROWS][0])
