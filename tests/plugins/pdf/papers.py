"""PDF files that tests need, made where they are needed."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
from PIL import Image, ImageDraw, ImageOps

from sheetfed.api.model import Mark, Origin, Page, Settings
from sheetfed_pdf.codec import Pdf

MEDIA_TYPE = "application/pdf"

TEXT = b"BT /F1 24 Tf 40 %d Td (%s) Tj ET "
SHAPES = (
    b"1 0 0 rg 20 20 60 40 re f 0 0 1 RG 4 w 120 20 m 180 80 l S"
    b" 0 0.6 0 rg 150 150 m 190 150 190 190 150 190 c f "
)


class Shelf:
    """Files by name, as a codec is given them; it remembers how many were open."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._open: list[BinaryIO] = []
        self.most_open = 0

    def open(self, file: str) -> BinaryIO:
        stream = io.BytesIO(self._files[file])
        self._open = [one for one in self._open if not one.closed] + [stream]
        self.most_open = max(self.most_open, len(self._open))
        return stream


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    tally = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.tally += len(data)
        return data

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        self.tally += count
        return count


def document(
    contents: Sequence[bytes], *, size: tuple[float, float] = (200, 200), **entries: Any
) -> pikepdf.Pdf:
    """Return a file of a page for each content, with Helvetica as /F1."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    )
    for content in contents:
        pdf.add_blank_page()
        page = pdf.pages[-1].obj
        page.MediaBox = pikepdf.Array([0, 0, *map(Decimal, map(str, size))])
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pikepdf.Stream(pdf, content)
        for name, value in entries.items():
            page[f"/{name}"] = value
    return pdf


def own_letters(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Return a font of two letters, L and T, that look the same to everybody."""
    width = b"700 0 0 0 600 700 d1 "
    shapes = {
        "/L": width + b"100 0 400 120 re f 100 0 120 700 re f",
        "/T": width + b"50 580 500 120 re f 240 0 120 700 re f",
    }
    glyphs = {name: pdf.make_stream(shape) for name, shape in shapes.items()}
    names = [76, pikepdf.Name("/L"), 84, pikepdf.Name("/T")]
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type3,
            FontBBox=pikepdf.Array([0, 0, 600, 700]),
            FontMatrix=pikepdf.Array([Decimal("0.001"), 0, 0, Decimal("0.001"), 0, 0]),
            CharProcs=pikepdf.Dictionary(glyphs), FirstChar=76, LastChar=84,
            Encoding=pikepdf.Dictionary(Differences=pikepdf.Array(names)),
            Widths=pikepdf.Array([700] * 9), Resources=pikepdf.Dictionary(),
        )
    )  # fmt: skip


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    """Return the bytes of a file."""
    stream = io.BytesIO()
    pdf.save(stream, **options)
    return stream.getvalue()


def lettered(words: Iterable[str]) -> bytes:
    """Return a file with one page for each word, and shapes beside it."""
    return saved(document([SHAPES + TEXT % (160, word.encode()) for word in words]))


def photo(mode: str = "RGB", size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Return a picture that is the same neither mirrored nor turned."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((4, 4, size[0] // 2, size[1] // 3), fill=(200, 30, 30))
    draw.line((0, size[1], size[0], size[1] // 2), fill=(0, 0, 120), width=5)
    return picture.convert(mode)


def packed(picture: Image.Image, form: str, **options: Any) -> bytes:
    """Return a picture file."""
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def filled(data: bytes, size: tuple[int, int], **entries: Any) -> pikepdf.Pdf:
    """Return a file whose one page is filled by a picture of these entries."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=size)
    picture = pikepdf.Stream(pdf, data)
    picture.update({
        "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image,
        "/Width": size[0], "/Height": size[1],
    })  # fmt: skip
    for name, value in entries.items():
        picture[f"/{name}"] = value
    page = pdf.pages[0].obj
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
    page.Contents = pikepdf.Stream(pdf, b"q %d 0 0 %d 0 0 cm /Im Do Q" % size)
    return pdf


def fax(picture: Image.Image) -> bytes:
    """Return a bilevel picture as a fax stream G4, in which black is black."""
    inverted = ImageOps.invert(picture.convert("L")).convert("1")
    tiff = packed(inverted, "TIFF", compression="group4")
    with Image.open(io.BytesIO(tiff)) as opened:
        tags = opened.tag_v2  # type: ignore[attr-defined]
        assert tags[262] == 1, "in such a TIFF file white is where the stream has black"
        return tiff[tags[273][0] : tags[273][0] + tags[279][0]]


def jbig2(picture: Image.Image) -> bytes:
    """Return a bilevel picture as JBIG2 for a PDF: one generic region, packed as fax G4."""
    width, height = picture.size
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\1" + fax(picture)
    segments = b""
    for number, kind, body in ((0, 48, page), (1, 38, region)):
        segments += struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body
    return segments


def picture_page(data: bytes, media_type: str, size: tuple[int, int], **more: Any) -> Page:
    """Return a page as it is kept."""
    return Page(data=data, media_type=media_type, width=size[0], height=size[1], **more)


def kept(file: str, index: int, marks: tuple[Mark, ...] = (), **options: Any) -> Page:
    """Return an untouched page of a file, as it comes to be written."""
    origin = Origin(file=file, index=index, media_type=MEDIA_TYPE, options=options)
    return Page(
        data=b"", media_type=MEDIA_TYPE, width=833, height=833, dpi=(300, 300), marks=marks,
        origin=origin,
    )  # fmt: skip


def sized(page: Page, size: tuple[int, int]) -> Page:
    """Return a page that says it is so large."""
    return replace(page, width=size[0], height=size[1])


def is_white(data: bytes) -> bool:
    """Say whether a picture is a blank page."""
    return Image.open(io.BytesIO(data)).convert("L").getextrema() == (255, 255)


def written(
    codec: Pdf, pages: Iterable[Page], files: Mapping[str, bytes] | None = None, **options: Any
) -> bytes:
    """Return the file that a codec makes of pages; options with _ for -."""
    stream = io.BytesIO()
    asked: Settings = {name.replace("_", "-"): value for name, value in options.items()}
    codec.encode(iter([*pages]), stream, MEDIA_TYPE, asked, Shelf(files or {}))
    return stream.getvalue()


def check(path: Path, password: str = "") -> None:
    """Fail where qpdf finds anything wrong with a file."""
    command = ["qpdf", "--check", f"--password={password}", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors" in done.stdout, done.stdout


def raw(objects: Sequence[bytes], *, root: int = 1, more: bytes = b"") -> bytes:
    """Return a file of objects written by hand, with a right table."""
    data, places = b"%PDF-1.7\n", list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    told = (table, len(objects) + 1, root, more, len(data))
    return data + b"%strailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % told


def nested(data: bytes, times: int) -> bytes:
    """Return data deflated several times."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data
