"""Every format that is read, made to do harm: X01 to X12 for GIF, WebP, JPEG 2000, PNM and PDF."""

from __future__ import annotations

import asyncio
import io
import random
import struct
from typing import Any

import crafted
import pytest
from conftest import Draw
from PIL import Image

from sheetfed.api.errors import AddonMissing, TooLarge, Unreadable, UnsupportedType
from sheetfed.api.model import Page
from sheetfed.builtin.formats.codec import Images
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.imaging import Imaging
from sheetfed.worker.files import Held

TYPED = (Unreadable, TooLarge, AddonMissing)


def saved(form: str, mode: str = "RGB", **how: Any) -> bytes:
    return crafted.picture(form, (64, 48), mode, **how)


def pdf(*files: bytes) -> bytes:
    stream = io.BytesIO()
    pages = (
        Page(data=data, media_type="image/jpeg", width=64, height=48, dpi=(100.0, 100.0))
        for data in files
    )
    Images({}).encode(pages, stream, "application/pdf", {}, Nowhere())
    return stream.getvalue()


FILES = {
    "image/jpeg": saved("JPEG"),
    "image/png": saved("PNG"),
    "image/bmp": saved("BMP"),
    "image/tiff": saved("TIFF", compression="tiff_lzw"),
    "image/gif": saved("GIF", "P"),
    "image/webp": saved("WEBP", lossless=True),
    "image/jp2": saved("JPEG2000"),
    "image/x-portable-anymap": saved("PPM"),
    "application/pdf": pdf(saved("JPEG"), saved("JPEG", "L")),
}


@pytest.mark.parametrize("media_type", sorted(FILES))
async def test_x12_a_file_cut_at_a_hundred_places_has_a_name(draw: Draw, media_type: str) -> None:
    """A download that breaks off anywhere costs no child, and is no page; the places are drawn."""
    data = FILES[media_type]
    read = []
    for place in random.Random(media_type).sample(range(len(data)), 100):
        try:
            await draw(data[:place], media_type)
        except TYPED:
            continue
        read.append(place / len(data))

    assert await draw(data, media_type)
    assert not [part for part in read if part < 0.5], read


@pytest.mark.parametrize("media_type", sorted(set(FILES) - {"image/jpeg", "image/png"}))
async def test_x12_spoiled_files_have_a_name(draw: Draw, media_type: str) -> None:
    """Bytes changed, doubled, left out; the next file is read by the same child."""
    for seed in range(30):
        try:
            await draw(crafted.spoiled(FILES[media_type], seed), media_type)
        except TYPED:
            continue
    assert await draw(FILES[media_type], media_type)


def gif(pictures: int) -> bytes:
    """Return a GIF file of so many pictures of one pixel."""
    one = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + bytes(6) + one * pictures + b";"


async def test_x06_a_hundred_thousand_pictures_of_a_gif(draw: Draw) -> None:
    """Counting stops where there may be no more, and unpacks none."""
    assert await draw(gif(500), "image/gif")
    async with asyncio.timeout(10):
        for bomb in (gif(501), gif(100_000)):
            with pytest.raises(TooLarge):
                await draw(bomb, "image/gif")


HUGE = {
    "image/x-portable-anymap": b"P6\n60000 60000\n255\n" + bytes(100),
    "image/gif": b"GIF89a" + struct.pack("<2H3B", 65535, 65535, 0x80, 0, 0) + gif(1)[13:],
    "image/jp2": FILES["image/jp2"].replace(
        struct.pack(">II", 48, 64), struct.pack(">II", 60_000, 60_000), 1
    ),
    "image/webp": b"RIFF\x22\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(12),
}


@pytest.mark.parametrize("media_type", sorted(HUGE))
async def test_x02_a_size_that_no_picture_has_is_refused_unseen(
    draw: Draw, media_type: str
) -> None:
    """R26: before anything is unpacked."""
    async with asyncio.timeout(10):
        with pytest.raises((TooLarge, Unreadable)):
            await draw(HUGE[media_type], media_type)


