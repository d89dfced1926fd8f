"""What else can be asked of files, read back by other programs."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image
from rasters import images

from sheetfed.api.errors import BadSettings
from sheetfed.api.model import Box, Page
from sheetfed.builtin.folder.pictures import page_of
from sheetfed.builtin.formats import jpx, pixels
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.worker.drawing import picture_of
from sheetfed.worker.pictures import pictures_of

NOISE = np.random.default_rng(6).integers(0, 256, (90, 60, 3), np.uint8)
PDF, TIFF = "application/pdf", "image/tiff"


def page(mode: str = "RGB") -> Page:
    stream = io.BytesIO()
    Image.fromarray(NOISE).convert(mode).save(stream, "PNG", dpi=(100, 100))
    return Page(
        data=stream.getvalue(), media_type="image/png", width=60, height=90, dpi=(100.0, 100.0)
    )


def written(media_type: str, *pages: Page, **options: Any) -> bytes:
    stream = io.BytesIO()
    images().encode(iter(pages or (page(),)), stream, media_type, options, Nowhere())
    return stream.getvalue()


def picture(data: bytes, mode: str = "RGB") -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(data)) as found:
        return np.asarray(found.convert(mode))


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("kind", ["webp", "jp2", "x-portable-anymap"])
def test_nothing_is_lost_that_came_without_loss(mode: str, kind: str) -> None:
    """Nobody asked for a quality, so none is given up."""
    given = page(mode)

    assert np.array_equal(picture(written(f"image/{kind}", given)), picture(given.data))


LOSSLESS = ("application/pdf", "image/tiff", "image/png", "image/bmp", "image/webp", "image/jp2",
            "image/x-portable-anymap")  # fmt: skip


@pytest.mark.parametrize("kind", LOSSLESS)
@pytest.mark.parametrize("mode", ["1", "L", "I;16", "RGB", "48"])
def test_what_is_saved_comes_in_again_pixel_for_pixel(kind: str, mode: str) -> None:
    """Out and in again through every format without loss; twice, for the second is a copy."""
    samples: Any = {"I;16": DEEP[..., 0], "48": DEEP}.get(mode)
    if samples is None:
        samples = np.asarray(Image.fromarray(NOISE).convert(mode))
    given = page("1") if mode == "1" else deep_page(samples)
    eight = kind in {"image/bmp", "image/webp"}
    asked = {"depth": "8"} if eight else {}

    for _ in range(2):
        data = written(kind, given, **asked)
        book = images().open(io.BytesIO(data), {})
        given = book.page(0)
        book.close()

    found: Any = pixels.decode(given.data, given.media_type)
    if found.dtype == bool:
        found = ~found
    if eight and samples.dtype == np.uint16:
        samples = (samples >> 8).astype(np.uint8)
    if found.dtype != samples.dtype:  # black and white in a format of greys
        samples = np.where(samples, 255, 0)
    if found.ndim > samples.ndim:  # and in one that knows nothing but colours
        samples = np.dstack([samples] * 3)
    assert np.array_equal(found, samples)


DEEP = np.dstack([(NOISE[..., n].astype(np.uint16) << 8) + 77 for n in range(3)])


def deep_page(samples: Any = DEEP) -> Page:
    file = cv2.imencode(".png", samples if samples.ndim == 2 else samples[..., ::-1])[1]
    return Page(data=file.tobytes(), media_type="image/png", width=60, height=90)


@pytest.mark.parametrize("samples", [DEEP, DEEP[..., 0]], ids=["colour", "grey"])
def test_16_bits_become_8_only_where_that_is_asked(samples: Any) -> None:
    """A format that holds no more refuses them, and says what to ask for; JPEG is known to lose."""
    given, eight = deep_page(samples), samples >> 8
    for kind in ("bmp", "webp"):
        with pytest.raises(BadSettings, match="16: set depth to 8") as refused:
            written(f"image/{kind}", given)
        assert refused.value.details["option"] == "depth"
    for kind in LOSSLESS:
        book = images().open(io.BytesIO(written(kind, given, depth="8")), {})
        page = book.page(0)
        book.close()
        found: Any = pixels.decode(page.data, page.media_type)
        assert found.dtype == np.uint8, kind
        meant = eight if found.ndim == eight.ndim else np.dstack([eight] * 3)
        assert np.array_equal(found, meant), kind
    for kind in ("jpeg", "webp"):
        assert written(f"image/{kind}", given, quality=80)
    with pytest.raises(BadSettings):
        written("image/png", given, depth="16")


def test_what_can_be_seen_through_keeps_16_bits_on_white() -> None:
    """Of colour and of grey; saved, and as edits see it."""
    cover = np.random.default_rng(3).integers(0, 1 << 16, DEEP.shape[:2], dtype=np.uint16)
    part = cover[..., None] / 65535
    meant = np.floor(DEEP * part + 65535 * (1 - part) + 0.5)
    file = cv2.imencode(".png", np.dstack([DEEP[..., ::-1], cover]))[1].tobytes()
    given = Page(data=file, media_type="image/png", width=60, height=90)
    grey = replace(given, data=clear_grey(DEEP[..., 0], cover))

    for kind in ("image/tiff", "image/jp2", "image/x-portable-anymap"):
        found: Any = pixels.decode(written(kind, given), kind)
        assert np.array_equal(found, meant), kind
    edited = np.frombuffer(picture_of(given).rows(), np.uint16).reshape(DEEP.shape)
    assert np.array_equal(edited, meant)
    found = pixels.decode(written("image/tiff", grey), "image/tiff")
    assert np.array_equal(found, meant[..., 0])
    seen = picture_of(grey)
    assert (seen.mode, np.array_equal(np.asarray(seen), meant[..., 0])) == ("I;16", True)
    with pytest.raises(BadSettings, match="16: set depth to 8"):
        written("image/bmp", given)


@pytest.mark.parametrize("packed", ["none", "lzw"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [1, 2], ids=["mixed-with-black", "as-it-is"])
def test_tiff_that_can_be_seen_through_keeps_16_bits(
    tmp_path: Path, packed: str, order: str, kind: int
) -> None:
    """Its colours stand there as they are, or mixed with black already (TIFF 6.0, section 18)."""
    cover = np.random.default_rng(4).integers(1, 1 << 16, DEEP.shape[:2], dtype=np.uint16)
    part = cover[..., None] / 65535
    stored = np.floor(DEEP * part + 0.5).astype(np.uint16) if kind == 1 else DEEP
    meant = np.floor((stored if kind == 1 else DEEP * part) + 65535 * (1 - part) + 0.5)
    path, other = tmp_path / "plain.tif", tmp_path / "packed.tif"
    path.write_bytes(deep_tiff(np.dstack([stored, cover]), order, (262, 2), (338, kind)))
    subprocess.run(["tiffcp", "-c", packed, path, other], check=True)
    given = Page(data=other.read_bytes(), media_type="image/tiff", width=60, height=90)

    found: Any = pixels.decode(written("image/png", given), "image/png")
    edited = np.frombuffer(picture_of(given).rows(), np.uint16).reshape(DEEP.shape)

    assert np.array_equal(found, meant)
    assert np.array_equal(edited, meant)


@pytest.mark.parametrize("packed", ["none", "lzw"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("light", [0, 1], ids=["white-is-zero", "black-is-zero"])
def test_16_bits_of_grey_count_from_either_end_in_either_order(
    tmp_path: Path, packed: str, order: str, light: int
) -> None:
    """Pillow alone clips them, takes white for black, or does not open them."""
    grey = np.tile(DEEP[..., 0] | 0x8000, (20, 20))
    path, other = tmp_path / "plain.tif", tmp_path / "packed.tif"
    path.write_bytes(deep_tiff(grey if light else 65535 - grey, order, (262, light)))
    subprocess.run(["tiffcp", "-c", packed, path, other], check=True)
    height, width = grey.shape
    given = Page(data=other.read_bytes(), media_type=TIFF, width=width, height=height)

    read: Any = pixels.decode(given.data, TIFF)
    edited = np.asarray(picture_of(given))
    preview = pictures_of(page_of(given.data, TIFF))[3][0]
    small = images().open(io.BytesIO(given.data), {}).page(0, width=100)

    assert np.array_equal(read, grey)
    assert np.array_equal(edited, grey)
    for shown in (preview, small):
        assert picture(shown.data, "L").mean() == pytest.approx((grey >> 8).mean(), abs=1)


def test_12_bits_of_grey_are_as_light_as_they_were() -> None:
    """Pillow alone makes white nearly black."""
    levels = [0, 1, 2048, 4094, 4095]
    packed = int("".join(f"{level:012b}" for level in levels) + "0000", 2).to_bytes(8)
    entries = {256: 5, 257: 1, 258: 12, 259: 1, 262: 1, 273: 122, 277: 1, 278: 1, 279: 8}
    data = b"II*\0" + struct.pack("<IH", 8, len(entries))
    data += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    data += struct.pack("<I", 0) + packed

    read: Any = pixels.decode(data, TIFF)

    assert read.ravel().tolist() == [round(level * 65535 / 4095) for level in levels]


def test_32_bits_of_grey_are_as_light_as_they_were() -> None:
    """Pillow takes the lighter half for less than black, and the rest for white."""
    levels = np.array([[0, 1 << 16, 1 << 30, 1 << 31, 3 << 30, (1 << 32) - 1]], np.uint64)
    body = levels.astype("<u4").tobytes()
    entries = {256: 6, 257: 1, 258: 32, 259: 1, 262: 1, 273: 122, 277: 1, 278: 1, 279: 24}
    data = b"II*\0" + struct.pack("<IH", 8, len(entries))
    data += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    data += bytes(4) + body

    read: Any = pixels.decode(data, TIFF)
    edited = picture_of(Page(data=data, media_type=TIFF, width=6, height=1))

    meant = [level >> 16 for level in levels.ravel().tolist()]
    assert read.ravel().tolist() == meant
    assert np.asarray(edited).ravel().tolist() == meant


def deep_tiff(samples: Any, order: str, *more: tuple[int, int]) -> bytes:
    """Return a TIFF of one or four samples a pixel, 16 bits each, with two more tags or one."""
    height, width, count = np.atleast_3d(samples).shape
    body = samples.astype(order + "u2").tobytes()
    lines = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, count, 8 if count > 1 else 16),
             (259, 3, 1, 1), (273, 4, 1, 16), (277, 3, 1, count), (278, 3, 1, height),
             (279, 4, 1, len(body)), *((tag, 3, 1, value) for tag, value in more)]  # fmt: skip
    lines.sort()
    head = (b"II" if order == "<" else b"MM") + struct.pack(
        order + "HI4H", 42, 16 + len(body), *[16] * 4
    )
    entries = b""
    for tag, form, count, value in lines:
        short = form == 3 and count == 1
        packed = struct.pack(order + ("HH" if short else "I"), *((value, 0) if short else (value,)))
        entries += struct.pack(order + "HHI", tag, form, count) + packed
    return head + body + struct.pack(order + "H", len(lines)) + entries + bytes(4)


def clear_grey(samples: Any, cover: Any) -> bytes:
    """Return a PNG of grey that can be seen through, 16 bits a sample."""
    height, width = samples.shape
    rows = np.dstack([samples, cover]).astype(">u2").reshape(height, -1).view(np.uint8)
    body = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())
    head = struct.pack(">IIBBBBB", width, height, 16, 4, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def test_48_bits_in_jpeg_2000_are_read_by_others(tmp_path: Path) -> None:
    """By OpenJPEG in OpenCV, every bit; by Pillow, and by poppler in PDF, the upper half."""
    given = deep_page()
    (tmp_path / "one.jp2").write_bytes(written("image/jp2", given))
    found: Any = cv2.imread(str(tmp_path / "one.jp2"), cv2.IMREAD_UNCHANGED)
    (tmp_path / "one.pdf").write_bytes(written(PDF, given, compression="jpx"))
    subprocess.run(["pdfimages", "-png", tmp_path / "one.pdf", tmp_path / "out"], check=True)

    assert found.dtype == np.uint16
    assert np.array_equal(found[..., ::-1], DEEP)
    for file in ("one.jp2", "out-000.png"):
        assert np.array_equal(picture((tmp_path / file).read_bytes()), NOISE)


KINDS = {"bmp": "BMP3?", "webp": "WEBP", "jp2": "JP2", "png": "PNG", "tiff": "TIFF",
         "x-portable-anymap": "P[BGP]M"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_is_what_imagemagick_sees(kind: str, tmp_path: Path) -> None:
    """Type, size and resolution as `identify` tells them, and every bit of every pixel."""
    for mode, given, meant in (
        ("1", page("1"), np.asarray(Image.fromarray(NOISE).convert("1")) * 255),
        ("L", page("L"), np.asarray(Image.fromarray(NOISE).convert("L"))),
        ("RGB", page("RGB"), NOISE),
        ("16", deep_page(DEEP[..., 0]), DEEP[..., 0]),
        ("48", deep_page(), DEEP),
    ):
        if mode in {"16", "48"} and kind in {"bmp", "webp"}:
            continue
        file = tmp_path / f"{mode}.{kind.replace('x-portable-anymap', 'pnm')}"
        file.write_bytes(written(f"image/{kind}", replace(given, dpi=(100.0, 100.0))))
        words = ["identify", "-units", "PixelsPerInch", "-format", "%m %w %h %[fx:resolution.x]"]
        told = subprocess.run([*words, file], capture_output=True, text=True, check=True).stdout
        look = ["convert", file, "-depth", "16", "-endian", "LSB", "rgb:-"]
        drawn = subprocess.run(look, capture_output=True, check=True).stdout
        form, width, height, dots = told.split()

        assert re.fullmatch(KINDS[kind], form)
        assert (width, height) == ("60", "90")
        silent = (kind, mode) in {("png", "16"), ("png", "48")}  # saved as it came, so without
        if kind in {"bmp", "png", "tiff"} and not silent:  # where it looks for one
            assert float(dots) == pytest.approx(100, abs=0.1), mode
        pixels = np.frombuffer(drawn, "<u2").reshape(90, 60, 3)
        deep = meant.astype(np.uint16) * (1 if meant.dtype == np.uint16 else 257)
        assert np.array_equal(pixels, deep if deep.ndim == 3 else np.dstack([deep] * 3)), mode


def test_48_bits_of_another_writer_are_never_cut_unseen(tmp_path: Path) -> None:
    """Only 8 of them are read: it is saved as it came, or the loss has to be asked for."""
    cv2.imwrite(str(tmp_path / "other.jp2"), DEEP[..., ::-1])
    data = (tmp_path / "other.jp2").read_bytes()
    given = Page(data=data, media_type="image/jp2", width=60, height=90)

    assert written("image/jp2", given) == data
    assert data in written(PDF, given)
    for kind in ("image/png", TIFF):
        with pytest.raises(BadSettings, match="16 bits a colour 8 are read"):
            written(kind, given)
        with Image.open(io.BytesIO(written(kind, given, depth="8"))) as found:
            off = np.asarray(found).astype(int) - NOISE  # OpenCV lost some of it
            assert np.abs(off).mean() < 20
    for size in ({}, {"width": 30}):
        book = images().open(io.BytesIO(data), {})
        assert book.page(0, **size).width == size.get("width", 60)


def test_a_quality_makes_webp_small() -> None:
    assert len(written("image/webp", quality=10)) < len(written("image/webp")) / 3


def test_sixteen_bits_stay_sixteen_bits() -> None:
    """Where the format has them."""
    deep = (np.arange(5400, dtype=np.uint16) * 12).reshape(90, 60)
    stream = io.BytesIO()
    Image.fromarray(deep).save(stream, "PNG")
    given = Page(data=stream.getvalue(), media_type="image/png", width=60, height=90)

    for kind in ("jp2", "x-portable-anymap"):
        with Image.open(io.BytesIO(written(f"image/{kind}", given))) as found:
            assert np.array_equal(np.asarray(found).astype(np.uint16), deep)


def test_a_fax_in_two_dimensions_is_read_by_others(tmp_path: Path) -> None:
    """In TIFF by libtiff's programs, in PDF by poppler."""
    given, file = page("1"), tmp_path / "file"
    expected = picture(given.data, "1")

    file.write_bytes(written(TIFF, given, compression="g3-2d"))
    told = subprocess.run(["tiffinfo", file], capture_output=True, text=True, check=True).stdout
    assert "Group 3 Options" in told
    assert "2-d encoding" in told
    subprocess.run(["tiffcp", "-c", "none", file, tmp_path / "plain.tif"], check=True)
    assert np.array_equal(picture((tmp_path / "plain.tif").read_bytes(), "1"), expected)

    file.write_bytes(written(PDF, given, compression="g3-2d"))
    subprocess.run(["pdfimages", "-png", file, tmp_path / "out"], check=True)
    assert np.array_equal(picture((tmp_path / "out-000.png").read_bytes(), "1"), expected)


