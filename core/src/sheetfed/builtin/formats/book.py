"""Opened picture files, drawn at the size asked for."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Book
from sheetfed.api.errors import NotFound, TooLarge, Unreadable
from sheetfed.api.model import Page, PageInfo
from sheetfed.builtin.formats import burden, jpeg, pixels, png
from sheetfed.builtin.formats.limits import MOST_FRAMES
from sheetfed.builtin.pillow import dpi_of

DRAWN_QUALITY = 88


class Pictures(Book):
    """A JPEG, PNG, BMP or TIFF file; only TIFF has more than one page."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        burden.check(stream.read())
        with pixels.reading("the file"):
            self._picture = pixels.open_picture(self._again())
            pixels.check(self._picture)
            self._media_type = _media_type(self._picture)
            self._count = _frames(self._picture) if self._media_type == "image/tiff" else 1

    @property
    def count(self) -> int:
        """How many pages the file has."""
        return self._count

    def info(self, index: int) -> PageInfo:
        """Return size and resolution of a page as it is meant to be seen."""
        with pixels.reading(f"page {index + 1}"):
            picture = self._seek(index)
            size, dpi = picture.size, dpi_of(picture)
            if pixels.turn_of(picture) >= 5:
                size, dpi = size[::-1], dpi[::-1]
        return PageInfo(width=size[0], height=size[1], dpi=dpi)

    def page(self, index: int, *, width: int | None = None, height: int | None = None) -> Page:
        """Draw a page.

        Unscaled, the only page of a file is the file as it stands. Scaled pages are JPEG.
        """
        info = self.info(index)
        scale = min((width or info.width) / info.width, (height or info.height) / info.height, 1.0)
        if scale == 1.0 and self.count == 1:
            return self._whole(info)
        size = (max(1, int(info.width * scale)), max(1, int(info.height * scale)))
        dpi = (info.dpi[0] * scale, info.dpi[1] * scale)
        with pixels.reading(f"page {index + 1}"):
            picture = self._seek(index)
            pixels.check(picture)
            if scale == 1.0:
                samples = pixels.samples_of(pixels.upright(picture, pixels.turn_of(picture)))
                data, media_type = png.encode(samples, dpi), "image/png"
            else:
                small = np.asarray(self._scaled(picture, size))
                data, media_type = jpeg.encode(small, quality=DRAWN_QUALITY, dpi=dpi), "image/jpeg"
        return Page(data=data, media_type=media_type, width=size[0], height=size[1], dpi=dpi)

    def close(self) -> None:
        """Let go of the file."""
        self._picture.close()

    def _seek(self, index: int) -> Image.Image:
        if not 0 <= index < self._count:
            raise NotFound(f"the file has {self._count} pages, none at {index}", pages=self._count)
        if self._count > 1:
            self._picture.seek(index)
        return self._picture

    def _whole(self, info: PageInfo) -> Page:
        with pixels.reading("the file"):
            pixels.open_picture(self._again()).load()
        return Page(
            data=self._again().read(),
            media_type=self._media_type,
            width=info.width,
            height=info.height,
            dpi=info.dpi,
        )

    def _scaled(self, picture: Image.Image, size: tuple[int, int]) -> Image.Image:
        turn = pixels.turn_of(picture)
        stored = size[::-1] if turn >= 5 else size
        if self._media_type == "image/jpeg":
            picture = pixels.open_picture(self._again(), pixels.FORMATS[self._media_type])
            picture.draft(picture.mode, stored)
        elif self._media_type == "image/png":
            samples = png.read_samples(self._again().read())
            if samples is not None:
                picture = Image.fromarray(pixels.eight_bits(samples))
        small = pixels.shown(picture)
        steps = (small.width // stored[0], small.height // stored[1])
        if max(steps) > 1:
            small = small.reduce((max(1, steps[0]), max(1, steps[1])))
        if small.size != stored:
            small = small.resize(stored, Image.Resampling.BILINEAR)
        return pixels.upright(small, turn)

    def _again(self) -> BinaryIO:
        self._stream.seek(0)
        return self._stream


def _media_type(picture: Image.Image) -> str:
    for media_type, formats in pixels.FORMATS.items():
        if picture.format in formats:
            return media_type
    raise Unreadable(f"files of the format {picture.format} are not read here")


def _frames(picture: Image.Image) -> int:
    """Count the pages of a TIFF file; counting goes no further than there may be. Raises TooLarge.

    A chain of directories that bites its own tail would never end.
    """
    for index in range(MOST_FRAMES + 1):
        try:
            picture.seek(index)
        except EOFError:
            picture.seek(0)
            return index
    raise TooLarge(f"a TIFF file of more than {MOST_FRAMES} pages", most=MOST_FRAMES)
