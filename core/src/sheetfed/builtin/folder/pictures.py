"""What a picture file is, told from its content."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from sheetfed.api import rare
from sheetfed.api.errors import SheetfedError, TooLarge, Unreadable
from sheetfed.api.model import Page
from sheetfed.builtin.folder.tiff import TiffPages
from sheetfed.builtin.pillow import DAMAGE, damage, dpi_of

MOST_BYTES = 1 << 29
MOST_PIXELS = 200_000_000
"""A page beyond these is refused here, by its file's name: nothing larger would be kept."""

MAGIC: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"BM": "image/bmp",
}
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF", "image/bmp": "BMP"}
SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".bmp"})


class PictureFile:
    """An open file and the pages in it; one that never was a picture has none.

    Everything it raises is Unreadable or TooLarge and names the file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._closing = ExitStack()
        try:
            self._open()
        except BaseException as error:
            self._closing.close()
            if isinstance(error, SheetfedError):
                raise self._named(error) from error
            if isinstance(error, OSError):
                words = f"{file.name} cannot be read: {error.strerror or error}."
                raise Unreadable(words, file=file.name) from error
            raise

    def page(self, index: int) -> Page:
        """Return a page in the encoding it has."""
        try:
            if self._tiff and not (self.count == 1 and self._tiff.begins):
                return page_of(self._tiff.page(index), "image/tiff")
            if self._tiff:
                self._tiff.page(index)  # finds out whether all of it is there
            return page_of(self._whole(), self._media_type)
        except (Unreadable, TooLarge) as error:
            raise self._named(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def _open(self) -> None:
        self._stream = self._closing.enter_context(self._file.open("rb"))
        self._tiff: TiffPages | None = None
        self._media_type = media_type_of(self._stream.read(16))
        self.count = 1
        if not self._media_type:
            if self._file.suffix.casefold() in SUFFIXES:
                raise Unreadable("its content is no JPEG, PNG, TIFF or BMP")
            self.count = 0
        elif self._media_type == "image/tiff":
            self._tiff = TiffPages(self._stream, most_bytes=MOST_BYTES)
            self.count = len(self._tiff)

    def _whole(self) -> bytes:
        size = os.fstat(self._stream.fileno()).st_size
        if size > MOST_BYTES:
            raise TooLarge(f"it has {size} bytes")
        self._stream.seek(0)
        return self._stream.read()

    def _named(self, error: SheetfedError) -> SheetfedError:
        return type(error)(f"{self._file.name}: {error.message}.", file=self._file.name)


def media_type_of(head: bytes) -> str:
    """Return what a file that begins like this holds; empty for what is no picture."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def page_of(data: bytes, media_type: str) -> Page:
    """Return the page as it stands, its size and resolution read; raises Unreadable, TooLarge."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rare.opened(io.BytesIO(data), [FORMATS[media_type]]) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise TooLarge(f"it has {width} x {height} pixels")
                dpi = dpi_of(picture)
                _check(picture, media_type)
    except Image.DecompressionBombError as error:
        raise TooLarge("it has more pixels than fit in memory") from error
    except DAMAGE as error:
        raise Unreadable(f"it is damaged ({damage(error)})") from error
    return Page(data=data, media_type=media_type, width=width, height=height, dpi=dpi)


def _check(picture: Image.Image, media_type: str) -> None:
    """Find damage without decoding all of a picture where its format allows that."""
    if media_type == "image/png":
        picture.verify()
    elif media_type == "image/jpeg":
        picture.draft(picture.mode, (1, 1))
        picture.load()
    elif media_type == "image/bmp":
        picture.load()
