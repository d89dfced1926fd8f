"""A crafted document costs its own child at most, never the service.

The ids are those of the attack list; X04 and X05 stand with the readers of PDF.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import crafted
import pytest

from sheetfed.api.errors import (
    DriverCrashed,
    DriverTimeout,
    SheetfedError,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.api.model import Page
from sheetfed.builtin.formats import limits

Draw = Callable[[bytes, str], Awaitable[Page]]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n"
WMF = b"\xd7\xcd\xc6\x9a" + bytes(40)
PROGRAMS = {"image/svg+xml": SVG, "application/postscript": EPS, "image/x-wmf": WMF}
READ = ("image/png", "image/jpeg", "image/tiff", "image/bmp")


@pytest.mark.parametrize("media_type", PROGRAMS)
async def test_x01_what_is_a_program_is_not_read(draw: Draw, media_type: str) -> None:
    with pytest.raises(UnsupportedType):
        await draw(PROGRAMS[media_type], media_type)


@pytest.mark.parametrize("claimed", READ)
async def test_x01_a_programs_other_name_does_not_help(draw: Draw, claimed: str) -> None:
    """The content decides, and only among the formats we name: PostScript means Ghostscript."""
    others = (crafted.picture(form) for form in ("PCX", "TGA", "SGI"))
    for data in (*PROGRAMS.values(), *others):
        with pytest.raises(Unreadable):
            await draw(data, claimed)


@pytest.mark.parametrize("bits", [1, 8])
async def test_x02_a_small_file_of_a_huge_picture(draw: Draw, bits: int) -> None:
    rows = crafted.swollen(113 * crafted.MEBIBYTE)
    bomb = crafted.png(width=30_000, height=30_000, bits=bits, rows=rows)
    assert len(bomb) < 1_000_000

    with pytest.raises(TooLarge):
        await draw(bomb, "image/png")


async def test_x03_a_tiff_that_claims_too_much(draw: Draw) -> None:
    """R26 (X03)."""
    with pytest.raises(TooLarge):
        await draw(crafted.tiff(1, width=60_000, height=60_000), "image/tiff")


async def test_x06_a_hundred_thousand_pages(draw: Draw) -> None:
    assert await draw(crafted.tiff(2000), "image/tiff")
    for bomb in (crafted.tiff(2001), crafted.tiff(100_000)):
        with pytest.raises(TooLarge):
            await draw(bomb, "image/tiff")


def test_the_limits_are_those_that_the_documentation_names() -> None:
    told = (Path(__file__).parents[3] / "docs" / "reference" / "boxes.md").read_text()
    for line in (
        f"pixels | {limits.MOST_PIXELS // 10**6} million;",
        f"; {limits.MOST_BLACK_AND_WHITE // 10**6} million where each is black or white",
        f"pages of a TIFF or PDF file | {limits.MOST_PAGES}",
        f"pictures of a GIF or WebP file | {limits.MOST_FRAMES}",
        f"pixels of all of those | {limits.MOST_MOVING // 10**6} million",
        f"text: each | {limits.MOST_EXTRA >> 20} MiB",
        f"scans of a progressive JPEG | {limits.MOST_SCANS}",
    ):
        assert line in told, line


async def test_x06_pages_that_never_end(draw: Draw) -> None:
    """The last directory's successor is an earlier one: it counts once."""
    async with asyncio.timeout(10):
        page = await draw(crafted.tiff(3, loop=1), "image/tiff")

    assert page.width == 8


LARGE = bytes(1_100_000)
PIECES = [LARGE[at : at + 65_000] for at in range(0, len(LARGE), 65_000)]
JPEG = crafted.picture("JPEG")


