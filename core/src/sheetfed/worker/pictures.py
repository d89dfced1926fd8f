"""The two small pictures of a page: preview and thumbnail."""

from __future__ import annotations

import io
import math
import struct
import sys
import warnings
import zlib
from contextlib import suppress
from typing import Any, Literal

from sheetfed.api.errors import DriverLied, TooLarge
from sheetfed.api.model import Page
from sheetfed.worker import averages, extras, jpeg
from sheetfed.worker.bands import Band, Shape
from sheetfed.worker.wire import PREVIEW, THUMBNAIL, PicturePart

QUALITY = 80
MOST_PIXELS = 200_000_000

DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow is known to raise on garbage."""

_FACTORS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
_ORIENTATION = 274
_UPRIGHT = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Exif orientation: Image.Transpose
_DRAWN = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF", "image/bmp": "BMP"}


def factor(longest: int) -> int:
    """Return by how much a page is made smaller to become its preview.

    The factors fit into bands without remainder, whatever else the bands are bound to.
    """
    needed = -(-longest // PREVIEW)
    return next((value for value in _FACTORS if value >= needed), -(-needed // 16) * 16)


class Shrink:
    """Makes the pictures of a page out of its bands."""

    def __init__(self, shape: Shape, factor: int) -> None:
        self._shape = shape
        self._factor = factor
        self._image: Any = extras.pillow()
        self._numpy: Any = (
            extras.numpy() if shape.mode != "bw" and factor <= averages.MOST else None
        )
        self._pieces: list[Any] = []

    def pack(self, band: Band) -> Any:
        """Return a band made smaller; called on several threads at once."""
        shape, rows = self._shape, band.rows
        size = (shape.width, band.count)
        if shape.deep:
            high = 1 if sys.byteorder == "little" else 0
            rows = memoryview(bytes(rows)[high::2])
        if self._numpy is not None:
            made = averages.averaged(rows, shape.width, shape.samples, self._factor)
            return made.copy() if self._factor == 1 else made  # a band is used again
        if shape.mode == "bw":
            picture = self._image.frombuffer("1", size, rows, "raw", "1;I", 0, 1).convert("L")
        else:
            mode = "RGB" if shape.samples == 3 else "L"
            picture = self._image.frombuffer(mode, size, rows, "raw", mode, 0, 1)
        return picture.reduce(self._factor)

    def join(self, piece: Any) -> None:
        """Take the next band's piece; called in order."""
        self._pieces.append(piece)

    def finish(self) -> list[PicturePart]:
        """Return preview and thumbnail of all that came."""
        if self._numpy is not None:
            return _parts_of(self._numpy.concatenate(self._pieces))
        first = self._pieces[0]
        height = sum(piece.height for piece in self._pieces)
        picture = self._image.new(first.mode, (first.width, height))
        top = 0
        for piece in self._pieces:
            picture.paste(piece, (0, top))
            top += piece.height
        return parts(picture)


def parts(picture: Any) -> list[PicturePart]:
    """Return preview and thumbnail of a grey or colour Pillow picture."""
    by = math.ceil(max(picture.size) / PREVIEW)
    preview = picture.reduce(by) if by > 1 else picture  # by 1 is a copy
    thumbnail = preview.reduce(_thumb(max(preview.size)))
    samples = 3 if preview.mode == "RGB" else 1
    return [
        _part("preview", preview.tobytes(), preview.size, samples),
        _part("thumbnail", thumbnail.tobytes(), thumbnail.size, samples),
    ]


def _parts_of(pixels: Any) -> list[PicturePart]:
    """Return preview and thumbnail of an array: height, width, samples."""
    height, width, samples = pixels.shape
    by = math.ceil(max(height, width) / PREVIEW)
    preview = averages.averaged(pixels, width, samples, by)
    high, wide, _ = preview.shape
    thumbnail = averages.averaged(preview, wide, samples, _thumb(max(high, wide)))
    low, narrow, _ = thumbnail.shape
    return [
        _part("preview", preview.data.cast("B"), (wide, high), samples),
        _part("thumbnail", thumbnail.data.cast("B"), (narrow, low), samples),
    ]


