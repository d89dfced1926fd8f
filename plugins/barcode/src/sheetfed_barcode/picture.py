"""Pages unpacked into grey pixels, upright, and parts."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFilter,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from sheetfed.api import rare
from sheetfed.api.errors import BadSettings, TooLarge, Unreadable
from sheetfed.api.model import Page

Grey = NDArray[np.uint8]

MOST_PIXELS = 200_000_000
MOST_BLACK_AND_WHITE = 1_000_000_000
READ_PIXELS = 100_000_000
"""More pixels are averaged down first: what would be lost by that is finer than printers print."""

_PLUGINS = (
    AvifImagePlugin.AvifImageFile,
    BmpImagePlugin.BmpImageFile,
    BmpImagePlugin.DibImageFile,
    GifImagePlugin.GifImageFile,
    Jpeg2KImagePlugin.Jpeg2KImageFile,
    JpegImagePlugin.JpegImageFile,
    MpoImagePlugin.MpoImageFile,
    PngImagePlugin.PngImageFile,
    PpmImagePlugin.PpmImageFile,
    TiffImagePlugin.TiffImageFile,
    WebPImagePlugin.WebPImageFile,
)
"""What pages come in; imported here, for a box opens no file, and Pillow would look for more."""

_FORMATS = [plugin.format for plugin in _PLUGINS if plugin.format and plugin.format != "MPO"]
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, Image.DecompressionBombError)


_A4 = 8.27 * 11.69  # square inches


def sheet_dpi(width: int, height: int) -> float:
    """Return the resolution that so many pixels have where they are a sheet of A4."""
    return float((width * height / _A4) ** 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Grey pixels of a page's part: `scale` of them to one of the page, from `left` and `top`."""

    pixels: Grey
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Left, top, width and height of a part of any page; `percent` says which are such."""

    numbers: tuple[float, float, float, float]
    percent: tuple[bool, bool, bool, bool]


def unpacked(page: Page) -> Part:
    """Return a page in grey, as it is shown. Raises Unreadable, TooLarge."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit comes first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with rare.opened(io.BytesIO(page.data), _FORMATS) as picture:
                return _grey(picture, page)
        except UnidentifiedImageError as error:
            raise Unreadable(f"the page is no {page.media_type} that can be read") from error
        except _DAMAGE as error:
            raise Unreadable(f"the page cannot be unpacked: {error}") from error


def region_of(text: str) -> Region | None:
    """Return what `left, top, width, height` names, None where it names nothing.

    Each is pixels of the page, or percent of it where it ends in `%`. Raises BadSettings.
    """
    if not text.strip():
        return None
    words = [word.strip() for word in text.split(",")]
    try:
        left, top, across, down = (float(word.removesuffix("%")) for word in words)
        if not all(math.isfinite(number) for number in (left, top, across, down)):
            raise ValueError("no place on any page")
    except ValueError as error:
        told = f"region is {text!r}, not four numbers: left, top, width, height"
        raise BadSettings(told, option="region") from error
    one, two, three, four = (word.endswith("%") for word in words)
    return Region(numbers=(left, top, across, down), percent=(one, two, three, four))


def cut(part: Part, region: Region | None) -> Part:
    """Return the part of a page that a region names."""
    if region is None:
        return part
    height, width = part.pixels.shape
    left, top, across, down = _lengths(region, width / part.scale, height / part.scale)
    x, y = max(0, int(left * part.scale)), max(0, int(top * part.scale))
    right = min(width, round((left + across) * part.scale))
    bottom = min(height, round((top + down) * part.scale))
    pixels = part.pixels[y : max(y, bottom), x : max(x, right)]
    return Part(pixels=pixels, scale=part.scale, left=x / part.scale, top=y / part.scale)


def covers(part: Part, corners: Sequence[tuple[float, float]]) -> bool:
    """Say whether the middle of corners on the page is in a part of it."""
    height, width = part.pixels.shape
    x = sum(x for x, _ in corners) / len(corners) - part.left
    y = sum(y for _, y in corners) / len(corners) - part.top
    return 0 <= x * part.scale <= int(width) and 0 <= y * part.scale <= int(height)


