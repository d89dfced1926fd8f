"""Picture files from anywhere: drawn right, or refused in our own words."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rasters import MODES, UPRIGHT, images, raster, samples

from sheetfed.api.errors import DriverLied, NotFound, TooLarge, Unreadable
from sheetfed.api.model import Box, Mode, Page
from sheetfed.builtin.formats import pixels
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.worker.pictures import pictures_of
from sheetfed.worker.rows import RasterPage
from sheetfed.worker.wire import Keep

FORMATS = ("JPEG", "PNG", "BMP", "TIFF")


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def photo(width: int = 640, height: int = 480) -> Image.Image:
    return Image.fromarray(samples("color", width, height))


def book(data: bytes) -> Pictures:
    return images().open(io.BytesIO(data), {})


def look(page: Page) -> Image.Image:
    """Return what a drawn page shows; it must be what it says."""
    with Image.open(io.BytesIO(page.data)) as image:
        image.load()
        assert Image.MIME[image.format or ""] == page.media_type
        assert image.size == (page.width, page.height)
        return image.copy()


def device_page(data: bytes, media_type: str, **claims: Any) -> Page:
    given: dict[str, Any] = {"width": 0, "height": 0}
    return Page(data=data, media_type=media_type, **(given | claims))


@pytest.mark.parametrize("form", FORMATS)
def test_a_page_unscaled_is_the_file_itself(form: str) -> None:
    data = saved(photo(), form, dpi=(200, 100))

    with_book = book(data)
    page = with_book.page(0)

    assert with_book.count == 1
    assert page.data == data
    assert page.media_type == Image.MIME[form]
    assert page.dpi == pytest.approx((200, 100), abs=0.1)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("box", "size"),
    [
        ({"width": 100}, (100, 75)),
        ({"height": 100}, (133, 100)),
        ({"width": 100, "height": 20}, (26, 20)),
        ({"width": 639}, (639, 479)),
        ({"width": 5000, "height": 5000}, (640, 480)),
        ({"width": 1}, (1, 1)),
    ],
)
def test_a_page_keeps_its_shape(form: str, box: dict[str, int], size: tuple[int, int]) -> None:
    page = book(saved(photo(), form)).page(0, **box)

    image = look(page)

    assert image.size == size
    expected = photo().resize(size, Image.Resampling.BOX)
    difference = np.asarray(image, float) - np.asarray(expected, float)
    assert abs(difference).mean() < 8


@pytest.mark.parametrize("size", [(101, 100), (129, 97), (101, 229), (240, 321)])
def test_small_versions_of_jpeg_2000_are_rounded_up(size: tuple[int, int]) -> None:
    """Pillow rounds them, and then calls a file broken that is none."""
    whole = Image.linear_gradient("L").resize(size)
    opened = book(saved(whole, "JPEG2000"))

    for by in (2, 4, 8, 16):
        page = opened.page(0, width=size[0] // by)

        image = look(page)
        expected = whole.resize(image.size, Image.Resampling.BOX)
        assert abs(np.asarray(image, float) - np.asarray(expected, float)).mean() < 8


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_white_of_few_bits_is_white_in_jpeg_2000(bits: int) -> None:
    """Pillow moves them up and leaves nothing below: white of one bit was grey."""
    count = 1 << bits
    levels = np.tile(np.arange(64) % count, (64, 1))
    data = bytearray(
        saved(Image.fromarray((levels - count // 2 + 128).astype(np.uint8)), "JPEG2000")
    )
    data[data.index(b"\xff\x4f\xff\x51") + 42] = data[data.index(b"ihdr") + 14] = bits - 1

    page = book(bytes(data)).page(0, region=Box(left=0, top=0, width=64, height=64))

    found = np.asarray(look(page).convert("L"))
    assert np.array_equal(found, np.round(levels * (255 / (count - 1))))


def test_jpeg_2000_that_begins_not_at_its_corner_is_seen_small() -> None:
    """As are those that have no versions as small: the whole is made smaller."""
    whole = Image.linear_gradient("L").resize((200, 200))
    data = saved(whole, "JPEG2000", offset=(3, 5), tile_offset=(0, 0), tile_size=(64, 64))

    image = look(book(data).page(0, width=40))

    expected = whole.resize(image.size, Image.Resampling.BOX)
    assert abs(np.asarray(image, float) - np.asarray(expected, float)).mean() < 8


@pytest.mark.parametrize("mode", MODES)
def test_what_we_keep_can_be_drawn(mode: Mode) -> None:
    pixels = samples(mode, 900, 600)
    kept = RasterPage(raster(pixels, mode), Keep())
    data = b"".join(kept.run(lambda _done: None))

    image = look(book(data).page(0, width=300))

    shown = np.where(pixels, 0, 255) if mode == "bw" else pixels >> (8 * mode.endswith("16"))
    expected = Image.fromarray(shown.astype(np.uint8)).resize((300, 200), Image.Resampling.BOX)
    assert abs(np.asarray(image, float) - np.asarray(expected, float)).mean() < 6


def test_16_bit_grey_is_no_white_page() -> None:
    """Pillow clips 16-bit greys at 255, which turns them white."""
    data = saved(Image.fromarray(np.full((100, 100), 0x8000, np.uint16)), "PNG")

    image = look(book(data).page(0, width=50))

    assert image.getpixel((10, 10)) == 128


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_orientation_is_honoured(turn: int, form: str) -> None:
    """In every format that has one, whoever else turns the picture, too."""
    exif = Image.Exif()
    exif[274] = turn
    how = {"lossless": True} if form == "WEBP" else {"quality": 95, "dpi": (300, 200)}
    data = saved(photo(), form, exif=exif, **how)
    upright = UPRIGHT[turn](np.asarray(photo()))
    expected = Image.fromarray(np.ascontiguousarray(upright)).reduce(4)

    info = book(data).info(0)
    image = look(book(data).page(0, width=expected.width, height=expected.height))
    region = look(book(data).page(0, region=Box(left=10, top=20, width=90, height=70)))
    width, height, dpi, pictures = info.width, info.height, info.dpi, []
    if form != "WEBP":
        width, height, dpi, pictures = pictures_of(device_page(data, f"image/{form.lower()}"))

    assert (info.width, info.height) == ((480, 640) if turn >= 5 else (640, 480))
    assert (width, height) == (info.width, info.height)
    if form != "WEBP":
        assert info.dpi == pytest.approx((200, 300) if turn >= 5 else (300, 200), abs=0.1)
    assert dpi == pytest.approx(info.dpi, abs=0.1)
    off = np.asarray(region.convert("RGB"), float) - upright[20:90, 10:100]
    assert abs(off).mean() < (3 if form == "JPEG" else 0.01)
    assert image.size == expected.size
    assert abs(np.asarray(image, float) - np.asarray(expected, float)).mean() < 6
    for part in pictures[:1]:
        with Image.open(io.BytesIO(part.data)) as preview:
            assert preview.size == (width, height)
            assert abs(np.asarray(preview, float) - upright).mean() < 6


def test_each_page_of_a_tiff_is_drawn() -> None:
    pages = [photo(100 + 10 * count, 80) for count in range(4)]
    with_book = book(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))

    sizes = [with_book.info(index).width for index in (3, 0, 2, 1)]
    drawn = [look(with_book.page(index)) for index in (2, 0)]

    assert with_book.count == 4
    assert sizes == [130, 100, 120, 110]
    assert np.array_equal(np.asarray(drawn[0]), np.asarray(pages[2]))
    assert np.array_equal(np.asarray(drawn[1]), np.asarray(pages[0]))
    for index in (4, -1):
        with pytest.raises(NotFound):
            with_book.page(index)
    with_book.close()
    with_book.close()


@pytest.mark.parametrize("form", ["ICO", "TGA", "SGI", "PCX"])
def test_other_formats_are_not_guessed_at(form: str) -> None:
    with pytest.raises(Unreadable):
        book(saved(photo(32, 32), form))


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_cut_short_is_unreadable(form: str) -> None:
    data = saved(photo(200, 200), form)
    for size in [0, 1, 10, 40, len(data) // 3, len(data) // 2]:
        with pytest.raises(Unreadable):
            book(data[:size]).page(0, width=50)
        with pytest.raises(Unreadable):
            book(data[:size]).page(0)


@settings(max_examples=60, deadline=None)
@given(form=st.sampled_from(FORMATS), seed=st.integers(0, 10**6), count=st.integers(1, 30))
def test_damaged_files_fail_in_our_words(form: str, seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    data = bytearray(saved(photo(40, 30), form))
    for at in random.integers(0, len(data), count):
        data[at] = random.integers(0, 256)
    for draw in (
        lambda: book(bytes(data)).page(0, width=10),
        lambda: book(bytes(data)).page(0),
        lambda: images().encode(
            iter([device_page(bytes(data), Image.MIME[form])]),
            io.BytesIO(),
            "application/pdf",
            {},
            Nowhere(),
        ),
        lambda: images().encode(
            iter([device_page(bytes(data), Image.MIME[form])]),
            io.BytesIO(),
            "image/tiff",
            {"compression": "g4"},
            Nowhere(),
        ),
    ):
        with suppress(Unreadable, TooLarge):
            draw()
    with suppress(DriverLied, TooLarge):
        pictures_of(device_page(bytes(data), Image.MIME[form]))


def bomb(width: int, height: int) -> bytes:
    """Return a tiny PNG that claims to be enormous."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_too_large(size: tuple[int, int]) -> None:
    data = bomb(*size)

    with pytest.raises(TooLarge):
        book(data)
    with pytest.raises(TooLarge):
        pictures_of(device_page(data, "image/png"))
    for media_type in ("application/pdf", "image/tiff", "image/jpeg"):
        with pytest.raises(TooLarge):
            images().encode(
                iter([device_page(data, "image/png")]), io.BytesIO(), media_type, {}, Nowhere()
            )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "BMP"])
