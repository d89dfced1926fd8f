"""Rows of pixels become a kept page, while they arrive."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator

from sheetfed.api.errors import DriverLied, TooLarge
from sheetfed.api.model import BITS, Raster, row_size
from sheetfed.worker import extras, jpeg, pictures
from sheetfed.worker.bands import BAND_BYTES, SAMPLES, Form, Shape
from sheetfed.worker.bilevel import Bilevel
from sheetfed.worker.jpeg import Jpeg
from sheetfed.worker.packing import Packing
from sheetfed.worker.pictures import MOST_PIXELS, Shrink
from sheetfed.worker.png import Png
from sheetfed.worker.wire import Keep, PicturePart

MOST_BLACK_AND_WHITE = 5 * MOST_PIXELS
"""One bit a pixel, so that there may be more of them."""

REPORT_EVERY = 0.1
"""Seconds between two reports."""


class RasterPage:
    """One raster on its way into its kept form.

    Lossless is PNG for grey and colour, TIFF for black and white. Asked for JPEG, 8-bit grey and
    colour become that.
    """

    def __init__(self, raster: Raster, keep: Keep) -> None:
        _check(raster)
        as_jpeg = keep.form == "jpeg" and raster.mode in {"gray", "color"} and jpeg.available()
        self._raster = raster
        self._longest = jpeg.LONGEST if as_jpeg else 0
        self._check_size(raster.height or 1)
        factor = pictures.factor(max(raster.width, raster.height or raster.width * 3 // 2))
        shape = _shape(raster, factor, as_jpeg=as_jpeg)
        self._form = _form(shape, keep, as_jpeg=as_jpeg)
        self._shrink = Shrink(shape, factor) if extras.pillow() else None
        self._packing = Packing(shape, self._form, self._shrink)
        self.media_type = self._form.media_type
        self.height = 0
        self.pictures: list[PicturePart] = []

    def run(self, report: Callable[[float | None], None]) -> Iterator[bytes]:
        """Pull the rows and yield the file as it grows.

        Where the height is unknown the packed file is held back until the last row has told it.
        Raises DriverLied where the rows are not what was said, and whatever the driver raises.
        """
        height = self._raster.height
        packed: Iterable[bytes] = self._pack(report)
        if height is None:
            packed = list(packed)
            height = self.height
        if head := self._form.head(height):
            yield head
        yield from packed
        yield self._form.tail(height)
        if self._shrink is not None:
            self.pictures = self._shrink.finish()

    def _pack(self, report: Callable[[float | None], None]) -> Iterator[bytes]:
        try:
            for rows in self._blocks(report):
                yield from self._packing.add(rows)
            self._check_end()
            yield from self._packing.finish()
        finally:
            self._packing.close()

    def _blocks(self, report: Callable[[float | None], None]) -> Iterator[memoryview]:
        raster, reported = self._raster, 0.0
        size = row_size(raster.mode, raster.width)
        for block in raster.rows:
            rows = _bytes(block)
            if not rows:
                continue  # without a report, so that endless nothing runs into the deadline
            count, rest = divmod(len(rows), size)
            if rest:
                raise DriverLied(
                    f"the driver sent {len(rows)} bytes, no whole number of rows of {size}",
                    rows=self.height,
                )
            self._check_size(self.height + count)
            yield rows
            self.height += count
            if (now := time.monotonic()) - reported >= REPORT_EVERY:
                report(None if raster.height is None else self.height / raster.height)
                reported = now

    def _check_size(self, height: int) -> None:
        raster = self._raster
        if raster.height is not None and height > raster.height:
            raise DriverLied(
                f"the driver sent more than the {raster.height} rows it announced",
                rows=height,
                announced=raster.height,
            )
        most = MOST_BLACK_AND_WHITE if raster.mode == "bw" else MOST_PIXELS
        if raster.width * height > most:
            raise TooLarge(
                f"a page of {raster.width} x {height} pixels has more than {most // 10**6} million"
                "; choose a lower resolution or a smaller page",
                width=raster.width,
                height=height,
            )
        if self._longest and max(raster.width, height) > self._longest:
            raise TooLarge(
                f"a page of {raster.width} x {height} pixels does not fit into a JPEG file, which"
                f" ends at {self._longest}; keep it lossless or choose a lower resolution",
                width=raster.width,
                height=height,
            )

    def _check_end(self) -> None:
        announced = self._raster.height
        if announced is not None and self.height < announced:
            raise DriverLied(
                f"the driver sent {self.height} of the {announced} rows it announced",
                rows=self.height,
                announced=announced,
            )
        if not self.height:
            raise DriverLied("the driver sent a page without rows", rows=0)


def warm() -> None:
    """Import what the first page needs."""
    extras.deflate()
    extras.numpy()
    extras.simplejpeg()
    if (image := extras.pillow()) is not None:
        image.preinit()


def _check(raster: Raster) -> None:
    if raster.mode not in BITS:
        raise DriverLied(f"the driver announced an unknown mode {raster.mode!r}")
    for name, size in (("width", raster.width), ("height", raster.height)):
        if name == "height" and size is None:
            continue
        if not isinstance(size, int) or size < 1:
            raise DriverLied(f"the driver announced a page with {name} {size!r}")
    if len(raster.dpi) != 2 or not all(math.isfinite(dpi) and dpi >= 0 for dpi in raster.dpi):
        raise DriverLied(f"the driver announced a resolution of {raster.dpi!r} dpi")


def _bytes(block: bytes | bytearray | memoryview) -> memoryview:
    try:
        return memoryview(block).cast("B")
    except TypeError as error:
        raise DriverLied(f"the driver sent no rows but {type(block).__name__}") from error


def _shape(raster: Raster, factor: int, *, as_jpeg: bool) -> Shape:
    """Return bands that preview and form both divide without remainder."""
    unit = math.lcm(factor, jpeg.BLOCK_ROWS) if as_jpeg else factor
    rows = BAND_BYTES // row_size(raster.mode, raster.width)
    if as_jpeg:
        rows = min(rows, jpeg.most_rows(raster.width, SAMPLES[raster.mode]))
    if raster.height is not None:
        rows = min(rows, raster.height + unit - 1)
    return Shape(
        width=raster.width,
        mode=raster.mode,
        dpi=raster.dpi,
        rows=max(unit, rows // unit * unit),
    )


def _form(shape: Shape, keep: Keep, *, as_jpeg: bool) -> Form:
    if as_jpeg:
        return Jpeg(shape, keep.quality)
    return Bilevel(shape) if shape.mode == "bw" else Png(shape)
