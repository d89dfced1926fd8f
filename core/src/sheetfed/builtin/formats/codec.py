"""The codec `images`: opens and writes them."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO, Literal, Self

import numpy as np
from PIL import Image

from sheetfed.api import wavelets
from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.errors import (
    BadRequest,
    BadSettings,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.api.model import Origin, Page, Settings
from sheetfed.builtin.formats import directories, jpeg, jpx, maps, pixels, png, tiff
from sheetfed.builtin.formats.asked import Asked, Wish
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.pack import fax, pack
from sheetfed.builtin.formats.packed import FAX, Packed, Scheme, Whole, known_dpi
from sheetfed.builtin.formats.pdf import Pdf
from sheetfed.builtin.formats.rehearsal import rehearse
from sheetfed.builtin.formats.scans import Scans
from sheetfed.builtin.formats.tiff import Tiff
from sheetfed.builtin.formats.tiffs import Tiffs
from sheetfed.builtin.pillow import exif_of

AT_ONCE = min(2, os.cpu_count() or 1)
"""Pages that are packed at the same time."""


class Images(Codec):
    """Reads and writes pictures, TIFF, and PDF files whose pages are pictures."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        rehearse(self)

    def open(self, stream: BinaryIO, options: Settings) -> Book:  # noqa: ARG002 - none yet
        """Open a file of pictures."""
        return _opened(stream)

    def encode(
        self,
        pages: Iterator[Page],
        stream: BinaryIO,
        media_type: str,
        options: Settings,
        files: Files,
    ) -> None:
        """Write pages as they come: PDF and TIFF take any number, the others one."""
        asked = Asked(options, media_type)
        copies = _Copies(files, asked if media_type in _PASSED_INTO else None)
        pages = copies.filled(pages)
        if asked.shallow:
            pages = map(_shallow, pages)
        if media_type == "application/pdf":
            _encode_pdf(pages, Pdf(stream, files, asked.fields, asked.sheet, asked.more), asked)
        elif media_type == "image/tiff":
            _encode_tiff(pages, stream, asked)
        elif media_type in _SINGLE:
            page = _only(pages, media_type)
            if isinstance(page.data, Beginning):
                files.copy(page.data.whole.file, stream)
            else:
                stream.write(_SINGLE[media_type](page, asked.whole))
        else:
            raise UnsupportedType(f"{media_type} is not written here", media_type=media_type)


_PASSED_INTO = frozenset({"application/pdf", "image/jpeg"})
"""Types of files in which a JPEG stands as it is."""


