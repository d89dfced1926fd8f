"""Pages of TIFF files, cut out as they are packed."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasters import images

from sheetfed.api.errors import SheetfedError, TooLarge, Unreadable
from sheetfed.api.model import Origin, Page
from sheetfed.builtin.folder.pictures import PictureFile
from sheetfed.builtin.formats.directories import Directories
from sheetfed.testing.codec import Shelf

NOISE = np.random.default_rng(5).integers(0, 256, (70, 50), np.uint8)
KINDS = [
    ("1", "group3"), ("1", "group4"), ("1", "tiff_ccitt"), ("1", "raw"),
    ("L", "raw"), ("L", "tiff_lzw"), ("L", "tiff_adobe_deflate"), ("L", "packbits"),
    ("RGB", "jpeg"), ("RGB", "tiff_lzw"), ("RGB", "zstd"),
    ("CMYK", "tiff_lzw"), ("I;16", "tiff_adobe_deflate"), ("P", "packbits"), ("RGBA", "lzma"),
]  # fmt: skip


def page(mode: str, number: int) -> Image.Image:
    """Return a page that no other looks like."""
    if mode == "I;16":
        return Image.fromarray((NOISE.astype(np.uint16) << 7) + number)
    return Image.fromarray(np.roll(NOISE, number)).convert("RGB").convert(mode)


def tiff(*pages: Image.Image, **how: object) -> bytes:
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], **how)
    return stream.getvalue()


@pytest.mark.parametrize("big", [False, True], ids=["tiff", "bigtiff"])
@pytest.mark.parametrize(("mode", "compression"), KINDS)
def test_a_page_that_is_cut_out_is_the_same_picture(
    mode: str, compression: str, *, big: bool
) -> None:
    """Pillow reads the page at its place in the file, and alone."""
    how = {"compression": compression, "big_tiff": big, "dpi": (200, 200)}
    data = tiff(*(page(mode, number) for number in range(3)), **how)

    cut = Directories(io.BytesIO(data)).cut(1)

    with Image.open(io.BytesIO(data)) as whole, Image.open(io.BytesIO(cut)) as alone:
        whole.seek(1)
        assert np.array_equal(np.asarray(whole), np.asarray(alone))
        assert (alone.mode, alone.info.get("dpi")) == (whole.mode, whole.info.get("dpi"))


def test_tiles_and_both_byte_orders(tmp_path: Path) -> None:
    """As other programs write them."""
    plain, tiled = tmp_path / "plain.tif", tmp_path / "tiled.tif"
    plain.write_bytes(tiff(page("RGB", 0), page("RGB", 1)))
    for words in (["-t", "-w", "16", "-l", "32", "-B"], ["-t", "-w", "32", "-l", "16", "-L"]):
        subprocess.run(["tiffcp", *words, "-c", "lzw", plain, tiled], check=True)

        cut = Directories(io.BytesIO(tiled.read_bytes())).cut(1)

        with Image.open(io.BytesIO(cut)) as alone:
            assert np.array_equal(np.asarray(alone), np.asarray(page("RGB", 1)))


def test_what_leads_nowhere_is_unreadable() -> None:
    """Whatever number of a directory is changed, the error has a name."""
    data = bytearray(tiff(page("L", 0), page("L", 1), compression="packbits"))
    whole = Directories(io.BytesIO(data))
    start = int.from_bytes(data[4:8], "little")
    for at in range(start, start + 12 * 14, 3):
        broken = bytes(data[:at]) + b"\xff\xff\xff\x7f" + bytes(data[at + 4 :])
        try:
            found = Directories(io.BytesIO(broken))
            for index in range(len(found)):
                found.cut(index)
        except (Unreadable, TooLarge):
            continue
    assert len(whole) == 2
    for length in (0, 7, 15, start + 3, len(data) - 30):
        with pytest.raises(SheetfedError):
            Directories(io.BytesIO(data[:length])).check(1)


def test_pages_leave_a_file_as_they_are_packed() -> None:
    """The strips of an untouched G4 page are the same bytes in the file that is written."""
    data = tiff(page("1", 0), page("1", 1), compression="group4")
    (strip,) = strips(data, 1)
    origin = Origin(file="scans", index=1, media_type="image/tiff")
    given = Page(data=b"", media_type="image/tiff", width=50, height=70, origin=origin)
    for media_type in ("image/tiff", "application/pdf"):
        stream = io.BytesIO()

        images().encode(iter([given]), stream, media_type, {}, Shelf({"scans": data}))

        assert strip in stream.getvalue()


@pytest.mark.parametrize("order", [[60, 30, 15], [30, 60, 15], [15, 30, 60]])
def test_a_small_version_of_a_page_is_no_page(order: list[int]) -> None:
    """Programs that edit pictures put one in, and maps have many; the large one is the page."""
    data = roles({width: 0 if width == 60 else 1 for width in order})
    book = images().open(io.BytesIO(data), {})

    whole, small = book.page(0), book.page(0, width=20)

    assert (book.count, book.info(0).width, small.width) == (1, 60, 20)
    assert Image.open(io.BytesIO(whole.data)).width == 60
    assert (whole.data == data) == (order[0] == 60)  # as it stands, where others see that too
    given = Page(data=b"", media_type="image/tiff", width=60, height=20,
                 origin=Origin(file="it", index=0, media_type="image/tiff"))  # fmt: skip
    stream = io.BytesIO()
    images().encode(iter([given]), stream, "image/tiff", {}, Shelf({"it": data}))
    assert Image.open(stream).width == 60


def test_pages_keep_their_places_among_small_versions() -> None:
    book = images().open(io.BytesIO(roles({60: 2, 30: 1, 61: 2, 31: 3, 62: 2})), {})

    assert [book.info(index).width for index in range(book.count)] == [60, 61, 62]
    assert [book.page(index).width for index in (2, 0, 1)] == [62, 60, 61]


@pytest.mark.parametrize(
    ("tag", "whole", "other"), [(254, 0, 4), (254, 2, 6), (254, 0, 5), (255, 1, 2), (255, 3, 2)]
)
def test_a_mask_is_no_page_and_early_writers_say_it_otherwise(
    tag: int, whole: int, other: int, tmp_path: Path
) -> None:
    """Whether the file comes in by itself or lies in a folder that is watched."""
    pictures = [Image.new("L", (width, 20), 255 - width) for width in (60, 30, 61)]
    for picture, role in zip(pictures, (whole, other, whole), strict=True):
        picture.encoderinfo = {"tiffinfo": {tag: role}}
    data = tiff(*pictures, tiffinfo={tag: whole})
    (tmp_path / "one.tif").write_bytes(data)

    book = images().open(io.BytesIO(data), {})
    with PictureFile(tmp_path / "one.tif") as file:
        in_folder = [file.page(index).width for index in range(file.count)]

    assert [book.info(index).width for index in range(book.count)] == in_folder == [60, 61]


def test_a_file_of_nothing_but_small_versions_is_read() -> None:
    """A camera's raw file has its large picture where nobody here looks."""
    book = images().open(io.BytesIO(roles({30: 1})), {})

    assert (book.count, book.page(0).width) == (1, 30)


def roles(widths: dict[int, int]) -> bytes:
    """Return a TIFF of pictures of these widths, each with what it is for."""
    pictures = []
    for width, role in widths.items():
        pictures.append(Image.new("L", (width, 20), 255 - width))
        pictures[-1].encoderinfo = {"tiffinfo": {254: role}}
    return tiff(*pictures, tiffinfo={254: next(iter(widths.values()))})


def strips(data: bytes, index: int) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as picture:
        picture.seek(index)
        tags = picture.tag_v2  # type: ignore[attr-defined]
        return [data[at : at + size] for at, size in zip(tags[273], tags[279], strict=True)]
