"""Whether pages hold what they claim."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Mapping

from PIL import Image, ImageChops, ImageOps

from sheetfed.api.model import BITS, Box, Frame, Mark, Page, Raster, View, row_size

FORMATS: Mapping[str, str] = {
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/jp2": "JPEG2000",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/x-portable-anymap": "PPM",
}
MAGIC: Mapping[str, bytes] = {"application/pdf": b"%PDF-"}
_NOISE = 90
SIDES = ("", "front", "back")


def check_page(page: Page) -> None:
    """Fail where the data is not of its media type, or not of the size it claims."""
    assert page.data, "a page has no data"
    assert page.side in SIDES, f"there is no side {page.side!r}"
    check_dpi(page.dpi)
    if page.media_type in MAGIC:
        assert page.data.startswith(MAGIC[page.media_type]), f"the page is no {page.media_type}"
        return
    assert page.media_type in FORMATS, f"{page.media_type!r} is no media type known here"
    size = size_of(page)
    claim = (page.width, page.height)
    assert size == claim, f"the page says it has {claim} pixels, and has {size}"


def check_frame(frame: Frame, view: View) -> None:
    """Fail where a live picture is no JPEG, not of the size it claims, or larger than asked."""
    page = Page(data=frame.data, media_type="image/jpeg", width=frame.width, height=frame.height)
    check_page(page)
    wide, high = view.width or frame.width, view.height or frame.height
    assert frame.width <= wide, f"{frame.width} pixels wide where {wide} were asked for"
    assert frame.height <= high, f"{frame.height} pixels high where {high} were asked for"
    for mark in frame.marks:
        assert all(0 <= x <= frame.width and 0 <= y <= frame.height for x, y in mark.corners), (
            f"the corners {mark.corners} lie outside of the picture"
        )


def check_part(whole: Page, part: Page, region: Box) -> None:
    """Fail where a part does not show what the page shows there, noise of its encoding apart."""
    if not {whole.media_type, part.media_type} <= set(FORMATS):
        return
    left, top = int(region.left), int(region.top)
    right, bottom = left + int(region.width), top + int(region.height)
    expected, found = opened(whole).crop((left, top, right, bottom)), opened(part)
    assert found.size == expected.size, f"a part of {expected.size} pixels came as {found.size}"
    apart = ImageChops.difference(found, expected).convert("L").histogram()
    assert not any(apart[_NOISE:]), "a part does not show what the page shows"


def check_raster(raster: Raster) -> None:
    """Read all rows; fail where they are not those that were promised."""
    assert raster.mode in BITS, f"there is no mode {raster.mode!r}"
    assert raster.width > 0, f"the raster is {raster.width} pixels wide"
    assert raster.side in SIDES, f"there is no side {raster.side!r}"
    check_dpi(raster.dpi)
    size, row = 0, row_size(raster.mode, raster.width)
    for block in raster.rows:
        count = memoryview(block).nbytes
        assert count % row == 0, f"a block of {count} bytes is no whole number of rows of {row}"
        size += count
    assert size, "the raster has no rows"
    if raster.height is not None:
        rows = size // row
        assert rows == raster.height, f"{raster.height} rows were promised, {rows} came"


def check_dpi(dpi: tuple[float, float]) -> None:
    """Fail where a resolution is neither unknown nor one that paper can have."""
    assert dpi == (0, 0) or all(0 < value <= 20_000 for value in dpi), f"{dpi} are no dpi"


def size_of(page: Page) -> tuple[int, int]:
    """Decode a page and return its width and height."""
    return opened(page).size


def opened(page: Page) -> Image.Image:
    """Return a page's picture, upright and in colour."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            stream = io.BytesIO(page.data)
            with Image.open(stream, formats=[FORMATS[page.media_type]]) as picture:
                return ImageOps.exif_transpose(picture).convert("RGB")
        except (OSError, SyntaxError, ValueError) as error:
            raise AssertionError(f"the page is no readable {page.media_type}: {error}") from error


def drawn_page(width: int = 120, height: int = 170, *, marks: tuple[Mark, ...] = ()) -> Page:
    """Return a small page of grain and stripes as PNG; the same for the same size."""
    grain = random.Random(width * height).randbytes(width * height)  # noqa: S311
    picture = Image.frombytes("L", (width, height), grain).point(lambda level: 215 + level // 8)
    for top in range(10, height - 10, 12):
        picture.paste(40, (10, top, width - 10, top + 3))
    out = io.BytesIO()
    picture.convert("RGB").save(out, "PNG", dpi=(150, 150))
    return Page(
        data=out.getvalue(),
        media_type="image/png",
        width=width,
        height=height,
        dpi=(150.0, 150.0),
        marks=marks,
    )