def test_jpeg_2000_in_pdf_is_read_by_others(tmp_path: Path) -> None:
    file = tmp_path / "file.pdf"
    file.write_bytes(written(PDF, compression="jpx"))

    subprocess.run(["pdfimages", "-png", file, tmp_path / "out"], check=True)

    assert np.array_equal(picture((tmp_path / "out-000.png").read_bytes()), NOISE)
    with pikepdf.open(file) as document:
        assert document.pages[0].Resources.XObject.P.Filter == "/JPXDecode"


def test_jpeg_2000_of_another_space_of_colours_is_right_for_others(tmp_path: Path) -> None:
    """Poppler takes YCC in a PDF for RGB."""
    photo = Image.merge("RGB", (Image.linear_gradient("L"), Image.radial_gradient("L"),
                                Image.new("L", (256, 256), 40)))  # fmt: skip
    ycc, stream = photo.convert("YCbCr"), io.BytesIO()
    Image.frombytes("RGB", ycc.size, ycc.tobytes()).save(stream, "JPEG2000", mct=0)
    data = bytearray(stream.getvalue())
    struct.pack_into(">I", data, data.index(b"colr") + 7, 18)
    page = Page(data=bytes(data), media_type="image/jp2", width=256, height=256)
    file = tmp_path / "file.pdf"
    file.write_bytes(written(PDF, page))

    subprocess.run(["pdfimages", "-png", file, tmp_path / "out"], check=True)

    found = Image.open(tmp_path / "out-000.png").convert("RGB")
    assert np.abs(np.asarray(found, int) - np.asarray(photo, int)).mean() < 2


