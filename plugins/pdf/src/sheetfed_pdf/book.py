"""A PDF, opened: its pages drawn, or taken out as they are."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sheetfed.api.contracts import Book
from sheetfed.api.errors import BadSettings, NotFound, SheetfedError, TooLarge, Unreadable
from sheetfed.api.model import Box, Mark, Page, PageInfo, Value
from sheetfed_pdf import facts, pixels, scans, structure
from sheetfed_pdf.asked import Reading
from sheetfed_pdf.lost import lost_pages
from sheetfed_pdf.pdfium import MOST_PIXELS, Document
from sheetfed_pdf.ranges import pages_of
from sheetfed_pdf.scans import Scan
from sheetfed_pdf.texts import Placing, texts_of

QUALITY = 88
"""Of pages that are drawn smaller than they are: previews."""

REPAIRED = "The file is damaged; what is shown was put together again"

MOST_HELD = 12 * 1024 * 1024
"""Bytes of a file that is held: both libraries read in thousands of small pieces."""

_TELLING = (rb"/Image", rb"/ObjStm", rb"/UserUnit", rb"/\w*#[0-9A-Fa-f]{2}")
"""Words without which every page is drawn, at the size that PDFium tells."""

_LONGEST_SIDE = 65_000
_A4 = (595.276, 841.89)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How large a page is in pixels when it is drawn whole, and what picture it is if it is one."""

    width: int
    height: int
    dpi: tuple[float, float]
    scan: Scan | None = None

    @property
    def whole(self) -> Box:
        """The box around all of it."""
        return Box(left=0, top=0, width=self.width, height=self.height)

    def is_as_large_as(self, scan: Scan) -> bool:
        """Say whether the page as it is drawn has the pixels of a picture."""
        return (self.width, self.height) == (scan.width, scan.height)