def _thumb(longest: int) -> int:
    return max(1, round(longest / THUMBNAIL))


def _part(
    kind: Literal["preview", "thumbnail"],
    pixels: bytes | memoryview,
    size: tuple[int, int],
    samples: int,
) -> PicturePart:
    return PicturePart(
        kind=kind,
        media_type=jpeg.MEDIA_TYPE,
        width=size[0],
        height=size[1],
        data=jpeg.encode(pixels, size, samples, quality=QUALITY),
    )


def pictures_of(page: Page) -> tuple[int, int, tuple[float, float], list[PicturePart]]:
    """Return the true size and resolution of a page that came encoded, and its pictures.

    The size is the one that is seen, that is after an Exif orientation. A type that only an addon
    can draw is believed and has no pictures.
    """
    image = extras.pillow()
    format_name = _DRAWN.get(page.media_type)
    if image is None or format_name is None:
        return page.width, page.height, page.dpi, []
    image.MAX_IMAGE_PIXELS = None  # checked here, before anything is decoded
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _look(image, page, format_name)
        except DAMAGE as error:
            raise DriverLied(
                f"the page is no readable {page.media_type}: {error}", media_type=page.media_type
            ) from error


def _look(
    image: Any, page: Page, format_name: str
) -> tuple[int, int, tuple[float, float], list[PicturePart]]:
    with extras.rare().opened(io.BytesIO(page.data), [format_name]) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise TooLarge(f"the page has {width} x {height} pixels", width=width, height=height)
        turn = picture.getexif().get(_ORIENTATION, 1)
        across, down = page.dpi if all(page.dpi) else _dpi(picture)
        picture.draft("RGB" if picture.mode == "YCbCr" else picture.mode, (PREVIEW, PREVIEW))
        small = flattened(picture).reduce(max(1, math.ceil(max(picture.size) / PREVIEW)))
        if turn in {5, 6, 7, 8}:
            across, down = down, across
        if turn in _UPRIGHT and format_name != "TIFF":  # which Pillow gives as it is seen
            small = small.transpose(image.Transpose(_UPRIGHT[turn]))
            width, height = (height, width) if turn >= 5 else (width, height)
        return width, height, (across, down), parts(small)


def flattened(picture: Any) -> Any:
    """Return a picture of any mode as 8-bit grey or colour, on white."""
    if picture.mode.startswith("I"):
        grey = extras.rare().grey_of(picture)
        return grey.point(lambda value: value / 257).convert("L")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        grey = picture.mode in {"1", "L", "LA"}
        picture = picture.convert("RGBA")
        ground = picture.copy()
        ground.paste((255, 255, 255, 255), (0, 0, *picture.size))
        ground.alpha_composite(picture)
        return ground.convert("L" if grey else "RGB")
    if picture.mode == "CMYK":
        return _unprinted(picture)
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _unprinted(picture: Any) -> Any:
    """Return a picture in the four colours of a press as RGB: by its profile, else roughly."""
    colours, profile = extras.colours(), picture.info.get("icc_profile")
    if colours is not None and isinstance(profile, bytes) and profile[16:20] == b"CMYK":
        with suppress(colours.PyCMSError, OSError, ValueError, TypeError):
            own = colours.ImageCmsProfile(io.BytesIO(profile))
            screen = colours.createProfile("sRGB")
            return colours.profileToProfile(picture, own, screen, outputMode="RGB")
    return picture.convert("RGB")


def _dpi(picture: Any) -> tuple[float, float]:
    across, down = picture.info.get("dpi", (0, 0))
    across, down = float(across), float(down)
    if not (math.isfinite(across) and math.isfinite(down) and min(across, down) > 1):
        return 0.0, 0.0
    return across, down
