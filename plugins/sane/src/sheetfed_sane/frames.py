"""Turns what a driver sends into rows, as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

from sheetfed.api.errors import BadSettings, DriverLied
from sheetfed.api.model import Mode, row_size
from sheetfed_sane.binding import Frame, Handle, Parameters

BUFFER = 1 << 20
ENOUGH = 1 << 18
"""How many bytes of rows are worth handing on."""

PATIENCE = 0.02
"""How many seconds rows wait for more of them."""

MODES: dict[tuple[bool, int], Mode] = {
    (False, 1): "bw",
    (False, 8): "gray",
    (False, 16): "gray16",
    (True, 8): "color",
    (True, 16): "color16",
}
BAND = {Frame.RED: 0, Frame.GREEN: 1, Frame.BLUE: 2}


def mode_of(parameters: Parameters) -> Mode:
    """Return how the page's pixels lie; raises BadSettings for what no picture format holds."""
    mode = MODES.get((parameters.frame != Frame.GRAY, parameters.depth))
    if mode is None:
        raise BadSettings(
            f"The device would send {parameters.depth} bits a sample in this mode; choose a depth"
            " of 8 or 16",
            option="depth",
        )
    return mode


def rows_of(handle: Handle, parameters: Parameters) -> Iterator[memoryview]:
    """Yield blocks of whole rows of one frame, padding taken away; a block is used again."""
    size = _true_row(parameters)
    stride = parameters.stride
    block = memoryview(bytearray(max(1, BUFFER // stride) * stride))
    bare = memoryview(bytearray(len(block) // stride * size)) if stride != size else block
    filled = rows = 0
    since = time.monotonic()
    while got := handle.read(block[filled:]):
        filled += got
        whole = filled // stride
        if not whole or (filled < ENOUGH and time.monotonic() - since < PATIENCE):
            continue
        rows += whole
        _not_too_many(rows, parameters)
        yield _without_padding(block, bare, rows=whole, stride=stride, size=size)
        rest = filled - whole * stride
        block[:rest] = block[whole * stride : filled]
        filled = rest
        since = time.monotonic()
    whole = filled // stride
    rows += whole
    _not_too_many(rows, parameters)
    if whole:
        yield _without_padding(block, bare, rows=whole, stride=stride, size=size)
    _not_too_few(rows, parameters)


def woven(
    bands: dict[Frame, bytearray], last: Frame, rows: Iterator[memoryview], depth: int
) -> Iterator[memoryview]:
    """Yield rows of colour: two bands that are there, and the last one as it comes."""
    unit: Literal["H", "B"] = "H" if depth == 16 else "B"
    start = 0
    for block in rows:
        colour = memoryview(bytearray(3 * len(block)))
        for frame, band in bands.items():
            part = memoryview(band)[start : start + len(block)]
            if len(part) != len(block):
                raise DriverLied("The three colour frames differ in size")
            colour.cast(unit)[BAND[frame] :: 3] = part.cast(unit)
        colour.cast(unit)[BAND[last] :: 3] = block.cast(unit)
        start += len(block)
        yield colour
    if any(len(band) != start for band in bands.values()):
        raise DriverLied("The three colour frames differ in size")


def _true_row(parameters: Parameters) -> int:
    """Return how many bytes of a line are pixels; raises DriverLied where that is nonsense."""
    if parameters.width < 1 or parameters.lines == 0:
        raise DriverLied(f"The driver announces {parameters.width} x {parameters.lines} pixels")
    if parameters.frame in BAND:
        size = parameters.width * parameters.depth // 8
    else:
        size = row_size(mode_of(parameters), parameters.width)
    if parameters.stride < size:
        raise DriverLied(
            f"The driver announces {parameters.stride} bytes for a line that takes {size}"
        )
    return size


def _without_padding(
    block: memoryview, bare: memoryview, *, rows: int, stride: int, size: int
) -> memoryview:
    if stride == size:
        return block[: rows * stride]
    for row in range(rows):
        bare[row * size : (row + 1) * size] = block[row * stride : row * stride + size]
    return bare[: rows * size]


def _not_too_many(rows: int, parameters: Parameters) -> None:
    if parameters.lines is not None and rows > parameters.lines:
        raise DriverLied(f"The driver announced {parameters.lines} lines and sent more", rows=rows)


def _not_too_few(rows: int, parameters: Parameters) -> None:
    if rows == 0 or (parameters.lines is not None and rows < parameters.lines):
        raise DriverLied(
            f"The driver announced {parameters.lines or 'some'} lines and sent {rows}", rows=rows
        )
