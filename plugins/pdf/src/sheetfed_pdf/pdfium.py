"""PDFium over a stream that is read piece by piece."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, BinaryIO

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from sheetfed.api.errors import PasswordNeeded, TooLarge, Unreadable
from sheetfed.api.model import Box

MOST_PAGES = 2000
"""More pages than this are no document that a person looks at."""

MOST_PIXELS = 200_000_000

_WIDGET, _HIDDEN = 20, 2
_DEPTHS = {pdfium.FPDFBitmap_Gray: 1, pdfium.FPDFBitmap_BGR: 3, pdfium.FPDFBitmap_BGRx: 4}


def _without_system_fonts() -> None:
    """Start PDFium anew so that it looks for no fonts outside.

    A box has no files; with this, a page looks the same inside and outside of it.
    """
    nowhere = (ctypes.POINTER(ctypes.c_char) * 1)()
    config = pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=nowhere)
    pdfium.FPDF_DestroyLibrary()
    pdfium.FPDF_InitLibraryWithConfig(config)
    _kept.append((nowhere, config))


_kept: list[object] = []
_sources: dict[int, _Source] = {}
_numbers = count(1)


class _Source:
    """A stream that PDFium reads from, and what went wrong with it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.size = stream.seek(0, os.SEEK_END)
        self.error: BaseException | None = None
        self._stream = stream

    def read(self, position: int, size: int) -> bytes:
        """Return bytes from anywhere; fewer at the end."""
        self._stream.seek(position)
        return self._stream.read(size)


def _give_block(number: int, position: int, buffer: Any, size: int) -> int:
    """Give PDFium a piece of a file."""
    source = _sources[number]
    try:
        data = source.read(position, size)
    except BaseException as error:  # noqa: BLE001 - it cannot pass C, and is raised behind it
        source.error = error
        return 0
    if len(data) != size:
        return 0
    ctypes.memmove(buffer, data, size)
    return 1


_get_block = dict(pdfium.FPDF_FILEACCESS._fields_)["m_GetBlock"](_give_block)
"""The only function of ours that PDFium calls, made once: a box lets nobody make another."""


