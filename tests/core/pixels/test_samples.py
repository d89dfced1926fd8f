"""TIFF of every kind of samples: numbers that no screen shows come in as light as they are."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from rasters import UPRIGHT, images

from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.api.model import Page
from sheetfed.builtin.formats import pixels
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.worker.drawing import Deep, picture_of
from sheetfed.worker.pictures import pictures_of
from sheetfed_pdf.codec import Pdf

TIFF, PDF = "image/tiff", "application/pdf"
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
KINDS = {"B": 1, "H": 3, "I": 4, "h": 8, "i": 9, "f": 11, "d": 12}
HEIGHT, WIDTH = 37, 45
RANDOM = np.random.default_rng(12)

Tags = Mapping[int, tuple[str, Sequence[float]]]


def tiff(pieces: Sequence[bytes], tags: Tags, order: str = "<") -> bytes:
    """Return a TIFF file of strips or tiles as they are packed, and tags."""
    where, size = (324, 325) if 322 in tags else (273, 279)
    out, places = bytearray(8), []
    for piece in pieces:
        places.append(len(out))
        out += piece + bytes(len(piece) % 2)
    all_tags = {**tags, where: ("I", places), size: ("I", [len(piece) for piece in pieces])}
    start = len(out)
    values, after = b"", start + 2 + 12 * len(all_tags) + 4
    lines = struct.pack(order + "H", len(all_tags))
    for tag, (kind, numbers) in sorted(all_tags.items()):
        field = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
        told = field.ljust(4, b"\0")
        if len(field) > 4:
            told = struct.pack(order + "I", after + len(values))
            values += field + bytes(len(field) % 2)
        lines += struct.pack(order + "HHI", tag, KINDS[kind], len(numbers)) + told
    out[:8] = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, start)
    return bytes(out) + lines + bytes(4) + values


def described(size: tuple[int, int], bits: int, count: int, light: int, form: int = 1) -> Any:
    """Return the tags of a picture in one strip."""
    height, width = size
    return {
        256: ("I", [width]), 257: ("I", [height]), 258: ("H", [bits] * count), 259: ("H", [1]),
        262: ("H", [light]), 277: ("H", [count]), 278: ("I", [height]), 339: ("H", [form] * count),
    }  # fmt: skip


def plain(
    numbers: NDArray[Any], light: int, form: int = 1, order: str = "<", more: Tags | None = None
) -> bytes:
    """Return a TIFF file of numbers as NumPy has them."""
    cube = np.atleast_3d(numbers)
    bits = 8 * cube.dtype.itemsize
    tags = described(cube.shape[:2], bits, cube.shape[2], light, form)
    return tiff([cube.astype(f"{order}{cube.dtype.str[1:]}").tobytes()], {**tags, **(more or {})},
                order)  # fmt: skip


def packed(numbers: NDArray[Any], light: int, bits: int, more: Tags | None = None) -> bytes:
    """Return a TIFF file of whole numbers of any length, one bit after the other."""
    cube = np.atleast_3d(numbers)
    rows = ["".join(f"{int(number):0{bits}b}" for number in row.ravel()) for row in cube]
    body = b"".join(
        int(row.ljust(-(-len(row) // 8) * 8, "0"), 2).to_bytes(-(-len(row) // 8)) for row in rows
    )
    tags = described(cube.shape[:2], bits, cube.shape[2], light)
    return tiff([body], {**tags, **(more or {})})


def read(data: bytes) -> NDArray[Any]:
    found = pixels.decode(data, TIFF)
    return np.asarray(np.where(found, 0, 255) if found.dtype == bool else found)


def seen_everywhere(data: bytes, meant: NDArray[Any]) -> None:
    """Check what is unpacked, edited, saved, drawn small and made small against what is meant."""
    assert np.array_equal(read(data), meant)
    page = Page(data=data, media_type=TIFF, width=meant.shape[1], height=meant.shape[0])
    edited = picture_of(page)
    planes = edited.planes if isinstance(edited, Deep) else [edited]
    shown = np.dstack([np.asarray(plane) for plane in planes]).reshape(meant.shape)
    assert np.array_equal(shown, meant)
    high = meant if meant.dtype == np.uint8 else meant >> 8
    book = images().open(io.BytesIO(data), {})
    assert (book.count, book.info(0).width, book.info(0).height) == (1, *meant.shape[1::-1])
    small = book.page(0, width=meant.shape[1] // 2)
    for part in (small, *pictures_of(page)[3][:1]):
        with Image.open(io.BytesIO(part.data)) as found:
            assert np.asarray(found).mean() == pytest.approx(high.mean(), abs=2)
    for codec in (images(), Pdf({})):
        into = "image/png" if codec is images() else PDF
        stream = io.BytesIO()
        codec.encode(iter([page]), stream, into, {}, Nowhere())
        whole = images().open(io.BytesIO(stream.getvalue()), {}).page(0)
        saved: Any = pixels.decode(whole.data, whole.media_type)
        saved = np.where(saved, 0, 255) if saved.dtype == bool else saved
        assert np.array_equal(saved, meant), into


def numbers_of(kind: str, count: int) -> NDArray[Any]:
    shape = (HEIGHT, WIDTH, count) if count > 1 else (HEIGHT, WIDTH)
    if kind.startswith("f"):
        return RANDOM.random(shape).astype(kind)
    ends = np.iinfo(kind)
    return RANDOM.integers(ends.min, ends.max, shape, dtype=kind, endpoint=True)


def meant_by(numbers: NDArray[Any], light: int) -> NDArray[Any]:
    """Return the same as levels: TIFF 6.0, sections 8 and 19, by exact arithmetic."""
    if numbers.dtype.kind == "f":
        found: NDArray[Any] = np.floor(numbers.astype(np.float64) * 65535 + 0.5).astype(np.uint16)
    else:
        bits = 8 * numbers.dtype.itemsize
        levels = [int(one) - int(np.iinfo(numbers.dtype).min) for one in numbers.ravel()]
        kept = [one >> max(0, bits - 16) for one in levels]
        found = np.array(kept, np.uint8 if bits == 8 else np.uint16).reshape(numbers.shape)
    return np.iinfo(found.dtype).max - found if light == 0 else found


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "u4", "u8", "i1", "i2", "i4", "i8"])
@pytest.mark.parametrize("light", [0, 1, 2], ids=["white-is-zero", "black-is-zero", "colour"])
def test_numbers_of_every_kind_are_as_light_as_they_are(kind: str, light: int, order: str) -> None:
    """Of 8 to 64 bits, signed or floating, in either order, from either end."""
    form = {"u": UNSIGNED, "i": SIGNED, "f": FLOAT}[kind[0]]
    numbers = numbers_of(kind, 3 if light == 2 else 1)

    seen_everywhere(plain(numbers, light, form, order), meant_by(numbers, light))


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6, 10, 12, 14, 24])
@pytest.mark.parametrize("light", [0, 1, 2], ids=["white-is-zero", "black-is-zero", "colour"])
def test_numbers_of_every_length_are_as_light_as_they_are(bits: int, light: int) -> None:
    """They stand one bit after the other, and each row begins with a byte of its own."""
    most = (1 << bits) - 1
    shape = (HEIGHT, WIDTH, 3) if light == 2 else (HEIGHT, WIDTH)
    numbers = RANDOM.integers(0, most, shape, endpoint=True)
    if bits < 8:
        meant = np.floor(numbers * 255 / most + 0.5).astype(np.uint8)
    elif bits < 16:
        meant = np.floor(numbers * 65535 / most + 0.5).astype(np.uint16)
    else:
        meant = (numbers >> bits - 16).astype(np.uint16)
    if light == 0:
        meant = np.iinfo(meant.dtype).max - meant
    data = packed(numbers, light, bits)
    if bits == 24:  # of which each is told in the file's order (libtiff, TIFFSwabArrayOfTriples)
        body = numbers.astype("<u4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
        tags = described((HEIGHT, WIDTH), 24, np.atleast_3d(numbers).shape[2], light)
        data = tiff([body], tags)

    assert np.array_equal(read(data), meant)


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_bits_in_the_other_direction(bits: int) -> None:
    """As fax machines send them, for numbers of any length (TIFF 6.0, FillOrder)."""
    numbers = RANDOM.integers(0, 1 << bits, (HEIGHT, WIDTH, 3))
    data = bytearray(packed(numbers, 2, bits, {266: ("H", [2])}))
    turned = bytes(int(f"{one:08b}"[::-1], 2) for one in range(256))
    size = HEIGHT * -(-WIDTH * 3 * bits // 8)
    if bits == 16:  # each in the file's order
        data[8 : 8 + size] = numbers.astype("<u2").tobytes()
    data[8 : 8 + size] = data[8 : 8 + size].translate(turned)

    meant = numbers if bits != 12 else np.floor(numbers * 65535 / 4095 + 0.5)

    assert np.array_equal(read(bytes(data)), meant)


WAYS = {
    "u1": ("none", "packbits", "lzw:2", "zip:2", "lzma:2", "zstd:2"),
    "u2": ("none", "packbits", "lzw:2", "zip:2", "lzma:2", "zstd:2"),
    "u4": ("none", "packbits", "lzw:2", "zip", "lzma", "zstd"),
    "i2": ("none", "lzw:2", "zip:2"),
    "f4": ("none", "packbits", "lzw:3", "zip:3", "lzma", "zstd:3"),
    "f8": ("lzw:3", "zip:2"),
}


@pytest.mark.parametrize("form", ["strips", "tiles"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("kind", WAYS)
def test_every_way_of_packing_holds_every_kind(
    tmp_path: Path, kind: str, planes: str, form: str
) -> None:
    """As libtiff's own program writes them: differences, bytes that stand apart, both orders."""
    numbers = numbers_of(kind, 3)
    told = {"u": UNSIGNED, "i": SIGNED, "f": FLOAT}[kind[0]]
    came, made = tmp_path / "came.tif", tmp_path / "made.tif"
    came.write_bytes(plain(numbers, 2, told))
    if planes == "separate":
        bits = 8 * numbers.dtype.itemsize
        tags = {**described((HEIGHT, WIDTH), bits, 3, 2, told), 284: ("H", [2])}
        came.write_bytes(tiff([numbers[..., place].tobytes() for place in range(3)], tags))
        if form == "tiles":  # which libtiff's program cuts wrong
            apart(came, numbers, tags)
            assert np.array_equal(read(came.read_bytes()), meant_by(numbers, 2))
            return
    cut = ["-s", "-r", "8"] if form == "strips" else ["-t", "-w", "32", "-l", "16"]
    for place, way in enumerate(WAYS[kind]):
        order = "-B" if place % 2 and not way.endswith("3") else "-L"
        subprocess.run(["tiffcp", *cut, "-p", planes, order, "-c", way, came, made], check=True)

        assert np.array_equal(read(made.read_bytes()), meant_by(numbers, 2)), way