@pytest.mark.parametrize(
    ("name", "size"), [("a4", (595.276, 841.89)), ("letter", (612, 792)), ("a3", (841.89, 1190.55))]
)
def test_pictures_are_made_to_fit_onto_sheets(name: str, size: tuple[float, float]) -> None:
    """In the middle, as large as fits, and the sheet lies as the picture does."""
    wide = Image.fromarray(np.rot90(NOISE))
    stream = io.BytesIO()
    wide.save(stream, "PNG")
    lying = Page(data=stream.getvalue(), media_type="image/png", width=90, height=60)

    data = written(PDF, page(), lying, **{"page-size": name})

    with pikepdf.open(io.BytesIO(data)) as document:
        for found, expected in zip(document.pages, (size, size[::-1]), strict=True):
            assert [float(edge) for edge in found.mediabox[2:]] == pytest.approx(expected, abs=0.01)
            *_, commands = pikepdf.parse_content_stream(found)[:2]
            a, b, c, d, e, f = (float(one) for one in commands.operands)
            assert (b, c) == (0, 0)
            assert a / d == pytest.approx(60 / 90 if expected == size else 90 / 60, abs=0.001)
            assert a == pytest.approx(expected[0], abs=0.01) or e == pytest.approx(
                (expected[0] - a) / 2, abs=0.01
            )
            assert f == pytest.approx((expected[1] - d) / 2, abs=0.01)


