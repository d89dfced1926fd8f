"""Bitmaps of Windows, upside down and in all depths, become rows."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sheetfed.api.errors import BadSettings, DriverLied
from sheetfed.api.model import Raster
from sheetfed_twain.bitmap import head_of, raster_of


def nothing() -> None:
    """Let go of nothing."""


def bitmap(image: Image.Image, *, in_file: bool = False) -> bytes:
    """Return the image as a bitmap, as Pillow writes it."""
    out = io.BytesIO()
    image.save(out, "BMP", dpi=(300, 300))
    return out.getvalue()[0 if in_file else 14 :]


def rows_of(data: bytes, *, in_file: bool = False) -> tuple[Raster, bytes]:
    view = memoryview(data)
    head = head_of(view, in_file=in_file)
    raster = raster_of(view, head, dpi=(0.0, 0.0), side="", release=nothing)
    return raster, b"".join(bytes(band) for band in raster.rows)


@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize(("mode", "ours"), [("1", "bw"), ("L", "gray"), ("RGB", "color")])
def test_rows_are_those_of_the_picture(mode: str, ours: str, *, in_file: bool) -> None:
    """Ninety-nine pixels a row, so that each ends with padding."""
    image = Image.effect_noise((99, 70), 90).convert(mode)
    raster, rows = rows_of(bitmap(image, in_file=in_file), in_file=in_file)
    wanted = image.tobytes()
    if mode == "1":  # a bit that is set is black in ours, and white in Pillow's
        rows, wanted = cut(rows), cut(bytes(255 - byte for byte in wanted))

    assert (raster.mode, raster.width, raster.height) == (ours, 99, 70)
    assert raster.dpi == pytest.approx((300, 300), abs=0.1)
    assert rows == wanted


def cut(rows: bytes) -> bytes:
    """Clear the bits behind the 99 of each row, which are nobody's."""
    return bytes(byte & 0xE0 if at % 13 == 12 else byte for at, byte in enumerate(rows))


def test_a_negative_height_means_that_it_begins_at_the_top() -> None:
    image = Image.effect_noise((20, 10), 90).convert("RGB")
    data = bytearray(bitmap(image))
    data[8:12] = (-10).to_bytes(4, "little", signed=True)
    _raster, rows = rows_of(bytes(data))

    assert rows == image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes()


def test_a_fourth_byte_of_a_pixel_is_left_out() -> None:
    image = Image.effect_noise((20, 10), 90).convert("RGB")
    data = bytearray(bitmap(image)[:40]) + image.convert("RGBA").tobytes("raw", "BGRA", 0, -1)
    data[14:16], data[16:20] = (32).to_bytes(2, "little"), bytes(4)
    _raster, rows = rows_of(bytes(data))

    assert rows == image.tobytes()


def test_a_palette_of_colours_is_refused() -> None:
    image = Image.new("P", (10, 10))
    image.putpalette([value for colour in range(256) for value in (colour, 0, 255 - colour)])

    with pytest.raises(BadSettings) as refused:
        rows_of(bitmap(image))

    assert refused.value.details["option"] == "mode"


def test_a_palette_of_greys_is_followed() -> None:
    """Some drivers count from white to black."""
    image = Image.effect_noise((33, 20), 90)
    turned = Image.frombytes("P", image.size, image.point(lambda grey: 255 - grey).tobytes())
    turned.putpalette([255 - grey for grey in range(256) for _ in range(3)])
    _raster, rows = rows_of(bitmap(turned))

    assert rows == image.tobytes()


@pytest.mark.parametrize("size", [0, 20, 39, 500])
def test_a_bitmap_that_ends_early_is_a_lie(size: int) -> None:
    data = bitmap(Image.new("L", (50, 50)))

    with pytest.raises(DriverLied):
        rows_of(data[:size])


def test_what_no_picture_is_kept_as_is_refused() -> None:
    data = bytearray(bitmap(Image.new("L", (50, 50))))
    data[14] = 4

    with pytest.raises(BadSettings):
        rows_of(bytes(data))
