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


def strips(data: bytes, index: int) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as picture:
        picture.seek(index)
        tags = picture.tag_v2  # type: ignore[attr-defined]
        return [data[at : at + size] for at, size in zip(tags[273], tags[279], strict=True)]