def test_tags_stand_on_every_page_of_a_tiff(tmp_path: Path) -> None:
    """Numbers and texts under any number that is not about pixels."""
    tags = json.dumps(
        {"315": "Ann", "65000": 7, "65001": [1, 2, 3], "65002": 2.5, "65003": {"base64": "AP8H"}}
    )
    data = written(TIFF, page(), page("1"), tags=tags)

    with Image.open(io.BytesIO(data)) as found:
        for number in range(2):
            found.seek(number)
            kept = found.tag_v2  # type: ignore[attr-defined]
            assert (kept[315], kept[65000], kept[65001], kept[65002]) == ("Ann", 7, (1, 2, 3), 2.5)
            assert kept[65003] == b"\x00\xff\x07"


@pytest.mark.parametrize(
    "tags",
    [
        *("[", "[1]", '{"256":1}', '{"x":1}', '{"65000":null}', '{"0":1}'),
        *('{"65000":{"base64":"?"}}', '{"65000":1e999}', '{"65000":NaN}', '{"65000":-1}'),
        *('{"255":2}', '{"266":2}', '{"332":2}', '{"339":3}', '{"34853":8}', '{"40965":8}'),
        json.dumps({str(40000 + number): number for number in range(501)}),
    ],
)
def test_tags_that_cannot_be_are_refused(tags: str) -> None:
    """A wrong width would make a file that crashes others, five thousand one that none reads."""
    with pytest.raises(BadSettings) as caught:
        written(TIFF, tags=tags)

    assert caught.value.details["option"] == "tags"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["g4", "palette", "large"])
