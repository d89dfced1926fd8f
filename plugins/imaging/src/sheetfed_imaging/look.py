"""A page as a step sees it: drawn small, and upright."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import replace

from PIL import Image, ImageOps

from sheetfed.api import rare
from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.api.model import Mark, Page

MOST_PIXELS = 200_000_000
MOST_BLACK_AND_WHITE = 5 * MOST_PIXELS
"""One bit a pixel, so that there may be more of them."""

_DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
# What Pillow is known to raise on garbage.


def picture_of(page: Page, *, longest: int, gray: bool = False) -> Image.Image:
    """Return a page's picture upright, of mode 1, L, I;16 or RGB; what is clear lies on white.

    A JPEG file is drawn smaller, yet its longer side no shorter than `longest`.
    Raises Unreadable, TooLarge.
    """
    Image.MAX_IMAGE_PIXELS = None  # checked here, before anything is unpacked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with rare.opened(io.BytesIO(page.data)) as picture:
                _check(picture)
                drawn = "L" if gray or picture.mode == "L" else "RGB"
                share = longest / max(picture.size)
                size = (round(picture.width * share), round(picture.height * share))
                picture.draft(drawn, size)
                wide = picture.mode.startswith("I")
                return _plain(ImageOps.exif_transpose(rare.grey_of(picture) if wide else picture))
        except _DAMAGE as error:
            raise Unreadable(f"the page is no readable {page.media_type}: {error}") from error


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode in {"1", "L", "I;16", "RGB"} and "transparency" not in picture.info:
        return picture
    grey = picture.mode in {"1", "L", "LA", "La", "F"}
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        picture = ground
    return picture.convert("L" if grey else "RGB")


def marked(page: Page, mark: Mark) -> list[Page]:
    """Return a page with one more mark."""
    return [replace(page, marks=(*page.marks, mark))]


def _check(picture: Image.Image) -> None:
    most = MOST_BLACK_AND_WHITE if picture.mode == "1" else MOST_PIXELS
    if picture.width * picture.height > most:
        raise TooLarge(
            f"the page has {picture.width} x {picture.height} pixels",
            width=picture.width,
            height=picture.height,
        )


def warm() -> None:
    """Load what Pillow loads late: a box lets nothing in once it is closed."""
    Image.init()