@pytest.mark.parametrize(
    "beginning",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<svg xmlns='x'/>",
        b"\xc5\xd0\xd3\xc6\x20\0\0\0",
        b"\xd7\xcd\xc6\x9a",
        b"PK\x03\x04",
        b"MZ\x90\0",
        b"<!DOCTYPE html>",
    ],
)
def test_x01_what_is_no_picture_is_told_by_its_beginning(
    imaging: Imaging, beginning: bytes
) -> None:
    """R24: no PostScript, no SVG, no metafile, whatever it is called."""
    with pytest.raises(UnsupportedType):
        imaging.type_of(beginning + bytes(100))


@pytest.mark.parametrize("media_type", sorted(FILES))
def test_every_type_is_told_by_its_beginning(imaging: Imaging, media_type: str) -> None:
    assert imaging.type_of(FILES[media_type][:4096]) == media_type


ODD = {"one pixel": (1, 1), "a line": (65_000, 1), "a column": (1, 65_000)}


@pytest.mark.parametrize("size", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "PPM"])
async def test_pages_of_odd_sizes_are_pages(
    imaging: Imaging, form: str, size: tuple[int, int]
) -> None:
    """A page of one pixel, and one as long as a file of this type may be."""
    stream = io.BytesIO()
    Image.new("L", size, 200).save(stream, form)
    media_type = {"PPM": "image/x-portable-anymap"}.get(form, f"image/{form.lower()}")
    (info,) = await imaging.info(Held(stream.getvalue()), media_type, document="one")

    page = await imaging.draw(
        Held(stream.getvalue()), media_type, 0, as_type="image/jpeg", width=250, height=250,
        document="one",
    )  # fmt: skip

    assert (info.width, info.height) == size
    assert max(page.width, page.height) == min(250, max(size))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "JPEG2000", "WEBP"])
async def test_a_resolution_that_no_paper_has_is_not_believed(imaging: Imaging, form: str) -> None:
    """A page of a micrometre, or of a mile, would be saved as a PDF that nobody can open."""
    media_type = {"JPEG2000": "image/jp2"}.get(form, f"image/{form.lower()}")
    plain = saved(form, **({} if form in {"JPEG2000", "WEBP"} else {"dpi": (254, 254)}))
    places: dict[int, list[bytes]] = {}
    for dots in (0, 1, 1_000_000_000):
        metre = min(dots * 39, (1 << 31) - 1)
        if form == "JPEG":
            inch = struct.pack(">HH", *[min(dots, 65535)] * 2)
            places[dots] = [plain[:14] + inch + plain[18:]]
        elif form == "PNG":
            places[dots] = [
                crafted.png(crafted.chunk(b"pHYs", struct.pack(">IIB", metre, metre, 1)))
            ]
        elif form == "BMP":
            places[dots] = [plain[:38] + struct.pack("<ii", metre, metre) + plain[46:]]
        elif form == "TIFF":
            places[dots] = [crafted.picture("TIFF", (64, 48), "RGB", dpi=(dots, dots))]
        elif form == "JPEG2000":
            body = struct.pack(">HHHHBB", *[dots & 1, 1] * 2, *[9 if dots > 1 else 0] * 2)
            told = struct.pack(">I4sI4s", 26, b"res ", 18, b"resc") + body
            head = plain.index(b"jp2h") - 4
            size = int.from_bytes(plain[head : head + 4])
            inside = plain[head + 4 : head + size]
            more = struct.pack(">I", size + 26) + inside + told
            places[dots] = [plain[:head] + more + plain[head + size :]]
        else:
            exif = Image.Exif()
            exif[282], exif[283] = float(dots), float(dots)
            places[dots] = [saved("WEBP", exif=exif)]

    for dots, files in places.items():
        for data in files:
            (info,) = await imaging.info(Held(data), media_type, document="dots")
            assert info.dpi == (0.0, 0.0), dots
