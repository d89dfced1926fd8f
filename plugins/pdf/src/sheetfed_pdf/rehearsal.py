"""Everything once, small, before the box closes.

A codec works in a process that can open no file, so all that is imported or loaded where it is
first needed has to be there before.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import BinaryIO

from PIL import Image

from sheetfed.api.contracts import Codec
from sheetfed.api.model import Box, Mark, Origin, Page

_SIZE = (32, 24)


def rehearse(codec: Codec) -> None:
    """Write a page in every way, and draw, take out and copy it."""
    for mode, form in (("1", "tiff"), ("RGB", "jpeg"), ("RGB", "png")):
        for scheme in ("auto", "lzw", "jpeg", "jpeg2000", "g4"):
            _written(codec, [_page(mode, form)], {"compression": scheme})
    plain = _written(codec, [_page("RGB", "jpeg")], {"archive": "3b", "attachment": "a"})
    _drawn(codec, plain, {})
    _told(codec, plain)
    _drawn(codec, plain, {"mode": "render", "grey": True})
    origin = Origin(file="it", index=0, media_type="application/pdf")
    width, height = _SIZE
    copied = Page(data=b"", media_type="application/pdf", width=width, height=height,
                  origin=origin)  # fmt: skip
    locked = _written(codec, [copied, copied], {"password": "a", "object-streams": True}, plain)
    _drawn(codec, locked, {"password": "a"})
    begun = replace(_page("RGB", "jpeg"), origin=origin)
    _written(codec, [begun], {}, begun.data)


def _page(mode: str, form: str) -> Page:
    stream = io.BytesIO()
    Image.new(mode, _SIZE).save(stream, form, dpi=(100, 100))
    text = Mark(kind="text", value="a", by="rehearsal", box=Box(left=1, top=1, width=9, height=9))
    width, height = _SIZE
    return Page(data=stream.getvalue(), media_type=f"image/{form}", width=width, height=height,
                marks=(text,))  # fmt: skip


def _written(
    codec: Codec, pages: list[Page], options: dict[str, str | bool], file: bytes = b""
) -> bytes:
    stream = io.BytesIO()
    codec.encode(iter(pages), stream, "application/pdf", options, _Shelf(file))
    return stream.getvalue()


def _drawn(codec: Codec, data: bytes, options: dict[str, str | bool]) -> None:
    book = codec.open(io.BytesIO(data), options)
    for width in (None, 8):
        book.page(0, width=width)
    book.close()


def _told(codec: Codec, data: bytes) -> None:
    book = codec.open(io.BytesIO(data), {})
    book.marks(0)
    book.about()
    book.close()


class _Shelf:
    """One file in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, file: str) -> BinaryIO:  # noqa: ARG002 - there is one
        """Open it."""
        return io.BytesIO(self._data)

    def copy(self, file: str, stream: BinaryIO) -> None:  # noqa: ARG002 - there is one
        """Write it."""
        stream.write(self._data)

    def check(self) -> int:
        """Return what nobody compares."""
        return 0
