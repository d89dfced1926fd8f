"""Pictures unpacked: files into samples.

Samples are 8 or 16 bits, grey or RGB, or bool for black and white, where a set one is black.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from sheetfed.api import deep, rare
from sheetfed.api.errors import BadSettings, TooLarge, Unreadable
from sheetfed.api.packing import Kind
from sheetfed.builtin.formats import burden, colours, jpx, png
from sheetfed.builtin.formats.limits import MOST_BLACK_AND_WHITE, MOST_PIXELS, check_size
from sheetfed.builtin.pillow import DAMAGE, damage

Samples = NDArray[np.bool_] | NDArray[np.uint8] | NDArray[np.uint16]

FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/bmp": ("BMP", "DIB"),
    "image/tiff": ("TIFF",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/jp2": ("JPEG2000",),
    "image/x-portable-anymap": ("PPM",),
}
"""What Pillow calls the media types that we read."""

MOVING = frozenset({"image/gif", "image/webp"})
"""Those that hold several pictures of one size."""

ALL_FORMATS = tuple(name for names in FORMATS.values() for name in names)
_UNASKED = "MPO"  # a JPEG of several pictures, which Pillow finds by itself

_ORIENTATION = 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_INK = 24
"""Black and white are at least so far apart; closer ones are one colour with noise."""


@contextmanager
def reading(what: str = "the picture") -> Iterator[None]:
    """Turn whatever Pillow raises on damaged files into Unreadable."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit comes first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except MemoryError as error:
            raise TooLarge("it needs more memory than there is for it") from error
        except DAMAGE as error:
            raise Unreadable(f"{what} cannot be read: {damage(error)}") from error


def open_picture(stream: BinaryIO, formats: tuple[str, ...] = ALL_FORMATS) -> Image.Image:
    """Open a file with Pillow, nothing unpacked yet; within `reading`."""
    known = [name for name in formats if name != _UNASKED]
    picture = rare.opened(stream, known)
    if picture.format == "JPEG2000" and isinstance(stream, io.BytesIO):
        picture.info[colours.PROFILE] = jpx.profile_of(stream.getvalue())
    return picture


def check(picture: Image.Image) -> None:
    """Raise TooLarge where the picture is."""
    most = MOST_BLACK_AND_WHITE if picture.mode == "1" else MOST_PIXELS
    check_size(*picture.size, most=most)


def turn_of(picture: Image.Image) -> int:
    """Return how a picture is still to be turned when it is unpacked, as an Exif orientation."""
    if picture.format == "TIFF":
        return 1  # Pillow says and gives it as it is seen
    return orientation_of(picture)


def orientation_of(picture: Image.Image) -> int:
    """Return the Exif orientation: 1 to 8."""
    turn = picture.getexif().get(_ORIENTATION, 1)
    return turn if turn in _UPRIGHT else 1


def upright(picture: Image.Image, turn: int) -> Image.Image:
    """Return the picture as it is meant to be seen."""
    return picture.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else picture


def decode(data: bytes, media_type: str, *, whole: bool = True) -> Samples:
    """Return the first picture of a file as it is meant to be seen, with all its bits.

    Raises BadSettings where some are not read and the `whole` of them is wanted.
    """
    burden.check(data)
    if media_type == "image/png" and (samples := png.read_samples(data)) is not None:
        return samples
    formats = FORMATS.get(media_type, ALL_FORMATS)
    with reading(f"the {media_type}"), open_picture(io.BytesIO(data), formats) as picture:
        check(picture)
        found = unpacked(picture, data)
    if whole and media_type == "image/jp2" and found.dtype == np.uint8 and jpx.is_deep(data):
        raise BadSettings(
            "of a JPEG 2000 page of 16 bits a colour 8 are read here: set depth to 8, or save it as"
            " JPEG 2000 or PDF, which take it as it came",
            option="depth",
        )
    return found


def is_deep(data: bytes) -> bool:
    """Say whether a picture file has more than 8 bits a sample."""
    with reading(), open_picture(io.BytesIO(data)) as picture:
        if picture.format == "JPEG2000" and jpx.is_deep(data):
            return True
        return picture.mode.startswith("I") or deep.is_deep(picture)


def inks_of(data: bytes, media_type: str) -> NDArray[np.uint8] | None:
    """Return a picture in the four colours of a press as it is meant to be seen, else None."""
    burden.check(data)
    formats = FORMATS.get(media_type, ALL_FORMATS)
    with reading(f"the {media_type}"), open_picture(io.BytesIO(data), formats) as picture:
        if picture.mode != "CMYK":
            return None
        check(picture)
        return np.asarray(upright(picture, turn_of(picture)))