class Pages(Book):
    """The pages of a PDF in the range that was asked for."""

    def __init__(self, stream: BinaryIO, reading: Reading) -> None:
        self._asked = reading
        self._stream = came = _held(stream)
        self._document = self._opened()
        self._objects: Any = None
        self._pages: list[Any] = []
        self._known: dict[int, _Shape] = {}
        self._papers: dict[tuple[float, float], _Shape] = {}
        try:
            self._indices = pages_of(reading.pages, self._document.count)
            if not _is_plain(came):
                self._look_inside()
            self._damaged = came is not self._stream or not self._document.sound
            self._lost = lost_pages(came, reading.password) if self._damaged else frozenset()
            if self._lost.issuperset(self._indices):
                raise Unreadable("the file is cut off, and nothing is left of its pages")
            if not any(map(self._is_there, self._indices)):
                raise Unreadable("of the pages that the file names none is there")
        except BaseException:
            self.close()
            raise

    @property
    def count(self) -> int:
        """How many pages are in the range."""
        return len(self._indices)

    def info(self, index: int) -> PageInfo:
        """Return size and resolution of a page without drawing it."""
        shape = self._shape(self._place(index))
        return PageInfo(width=shape.width, height=shape.height, dpi=shape.dpi)

    def page(
        self,
        index: int,
        *,
        width: int | None = None,
        height: int | None = None,
        region: Box | None = None,
    ) -> Page:
        """Draw a page, or a region of it; whole and unscaled, a picture is taken out as it is."""
        place = self._left(index)
        shape = self._shape(place)
        part = region or shape.whole
        scale = min((width or part.width) / part.width, (height or part.height) / part.height, 1.0)
        dpi = (shape.dpi[0] * scale, shape.dpi[1] * scale)
        samples = None
        if scale == 1.0 and region is None and shape.scan is not None:
            whole = shape.width, shape.height
            if self._asked.mode != "render":
                data, media_type = self._taken_out(place, shape, shape.scan)
                return self._told(data, media_type, whole, dpi)
            came = _own(shape.scan)
            if came and self._asked.format == "jpeg":
                return self._told(pixels.with_dpi(came[0], dpi), came[1], whole, dpi)
            samples = pixels.unpacked(came[0]) if came else None
        if samples is None:
            samples = self._drawn(place, shape, part, scale)
        samples = _plain(samples)
        size = samples.shape[1], samples.shape[0]
        if scale < 1.0 or self._asked.format == "jpeg":
            return self._told(pixels.jpeg(samples, dpi, quality=QUALITY), "image/jpeg", size, dpi)
        return self._told(pixels.png(samples, dpi), "image/png", size, dpi)

    def about(self) -> Mapping[str, Value]:
        """Return what the file says about itself, and whether it is sound."""
        about: dict[str, Value] = {}
        if self._look_inside():
            about = facts.of_file(self._objects)
        if self._objects is None or self._damaged:
            about["damaged"] = True
        return about

    def marks(self, index: int) -> Sequence[Mark]:
        """Return the words of a page with their boxes, its fonts, pictures and links."""
        place = self._left(index)
        shape = self._shape(place)
        with self._document.page(place) as page:
            placing = Placing(page, (shape.width, shape.height))
            words = texts_of(page, placing)
        if not self._look_inside():
            return [*self._repaired(), *words]
        with structure.reading(f"page {place + 1}"):
            made = facts.of_page(self._pages[place], placing, words=words)
        return [*self._repaired(), *made, *words]

    def close(self) -> None:
        """Let go of the file. Safe twice."""
        self._known.clear()
        self._pages.clear()
        if self._objects is not None:
            self._objects.close()
            self._objects = None
        self._document.close()

    def _opened(self) -> Document:
        """Open the file with PDFium; what it cannot repair, qpdf may."""
        password = self._asked.password
        try:
            return Document(self._stream, password)
        except Unreadable as error:
            try:
                self._stream = structure.repaired(self._stream, password)
            except SheetfedError:
                raise error from None
            return Document(self._stream)

    def _look_inside(self) -> bool:
        """Open the file's objects; where PDFium can draw what they cannot tell, it has to do.

        The list of pages is taken once: to ask for one by its number costs as much.
        """
        if self._objects is not None:
            return True
        try:
            objects = structure.opened(self._stream, self._asked.password)
        except SheetfedError:
            return False
        try:
            pages = [page.obj for page in objects.pages]
        except structure.DAMAGE:
            pages = []
        if len(pages) != self._document.count:
            objects.close()
            return False
        self._objects, self._pages = objects, pages
        return True

    def _place(self, index: int) -> int:
        if not 0 <= index < self.count:
            raise NotFound(f"the file has {self.count} pages, none at {index}", pages=self.count)
        return self._indices[index]

    def _left(self, index: int) -> int:
        """Return the place of a page of which something is left."""
        place = self._place(index)
        if place in self._lost:
            raise Unreadable(f"page {place + 1} is cut off: nothing is left of it", page=index)
        return place

    def _shape(self, place: int) -> _Shape:
        if place not in self._known:
            self._known[place] = self._measured(place)
        return self._known[place]

    def _measured(self, place: int) -> _Shape:
        points = self._points(place)
        unit, scan = 1.0, None
        if self._objects is not None:
            try:
                page = self._pages[place]
                unit = structure.unit_of(page)
                if not self._asked.grey:
                    scan = scans.scan_of(page, annotations=self._asked.annotations)
            except structure.DAMAGE:
                scan = None
        if scan is not None and scan.width * scan.height > MOST_PIXELS:
            if self._asked.mode == "images":
                raise TooLarge(
                    f"a picture of {scan.width} x {scan.height} pixels on page {place + 1}",
                    width=scan.width,
                    height=scan.height,
                )
            scan = None  # it is drawn, smaller than it is
        if scan is not None and self._asked.mode != "render":
            return _Shape(scan.width, scan.height, scan.dpi, scan)
        if self._asked.mode == "images":
            raise BadSettings(
                f"page {place + 1} is more than one picture; choose auto or render", option="mode"
            )
        paper = points[0] * unit, points[1] * unit
        if paper not in self._papers:
            self._papers[paper] = self._scaled(*paper)
        shape = self._papers[paper]
        if scan is not None and scan.is_bare_jpeg and shape.is_as_large_as(scan):
            return replace(shape, scan=scan)
        return shape

    def _is_there(self, place: int) -> bool:
        try:
            self._document.size(place)
        except Unreadable:
            return False
        return True

    def _points(self, place: int) -> tuple[float, float]:
        """Return a page's size; one that is lost has A4's, so that the others are not lost too."""
        try:
            return self._document.size(place)
        except Unreadable:
            if self._document.count == 1:
                raise
            return _A4

    def _scaled(self, across: float, down: float) -> _Shape:
        """Return a page's size at the resolution asked for, or at the most that is possible."""
        asked = self._asked
        scale = min(
            asked.dpi / 72,
            (asked.max_width or _LONGEST_SIDE) / across,
            (asked.max_height or _LONGEST_SIDE) / down,
            math.sqrt(MOST_PIXELS / 2 / (across * down)),
        )
        width = max(1, round(across * scale))
        height = max(1, round(down * scale))
        dpi = min(max(scale * 72, 0.01), 20_000.0)
        return _Shape(width, height, (dpi, dpi))

    def _taken_out(self, place: int, shape: _Shape, scan: Scan) -> tuple[bytes, str]:
        """Return the file of the picture that a page is: its own bytes, or its own pixels."""
        taken = _own(scan)
        if taken is not None:
            return taken
        profile = _profile(scan)
        whole = _samples(scan, profile)
        if whole is not None:
            return pixels.png(whole, scan.dpi, profile), "image/png"
        stored = self._document.picture(place)
        if stored is not None:
            stored = np.rot90(stored, -scan.turn // 90)
        if stored is None or stored.shape[:2] != (scan.height, scan.width):
            stored = self._drawn(place, shape, shape.whole, 1.0)
        stored = _plain(stored)
        if scan.bilevel and stored.ndim == 2:
            return pixels.png(stored < 128, scan.dpi), "image/png"
        return pixels.png(stored, scan.dpi), "image/png"

    def _drawn(self, place: int, shape: _Shape, part: Box, scale: float) -> NDArray[np.uint8]:
        asked = self._asked
        grey = asked.grey or (shape.scan is not None and shape.scan.bilevel)
        return self._document.draw(
            place,
            size=(max(1, int(shape.width * scale)), max(1, int(shape.height * scale))),
            region=Box(
                left=part.left * scale,
                top=part.top * scale,
                width=max(1, int(part.width * scale)),
                height=max(1, int(part.height * scale)),
            ),
            grey=grey,
            annotations=asked.annotations,
            forms=asked.forms,
        )

    def _told(
        self, data: bytes, media_type: str, size: tuple[int, int], dpi: tuple[float, float]
    ) -> Page:
        return Page(
            data=data,
            media_type=media_type,
            width=size[0],
            height=size[1],
            dpi=dpi,
            marks=self._repaired(),
        )

    def _repaired(self) -> tuple[Mark, ...]:
        return (Mark(kind="repaired", value=REPAIRED, by="pdf"),) if self._damaged else ()


def _held(stream: BinaryIO) -> BinaryIO:
    """Return a file that is not large in memory, any other as it is."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return io.BytesIO(stream.read()) if size <= MOST_HELD else stream


def _is_plain(stream: BinaryIO) -> bool:
    """Say whether no page of a file that is held can be a picture, or have a unit of its own.

    Then its sizes are known without qpdf, which takes as long as they do. A picture is a stream,
    whose words no object stream hides; of a name that is written with escapes nothing is known.
    """
    if not isinstance(stream, io.BytesIO):
        return False
    with stream.getbuffer() as data:
        return not any(re.search(word, data) for word in _TELLING)


def _own(scan: Scan) -> tuple[bytes, str] | None:
    """Return the file that a picture is and its type; None where it is none, or damaged."""
    try:
        return scans.taken_out(scan)
    except structure.DAMAGE:
        return None


def _profile(scan: Scan) -> bytes:
    try:
        return scans.profile_of(scan)
    except structure.DAMAGE:
        return b""


def _samples(scan: Scan, profile: bytes) -> NDArray[np.uint8] | NDArray[np.uint16] | None:
    try:
        return scans.own_samples(scan, profile)
    except structure.DAMAGE:
        return None


def _plain(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture in grey where it has no colour."""
    if samples.ndim == 3 and pixels.colorless(samples):
        return np.ascontiguousarray(samples[..., 0])
    return samples
