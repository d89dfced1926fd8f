"""An addon that brings a format nobody has heard of."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image, PngImagePlugin

from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.errors import NotFound, Unreadable
from sheetfed.api.hooks import CodecSpec, Format, hookimpl
from sheetfed.api.model import Box, Option, Page, PageInfo, Settings

TYPE = "image/x-etch"
LOADED = PngImagePlugin  # a box opens no file


@hookimpl
def sheetfed_codecs() -> list[CodecSpec]:
    return [
        CodecSpec(
            name="etch",
            title="Etchings",
            factory="etcher:Etch",
            reads=frozenset({TYPE}),
            writes=frozenset({TYPE}),
            options=(Option(name="ink", title="Ink", kind="text"),),
            reading=(Option(name="light", title="Light", kind="int", minimum=0, maximum=9),),
            formats=(
                Format(
                    media_type=TYPE,
                    title="Etching",
                    endings=("etch",),
                    signs=(rb"ETCH\n",),
                    many=True,
                    gathers=True,
                ),
            ),
        )
    ]


class Etch(Codec):
    """A line for each page: its width, height and grey."""

    def open(self, stream: BinaryIO, options: Settings) -> Book:
        head, *lines = stream.read().splitlines()
        if head != b"ETCH" or not lines:
            raise Unreadable("this is no etching")
        return Plates([[int(word) for word in line.split()[:3]] for line in lines],
                      int(options.get("light") or 0))  # fmt: skip

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        ink = str(options.get("ink", "black"))
        stream.write(b"ETCH\n")
        for page in pages:
            with Image.open(io.BytesIO(page.data)) as picture:
                grey = picture.convert("L").getpixel((0, 0))
            stream.write(f"{page.width} {page.height} {grey} {ink}\n".encode())


class Plates(Book):
    """Grey pages."""

    def __init__(self, plates: list[list[int]], light: int) -> None:
        self._plates = plates
        self._light = light

    @property
    def count(self) -> int:
        return len(self._plates)

    def info(self, index: int) -> PageInfo:
        if not 0 <= index < self.count:
            raise NotFound("no such plate")
        return PageInfo(width=self._plates[index][0], height=self._plates[index][1])

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        across, down, grey = self._plates[index]
        scale = min((width or across) / across, (height or down) / down, 1.0)
        size = (max(1, int(across * scale)), max(1, int(down * scale)))
        stream = io.BytesIO()
        Image.new("L", size, grey + self._light).save(stream, "PNG")
        return Page(data=stream.getvalue(), media_type="image/png", width=size[0], height=size[1])


def plant(folder: Path) -> None:
    """Install this module as an addon in a folder."""
    about = folder / "etcher-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "etcher.py").write_text(Path(__file__).read_text())
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: etcher\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[sheetfed.v1]\netch = etcher\n")