def apart(file: Path, numbers: NDArray[Any], tags: Tags) -> None:
    """Write tiles of one colour each, deflated; of whole numbers as differences."""
    whole, pieces = numbers.dtype.kind != "f", []
    room = np.zeros((48, 64, 3), numbers.dtype)
    room[:HEIGHT, :WIDTH] = numbers
    for place in range(3):
        for top, left in np.ndindex(3, 2):
            part = room[16 * top : 16 * top + 16, 32 * left : 32 * left + 32, place].copy()
            if whole:
                part[:, 1:] -= part[:, :-1].copy()
            pieces.append(zlib.compress(part.tobytes()))
    told: Tags = {
        259: ("H", [8]),
        317: ("H", [2 if whole else 1]),
        322: ("I", [32]),
        323: ("I", [16]),
    }
    file.write_bytes(tiff(pieces, {**tags, **told}))


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("order", ["-B", "-L"])
def test_large_files_are_read_in_both_orders(kind: str, order: str, tmp_path: Path) -> None:
    """A BigTIFF of either byte order, which Pillow knows in one."""
    numbers = numbers_of(kind, 3)
    came, made = tmp_path / "came.tif", tmp_path / "made.tif"
    came.write_bytes(plain(numbers, 2, FLOAT if kind == "f4" else UNSIGNED))
    for way in ("none", "lzw"):
        words = ["tiffcp", "-8", order, "-s", "-r", "7", "-c", way, came, made]
        subprocess.run(words, check=True)

        seen_everywhere(made.read_bytes(), meant_by(numbers, 2))
        page = Page(data=made.read_bytes(), media_type=TIFF, width=WIDTH, height=HEIGHT)
        for into in (TIFF, PDF):
            stream = io.BytesIO()
            images().encode(iter([page]), stream, into, {}, Nowhere())
            again = images().open(io.BytesIO(stream.getvalue()), {}).page(0)
            assert np.array_equal(pixels.decode(again.data, again.media_type), meant_by(numbers, 2))


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("way", ["none", "lzw", "packbits"])
@pytest.mark.parametrize("count", [1, 3])
def test_bits_of_every_packing_in_the_other_direction(
    count: int, way: str, planes: str, tmp_path: Path
) -> None:
    numbers = numbers_of("u1", count)
    came, made = tmp_path / "came.tif", tmp_path / "made.tif"
    came.write_bytes(plain(numbers, 2 if count == 3 else 1))
    words = ["tiffcp", "-f", "lsb2msb", "-p", planes, "-c", way, came, made]
    subprocess.run(words, check=True)

    assert np.array_equal(read(made.read_bytes()), numbers)