def test_what_a_tiff_says_of_its_pages_goes_along(order: str, kind: str, tmp_path: Path) -> None:
    """A file to which something is appended would lose it; what is asked for goes before it."""
    came, made = tmp_path / "came.tif", tmp_path / "made.tif"
    image = Image.radial_gradient("L")
    image = image.quantize(8) if kind == "palette" else image.convert("1")
    image.save(came, compression="group4" if image.mode == "1" else "tiff_lzw")
    how = ["-L" if order == "<" else "-B", *(["-8"] if kind == "large" else [])]
    subprocess.run(["tiffcp", *how, came, made], check=True)
    for tag, *values in (
        *(("269", "of before"), ("270", "a description"), ("315", "Ann"), ("297", "3", "7")),
        *(("33432", "hers"), ("321", "5", "250"), ("318", "0.25", "0.5")),
    ):
        subprocess.run(["tiffset", "-s", tag, *values, made], check=True)
    data = made.read_bytes()
    page = Page(data=data, media_type="image/tiff", width=256, height=256)

    found = written(TIFF, page, title="of today", tags='{"315": "Bob"}')

    with Image.open(io.BytesIO(found)) as seen:
        kept = seen.tag_v2  # type: ignore[attr-defined]
        assert (kept[269], kept[270], kept[315]) == ("of today", "a description", "Bob")
        assert (kept[33432], kept[321], kept[318]) == ("hers", (5, 250), (0.25, 0.5))
        assert 297 not in kept
        assert np.array_equal(np.asarray(seen.convert("RGB")), np.asarray(image.convert("RGB")))


def test_a_large_picture_is_jpeg_2000_in_tiles() -> None:
    """All at once, one of 196 million pixels did not fit into the memory that a codec has."""
    large = np.tile(np.arange(6500, dtype=np.uint16).astype(np.uint8), (6400, 1))

    data = jpx.encode(large)

    tile = struct.unpack_from(">II", data, data.index(b"\xff\x4f\xff\x51") + 24)
    assert max(tile) < 5000
    found = Pictures(data).page(0, region=Box(left=4000, top=10, width=300, height=5))
    assert np.array_equal(picture(found.data, "L"), large[10:15, 4000:4300])
    small = Pictures(data).page(0, width=65)
    assert (small.width, small.height) == (65, 64)


def test_jpeg_2000_that_does_not_fit_into_memory_is_too_large() -> None:
    """It was called a fault of an addon."""
    program = """if True:
        import resource, numpy
        from sheetfed.api.errors import TooLarge
        from sheetfed.builtin.formats import jpx
        samples = numpy.zeros((4000, 5000, 3), numpy.uint16)
        jpx.encode(samples[:100])
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 90_000_000, -1))
        try:
            jpx.encode(samples)
        except TooLarge as error:
            print(error)
    """
    found = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert "4000" in found.stdout, found.stderr