@pytest.mark.parametrize(
    ("media_type", "bomb"),
    [
        ("image/png", crafted.png(crafted.chunk(b"tEXt", b"Comment\0" + LARGE))),
        ("image/png", crafted.png(crafted.chunk(b"eXIf", b"II*\0" + LARGE))),
        ("image/png", crafted.png(crafted.chunk(b"iCCP", b"p\0\0" + LARGE))),
        (
            "image/jpeg",
            crafted.with_segments(JPEG, *((0xE1, b"Exif\0\0" + part) for part in PIECES)),
        ),
        (
            "image/jpeg",
            crafted.with_segments(JPEG, *((0xE2, b"ICC_PROFILE\0\1\1" + part) for part in PIECES)),
        ),
        ("image/jpeg", crafted.with_segments(JPEG, *((0xFE, part) for part in PIECES))),
        ("image/tiff", crafted.tiff(1, more=LARGE)),
    ],
    ids=["text", "exif", "icc", "jpeg-exif", "jpeg-icc", "jpeg-comment", "tiff-xmp"],
)
async def test_x07_more_words_than_picture(draw: Draw, media_type: str, bomb: bytes) -> None:
    with pytest.raises(TooLarge):
        await draw(bomb, media_type)


@pytest.mark.parametrize(
    "body",
    [
        (b"zTXt", b"Comment\0\0"),
        (b"iTXt", b"Comment\0\1\0\0\0"),
        (b"iCCP", b"profile\0\0"),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
async def test_x07_words_that_unpack_to_a_gigabyte(draw: Draw, body: tuple[bytes, bytes]) -> None:
    """Less than a mebibyte, as allowed: what counts then is what unpacking may take."""
    name, head = body
    # Not a plain file, so that the general reader is the one that looks at it.
    palette = crafted.chunk(b"gAMA", b"\0\0\xb1\x8f")
    bomb = crafted.png(palette, crafted.chunk(name, head + crafted.swollen(600 * 1024 * 1024)))
    assert len(bomb) < 1_000_000
    began = time.monotonic()

    try:
        page: Page | None = await draw(bomb, "image/png")
    except (Unreadable, TooLarge):
        page = None

    assert page is None or page.width == 8
    assert time.monotonic() - began < 10


async def test_x08_a_jpeg_of_four_gigapixels(draw: Draw) -> None:
    progressive = crafted.picture("JPEG", progressive=True)

    with pytest.raises(TooLarge):
        await draw(crafted.of_claimed_size(progressive, 65_500, 65_500), "image/jpeg")


async def test_x08_a_jpeg_of_a_thousand_scans(draw: Draw) -> None:
    progressive = crafted.picture("JPEG", size=(600, 400), progressive=True)
    assert await draw(progressive, "image/jpeg")

    with pytest.raises(TooLarge):
        await draw(crafted.of_many_scans(progressive, 1000), "image/jpeg")


async def test_x12_a_thousand_damaged_files(draw: Draw) -> None:
    """The same seeds each time, so that what fails once can be looked at."""
    honest = {
        "image/jpeg": crafted.picture("JPEG"),
        "image/png": crafted.picture("PNG", mode="P"),
        "image/tiff": crafted.picture("TIFF", compression="tiff_lzw"),
        "image/bmp": crafted.picture("BMP"),
    }
    for media_type, data in honest.items():
        await draw(data, media_type)
    before = resident()
    ends: Counter[str] = Counter()

    for seed in range(1000):
        media_type = list(honest)[seed % len(honest)]
        try:
            await draw(crafted.spoiled(honest[media_type], seed), media_type)
            ends["drawn"] += 1
        except (DriverCrashed, DriverTimeout) as error:  # the child's loss, not ours
            ends[error.code] += 1
        except SheetfedError as error:
            ends[error.code if error.status < 500 else "ours"] += 1

    assert sum(ends.values()) == 1000
    assert not ends["ours"]
    assert ends["drawn"] > 50
    assert ends["unreadable"] > 50
    assert ends["driver-crashed"] + ends["driver-timeout"] < 5
    assert resident() - before < 30_000_000


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")
