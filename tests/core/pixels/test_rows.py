"""Rows become a kept page: nothing lost, nothing believed."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from rasters import MODES, raster, rows, samples

from sheetfed.api.errors import DriverLied, PaperJam, TooLarge
from sheetfed.api.model import Mode, Raster
from sheetfed.worker import extras
from sheetfed.worker.bands import BAND_BYTES
from sheetfed.worker.packing import AHEAD
from sheetfed.worker.rows import RasterPage
from sheetfed.worker.wire import Keep

LOSSLESS = Keep()
JPEG = Keep(form="jpeg", quality=90)


def kept(given: Raster, keep: Keep = LOSSLESS) -> tuple[RasterPage, bytes]:
    page = RasterPage(given, keep)
    return page, b"".join(page.run(lambda _done: None))


def png_samples(data: bytes) -> NDArray[np.generic]:
    """Read a PNG with nothing but its specification: Pillow cuts 16-bit colour to 8."""
    at, parts, header = 8, [], b""
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert zlib.crc32(name + body) == int.from_bytes(
            data[at + 8 + size : at + 12 + size], "big"
        )
        header = body if name == b"IHDR" else header
        parts += [body] if name == b"IDAT" else []
        at += 12 + size
    width, height, bits, color = struct.unpack_from(">IIBB", header)
    lines = np.frombuffer(zlib.decompress(b"".join(parts)), np.uint8).reshape(height, -1)
    assert set(lines[:, 0]) <= {0, 2}
    values = lines[:, 1:].copy()
    for row in range(1, height):
        if lines[row, 0] == 2:
            values[row] += values[row - 1]
    whole = values.view(">u2").astype(np.uint16) if bits == 16 else values
    return whole.reshape((height, width, 3) if color == 2 else (height, width))


def read(page: RasterPage, data: bytes) -> NDArray[Any]:
    if page.media_type == "image/png":
        return png_samples(data)
    picture = Image.open(io.BytesIO(data))
    return ~np.asarray(picture) if picture.mode == "1" else np.asarray(picture)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("known", [True, False], ids=["height known", "height unknown"])
def test_lossless_keeps_every_sample(mode: Mode, *, known: bool) -> None:
    pixels = samples(mode, 901, 1203)

    page, data = kept(raster(pixels, mode, blocks=(1, 40, 7), known=known))

    assert np.array_equal(read(page, data), pixels)
    assert page.height == 1203


@pytest.mark.parametrize("mode", MODES)
def test_the_file_says_its_resolution(mode: Mode) -> None:
    page, data = kept(raster(samples(mode, 90, 50), mode, dpi=(300.0, 150.0)))

    assert Image.open(io.BytesIO(data)).info["dpi"] == pytest.approx((300, 150), abs=0.02)
    assert page.media_type == ("image/tiff" if mode == "bw" else "image/png")


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(MODES),
    width=st.integers(1, 40),
    height=st.integers(1, 60),
    blocks=st.lists(st.integers(1, 70), min_size=1, max_size=4),
    known=st.booleans(),
)
def test_any_shape_survives(
    mode: Mode, width: int, height: int, blocks: list[int], *, known: bool
) -> None:
    pixels = samples(mode, width, height, seed=width)

    page, data = kept(raster(pixels, mode, blocks=blocks, known=known))

    assert np.array_equal(read(page, data), pixels)
    assert [part.kind for part in page.pictures] == ["preview", "thumbnail"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("keep", [LOSSLESS, JPEG], ids=["lossless", "jpeg"])
def test_every_mode_is_kept_in_either_form(mode: Mode, keep: Keep) -> None:
    pixels = samples(mode, 333, 517)

    page, data = kept(raster(pixels, mode), keep)

    picture = Image.open(io.BytesIO(data))
    assert picture.size == (333, 517)
    assert Image.MIME[picture.format or ""] == page.media_type
    assert (page.media_type == "image/jpeg") == (keep is JPEG and mode in {"gray", "color"})


@pytest.mark.parametrize("mode", ["gray", "color"])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (17, 1000), (2481, 777), (640, 16)])
@pytest.mark.parametrize("known", [True, False], ids=["height known", "height unknown"])
def test_joined_bands_are_the_picture_that_one_encoder_makes(
    mode: Mode, width: int, height: int, *, known: bool
) -> None:
    """Bands are encoded apart; a seam would show here."""
    pixels = samples(mode, width, height)

    _, data = kept(raster(pixels, mode, blocks=(33,), known=known), JPEG)

    whole = simplejpeg.encode_jpeg(
        np.atleast_3d(pixels),
        quality=90,
        colorspace="RGB" if mode == "color" else "GRAY",
        colorsubsampling="420",
    )
    picture = Image.open(io.BytesIO(data))
    assert np.array_equal(np.asarray(picture), np.asarray(Image.open(io.BytesIO(whole))))
    assert picture.mode == ("RGB" if mode == "color" else "L")
    assert picture.info["dpi"] == (300, 300)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("keep", [LOSSLESS, JPEG], ids=["lossless", "jpeg"])
def test_pictures_show_the_page(mode: Mode, keep: Keep) -> None:
    pixels = samples(mode, 1700, 2600)
    if pixels.dtype == bool:
        shown = np.where(pixels, 0, 255).astype(np.uint8)
    else:
        shown = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels

    page, _ = kept(raster(pixels, mode), keep)

    preview, thumbnail = page.pictures
    assert 600 <= max(preview.width, preview.height) <= 1200
    assert 150 <= max(thumbnail.width, thumbnail.height) <= 300
    for part in (preview, thumbnail):
        picture = Image.open(io.BytesIO(part.data))
        assert picture.size == (part.width, part.height)
        expected = Image.fromarray(shown).resize(picture.size, Image.Resampling.BOX)
        difference = np.asarray(picture, float) - np.asarray(expected, float)
        assert abs(difference).mean() < 6


def test_a_long_page_of_unknown_height_has_a_small_preview() -> None:
    page, _ = kept(raster(samples("gray", 100, 30_000), "gray", known=False))

    assert max(page.pictures[0].height, page.pictures[0].width) <= 1200


def long_page() -> NDArray[np.generic]:
    """Return a page several times larger than all the bands that exist at once."""
    pixels = np.tile(samples("color", 2480, 1750), (4, 1, 1))
    assert pixels.nbytes > 6 * AHEAD * BAND_BYTES
    return pixels


def test_data_comes_while_rows_arrive() -> None:
    """A page must not wait in the child until its last row."""
    seen: list[int] = []
    given = raster(long_page(), "color", blocks=(20,))

    def counted() -> Iterator[bytes | bytearray | memoryview]:
        for count, block in enumerate(given.rows):
            seen.append(count)
            yield block

    page = RasterPage(replace(given, rows=counted()), LOSSLESS)
    at = [len(seen) for _ in page.run(lambda _done: None)]

    assert at[0] == 0
    assert at[5] < len(seen)


def test_progress_is_told() -> None:
    told: list[float | None] = []
    page = RasterPage(raster(samples("gray", 50, 100), "gray", blocks=(10,)), LOSSLESS)

    list(page.run(told.append))

    assert told
    assert all(done is not None and 0 < done <= 1 for done in told)


def broken(blocks: list[Any], **claims: Any) -> Raster:
    given: dict[str, Any] = {"width": 10, "height": 4, "mode": "gray", "rows": iter(blocks)}
    return Raster(**(given | claims))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (broken([bytes(10)] * 3), "3 of the 4 rows"),
        (broken([bytes(10)] * 5), "more than the 4 rows"),
        (broken([bytes(50)]), "more than the 4 rows"),
        (broken([bytes(39)]), "no whole number of rows"),
        (broken([bytes(10)] * 3 + [bytes(9)]), "no whole number of rows"),
        (broken([bytes(10), bytes(11)]), "no whole number of rows"),
        (broken([]), "0 of the 4 rows"),
        (broken([], height=None), "without rows"),
        (broken([b"", b""], height=None), "without rows"),
        (broken(["abc"]), "no rows but str"),
        (broken([None]), "no rows but NoneType"),
        (broken([memoryview(bytes(80))[::2]]), "no rows but memoryview"),
        (broken([], width=0), "width 0"),
        (broken([], width=-3), "width -3"),
        (broken([], width=2.5), "width 2.5"),
        (broken([], height=0), "height 0"),
        (broken([], height=-1), "height -1"),
        (broken([], mode="cmyk"), "unknown mode"),
        (broken([], dpi=(float("nan"), 300.0)), "nan"),
        (broken([], dpi=(-1.0, 300.0)), "-1"),
        (broken([], dpi=(float("inf"), 300.0)), "inf"),
    ],
)
def test_a_driver_that_breaks_its_word_is_caught(given: Raster, words: str) -> None:
    with pytest.raises(DriverLied, match=words):
        kept(given)


def test_a_fault_of_the_driver_passes_through() -> None:
    def rows() -> Iterator[bytes]:
        yield bytes(10)
        raise PaperJam

    with pytest.raises(PaperJam):
        kept(broken([], rows=rows()))


def test_a_page_can_be_left_in_the_middle() -> None:
    page = RasterPage(raster(samples("color", 2480, 2000), "color"), LOSSLESS)
    running = page.run(lambda _done: None)

    next(running)
    next(running)
    running.close()

    assert page.pictures == []


@pytest.mark.parametrize(
    ("claims", "keep"),
    [
        ({"width": 60_000, "height": 80_000, "mode": "color"}, LOSSLESS),
        ({"width": 60_000, "height": 80_000, "mode": "bw"}, LOSSLESS),
        ({"width": 2**40, "height": None, "mode": "color"}, LOSSLESS),
        ({"width": 66_000, "height": 100, "mode": "color"}, JPEG),
        ({"width": 100, "height": 66_000, "mode": "gray"}, JPEG),
    ],
)
def test_what_cannot_be_kept_is_refused_before_the_first_row(
    claims: dict[str, Any], keep: Keep
) -> None:
    with pytest.raises(TooLarge, match="lower resolution"):
        RasterPage(broken([], **claims), keep)


def test_a_page_that_grows_too_long_is_stopped() -> None:
    endless = iter(lambda: bytes(10_000), b"")

    with pytest.raises(TooLarge, match="pixels"):
        kept(broken([], width=10_000, height=None, rows=endless))


@pytest.mark.parametrize("keep", [LOSSLESS, JPEG], ids=["lossless", "jpeg"])
def test_a_page_60_000_pixels_wide_is_kept(keep: Keep) -> None:
    pixels = samples("color", 60_000, 100)

    page, data = kept(raster(pixels, "color"), keep)

    assert Image.open(io.BytesIO(data)).size == (60_000, 100)
    if keep is LOSSLESS:
        assert np.array_equal(read(page, data), pixels)
    assert page.pictures[0].width <= 1200


def test_a_dithered_page_does_not_grow() -> None:
    """G4 would make it twice as large as its pixels."""
    pixels = np.random.default_rng(3).random((400, 400)) < 0.5

    page, data = kept(raster(pixels, "bw"))

    assert len(data) < 400 * 50 * 1.1
    assert page.media_type == "image/tiff"
    assert np.array_equal(read(page, data), pixels)


def test_text_in_black_and_white_is_g4(tmp_path: Path) -> None:
    pixels = np.zeros((400, 400), bool)
    pixels[100:200, 50:300] = True
    file = tmp_path / "page.tiff"

    _, data = kept(raster(pixels, "bw"))
    file.write_bytes(data)

    told = subprocess.run(["tiffinfo", "-s", file], capture_output=True, text=True, check=True)
    assert "CCITT Group 4" in told.stdout
    assert "min-is-white" in told.stdout
    assert told.stderr == ""


@pytest.mark.parametrize("keep", [LOSSLESS, JPEG], ids=["lossless", "jpeg"])
def test_no_second_copy_of_the_page_is_held(keep: Keep) -> None:
    pixels = long_page()
    given = raster(pixels, "color", blocks=(16,))
    page = RasterPage(given, keep)
    whole = pixels.nbytes
    del pixels
    tracemalloc.start()

    for _ in page.run(lambda _done: None):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 0.6 * whole


@pytest.mark.parametrize("missing", [{"isal"}, {"numpy"}, {"isal", "PIL", "numpy", "simplejpeg"}])
@pytest.mark.parametrize("mode", MODES)
def test_a_child_without_libraries_keeps_the_same_pixels(
    mode: Mode, missing: set[str], tmp_path: Path
) -> None:
    """A 32-bit interpreter has the standard library alone."""
    pixels = samples(mode, 77, 133)
    (tmp_path / "rows").write_bytes(rows(pixels))
    script = f"""
import simplejpeg, sys
for name in {sorted(missing)!r}:
    sys.modules[name] = None
from pathlib import Path
from sheetfed.api.model import Raster, row_size
from sheetfed.worker.rows import RasterPage, warm
from sheetfed.worker.wire import Keep
warm()
data = Path("rows").read_bytes()
page = RasterPage(Raster(width=77, height=133, mode={mode!r}, rows=iter([data])), Keep(form="jpeg"))
Path("kept").write_bytes(b"".join(page.run(lambda done: None)))
print(page.media_type, len(page.pictures))
"""

    told = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    media_type, pictures = told.stdout.split()
    data = (tmp_path / "kept").read_bytes()
    assert pictures == ("0" if "PIL" in missing else "2")
    assert Image.open(io.BytesIO(data)).size == (77, 133)
    if media_type != "image/jpeg":
        checked = RasterPage(raster(pixels, mode), LOSSLESS)
        assert np.array_equal(read(checked, data), pixels)


def test_the_libraries_are_there() -> None:
    """What the figures and the other tests here rest on."""
    assert extras.deflate().__name__ == "isal.isal_zlib"
    assert extras.numpy() is not None
    assert extras.pillow() is not None
    assert extras.simplejpeg() is not None
