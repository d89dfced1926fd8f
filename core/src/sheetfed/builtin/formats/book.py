"""Opened picture files, drawn at the size asked for."""

from __future__ import annotations

import io
import math
from typing import BinaryIO

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Book
from sheetfed.api.errors import BadRequest, NotFound, TooLarge, Unreadable
from sheetfed.api.model import Box, Page, PageInfo
from sheetfed.builtin.formats import burden, colours, gif, jpeg, jpx, pixels, png
from sheetfed.builtin.formats.limits import MOST_FRAMES, MOST_MOVING
from sheetfed.builtin.pillow import dpi_of

DRAWN_QUALITY = 88


class Pictures(Book):
    """A picture file in memory; GIF and WebP have a page for each frame.

    Where it is not a whole file, there is none that could be given as it stands.
    """

    def __init__(self, data: bytes, *, whole: bool = True) -> None:
        self._data = data
        self._whole_file = whole
        burden.check(data)
        with pixels.reading("the file"):
            self._picture = pixels.open_picture(self._again())
            pixels.check(self._picture)
            self._media_type = _media_type(self._picture)
            self._lies = pixels.orientation_of(self._picture) >= 5
            self._drawn: tuple[int, pixels.Samples] | None = None
            self._count = _frames(self._picture, data)
        # general readers give 8 bits of these, or do not see what their colours mean
        self._deep = self._media_type == "image/jp2" and (
            jpx.is_deep(data) or jpx.profile_of(data) is not None
        )

    @property
    def count(self) -> int:
        """How many pages the file has."""
        return self._count

    def info(self, index: int) -> PageInfo:
        """Return size and resolution of a page as it is meant to be seen."""
        with pixels.reading(f"page {index + 1}"):
            picture = self._seek(index)
            size, dpi = picture.size, dpi_of(picture)
            if self._lies:
                dpi = dpi[::-1]
            if pixels.turn_of(picture) >= 5:
                size = size[::-1]
        return PageInfo(width=size[0], height=size[1], dpi=dpi)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw a page or a region of it.

        Unscaled, the only page of a file is the file as it stands, unless it is JPEG 2000 of more
        bits than general readers give. Scaled pages are JPEG, and so is
        a region whose size does not matter to the pixel.
        """
        info = self.info(index)
        box = _inside(region, info)
        across, down = box[2] - box[0], box[3] - box[1]
        scale = min((width or across) / across, (height or down) / down, 1.0)
        alone = self.count == 1 and self._whole_file and not self._deep
        if region is None and scale == 1.0 and alone:
            return self._whole(info)
        size = (max(1, int(across * scale)), max(1, int(down * scale)))
        dpi = (info.dpi[0] * scale, info.dpi[1] * scale)
        exact = scale == 1.0 and (region is None or width is height is None)
        with pixels.reading(f"page {index + 1}"):
            picture = self._seek(index)
            pixels.check(picture)
            if exact:
                samples = self._samples(index)[box[1] : box[3], box[0] : box[2]]
                profile = colours.fitting(picture, 3 if samples.ndim == 3 else 1)
                data, media_type = png.encode(samples, dpi, profile), "image/png"
            else:
                small = (
                    self._scaled(picture, size) if region is None else self._cut(index, box, size)
                )
                drawn = np.asarray(small)
                data, media_type = jpeg.encode(drawn, quality=DRAWN_QUALITY, dpi=dpi), "image/jpeg"
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

    def _quick(self) -> pixels.Samples | None:
        """Return the samples of a PNG as we write them, which a general reader takes long for."""
        return png.read_samples(self._data) if self._media_type == "image/png" else None

    def _whole(self, info: PageInfo) -> Page:
        with pixels.reading("the file"):
            if not (self._media_type == "image/png" and png.check(self._data)):
                pixels.open_picture(self._again()).load()
        return Page(
            data=self._data,
            media_type=self._media_type,
            width=info.width,
            height=info.height,
            dpi=info.dpi,
        )

    def _samples(self, index: int) -> pixels.Samples:
        """Return a page's samples as they are meant to be seen; the last one's are kept."""
        if self._drawn is None or self._drawn[0] != index:
            picture = self._seek(index)
            if self._count == 1:  # what was unpacked once does not tell its depth any more
                picture = pixels.open_picture(self._again())
            quick = self._quick() if pixels.turn_of(picture) == 1 else None
            self._drawn = index, pixels.unpacked(picture, self._data) if quick is None else quick
        return self._drawn[1]

    def _cut(
        self, index: int, box: tuple[int, int, int, int], size: tuple[int, int]
    ) -> Image.Image:
        """Return a region made smaller."""
        part = self._samples(index)[box[1] : box[3], box[0] : box[2]]
        small = _shrunk(Image.fromarray(pixels.eight_bits(part)), size)
        return colours.on_screen(small, self._picture.info.get("icc_profile"))

    def _scaled(self, picture: Image.Image, size: tuple[int, int]) -> Image.Image:
        turn, profile = pixels.turn_of(picture), picture.info.get("icc_profile")
        stored = size[::-1] if turn >= 5 else size
        if self._media_type == "image/jpeg":
            picture = pixels.open_picture(self._again(), pixels.FORMATS[self._media_type])
            picture.draft(picture.mode, stored)
        elif self._media_type == "image/jp2":
            picture = pixels.open_picture(self._again(), pixels.FORMATS[self._media_type])
            picture.reduce = _halvings(picture, stored)  # type: ignore[assignment, method-assign]
            picture = picture.copy()  # which has its method of that name again
        elif self._media_type == "image/png":
            samples = png.read_samples(self._data)
            if samples is not None:
                picture = Image.fromarray(pixels.eight_bits(samples))
        plain = picture if picture.mode == "CMYK" and profile else pixels.shown(picture)
        small = pixels.shown(colours.on_screen(_shrunk(plain, stored), profile))
        return pixels.upright(small, turn)

    def _again(self) -> BinaryIO:
        return io.BytesIO(self._data)


def _inside(region: Box | None, info: PageInfo) -> tuple[int, int, int, int]:
    """Return the whole pixels of a region: left, top, right, bottom. Raises BadRequest."""
    if region is None:
        return 0, 0, info.width, info.height
    left, top = max(0, math.floor(region.left)), max(0, math.floor(region.top))
    right = min(info.width, math.ceil(region.left + region.width))
    bottom = min(info.height, math.ceil(region.top + region.height))
    if left >= right or top >= bottom:
        raise BadRequest("the region is not on the page")
    return left, top, right, bottom


def _shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a grey or colour picture made smaller."""
    steps = (picture.width // size[0], picture.height // size[1])
    if max(steps) > 1:
        picture = picture.reduce((max(1, steps[0]), max(1, steps[1])))
    return picture if picture.size == size else picture.resize(size, Image.Resampling.BILINEAR)


def _halvings(picture: Image.Image, size: tuple[int, int]) -> int:
    """Return how often a picture can be halved before it is smaller than wanted."""
    least = min(have // want for have, want in zip(picture.size, size, strict=True))
    return min(5, max(0, least.bit_length() - 1))


def _media_type(picture: Image.Image) -> str:
    for media_type, formats in pixels.FORMATS.items():
        if picture.format in formats:
            return media_type
    raise Unreadable(f"files of the format {picture.format} are not read here")


def _frames(picture: Image.Image, data: bytes) -> int:
    """Count the pages of a file. Raises TooLarge."""
    count = int(getattr(picture, "n_frames", 1)) if picture.format == "WEBP" else 1
    if picture.format == "GIF":
        count = gif.count(data)
    if count > MOST_FRAMES:
        raise TooLarge(f"a file of more than {MOST_FRAMES} pictures", most=MOST_FRAMES)
    if count > 1 and count * picture.width * picture.height > MOST_MOVING:
        raise TooLarge(
            f"{count} pictures of {picture.width} x {picture.height} pixels have more than"
            f" {MOST_MOVING // 10**6} million together",
            most=MOST_MOVING,
        )
    return count