class _Copies:
    """Pages of files of several, cut out of them as they stand; the last file stays open.

    A JPEG goes unseen into what may take it as it is.
    """

    def __init__(self, files: Files, passed: Asked | None) -> None:
        self._files = files
        self._passed = passed
        self._open: tuple[str, Book] | None = None

    def filled(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Yield every page with data: all of it, or `Beginning`."""
        for number, page in enumerate(pages, 1):
            if page.origin is None:
                yield page
            elif page.data:
                yield self._begun(number, page, page.origin)
            else:
                yield self._filled(page, page.origin)

    def _begun(self, number: int, page: Page, origin: Origin) -> Page:
        with self._files.open(origin.file) as file:
            if self._passed is not None and _passes(page, self._passed, number):
                size = file.seek(0, os.SEEK_END)
                data: bytes = Beginning(page.data, Whole(origin.file, size))
            else:
                data = file.read()
        return replace(page, data=data, origin=None)

    def _filled(self, page: Page, origin: Origin) -> Page:
        if self._open is None or self._open[0] != origin.file:
            self._open = origin.file, _opened(self._files.open(origin.file))
        book = self._open[1]
        if not isinstance(book, Tiffs | Scans):
            raise UnsupportedType(f"no page is copied out of {origin.media_type}")
        data = book.cut(origin.index)
        return replace(page, data=data, media_type=_type_of(data), origin=None)


class Beginning(bytes):
    """The beginning of a page's file, all of which stands elsewhere."""

    whole: Whole

    def __new__(cls, data: bytes, whole: Whole) -> Self:
        """Take what came of it, and what it is the beginning of."""
        made = super().__new__(cls, data)
        made.whole = whole
        return made


def _passes(page: Page, asked: Asked, number: int) -> bool:
    """Tell whether a JPEG may stay as it is; its beginning must say all about it."""
    try:
        return asked.wish(number, page).takes("jpeg") and jpeg.read_head(page.data).common
    except Unreadable:
        return False


def _shallow(page: Page) -> Page:
    """Return a page with 8 bits a sample."""
    if not pixels.is_deep(page.data):
        return page
    samples = pixels.eight_bits(pixels.decode(page.data, page.media_type, whole=False))
    data = png.encode(samples, _dpi(page, samples.shape), _profile(page, samples))
    return replace(page, data=data, media_type="image/png")


def _opened(stream: BinaryIO) -> Book:
    first = stream.read(1024)
    stream.seek(0)
    if first.startswith(directories.BEGINNINGS):
        return Tiffs(stream)
    if b"%PDF-" in first and not first.startswith(_PICTURES):
        return Scans(stream)
    data = stream.read()
    if first.startswith(_RAW_MAPS) and len(places := maps.parts(data)) > 1:
        return maps.Maps(data, places)
    return Pictures(data)


_PICTURES = (
    b"\xff\xd8\xff",
    png.SIGNATURE,
    b"GIF8",
    b"BM",
    b"RIFF",
    b"\0\0\0\x0cjP",
    b"\xff\x4f",
    b"P",
)
"""How files begin that are no PDF, whatever they say further in."""

_RAW_MAPS = (b"P4", b"P5", b"P6")
"""How those PNM files begin that may hold several pictures."""


def _type_of(data: bytes) -> str:
    """Return the media type of a picture that was cut out."""
    if data.startswith(directories.BEGINNINGS):
        return "image/tiff"
    if data.startswith(png.SIGNATURE):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "image/jp2"


def _encode_pdf(pages: Iterator[Page], document: Pdf, asked: Asked) -> None:
    count = 0
    for packed in _at_once(pages, _in_pdf, asked):
        document.add(packed)
        count += 1
    _some(count)
    document.finish()


def _encode_tiff(pages: Iterator[Page], stream: BinaryIO, asked: Asked) -> None:
    document = Tiff(stream, asked.fields, asked.tags)
    count = 0
    for packed in _at_once(pages, _in_tiff, asked):
        document.add(packed)
        count += 1
    _some(count)
    document.finish()


def _in_pdf(page: Page, wish: Wish) -> Packed:
    return _with_colours(
        page, _untouched_in_pdf(page, wish) or _packed(page, wish, rest="png", order=">")
    )


def _in_tiff(page: Page, wish: Wish) -> Packed:
    made = _with_colours(
        page, _untouched_in_tiff(page, wish) or _packed(page, wish, rest="deflate", order="<")
    )
    return replace(made, tags=tiff.own_tags(page.data)) if page.media_type == "image/tiff" else made


def _with_colours(page: Page, packed: Packed) -> Packed:
    """Return a page with what its colours mean."""
    if packed.bits == 1:
        return packed
    profile = pixels.profile_of(page.data, packed.samples)
    if profile and packed.scheme == "jpx" and page.media_type != "image/jp2":
        told = jpx.with_profile(bytes(packed.strips[0]), profile)
        return replace(packed, strips=[told], profile=profile)
    return replace(packed, profile=profile)


def _at_once(
    pages: Iterator[Page], work: Callable[[Page, Wish], Packed], asked: Asked
) -> Iterator[Packed]:
    """Yield what work makes of each page, in order; a page is begun for each processor."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun: deque[Future[Packed]] = deque()
        try:
            for number, page in enumerate(pages, 1):
                begun.append(pool.submit(work, page, asked.wish(number, page)))
                if len(begun) >= AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for one in begun:
                one.cancel()


def _untouched_in_pdf(page: Page, wish: Wish) -> Packed | None:
    if page.media_type == "image/jpeg" and wish.takes("jpeg"):
        head, packed = jpeg.packed(page.data, page.dpi)
        if isinstance(page.data, Beginning):
            packed = replace(packed, strips=(), whole=page.data.whole)
        return packed if head.common else None
    if page.media_type == "image/png" and wish.takes("png"):
        packed_png = png.packed(page.data, page.dpi)
        return packed_png if packed_png and packed_png.bits > 1 else None
    if page.media_type == "image/jp2" and wish.scheme is None and wish.quality is None:
        return _packed_jpx(page)
    if page.media_type == "image/tiff":
        found = tiff.packed(page.data, page.dpi)
        fits = (
            found
            and len(found.strips) == 1
            and not (found.bits == 16 and (found.little or found.predictor))
        )
        if found and fits and wish.takes(found.scheme):
            return found
    return None


def _packed_jpx(page: Page) -> Packed | None:
    """Return a JPEG 2000 file as it stands, where it says itself what its colours are."""
    with pixels.reading("the file"), pixels.open_picture(io.BytesIO(page.data)) as picture:
        boxed = page.data[4:8] == b"jP  " and picture.mode in {"L", "RGB"}
        boxed = boxed and wavelets.is_common(page.data)
        size = picture.size
    if not boxed:
        return None
    samples, dpi = (3 if picture.mode == "RGB" else 1), known_dpi(page.dpi, (0.0, 0.0), size)
    return Packed(scheme="jpx", strips=[page.data], strip_rows=size[1], width=size[0],
                  height=size[1], dpi=dpi, samples=samples)  # fmt: skip


def _untouched_in_tiff(page: Page, wish: Wish) -> Packed | None:
    if page.media_type == "image/jpeg" and wish.takes("jpeg"):
        head, packed = jpeg.packed(page.data, page.dpi)
        return packed if head.common and head.sequential and head.samples < 4 else None
    if page.media_type == "image/tiff":
        found = tiff.packed(page.data, page.dpi)
        if found and (found.bits < 16 or found.little) and wish.takes(found.scheme):
            return found
    return None


def _packed(page: Page, wish: Wish, *, rest: Scheme, order: Literal["<", ">"]) -> Packed:
    """Return a page unpacked and packed anew."""
    if wish.scheme in {None, *FAX} and page.media_type in _FAXED:
        picture = pixels.black_on_white(page.data, page.media_type)
        if picture is not None:
            dpi = _dpi(page, (picture.height, picture.width))
            return fax(picture, wish.scheme or "g4", dpi=dpi)
    inks = None
    if page.media_type in _PRINTED and wish.scheme in _WITHOUT_LOSS and wish.quality is None:
        inks = pixels.inks_of(page.data, page.media_type)
    samples = pixels.decode(page.data, page.media_type) if inks is None else inks
    scheme = wish.scheme
    if scheme is None:
        scheme = "g4" if samples.dtype == bool else rest
        if page.media_type == "image/jpeg" and inks is None:
            scheme = "jpeg"
    elif scheme == "deflate":
        scheme = rest
    strip = {"strip": samples.nbytes + 8} if order == ">" else {}  # PDF knows no strips
    return pack(
        samples,
        scheme,
        dpi=_dpi(page, samples.shape),
        quality=wish.quality_or_default,
        order=order,
        **strip,
    )


_PRINTED = frozenset({"image/tiff", "image/jpeg"})
"""Types that hold the four colours of a press, which stay where nobody asks for loss."""

_WITHOUT_LOSS: tuple[Scheme | None, ...] = (None, "none", "lzw", "deflate", "packbits", "png")
_FAXED = frozenset({"image/png", "image/tiff", "image/bmp", "image/x-portable-anymap"})
"""Types that hold black and white pictures."""


def _profile(page: Page, samples: pixels.Samples) -> bytes | None:
    """Return what the colours of an unpacked page mean, where its file says so."""
    if samples.dtype == bool:
        return None
    return pixels.profile_of(page.data, 3 if samples.ndim == 3 else 1)


def _dpi(page: Page, shape: tuple[int, ...]) -> tuple[float, float]:
    own = (0.0, 0.0)
    if not all(page.dpi):
        info = Pictures(page.data).info(0)
        own = info.dpi
    return known_dpi(page.dpi, own, (shape[1], shape[0]))


def _only(pages: Iterator[Page], media_type: str) -> Page:
    page = next(pages, None)
    _some(page is not None)
    assert page is not None
    if next(pages, None) is not None:
        raise BadRequest(
            f"{media_type} holds one page; choose PDF or TIFF, or one file for each page",
            media_type=media_type,
        )
    return page


def _some(count: int) -> None:
    if not count:
        raise BadRequest("there is no page to write")


def _held(samples: pixels.Samples, name: str) -> pixels.Samples:
    """Return samples that a format of 8 bits holds. Raises BadSettings where it does not."""
    if samples.dtype == np.uint16:
        raise BadSettings(
            f"{name} holds 8 bits a sample, and a page has 16: set depth to 8, or choose PNG, TIFF,"
            " JPEG 2000 or PDF",
            option="depth",
        )
    return samples


def _encode_jpeg(page: Page, wish: Wish) -> bytes:
    if page.media_type == "image/jpeg" and wish.quality is None:
        return page.data
    samples = pixels.decode(page.data, page.media_type, whole=False)
    made = jpeg.encode(
        pixels.eight_bits(samples), quality=wish.quality_or_default, dpi=_dpi(page, samples.shape)
    )
    return jpeg.with_profile(made, _profile(page, samples))


def _encode_png(page: Page, wish: Wish) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/png":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    return png.encode(samples, _dpi(page, samples.shape), _profile(page, samples))


def _encode_bmp(page: Page, wish: Wish) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/bmp":
        return page.data
    samples = _held(pixels.decode(page.data, page.media_type), "BMP")
    bilevel = samples.dtype == bool
    picture = Image.fromarray(~samples if bilevel else samples)
    stream = io.BytesIO()
    picture.save(stream, "BMP", dpi=_dpi(page, samples.shape))
    return stream.getvalue()


def _encode_webp(page: Page, wish: Wish) -> bytes:
    """Return WebP: without loss, unless a quality is wish for or there was loss before."""
    if page.media_type == "image/webp" and wish.quality is None:
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    if max(samples.shape[:2]) > _LONGEST_WEBP:
        raise TooLarge(f"WebP ends at {_LONGEST_WEBP} pixels; choose PNG or TIFF")
    lossy = wish.quality is not None or page.media_type == "image/jpeg"
    if not lossy:
        samples = _held(samples, "WebP")
    how = {"quality": wish.quality_or_default} if lossy else {"lossless": True, "quality": 20}
    stream = io.BytesIO()
    profile = _profile(page, samples) or b""
    plain = Image.fromarray(pixels.eight_bits(samples))
    exif = exif_of(_dpi(page, samples.shape))
    plain.save(stream, "WEBP", icc_profile=profile, exif=exif, **how)
    return stream.getvalue()


def _encode_jp2(page: Page, wish: Wish) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/jp2":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    return jpx.encode(samples, _dpi(page, samples.shape), _profile(page, samples))


def _encode_pnm(page: Page, wish: Wish) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/x-portable-anymap":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    height, width = samples.shape[:2]
    if samples.dtype == bool:
        return b"P4\n%d %d\n" % (width, height) + np.packbits(samples, axis=1).tobytes()
    kind = b"P6" if samples.ndim == 3 else b"P5"
    deep = samples.dtype == np.uint16
    head = b"%s\n%d %d\n%d\n" % (kind, width, height, 65535 if deep else 255)
    return head + (samples.astype(">u2") if deep else samples).tobytes()


_LONGEST_WEBP = 16383

_SINGLE: Mapping[str, Callable[[Page, Wish], bytes]] = {
    "image/jpeg": _encode_jpeg,
    "image/png": _encode_png,
    "image/bmp": _encode_bmp,
    "image/webp": _encode_webp,
    "image/jp2": _encode_jp2,
    "image/x-portable-anymap": _encode_pnm,
}