@pytest.mark.parametrize("planes", [1, 2], ids=["together", "apart"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_inks_stay_inks(kind: str, order: str, planes: int) -> None:
    """Of 16 bits the upper half, which is all that anybody here prints with."""
    inks = RANDOM.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    wide = (inks.astype(np.uint16) * 257 if kind == "u2" else inks).astype(order + kind)
    tags = {**described((HEIGHT, WIDTH), 8 * wide.dtype.itemsize, 4, 5), 284: ("H", [planes])}
    parts = [wide] if planes == 1 else [wide[..., place] for place in range(4)]

    found: Any = pixels.inks_of(tiff([part.tobytes() for part in parts], tags, order), TIFF)

    assert np.array_equal(found, inks)


@pytest.mark.parametrize("light", [0, 1])
def test_black_and_white_that_says_its_samples_lie_apart(light: int) -> None:
    """As some writers say of pictures that have one sample; it becomes a fax all the same."""
    dots = RANDOM.integers(0, 2, (HEIGHT, WIDTH))
    data = packed(dots, light, 1, {284: ("H", [2])})
    white = dots == light

    assert np.array_equal(read(data), white * 255)
    for codec in (images(), Pdf({})):
        stream = io.BytesIO()
        page = Page(data=data, media_type=TIFF, width=WIDTH, height=HEIGHT)
        codec.encode(iter([page]), stream, PDF, {}, Nowhere())
        again = images().open(io.BytesIO(stream.getvalue()), {}).page(0)
        assert np.array_equal(~pixels.decode(again.data, again.media_type), white)


def test_pages_of_different_kinds_stand_in_one_file(tmp_path: Path) -> None:
    """Each is measured without its pixels, drawn by itself, and cut out for other files."""
    kinds = {"f4": FLOAT, "u1": UNSIGNED, "i2": SIGNED, "u2": UNSIGNED}
    pages = [numbers_of(kind, 3)[: 20 + place] for place, kind in enumerate(kinds)]
    files = [tmp_path / f"{place}.tif" for place in range(4)]
    for file, numbers, form in zip(files, pages, kinds.values(), strict=True):
        file.write_bytes(plain(numbers, 2, form))
    subprocess.run(["tiffcp", "-c", "lzw", *files, tmp_path / "all.tif"], check=True)
    book = images().open(io.BytesIO((tmp_path / "all.tif").read_bytes()), {})

    for place in (2, 0, 3, 1):
        meant = meant_by(pages[place], 2)
        page = book.page(place)
        assert book.info(place).height == page.height == 20 + place
        assert np.array_equal(pixels.decode(page.data, page.media_type), meant)
        assert np.array_equal(read(book.cut(place)), meant)


def test_what_does_not_say_what_its_numbers_mean() -> None:
    """Black is at zero, and three are colours, as libtiff has it; only a fax begins with white."""
    for count in (1, 3):
        numbers = numbers_of("u1", count)
        tags = described((HEIGHT, WIDTH), 8, count, 1)
        del tags[262]
        assert np.array_equal(read(tiff([numbers.tobytes()], tags)), numbers)


def test_early_lzw_is_read() -> None:
    """Its codes stand with their lowest bits first."""
    numbers = numbers_of("u1", 1)
    flat, codes = numbers.tobytes(), list[int]()
    for at in range(0, len(flat), 150):  # begun anew before codes get longer
        codes += [256, *flat[at : at + 150]]
    bits = sum(code << (9 * place) for place, code in enumerate([*codes, 257]))
    body = bits.to_bytes(-(-9 * (len(codes) + 1) // 8) + 1, "little")
    tags = {**described((HEIGHT, WIDTH), 8, 1, 1), 259: ("H", [5])}

    assert np.array_equal(read(tiff([body], tags)), numbers)


@pytest.mark.parametrize("form", ["strips", "tiles"])
@pytest.mark.parametrize(("count", "light"), [(1, 1), (1, 0), (3, 2), (4, 5)])
def test_jpeg_inside_is_as_libtiff_unpacks_it(
    count: int, light: int, form: str, tmp_path: Path
) -> None:
    """Grey from either end, colours that stand for several pixels, and inks."""
    down, across = np.mgrid[0:64, 0:96]
    planes = (across * 2, down * 3, across + down, across * 0 + 20)
    numbers = np.dstack(planes[:count]).astype(np.uint8)
    came, made, shown = (tmp_path / name for name in ("came.tif", "made.tif", "shown.tif"))
    came.write_bytes(plain(numbers, light))
    cut = ["-s", "-r", "16"] if form == "strips" else ["-t", "-w", "32", "-l", "16"]
    subprocess.run(["tiffcp", *cut, "-c", "jpeg:95", came, made], check=True)
    subprocess.run(["tiff2rgba", "-c", "none", made, shown], check=True)
    with Image.open(shown) as picture:
        meant = np.asarray(picture.convert("RGB"), int)

    found = np.atleast_3d(read(made.read_bytes())).astype(int)

    assert np.abs(found - meant).max() <= 4


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["u4", "f4"])
def test_they_are_turned_as_the_file_says(kind: str, turn: int) -> None:
    numbers = numbers_of(kind, 3)
    form = UNSIGNED if kind == "u4" else FLOAT
    data = plain(numbers, 2, form, more={274: ("H", [turn])})

    seen_everywhere(data, np.ascontiguousarray(UPRIGHT[turn](meant_by(numbers, 2))))


def test_what_is_black_and_white_of_floating_numbers() -> None:
    """The file says it, else 0 and 1, 255 or 65535 that hold all, else the ends that there are."""
    numbers = np.array([[0.0, 0.25, 0.5, 1.0]], np.float32)

    def level(found: NDArray[Any], **more: Any) -> list[int]:
        return [int(one) for one in read(plain(found, 1, FLOAT, **more)).ravel()]

    assert level(numbers) == [0, 16384, 32768, 65535]
    assert level(numbers * 200) == [0, 12850, 25700, 51400]
    assert level(numbers * 60000) == [0, 15000, 30000, 60000]
    assert level(numbers * 2 - 1) == [0, 16384, 32768, 65535]
    told: Tags = {340: ("f", [-1.0]), 341: ("f", [1.0])}
    assert level(numbers, more=told) == [32768, 40959, 49151, 65535]
    odd = np.array([[0.0, math.nan, math.inf, -math.inf, 1.0]], np.float32)
    assert level(odd) == [0, 0, 65535, 0, 65535]
    assert level(numbers * 0) == [0] * 4
    shorts = np.array([[-100, 0, 50, 100]], np.int16)
    found = read(plain(shorts, 1, SIGNED, more={340: ("h", [-100]), 341: ("h", [100])}))
    assert found.ravel().tolist() == [0, 32768, 49151, 65535]


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f4"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("cover", [1, 2], ids=["mixed", "beside"])
def test_what_can_be_seen_through_lies_on_white(kind: str, count: int, cover: int) -> None:
    """Grey and colours, mixed with black already or as they are; nothing else is a cover."""
    numbers = np.atleast_3d(numbers_of(kind, count))
    by = np.atleast_3d(numbers_of(kind, 1))
    form = FLOAT if kind == "f4" else UNSIGNED
    light = 2 if count == 3 else 1
    levels = [meant_by(one, 1).astype(np.float64) for one in (numbers, by)]
    most = 255 if kind == "u1" else 65535
    if cover == 1:
        meant = np.minimum(levels[0] + most - levels[1], most)
    else:
        meant = np.floor((levels[0] * levels[1] + most * (most - levels[1])) / most + 0.5)
    meant = meant.astype(np.uint8 if most == 255 else np.uint16)
    stored = np.dstack([numbers, np.atleast_3d(numbers_of(kind, 1)), by])

    found = read(plain(stored, light, form, more={338: ("H", [0, cover])}))

    off = np.abs(found.astype(int) - meant.reshape(found.shape))
    assert off.max() <= (1 if kind == "u1" else 0)  # Pillow rounds in another place


def test_many_samples_of_which_three_are_colours() -> None:
    numbers = numbers_of("u1", 9)
    data = plain(numbers, 2, more={338: ("H", [0] * 6)})

    assert np.array_equal(read(data), numbers[..., :3])


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("early", [False, True], ids=["as told", "of 8 bits"])
def test_palettes_have_the_colours_that_they_have(bits: int, *, early: bool) -> None:
    """Early writers had numbers up to 255 in them, as libtiff knows."""
    size = 1 << bits
    table = RANDOM.integers(0, 256, (3, size))
    stored = table if early else table * 257
    if not early:
        stored[0, 0] = 65535
        table[0, 0] = 255
    numbers = RANDOM.integers(0, size, (HEIGHT, WIDTH))
    more: Tags = {320: ("H", stored.ravel().tolist())}
    data = packed(numbers, 3, bits, more)
    if bits == 16:
        data = plain(numbers.astype(np.uint16), 3, more=more)

    assert np.array_equal(read(data), np.moveaxis(table[:, numbers], 0, 2))


def test_a_palette_of_16_bits_keeps_them() -> None:
    table = RANDOM.integers(0, 1 << 16, (3, 1 << 16))
    numbers = RANDOM.integers(0, 1 << 16, (HEIGHT, WIDTH)).astype(np.uint16)
    data = plain(numbers, 3, more={320: ("H", table.ravel().tolist())})

    seen_everywhere(data, np.moveaxis(table[:, numbers], 0, 2).astype(np.uint16))


LAB = np.array([[[100, 0, 0], [0, 0, 0], [50, 0, 0], [60, 60, 40], [40, -30, 20], [70, 10, -50]]])
"""Lightness, and how red and how yellow, none of them beyond what a screen shows."""


@pytest.mark.parametrize("light", [8, 9], ids=["CIE", "ICC"])
@pytest.mark.parametrize("bits", [8, 16])
def test_colours_of_lab_are_those_of_littlecms(light: int, bits: int) -> None:
    """TIFF 6.0, section 23, and the ICC's own way; of 16 bits with parts of a step."""
    by_cms = ImageCms.profileToProfile(
        Image.merge("LAB", [Image.fromarray(plane.astype(np.uint8)) for plane in (
            np.round(LAB[..., 0] * 2.55), LAB[..., 1] + 128, LAB[..., 2] + 128)]),
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB",
    )  # fmt: skip
    step = 256 if bits == 16 else 1
    brightest = 255 if bits == 8 else 65280 if light == 9 else 65535
    across = LAB[..., 1:] * step
    stored = np.dstack(
        [np.round(LAB[..., :1] * brightest / 100), across + (128 * step if light == 9 else 0)]
    )
    kind = np.uint8 if bits == 8 else np.uint16
    data = plain(stored.astype(np.int64).astype(kind), light)

    found = read(data)

    shown = found if found.dtype == np.uint8 else found >> 8
    assert np.abs(shown.astype(int) - np.asarray(by_cms, int)).max() <= 3
    assert found.dtype == kind


@pytest.mark.parametrize("share", [(1, 1), (2, 1), (2, 2), (4, 2)])
@pytest.mark.parametrize("way", ["none", "deflate"])
def test_colours_that_stand_for_several_pixels(
    share: tuple[int, int], way: str, tmp_path: Path
) -> None:
    """As libtiff's own program turns them to red, green and blue (TIFF 6.0, section 21)."""
    across, down = share
    height, width = 32, 48
    light = RANDOM.integers(40, 220, (height, width), dtype=np.uint8)
    tones = RANDOM.integers(90, 170, (height // down, width // across, 2), dtype=np.uint8)
    blocks = light.reshape(height // down, down, width // across, across).swapaxes(1, 2)
    body = np.concatenate([blocks.reshape(*blocks.shape[:2], -1), tones], axis=2).tobytes()
    tags = {**described((height, width), 8, 3, 6), 530: ("H", share)}
    came, shown = tmp_path / "came.tif", tmp_path / "shown.tif"
    if way == "deflate":
        tags[259], body = ("H", [8]), zlib.compress(body)
    came.write_bytes(tiff([body], tags))
    subprocess.run(["tiff2rgba", "-c", "none", came, shown], check=True)
    with Image.open(shown) as picture:
        meant = np.asarray(picture.convert("RGB"), int)

    assert np.abs(read(came.read_bytes()).astype(int) - meant).max() <= 1


@pytest.mark.parametrize("number", [50001, 34712, 33005])
@pytest.mark.parametrize("form", ["strips", "tiles"])
def test_pieces_that_are_pictures_themselves(number: int, form: str) -> None:
    """WebP as libtiff has it; JPEG 2000 as scanners of microscopes do."""
    numbers = numbers_of("u1", 3)
    high, wide = (8, WIDTH) if form == "strips" else (16, 32)
    pieces = []
    for top in range(0, HEIGHT, high):
        for left in range(0, WIDTH, wide):
            part = numbers[top : top + high, left : left + wide]
            if form == "tiles":
                spare = ((0, high - part.shape[0]), (0, wide - part.shape[1]), (0, 0))
                part = np.pad(part, spare)
            stream = io.BytesIO()
            how: Any = {"lossless": True} if number == 50001 else {"no_jp2": True}
            Image.fromarray(part).save(stream, "WEBP" if number == 50001 else "JPEG2000", **how)
            pieces.append(stream.getvalue())
    tags = {**described((HEIGHT, WIDTH), 8, 3, 2), 259: ("H", [number]), 278: ("I", [high])}
    if form == "tiles":
        tags |= {322: ("I", [wide]), 323: ("I", [high])}

    seen_everywhere(tiff(pieces, tags), numbers)


@pytest.mark.parametrize(
    ("form", "bits", "light", "count", "told"),
    [
        (5, 32, 1, 1, "samples of 32 bits are not read here"),
        (FLOAT, 8, 1, 1, "floating samples of 8 bits are not read here"),
        (UNSIGNED, 8, 7, 3, r"in a way that is not read here \(7\)"),
        (FLOAT, 32, 3, 1, "such colours of 32 bits are not read here"),
    ],
)
def test_what_nobody_reads_is_named(
    form: int, bits: int, light: int, count: int, told: str
) -> None:
    """So that one knows what to save it as instead."""
    size = HEIGHT * WIDTH * count * bits // 8
    more = {320: ("H", [256] * 768)} if light == 3 else {}
    data = tiff([bytes(size)], {**described((HEIGHT, WIDTH), bits, count, light, form), **more})

    with pytest.raises(Unreadable, match=told):
        images().open(io.BytesIO(data), {}).page(0)


def test_samples_that_break_off_or_are_too_many_are_told() -> None:
    """Whatever a file claims, the error has a name, and no memory is asked for before a look."""
    data = plain(numbers_of("f4", 3), 2, FLOAT)
    start = int.from_bytes(data[4:8], "little")
    broken = 0
    for at in range(start, len(data) - 4, 3):
        for value in (b"\xff\xff\xff\x7f", b"\0\0\0\0"):
            changed = data[:at] + value + data[at + 4 :]
            try:
                images().open(io.BytesIO(changed), {}).page(0, width=9)
            except (Unreadable, TooLarge):
                broken += 1
    assert broken > 20
    wide = tiff([bytes(16)], described((20_000, 9_000), 64, 3, 2, FLOAT))
    with pytest.raises(TooLarge):
        images().open(io.BytesIO(wide), {}).page(0, width=9)


@pytest.mark.parametrize("kind", ["u2", "i2"])
def test_what_passes_untouched_has_no_sign(kind: str) -> None:
    """Readers of PDF, and most of TIFF, take each number for one without; the order is theirs."""
    numbers = numbers_of(kind, 1)
    data = plain(numbers, 1, SIGNED if kind == "i2" else UNSIGNED)
    page = Page(data=data, media_type=TIFF, width=WIDTH, height=HEIGHT)
    for codec, into in ((images(), TIFF), (images(), PDF), (Pdf({}), PDF)):
        stream = io.BytesIO()
        codec.encode(iter([page]), stream, into, {"compression": "none"}, Nowhere())
        again = images().open(io.BytesIO(stream.getvalue()), {}).page(0)
        assert np.array_equal(pixels.decode(again.data, again.media_type), meant_by(numbers, 1))