def kind_of(data: bytes) -> Kind:
    """Return what a picture file has: black and white, shades of grey, or colour."""
    with reading(), open_picture(io.BytesIO(data)) as picture:
        if picture.mode == "1":
            return "black-white"
        return (
            "grey" if picture.mode in {"L", "LA", "La", "F"} or picture.mode[0] == "I" else "colour"
        )


def black_on_white(data: bytes, media_type: str) -> Image.Image | None:
    """Return a file's picture with black set, where it is black and white and lies as it is seen.

    That is what a fax is made of, without a byte for each pixel in between.
    """
    burden.check(data)
    formats = FORMATS.get(media_type, ALL_FORMATS)
    with reading(f"the {media_type}"), open_picture(io.BytesIO(data), formats) as picture:
        check(picture)
        clear = "transparency" in picture.info
        if picture.mode != "1" or turn_of(picture) != 1 or clear:
            return None
        # No picture with a file, of which Pillow asks where it lies: the box refuses that.
        return ImageChops.invert(picture)


def unpacked(picture: Image.Image, data: bytes) -> Samples:
    """Return the samples of a picture that was opened in `data`, as it is meant to be seen."""
    turn = turn_of(picture)
    if picture.format == "JPEG2000" and jpx.is_deep(data):
        found = jpx.samples_of(data)
        if found is not None:
            return found
    if deep.is_deep(picture):
        whole = deep.samples_of(picture, data)
        if turn == 1:
            return whole
        if whole.ndim == 2:
            return np.asarray(upright(Image.fromarray(whole), turn))
        planes = [upright(Image.fromarray(whole[..., n]), turn) for n in range(3)]
        return np.dstack([np.asarray(plane) for plane in planes])
    return samples_of(upright(picture, turn))


def samples_of(picture: Image.Image) -> Samples:
    """Return the samples of a Pillow picture of any mode."""
    if picture.mode == "1" and "transparency" not in picture.info:
        return ~np.asarray(picture)
    if picture.mode.startswith("I"):
        return np.asarray(rare.grey_of(picture)).astype(np.uint16, copy=False)
    return np.asarray(shown(picture))


def shown(picture: Image.Image) -> Image.Image:
    """Return a Pillow picture of any mode as 8-bit grey or RGB, on white."""
    if picture.mode.startswith("I"):
        high = np.asarray(rare.grey_of(picture)) >> 8
        return Image.fromarray(high.astype(np.uint8))
    if picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info:
        grey = picture.mode in {"1", "L", "LA", "La"}
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        ground.alpha_composite(picture)
        return ground.convert("L" if grey else "RGB")
    if picture.mode in {"L", "RGB"}:
        return picture
    if picture.mode == "CMYK":
        return colours.unprinted(picture)
    return picture.convert("L" if picture.mode in {"1", "F"} else "RGB")


def profile_of(data: bytes, samples: int) -> bytes | None:
    """Return the profile of a picture file, where it is for pictures of so many samples."""
    with reading(), open_picture(io.BytesIO(data)) as picture:
        return colours.fitting(picture, samples)


def eight_bits(samples: Samples) -> NDArray[np.uint8]:
    """Return samples as 8-bit grey or RGB."""
    if samples.dtype == bool:
        return np.where(samples, 0, 255).astype(np.uint8)
    if samples.dtype == np.uint16:
        return (samples >> 8).astype(np.uint8)
    return samples.astype(np.uint8, copy=False)


def black_and_white(samples: Samples) -> NDArray[np.bool_]:
    """Return samples with every pixel black or white, cut where Otsu's method does."""
    if samples.dtype == bool:
        return samples.astype(bool, copy=False)
    picture = Image.fromarray(eight_bits(samples)).convert("L")
    black: NDArray[np.bool_] = np.asarray(picture) <= _threshold(np.array(picture.histogram()))
    return black


def _threshold(counts: NDArray[np.int_]) -> int:
    """Return the lightest value that counts as black."""
    values = np.arange(256)
    below = np.cumsum(counts)
    sums = np.cumsum(counts * values)
    above = below[-1] - below
    between = (below > 0) & (above > 0)
    if not between.any():
        return 127
    dark = sums / np.maximum(below, 1)
    light = (sums[-1] - sums) / np.maximum(above, 1)
    best = int(np.argmax(np.where(between, below * (above * (light - dark) ** 2.0), -1)))
    return best if light[best] - dark[best] >= _INK else 127
