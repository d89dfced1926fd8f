"""Documents that others can read: PDF and TIFF, pixel for pixel."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rasters import MODES, UPRIGHT, images, raster, samples

from sheetfed.api.errors import BadRequest, BadSettings, TooLarge, Unreadable, UnsupportedType
from sheetfed.api.model import Mode, Page, Value
from sheetfed.builtin.formats.offers import READS, WRITES
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.worker import drawing
from sheetfed.worker.rows import RasterPage
from sheetfed.worker.wire import Keep
from sheetfed_pdf.codec import Pdf

PDF, TIFF = "application/pdf", "image/tiff"
SCHEMES = ("auto", "none", "lzw", "deflate", "packbits", "g3", "g4", "jpeg")
FAX = {"rle", "g3", "g4"}


class Forward(io.RawIOBase):
    """A stream that cannot go back, as a pipe."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)


def kept(mode: Mode, *, width: int = 203, height: int = 155, form: Any = "lossless") -> Page:
    """Return a page as the store has it."""
    given = RasterPage(raster(samples(mode, width, height), mode), Keep(form=form, quality=90))
    data = b"".join(given.run(lambda _done: None))
    return Page(
        data=data, media_type=given.media_type, width=width, height=height, dpi=(300.0, 300.0)
    )


def page_of(data: bytes, media_type: str) -> Page:
    return Page(data=data, media_type=media_type, width=0, height=0)


def picture(image: Image.Image, form: str, **saved: Any) -> Page:
    stream = io.BytesIO()
    image.save(stream, form, **saved)
    return page_of(stream.getvalue(), Image.MIME[form])


def encode(pages: Sequence[Page], media_type: str, **options: Value) -> bytes:
    stream = Forward()
    images().encode(iter(pages), stream, media_type, options, Nowhere())  # type: ignore[arg-type]
    return bytes(stream.data)


def run(*words: Any) -> str:
    """Run a program and return what it prints; what it complains about fails the test."""
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert told.stderr == ""
    return told.stdout


def eight(mode: Mode, width: int = 203, height: int = 155) -> NDArray[np.uint8]:
    """Return what `kept` shows, as 8 bits."""
    pixels = samples(mode, width, height)
    if pixels.dtype == bool:
        return np.where(pixels, 0, 255).astype(np.uint8)
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels


def in_pdf(data: bytes, folder: Path) -> list[NDArray[np.uint8]]:
    """Draw each page of a checked PDF at 300 dpi."""
    file = folder / "document.pdf"
    file.write_bytes(data)
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", file)
    run("pdftoppm", "-r", "300", file, folder / "page")
    drawn = []
    for shown in sorted(folder.glob("page-*.ppm")):
        with Image.open(shown) as image:
            drawn.append(np.asarray(image))
    return drawn


