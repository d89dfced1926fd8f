"""The ways an image crosses: strips, a bitmap, a file."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import ctypes
import importlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sheetfed.api.errors import BadSettings, Cancelled, DriverLied, SheetfedError
from sheetfed.api.model import Mode, Raster, Side, row_size
from sheetfed_twain.bitmap import INVERTED, head_of, raster_of
from sheetfed_twain.driver import MOVING, READY, Driver
from sheetfed_twain.structs import NOT_KNOWN, OURS_BY_POINTER, Setup, Strip
from sheetfed_twain.words import BITMAP_FILE, CONTROL, IMAGE, Answer, Cap, Data, Message, Way

MODES: dict[tuple[int, int], Mode] = {
    (1, 1): "bw",
    (1, 8): "gray",
    (1, 16): "gray16",
    (3, 24): "color",
    (3, 48): "color16",
}
"""By samples and bits of a pixel."""

WIDEST = 1_000_000
ENOUGH = 1024 * 1024
"""Bytes that a strip need not exceed."""

USUAL = 64 * 1024
PLAIN = {0, 1, 2}
"""Pixel types of which the samples are lightness: black and white, grey, colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What a driver announces of an image; `height` is None where it cannot know."""

    width: int | None
    height: int | None
    mode: Mode
    dpi: tuple[float, float]
    inverted: bool


def taken(driver: Driver, way: Way, side: Side) -> Raster:
    """Return the image that is ready, once its first rows are there."""
    if way == Way.MEMORY:
        return _in_strips(driver, _info(driver), side)
    dpi = _dpi(_announced(driver))
    if way == Way.NATIVE:
        return _as_bitmap(driver, dpi, side)
    return _as_file(driver, dpi, side)


def _in_strips(driver: Driver, info: Info, side: Side) -> Raster:
    strips = _strips(driver, info)
    first, width = next(strips)
    return Raster(
        width=width,
        height=info.height,
        mode=info.mode,
        dpi=info.dpi,
        side=side,
        rows=chain([first], (rows for rows, _ in strips)),
    )


def _strips(driver: Driver, info: Info) -> Iterator[tuple[memoryview, int]]:
    """Yield rows without padding, and the width; a block is used again for the next one."""
    block = bytearray(_strip_size(driver))
    memory = (ctypes.c_char * len(block)).from_buffer(block)
    width = info.width
    while True:
        unknown = [NOT_KNOWN] * 6
        strip = Strip(0xFFFF, *unknown, OURS_BY_POINTER, len(block), ctypes.addressof(memory))
        done = _moved(driver, Data.MEMORY, strip) == Answer.TRANSFER_DONE
        if strip.written or not done:
            width = width or strip.columns
            _check(strip, width, info.mode, len(block))
            yield _rows(block, strip, row_size(info.mode, width), inverted=info.inverted), width
        if done:
            return


def _rows(block: bytearray, strip: Any, size: int, *, inverted: bool) -> memoryview:
    """Return the strip's rows as ours: nothing between them, a set bit is black."""
    rows: bytes | bytearray | memoryview = memoryview(block)[: strip.rows * strip.row]
    if strip.row != size:
        rows = b"".join(rows[at : at + size] for at in range(0, strip.rows * strip.row, strip.row))
    if inverted:
        rows = bytes(rows).translate(INVERTED)
    return memoryview(rows)


def _check(strip: Any, width: int, mode: Mode, size: int) -> None:
    """Raise DriverLied where a strip cannot be what it says."""
    if strip.columns != width or strip.left not in (0, NOT_KNOWN):
        raise DriverLied(
            f"The driver announced rows of {width} pixels and sends {strip.columns}",
            announced=width,
        )
    if strip.row < row_size(mode, width) or strip.rows * strip.row > min(strip.written, size):
        raise DriverLied(
            f"The driver says that {strip.rows} rows of {strip.row} bytes are in {strip.written}"
        )
    if not strip.rows:
        raise DriverLied("The driver sends strips without rows")