def enlarged(part: Part, factor: float) -> Part:
    """Return a part with more, or fewer, pixels."""
    height, width = part.pixels.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    picture = Image.fromarray(part.pixels).resize(
        size, Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX
    )
    return Part(
        pixels=np.asarray(picture),
        scale=part.scale * size[0] / width,
        left=part.left,
        top=part.top,
    )


def quarters(part: Part) -> Iterator[Part]:
    """Yield four parts that cover a part, and overlap so that what lies on a seam is in one."""
    height, width = part.pixels.shape
    for y in (0, height * 7 // 16):
        for x in (0, width * 7 // 16):
            yield Part(
                pixels=np.ascontiguousarray(
                    part.pixels[y : y + height * 9 // 16 + 1, x : x + width * 9 // 16 + 1]
                ),
                scale=part.scale,
                left=part.left + x / part.scale,
                top=part.top + y / part.scale,
            )


def sharpened(part: Part, radius: float) -> Part:
    """Return a part whose edges are steeper by what is around them: blur taken back."""
    filtered = Image.fromarray(part.pixels).filter(ImageFilter.UnsharpMask(radius, 300, 0))
    return replace(part, pixels=np.asarray(filtered))


def smoothed(part: Part, axis: int | None = None) -> Part:
    """Return a part without its noise, averaged along one axis or around each pixel.

    Along its bars a linear code loses nothing by that.
    """
    if axis is None:
        filtered = Image.fromarray(part.pixels).filter(ImageFilter.GaussianBlur(2))
        return replace(part, pixels=np.asarray(filtered))
    reach = min(9, part.pixels.shape[axis])
    padding = [(0, 0), (0, 0)]
    padding[axis] = (reach // 2 + 1, reach - reach // 2 - 1)
    sums = np.cumsum(np.pad(part.pixels, padding, mode="edge"), axis=axis, dtype=np.uint32)
    upper = np.take(sums, range(reach, sums.shape[axis]), axis=axis)
    lower = np.take(sums, range(sums.shape[axis] - reach), axis=axis)
    return replace(part, pixels=((upper - lower) // reach).astype(np.uint8))


def _grey(picture: Image.Image, page: Page) -> Part:
    bilevel = picture.mode == "1"
    most = MOST_BLACK_AND_WHITE if bilevel else MOST_PIXELS
    if picture.width * picture.height > most:
        raise TooLarge(f"a page of {picture.width} x {picture.height} pixels is not read")
    if picture.format == "JPEG":
        picture.draft("L", picture.size)
    scale = 1.0
    while picture.width * picture.height * scale * scale > READ_PIXELS:
        scale /= 2
    grey = _shades(picture)
    if scale < 1:
        grey = grey.reduce(round(1 / scale))
    pixels = np.ascontiguousarray(np.asarray(_upright(grey, _turn(picture))))
    return Part(pixels=pixels, scale=pixels.shape[1] / page.width if page.width else scale)


def _shades(picture: Image.Image) -> Image.Image:
    """Return a picture of any mode in 8-bit grey, on white."""
    if picture.mode.startswith("I"):
        picture = rare.grey_of(picture)
    if picture.mode in {"I;16", "F"}:
        deep = np.asarray(picture).clip(0, 65535).astype(np.uint16)
        return Image.fromarray((deep >> 8).astype(np.uint8))
    if picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        ground.alpha_composite(picture)
        return ground.convert("L")
    return picture.convert("L")


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


def _turn(picture: Image.Image) -> int:
    turn = picture.getexif().get(_ORIENTATION)
    return turn if isinstance(turn, int) else 1


def _upright(picture: Image.Image, turn: int) -> Image.Image:
    return picture.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else picture


def _lengths(region: Region, width: float, height: float) -> tuple[float, float, float, float]:
    left, top, across, down = (
        number / 100 * whole if percent else number
        for number, percent, whole in zip(
            region.numbers, region.percent, (width, height, width, height), strict=True
        )
    )
    return left, top, across, down