class Document:
    """A file that PDFium has open."""

    def __init__(self, stream: BinaryIO, password: str | None = None) -> None:
        self._number = next(_numbers)
        self._source = _sources[self._number] = _Source(stream)
        self._raw: Any = None
        self._forms: Any = None
        try:
            with self._told():
                self._open(password)
        except BaseException:
            self.close()
            raise

    @property
    def sound(self) -> bool:
        """Whether the table of objects is as it was written."""
        return bool(pdfium.FPDF_DocumentHasValidCrossReferenceTable(self._raw))

    def size(self, index: int) -> tuple[float, float]:
        """Return width and height of a page in points, as it is meant to be seen."""
        size = pdfium.FS_SIZEF()
        known = pdfium.FPDF_GetPageSizeByIndexF(self._raw, index, size)
        self._check()
        if not known or not (size.width > 0 and size.height > 0):
            raise Unreadable(f"page {index + 1} cannot be read", page=index)
        return size.width, size.height

    @contextmanager
    def page(self, index: int) -> Iterator[Any]:
        """Give an open page until the block ends."""
        with self._told():
            page = pdfium.FPDF_LoadPage(self._raw, index)
        if not page:
            raise Unreadable(f"page {index + 1} cannot be read", page=index)
        try:
            yield page
        finally:
            pdfium.FPDF_ClosePage(page)

    def draw(
        self,
        index: int,
        *,
        size: tuple[int, int],
        region: Box | None = None,
        grey: bool = False,
        annotations: bool = True,
        forms: bool = True,
    ) -> NDArray[np.uint8]:
        """Draw a page that is `size` as a whole, or a region of it; return grey or RGB."""
        part = region or Box(left=0, top=0, width=size[0], height=size[1])
        width, height = max(1, round(part.width)), max(1, round(part.height))
        if width * height > MOST_PIXELS:
            raise TooLarge(f"a picture of {width} x {height} pixels", width=width, height=height)
        kind, depth = (pdfium.FPDFBitmap_Gray, 1) if grey else (pdfium.FPDFBitmap_BGR, 3)
        pixels = np.full((height, width, depth), 255, np.uint8)
        where = (-round(part.left), -round(part.top), *size, 0)
        flags = pdfium.FPDF_ANNOT if annotations else 0
        flags |= pdfium.FPDF_GRAYSCALE if grey else pdfium.FPDF_REVERSE_BYTE_ORDER
        with self.page(index) as page, _bitmap(pixels, kind) as bitmap:
            if annotations and not forms:
                _hide_fields(page)
            with self._told():
                pdfium.FPDF_RenderPageBitmap(bitmap, page, *where, flags)
                if forms and self._has_forms():
                    pdfium.FPDF_FFLDraw(self._forms[0], bitmap, page, *where, flags)
        return pixels[..., 0] if grey else pixels

    def picture(self, index: int) -> NDArray[np.uint8] | None:
        """Return the pixels of the only picture on a page as they are stored, in grey or RGB."""
        with self.page(index) as page:
            for number in range(pdfium.FPDFPage_CountObjects(page)):
                found = pdfium.FPDFPage_GetObject(page, number)
                if pdfium.FPDFPageObj_GetType(found) == pdfium.FPDF_PAGEOBJ_IMAGE:
                    with self._told():
                        bitmap = pdfium.FPDFImageObj_GetBitmap(found)
                    return _samples(bitmap) if bitmap else None
        return None

    def close(self) -> None:
        """Let go of the file. Safe twice."""
        if self._forms:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self._forms[0])
        if self._raw:
            pdfium.FPDF_CloseDocument(self._raw)
        self._raw = self._forms = None
        _sources.pop(self._number, None)

    def _open(self, password: str | None) -> None:
        access = pdfium.FPDF_FILEACCESS(
            m_FileLen=self._source.size, m_GetBlock=_get_block, m_Param=self._number
        )
        secret = None if password is None else password.encode() + b"\0"
        self._raw = pdfium.FPDF_LoadCustomDocument(access, secret)
        if not self._raw:
            raise _fault(pdfium.FPDF_GetLastError(), given=bool(password))
        self.count = int(pdfium.FPDF_GetPageCount(self._raw))
        if self.count < 1:
            raise Unreadable("the file has no pages")
        if self.count > MOST_PAGES:
            raise TooLarge(f"the file says it has {self.count} pages", most=MOST_PAGES)

    def _has_forms(self) -> bool:
        """Say whether there are fields; nothing they hold is ever run."""
        if self._forms is None:
            self._forms = ()
            if pdfium.FPDF_GetFormType(self._raw) != pdfium.FORMTYPE_NONE:
                told = pdfium.FPDF_FORMFILLINFO(version=2)
                handle = pdfium.FPDFDOC_InitFormFillEnvironment(self._raw, told)
                self._forms = (handle, told) if handle else ()
        return bool(self._forms)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise behind PDFium what happened while it read the file."""
        try:
            yield
        except Unreadable:
            if self._source.error is None:
                raise
        self._check()

    def _check(self) -> None:
        error, self._source.error = self._source.error, None
        if error is not None:
            raise error


@contextmanager
def _bitmap(pixels: NDArray[np.uint8], kind: int) -> Iterator[Any]:
    height, width, depth = pixels.shape
    place = pixels.ctypes.data
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, kind, place, width * depth)
    try:
        yield bitmap
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _samples(bitmap: Any) -> NDArray[np.uint8] | None:
    """Return what a bitmap of PDFium's holds, and let go of it."""
    try:
        depth = _DEPTHS.get(pdfium.FPDFBitmap_GetFormat(bitmap))
        if depth is None:
            return None
        width, height = pdfium.FPDFBitmap_GetWidth(bitmap), pdfium.FPDFBitmap_GetHeight(bitmap)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        memory = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
        rows = np.frombuffer(memory, np.uint8).reshape(height, stride)[:, : width * depth]
        if depth == 1:
            return np.ascontiguousarray(rows)
        return np.ascontiguousarray(rows.reshape(height, width, depth)[..., 2::-1])
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _hide_fields(page: Any) -> None:
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if pdfium.FPDFAnnot_GetSubtype(annotation) == _WIDGET:
            flags = pdfium.FPDFAnnot_GetFlags(annotation)
            pdfium.FPDFAnnot_SetFlags(annotation, flags | _HIDDEN)
        pdfium.FPDFPage_CloseAnnot(annotation)


def _fault(code: int, *, given: bool) -> Unreadable | PasswordNeeded:
    if code == pdfium.FPDF_ERR_PASSWORD:
        words = "the password is not the file's" if given else "the file is locked"
        return PasswordNeeded(words, option="password", given=given)
    if code == pdfium.FPDF_ERR_SECURITY:
        return Unreadable("the file is locked in a way that is not known here")
    return Unreadable("the file is no PDF that can be read")


_without_system_fonts()