def test_a_page_that_came_encoded_gets_its_true_size_and_pictures(form: str) -> None:
    data = saved(photo(2480, 1754), form, dpi=(300, 300))
    claimed = device_page(data, Image.MIME[form], width=7, height=7)

    width, height, dpi, pictures = pictures_of(claimed)

    assert (width, height) == (2480, 1754)
    assert dpi == pytest.approx((300, 300), abs=0.1)
    assert [part.kind for part in pictures] == ["preview", "thumbnail"]
    expected = photo(2480, 1754)
    for part in pictures:
        with Image.open(io.BytesIO(part.data)) as image:
            assert image.size == (part.width, part.height)
            shown = np.asarray(expected.resize(image.size, Image.Resampling.BOX), float)
            assert abs(np.asarray(image, float) - shown).mean() < 6
    assert 600 <= pictures[0].width <= 1200
    assert 150 <= pictures[1].width <= 300


def test_the_resolution_that_the_device_says_wins() -> None:
    data = saved(photo(100, 100), "JPEG", dpi=(72, 72))

    assert pictures_of(device_page(data, "image/jpeg", dpi=(600.0, 600.0)))[2] == (600, 600)


@pytest.mark.parametrize("form", ["jpeg", "png", "tiff", "bmp", "webp", "jp2"])
@pytest.mark.parametrize("dpi", [(300, 150), (1200, 2400)])
def test_what_is_saved_says_its_resolution(form: str, dpi: tuple[int, int]) -> None:
    """In every format that has a place for it, the one across and the one down; and it is read."""
    came = "tiff" if form == "png" else "png"
    page = device_page(
        saved(photo(40, 30), came.upper()), f"image/{came}", dpi=(float(dpi[0]), float(dpi[1]))
    )
    stream = io.BytesIO()
    images().encode(iter([page]), stream, f"image/{form}", {}, Nowhere())

    again = book(stream.getvalue())

    assert again.info(0).dpi == pytest.approx(dpi, abs=0.1)
    if form == "webp":
        exif = Image.open(stream).getexif()
        assert (exif[282], exif[283], exif[296]) == (*dpi, 2)
    else:
        assert Image.open(stream).info["dpi"] == pytest.approx(dpi, abs=0.1)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("how", [{}, {"dpi": (1, 1)}], ids=["silent", "one dot an inch"])