def _strip_size(driver: Driver) -> int:
    """Return what the driver likes, as far as that is sensible."""
    setup = Setup()
    driver.do(CONTROL, Data.SETUP_MEMORY, Message.GET, setup, "page")
    wanted = setup.liked if 0 < setup.liked < NOT_KNOWN else USUAL
    least = setup.least if setup.least < NOT_KNOWN else 0
    return int(max(min(wanted, ENOUGH), least, 1))


def _as_bitmap(driver: Driver, dpi: tuple[float, float], side: Side) -> Raster:
    handle = ctypes.c_void_p()
    _moved(driver, Data.NATIVE, handle)
    if not handle.value:
        raise DriverLied("The driver sent no bitmap")
    memory, release = driver.view(handle.value, 0)
    data = memoryview(memory).cast("B")
    try:
        return raster_of(data, head_of(data), dpi=dpi, side=side, release=release)
    except SheetfedError:
        data.release()
        release()
        raise


def _as_file(driver: Driver, dpi: tuple[float, float], side: Side) -> Raster:
    structs = importlib.import_module("twain.lowlevel.structs")
    with tempfile.TemporaryDirectory(prefix="sheetfed", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "page.bmp"
        setup = structs.TW_SETUPFILEXFER(driver.path(str(path)), BITMAP_FILE, 0)
        driver.do(CONTROL, Data.SETUP_FILE, Message.SET, setup, "page")
        _moved(driver, Data.FILE, None)
        try:
            data = memoryview(path.read_bytes())
        except OSError as error:
            raise DriverLied(f"The driver wrote no file: {error.strerror}") from error
    return raster_of(data, head_of(data, in_file=True), dpi=dpi, side=side, release=_nothing)


def _moved(driver: Driver, data: Data, about: Any) -> int:
    """Have the driver send an image, or the next of it; return its answer."""
    answer = driver.ask(IMAGE, data, Message.GET, about)
    if answer in (Answer.SUCCESS, Answer.TRANSFER_DONE):
        driver.state = MOVING
        return answer
    if answer == Answer.CANCEL:
        driver.state = MOVING
        raise Cancelled("Somebody cancelled at the device or in the driver's dialog")
    driver.state = READY if driver.state != MOVING else MOVING
    raise driver.error(answer, "page")


def _info(driver: Driver) -> Info:
    announced = _announced(driver)
    bits, samples = announced.BitsPerPixel, announced.SamplesPerPixel
    mode = MODES.get((samples, bits))
    if mode is None or announced.PixelType not in PLAIN or announced.Compression:
        raise BadSettings(
            f"The driver would send {samples} samples in {bits} bits, pixel type"
            f" {announced.PixelType}, compression {announced.Compression}; choose another mode",
            option="mode",
        )
    if announced.Planar and samples > 1:
        raise BadSettings("The driver sends colours one after the other", option="mode")
    lightest_is_zero = driver.now(Cap.FLAVOR) == 1
    return Info(
        width=_length(announced.ImageWidth),
        height=_length(announced.ImageLength),
        mode=mode,
        dpi=_dpi(announced),
        inverted=lightest_is_zero != (mode == "bw") and samples == 1,
    )


def _announced(driver: Driver) -> Any:
    info = importlib.import_module("twain.lowlevel.structs").TW_IMAGEINFO()
    driver.do(IMAGE, Data.INFO, Message.GET, info, "page")
    return info


def _dpi(announced: Any) -> tuple[float, float]:
    across, down = (
        round(each.Whole + each.Frac / 65536, 2)
        for each in (announced.XResolution, announced.YResolution)
    )
    return max(across, 0.0), max(down, 0.0)


def _length(announced: int) -> int | None:
    """Return a size; -1 stands for one that only the last row tells."""
    if announced == -1:
        return None
    if not 0 < announced <= WIDEST:
        raise DriverLied(f"The driver announced an image with {announced} rows or columns")
    return announced


def _nothing() -> None:
    """Let go of nothing."""
