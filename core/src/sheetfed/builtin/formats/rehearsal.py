"""Everything once, small, before the box closes.

A codec works in a process that can open no file, so all that is imported where it is first needed
has to be there before.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, ImageCms

from sheetfed.api.contracts import Codec
from sheetfed.api.model import Page
from sheetfed.builtin.formats.offers import WRITES

SIZE = (32, 24)

PLUGINS = (
    *("BmpImage", "GifImage", "JpegImage", "Jpeg2KImage", "MpoImage", "PngImage", "PpmImage"),
    *("TiffImage", "WebPImage"),
)
"""All that we ask of Pillow: who asks it for a format that it does not know yet gets forty."""

_KINDS = (
    ("1", "tiff"), ("L", "png"), ("RGB", "jpeg"), ("P", "bmp"), ("P", "gif"), ("RGB", "webp"),
)  # fmt: skip
_DRAWN = (("RGB", "JPEG2000"), ("L", "PPM"))


class Nowhere:
    """No file to copy from."""

    def open(self, file: str) -> BinaryIO:
        """Refuse."""
        raise FileNotFoundError(file)

    def copy(self, file: str, stream: BinaryIO) -> None:  # noqa: ARG002 - there is none
        """Refuse."""
        raise FileNotFoundError(file)

    def check(self) -> int:
        """Return that of nothing."""
        return 0


def rehearse(codec: Codec) -> None:
    """Write and draw a page of every kind in every format."""
    for name in PLUGINS:
        importlib.import_module(f"PIL.{name}Plugin")
    for mode, form in _DRAWN:
        stream = io.BytesIO()
        Image.new(mode, SIZE).save(stream, form)
        _draw(codec, stream.getvalue())
    stream = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", SIZE).save(stream, "JPEG", icc_profile=profile)
    _draw(codec, stream.getvalue())
    for page in _pages():
        for media_type in sorted(WRITES):
            stream = io.BytesIO()
            codec.encode(iter((page,)), stream, media_type, {}, Nowhere())
        for name in ("lzw", "jpeg", "rle", "g3", "g3-2d"):
            options = {"compression": name}
            codec.encode(iter((page,)), io.BytesIO(), "image/tiff", options, Nowhere())
        _draw(codec, page.data)


def _pages() -> Iterator[Page]:
    for mode, media_type in _KINDS:
        stream = io.BytesIO()
        Image.new(mode, SIZE).save(stream, media_type, dpi=(100, 100))
        width, height = SIZE
        data = stream.getvalue()
        yield Page(data=data, media_type=f"image/{media_type}", width=width, height=height)


def _draw(codec: Codec, data: bytes) -> None:
    for width in (SIZE[0], SIZE[0] // 3):
        book = codec.open(io.BytesIO(data), {})
        book.info(0)
        book.page(0, width=width)
        book.close()