def test_a_picture_without_a_resolution_has_none(form: str, how: dict[str, Any]) -> None:
    """Else a page would be printed as large as a house."""
    data = saved(photo(100, 100), form, **how)

    seen = pictures_of(device_page(data, Image.MIME[form]))

    assert book(data).info(0).dpi == seen[2] == (0, 0)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/tiff", "image/bmp"])
@pytest.mark.parametrize("data", [b"", b"nonsense" * 20, b"\xff\xd8\xff\xe0", bomb(10, 10)[:44]])
def test_a_device_that_sends_garbage_lied(media_type: str, data: bytes) -> None:
    with pytest.raises(DriverLied):
        pictures_of(device_page(data, media_type))


def test_what_only_an_addon_can_draw_is_believed() -> None:
    page = device_page(b"%PDF-1.7", "application/pdf", width=595, height=842, dpi=(72.0, 72.0))

    assert pictures_of(page) == (595, 842, (72, 72), [])


def test_the_hook_module_is_light() -> None:
    script = """
import sys
from sheetfed.builtin.images import sheetfed_codecs
(spec,) = sheetfed_codecs()
assert "application/pdf" in spec.writes and "image/tiff" in spec.reads
print(*{"PIL", "numpy", "simplejpeg", "isal"} & set(sys.modules))
"""
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == ""


def test_what_takes_too_much_memory_is_called_large() -> None:
    """And not damaged, in the words of whoever asked for it."""
    with pytest.raises(TooLarge, match="needs more memory than there is"), pixels.reading():
        np.empty(1 << 55, np.uint8)