def in_tiff(data: bytes, folder: Path) -> list[Image.Image]:
    """Read each page of a checked TIFF."""
    file = folder / "document.tiff"
    file.write_bytes(data)
    run("tiffinfo", "-D", file)
    pages = []
    with Image.open(io.BytesIO(data)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            pages.append(image.copy())
    return pages


def as_color(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([pixels] * 3, axis=2) if pixels.ndim == 2 else pixels


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pdf_holds_every_mode_and_every_compression(scheme: str, tmp_path: Path) -> None:
    data = encode([kept(mode) for mode in MODES], PDF, compression=scheme)

    drawn = in_pdf(data, tmp_path)
    assert [page.shape for page in drawn] == [(155, 203, 3)] * len(MODES)
    for mode, page in zip(MODES, drawn, strict=True):
        difference = abs(page.astype(int) - as_color(eight(mode)))
        if scheme in FAX:
            assert set(np.unique(page)) == {0, 255}
            if mode == "bw":
                assert not difference.any()
        elif scheme == "jpeg":
            assert difference.mean() < (20 if mode == "bw" else 8)
        else:
            assert difference.max() <= (1 if mode.endswith("16") else 0)


@pytest.mark.parametrize("scheme", [*SCHEMES, "rle"])
def test_tiff_holds_every_mode_and_every_compression(scheme: str, tmp_path: Path) -> None:
    data = encode([kept(mode) for mode in MODES], TIFF, compression=scheme)

    pages = in_tiff(data, tmp_path)
    assert [page.info["dpi"] for page in pages] == [(300, 300)] * len(MODES)
    for mode, page in zip(MODES, pages, strict=True):
        assert page.size == (203, 155)
        if scheme in FAX:
            assert page.mode == "1"
            if mode == "bw":
                assert np.array_equal(~np.asarray(page), samples(mode, 203, 155))
        elif scheme == "jpeg":
            difference = abs(
                as_color(np.asarray(page.convert("RGB")).astype(int)) - as_color(eight(mode))
            )
            assert difference.mean() < (20 if mode == "bw" else 8)
        elif mode == "gray16":
            assert np.array_equal(np.asarray(page), samples(mode, 203, 155))
        else:
            shown = np.asarray(page.convert("RGB"))
            assert np.array_equal(shown, as_color(eight(mode)))


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("none", "None"), ("lzw", "LZW"), ("deflate", "AdobeDeflate"), ("packbits", "PackBits"),
        ("jpeg", "JPEG"), ("rle", "CCITT RLE"),
        ("g3", "CCITT Group 3"), ("g4", "CCITT Group 4"),
    ],
)  # fmt: skip
def test_tiff_is_packed_as_asked(scheme: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "document.tiff"

    file.write_bytes(encode([kept("gray"), kept("color")], TIFF, compression=scheme))

    assert run("tiffinfo", file).count(f"Compression Scheme: {words}") == 2


def test_16_bits_of_colour_survive_tiff(tmp_path: Path) -> None:
    """Pillow reads 8 of them, so libtiff's own tool looks."""
    file, plain = tmp_path / "document.tiff", tmp_path / "plain.tiff"
    for scheme in ("auto", "none", "lzw", "deflate", "packbits"):
        file.write_bytes(encode([kept("color16")], TIFF, compression=scheme))
        run("tiffcp", "-c", "none", "-r", "155", file, plain)
        data = plain.read_bytes()
        expected = samples("color16", 203, 155).astype("<u2").tobytes()
        assert expected in data


def test_16_bits_survive_pdf() -> None:
    for mode in ("gray16", "color16"):
        data = encode([kept(mode)], PDF)
        with pikepdf.open(io.BytesIO(data)) as document:
            stored = document.pages[0].Resources.XObject.P
            assert stored.BitsPerComponent == 16
            assert stored.read_bytes() == samples(mode, 203, 155).astype(">u2").tobytes()


@pytest.mark.parametrize("media_type", [PDF, TIFF])
def test_jpeg_is_taken_over_untouched(media_type: str) -> None:
    pages = [kept("color", form="jpeg"), kept("gray", form="jpeg")]

    data = encode(pages, media_type)

    assert all(page.data in data for page in pages)


@pytest.mark.parametrize("mode", ["gray", "color", "gray16", "color16"])
def test_png_is_taken_over_into_pdf_untouched(mode: Mode, tmp_path: Path) -> None:
    page = kept(mode)
    idat = page.data[page.data.index(b"IDAT") + 4 :][:2]

    data = encode([page], PDF)

    file = tmp_path / "document.pdf"
    file.write_bytes(data)
    assert b"/Predictor 15" in data
    assert idat in data
    assert len(data) < len(page.data) + 3000
    assert "image" in run("pdfimages", "-list", file)


def test_g4_is_taken_over_untouched(tmp_path: Path) -> None:
    pixels = np.zeros((600, 800), bool)
    pixels[100:200, 50:300] = True
    given = RasterPage(raster(pixels, "bw"), Keep())
    page = page_of(b"".join(given.run(lambda _done: None)), TIFF)

    data = encode([page], PDF)

    file = tmp_path / "document.pdf"
    file.write_bytes(data)
    assert "ccitt" in run("pdfimages", "-list", file)
    assert len(data) < len(page.data) + 3000


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize(
    ("form", "mode"),
    [("TIFF", "bw"), ("TIFF", "gray16"), ("TIFF", "color"), ("PNG", "color"), ("PNG", "gray")],
)
def test_a_turned_picture_stands_upright(turn: int, form: str, mode: Mode, tmp_path: Path) -> None:
    """Copied or packed anew, by the core and by the addon, it is seen as its file says."""
    stored = samples(mode, 48, 32)
    exif = Image.Exif()
    exif[274] = turn
    given = Image.fromarray(~stored if stored.dtype == bool else stored)
    page = picture(given, form, exif=exif, dpi=(300, 300))
    meant = as_color(np.ascontiguousarray(UPRIGHT[turn](eight(mode, 48, 32))))

    with Image.open(io.BytesIO(encode([page], "image/bmp", depth="8"))) as anew:
        assert np.array_equal(np.asarray(anew.convert("RGB")), meant)
    for codec in (images(), Pdf({})):
        for way in ({}, {"compression": "lzw"}):
            made = io.BytesIO()
            codec.encode(iter([page]), made, PDF, way, Nowhere())
            (shown,) = in_pdf(made.getvalue(), tmp_path)
            assert shown.shape == meant.shape, (codec, way)
            assert np.abs(shown.astype(int) - meant).mean() < 3, (codec, way)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("media_type", [PDF, TIFF])
def test_a_turned_jpeg_stands_upright(turn: int, media_type: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = turn
    image = Image.fromarray(samples("color", 160, 96))
    page = picture(image, "JPEG", quality=95, dpi=(300, 300), exif=exif)

    data = encode([page], media_type)

    assert page.data in data
    with Image.open(io.BytesIO(page.data)) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored))
    if media_type == PDF:
        (shown,) = in_pdf(data, tmp_path)
    else:
        shown = np.asarray(ImageOps.exif_transpose(in_tiff(data, tmp_path)[0]))
    assert shown.shape == expected.shape
    assert abs(shown.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("media_type", [PDF, TIFF, "image/jpeg", "image/png", "image/bmp"])
def test_cmyk_keeps_its_colours(media_type: str, tmp_path: Path) -> None:
    """Adobe's CMYK files count down; taken for plain ones they look like negatives."""
    image = Image.new("RGB", (120, 80), (200, 30, 30)).convert("CMYK")
    page = picture(image, "JPEG", quality=95, dpi=(300, 300))

    data = encode([page], media_type)

    if media_type == PDF:
        (shown,) = in_pdf(data, tmp_path)
    else:
        with Image.open(io.BytesIO(data)) as read:
            shown = np.asarray(read.convert("RGB"))
    assert abs(shown.reshape(-1, 3).mean(axis=0) - (200, 30, 30)).max() < 25


@pytest.mark.parametrize("media_type", sorted(WRITES))
@pytest.mark.parametrize(
    "page",
    [
        picture(Image.new("P", (31, 17), 3), "PNG"),
        picture(Image.new("RGBA", (31, 17), (255, 0, 0, 128)), "PNG"),
        picture(Image.new("LA", (31, 17), (10, 128)), "PNG"),
        picture(Image.new("1", (31, 17), 1), "PNG"),
        picture(Image.new("I;16", (31, 17), 30_000), "PNG"),
        picture(Image.new("RGB", (31, 17), (9, 8, 7)), "BMP"),
        picture(Image.new("L", (31, 17), 77), "JPEG"),
        picture(Image.new("RGB", (31, 17), (9, 8, 7)), "JPEG", progressive=True),
        picture(Image.new("CMYK", (31, 17), (9, 8, 7, 6)), "TIFF"),
        picture(Image.new("P", (31, 17), 3), "TIFF"),
        picture(Image.new("RGBA", (31, 17), (9, 8, 7, 6)), "TIFF", compression="tiff_lzw"),
        picture(Image.new("F", (31, 17), 77), "TIFF"),
        picture(Image.new("I;16", (31, 17), 30_000), "TIFF"),
    ],
)
def test_whatever_comes_in_goes_out(page: Page, media_type: str, tmp_path: Path) -> None:
    eight = {"depth": "8"} if media_type in {"image/bmp", "image/webp"} else {}

    data = encode([page], media_type, **eight)

    if media_type == PDF:
        assert len(in_pdf(data, tmp_path)) == 1
    else:
        with Image.open(io.BytesIO(data)) as read:
            read.load()
            assert read.size == (31, 17)
            if media_type == "image/jpeg":  # black and white is converted, grey stays grey
                with Image.open(io.BytesIO(page.data)) as came:
                    assert (read.mode == "L") == (came.mode in {"1", "L", "LA", "F", "I;16"})
            assert Image.MIME[read.format or ""] == media_type


@pytest.mark.parametrize("media_type", sorted(WRITES))
@pytest.mark.parametrize("size", [(65_000, 2), (2, 65_000), (1, 1)])
def test_pages_of_odd_sizes_are_saved(size: tuple[int, int], media_type: str) -> None:
    """Of 65 000 pixels, and of one; only WebP ends before, and says where."""
    page = picture(Image.new("RGB", size, (200, 90, 10)), "PNG")
    if media_type == "image/webp" and max(size) > 16_383:
        with pytest.raises(TooLarge, match="WebP ends at 16383 pixels"):
            encode([page], media_type)
        return

    data = encode([page], media_type)

    if media_type == PDF:
        with pikepdf.open(io.BytesIO(data)) as document:
            stored = document.pages[0].Resources.XObject.P
            assert (stored.Width, stored.Height) == size
    else:
        with Image.open(io.BytesIO(data)) as read:
            assert read.size == size


def test_transparency_lies_on_white() -> None:
    page = picture(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")

    with Image.open(io.BytesIO(encode([page], "image/bmp"))) as read:
        assert read.convert("RGB").getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/bmp", "image/tiff"])
def test_the_same_type_is_the_same_file(media_type: str) -> None:
    page = picture(Image.new("RGB", (20, 20), (1, 2, 3)), media_type[6:].upper())

    data = encode([page], media_type)

    if media_type == "image/tiff":
        with Image.open(io.BytesIO(data)) as read:
            assert read.getpixel((5, 5)) == (1, 2, 3)
    else:
        assert data == page.data


@pytest.mark.parametrize("mode", MODES)
def test_png_keeps_every_bit(mode: Mode) -> None:
    page = kept(mode)
    lossless = page_of(encode([page], TIFF), TIFF)

    data = encode([page], "image/png")

    assert encode([page_of(data, "image/png")], "image/png") == data
    with Image.open(io.BytesIO(data)) as read:
        shown = np.asarray(read)
    if mode == "bw":
        assert np.array_equal(~shown, samples(mode, 203, 155))
    elif mode != "color16":
        assert np.array_equal(shown, samples(mode, 203, 155))
    assert lossless.data


def test_quality_makes_smaller_files() -> None:
    page = kept("color", form="jpeg")

    assert len(encode([page], "image/jpeg", quality=10)) < len(page.data)
    assert len(encode([page], PDF, quality=10)) < len(encode([page], PDF))
    assert len(encode([kept("color")], PDF, compression="jpeg", quality=10)) < len(page.data)


def test_a_blank_page_stays_white_in_g4() -> None:
    """The threshold of an empty page must not turn its noise into dots."""
    noise = np.random.default_rng(1).normal(235, 2.8, (300, 200)).astype(np.uint8)
    page = picture(Image.fromarray(noise), "PNG")

    with Image.open(io.BytesIO(encode([page], TIFF, compression="g4"))) as read:
        assert read.getextrema() == (255, 255)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/bmp"])
def test_a_picture_file_holds_one_page(media_type: str) -> None:
    with pytest.raises(BadRequest, match="PDF or TIFF"):
        encode([kept("gray"), kept("gray")], media_type)


@pytest.mark.parametrize("media_type", sorted(WRITES))
def test_no_page_is_no_document(media_type: str) -> None:
    with pytest.raises(BadRequest, match="no page"):
        encode([], media_type)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "zip"}, {"compression": 4}, {"quality": 0}, {"quality": 101},
        {"quality": "85"}, {"quality": True}, {"title": 3}, {"sharpness": 1},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(options: dict[str, Value]) -> None:
    with pytest.raises(BadSettings) as caught:
        encode([kept("gray")], PDF, **options)

    assert caught.value.details["option"] in options


def test_unknown_types_are_refused() -> None:
    with pytest.raises(UnsupportedType):
        encode([kept("gray")], "image/heic")


@pytest.mark.parametrize("media_type", sorted(READS))
@pytest.mark.parametrize("into", [PDF, TIFF])
@pytest.mark.parametrize("data", [b"", b"garbage" * 50, b"\xff\xd8\xff", b"II*\0" + b"\xff" * 40])
def test_garbage_is_unreadable(media_type: str, into: str, data: bytes) -> None:
    with pytest.raises(Unreadable):
        encode([page_of(data, media_type)], into)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("into", [PDF, TIFF])
def test_files_cut_short_fail_in_our_words(mode: Mode, scheme: str, into: str) -> None:
    page = kept(mode, width=40, height=30)
    for size in range(1, len(page.data), 1 + len(page.data) // 12):
        broken = page_of(page.data[:size], page.media_type)
        with suppress(Unreadable):  # a JPEG's end may be missing and nobody sees it
            encode([broken], into, compression=scheme)


TEXTS = ["plain", r"brack(ets) and \ slashes", "Größe 漢字 🙂", "<b>&amp;'\"", "tab\tline\nend"]


@pytest.mark.parametrize("text", TEXTS)
def test_pdf_says_what_it_is(text: str, tmp_path: Path) -> None:
    fields = dict.fromkeys(("title", "author", "subject", "keywords", "creator"), text)

    own = json.dumps({"Case No.": text, "Title": "not this way"})
    data = encode([kept("gray")], PDF, fields=own, **fields)

    assert len(in_pdf(data, tmp_path)) == 1
    with pikepdf.open(io.BytesIO(data)) as document:
        assert str(document.docinfo["/Case No."]) == text
        for name in ("/Title", "/Author", "/Subject", "/Keywords", "/Creator"):
            assert str(document.docinfo[name]) == text
        with document.open_metadata() as metadata:
            assert metadata["dc:title"].split() == text.split()
            assert metadata["dc:creator"][0].split() == text.split()


def test_tiff_says_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "document.tiff"

    file.write_bytes(encode([kept("gray")], TIFF, title="Title", author="Ann", creator="Tests"))

    told = run("tiffinfo", file)
    assert "DocumentName: Title" in told
    assert "Artist: Ann" in told
    assert "Software: Tests" in told


@pytest.mark.parametrize(
    ("size", "dpi", "points"),
    [
        ((2480, 3508), (300, 300), (595.2, 841.92)),
        ((300, 300), (300, 150), (72, 144)),
        ((300, 200), (0, 0), (225, 150)),
        ((3000, 2000), (0, 0), (720, 480)),
    ],
)
def test_a_page_is_as_large_as_its_paper(
    size: tuple[int, int], dpi: tuple[int, int], points: tuple[float, float]
) -> None:
    page = picture(Image.new("L", size, 200), "JPEG", **({"dpi": dpi} if any(dpi) else {}))

    box = re.search(rb"/MediaBox\[0 0 ([\d.]+) ([\d.]+)\]", encode([page], PDF))

    assert box is not None
    for found, exact in zip(box.groups(), points, strict=True):
        assert exact - 0.002 < float(found) < exact


def test_paper_beyond_five_metres_has_larger_units(tmp_path: Path) -> None:
    page = picture(Image.new("L", (30_000, 20), 200), "PNG", dpi=(96, 96))

    data = encode([page], PDF)

    with pikepdf.open(io.BytesIO(data)) as document:
        first = document.pages[0]
        assert float(first.mediabox[2]) <= 14_400
        assert float(first.mediabox[2]) * int(first.UserUnit) == pytest.approx(22_500, rel=0.001)


def test_the_same_pages_make_the_same_file() -> None:
    first = encode([kept("gray"), kept("bw")], PDF, title="A")

    assert encode([kept("gray"), kept("bw")], PDF, title="A") == first
    other = encode([kept("gray"), kept("gray")], PDF, title="A")
    identity = re.compile(rb"/ID\[<(\w+)>")
    assert identity.findall(first) != identity.findall(other)


@pytest.mark.parametrize("media_type", [PDF, TIFF])
def test_thousands_of_pages(media_type: str, tmp_path: Path) -> None:
    page = kept("gray", width=8, height=8, form="jpeg")

    data = encode([page] * 3000, media_type)

    file = tmp_path / "document"
    file.write_bytes(data)
    if media_type == PDF:
        assert run("qpdf", "--show-npages", file).strip() == "3000"
        assert "No syntax" in run("qpdf", "--check", file)
    else:
        assert run("tiffinfo", file).count("Image Width: 8") == 3000


@pytest.mark.parametrize("media_type", [PDF, TIFF])
def test_memory_does_not_grow_with_the_pages(media_type: str) -> None:
    script = f"""
import os, resource, sys, io, random
from sheetfed.api.model import Page
from sheetfed.builtin.formats.codec import Images
from sheetfed.builtin.formats.rehearsal import Nowhere
from PIL import Image
stream = io.BytesIO()
Image.effect_noise((1200, 1200), 90).save(stream, "JPEG", quality=95)
data = stream.getvalue()
def pages(count):
    for _ in range(count):
        yield Page(data=bytes(bytearray(data)), media_type="image/jpeg", width=1200, height=1200)
out = open(os.devnull, "wb", buffering=0)
peaks = []
for count in (10, 200):
    Images({{}}).encode(pages(count), out, {media_type!r}, {{}}, None)
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(len(data) // 1024, peaks[1] - peaks[0])
"""
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    size, growth = map(int, told.stdout.split())
    assert size > 500
    assert growth < 3 * size


def test_a_hundred_jpeg_pages_are_a_copy() -> None:
    """The promise is 0.15 s on a quiet machine; decoding would take ten times this limit."""
    noise = np.random.default_rng(2).integers(0, 255, (1000, 1000, 3), dtype=np.uint8)
    page = picture(Image.fromarray(noise), "JPEG", quality=80)
    pages: Iterator[Page] = iter([page] * 100)
    stream = Forward()
    begun = time.process_time()

    images().encode(pages, stream, PDF, {}, Nowhere())  # type: ignore[arg-type]

    assert time.process_time() - begun < 1.0
    assert len(stream.data) > 100 * len(page.data)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_what_is_clear_lies_on_white_for_everybody(mode: str) -> None:
    """A PNG may name one colour that nobody sees; edited or saved, it is paper."""
    clear: Any = {"1": 0, "L": 0, "RGB": (0, 0, 0)}[mode]
    image = Image.new(mode, (40, 30), {"1": 1, "L": 90, "RGB": (90, 90, 90)}[mode])
    image.paste(clear, (0, 0, 20, 30))
    page = replace(picture(image, "PNG", transparency=clear), width=40, height=30)

    shown = {
        "edited": drawing.picture_of(page),
        "saved": Image.open(io.BytesIO(encode([page], "image/bmp"))),
        "tiff": Image.open(io.BytesIO(encode([page], TIFF))),
        "small": Image.open(io.BytesIO(images().open(io.BytesIO(page.data), {})
                                       .page(0, width=20).data)),
    }  # fmt: skip

    for name, found in shown.items():
        left, right = (found.convert("L").getpixel((x * found.width // 40, 5)) for x in (4, 36))
        assert left == pytest.approx(255, abs=2), name
        assert right == pytest.approx(255 if mode == "1" else 90, abs=2), name
        assert (found.mode == "RGB") == (mode == "RGB"), name


@pytest.mark.parametrize("media_type", [PDF, "image/jpeg", "image/png", TIFF])
def test_grey_that_can_be_seen_through_stays_grey(media_type: str) -> None:
    """In the core and in the addon; on the way to edits, too."""
    page = picture(Image.new("LA", (31, 17), (10, 128)), "PNG")

    for codec in (images(), Pdf({})) if media_type == PDF else (images(),):
        made = io.BytesIO()
        codec.encode(iter([page]), made, media_type, {}, Nowhere())
        if media_type == PDF:
            with pikepdf.open(made) as document:
                assert document.pages[0].Resources.XObject.P.ColorSpace == "/DeviceGray"
        else:
            assert Image.open(made).mode in {"L", "LA"}
    assert drawing.picture_of(page).mode == "L"


@pytest.mark.parametrize("writer", ["images", "pdf"])
@pytest.mark.parametrize("marked", [True, False], ids=["Adobe's", "nobody's"])
def test_a_photograph_in_four_inks_is_no_negative(
    writer: str, tmp_path: Path, *, marked: bool
) -> None:
    """Readers of JPEG take it to count down, whoever wrote it; those of PDF ask what that says."""
    image = Image.new("CMYK", (120, 80), (200, 20, 20, 10))
    page = picture(image, "JPEG", quality=95, dpi=(300, 300))
    if not marked:
        at = page.data.index(b"\xff\xee")
        size = int.from_bytes(page.data[at + 2 : at + 4])
        page = replace(page, data=page.data[:at] + page.data[at + 2 + size :])
    meant = np.asarray(Image.open(io.BytesIO(page.data)).convert("RGB")).reshape(-1, 3).mean(axis=0)

    made = io.BytesIO()
    codec = images() if writer == "images" else Pdf({})
    codec.encode(iter([page]), made, PDF, {}, Nowhere())

    (shown,) = in_pdf(made.getvalue(), tmp_path)
    assert abs(shown.reshape(-1, 3).mean(axis=0) - meant).max() < 70
    again = images().open(io.BytesIO(made.getvalue()), {}).page(0)
    found = np.asarray(Image.open(io.BytesIO(again.data)).convert("RGB"))
    assert abs(found.reshape(-1, 3).mean(axis=0) - meant).max() < 5


@pytest.mark.parametrize("colours", [1, 3])
def test_a_colour_of_16_bits_that_nobody_sees_is_paper(colours: int) -> None:
    """And all others keep their bits, edited and saved, in the core and in the addon."""
    samples = np.random.default_rng(4).integers(300, 65_000, (30, 40, colours), dtype=np.uint16)
    samples[:, :20] = 17
    meant = np.where(samples == 17, 65535, samples).squeeze()
    page = Page(data=clear_png(samples, 17), media_type="image/png", width=40, height=30)

    edited: Any = drawing.picture_of(page)
    seen = np.asarray(edited) if colours == 1 else np.frombuffer(edited.rows(), np.uint16)
    assert np.array_equal(seen.reshape(meant.shape), meant)
    for codec in (images(), Pdf({})):
        made = io.BytesIO()
        codec.encode(iter([page]), made, PDF, {}, Nowhere())
        with pikepdf.open(made) as document:
            stored = document.pages[0].Resources.XObject.P
            assert stored.BitsPerComponent == 16
            assert stored.read_bytes() == meant.astype(">u2").tobytes()
    shown = Image.open(io.BytesIO(encode([page], "image/bmp", depth="8")))
    assert np.array_equal(np.asarray(shown), (meant >> 8).astype(np.uint8))


def clear_png(samples: NDArray[np.uint16], clear: int) -> bytes:
    """Return a PNG of 16 bits of which one colour is not seen."""
    height, width, count = samples.shape
    rows = samples.astype(">u2").reshape(height, -1).view(np.uint8)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2 if count == 3 else 0, 0, 0, 0)),
        (b"tRNS", struct.pack(f">{count}H", *[clear] * count)),
        (b"IDAT", zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
