"""The codec `images`: opens and writes them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, Literal

from PIL import Image

from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.errors import BadRequest, BadSettings, UnsupportedType
from sheetfed.api.model import Origin, Page, Settings
from sheetfed.builtin.formats import directories, jpeg, pixels, png, tiff
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.pack import pack
from sheetfed.builtin.formats.packed import Packed, Scheme, known_dpi
from sheetfed.builtin.formats.pdf import Pdf
from sheetfed.builtin.formats.rehearsal import rehearse
from sheetfed.builtin.formats.scans import Scans
from sheetfed.builtin.formats.tiff import Tiff
from sheetfed.builtin.formats.tiffs import Tiffs
from sheetfed.builtin.images import OPTIONS

_SCHEMES: tuple[Scheme, ...] = ("none", "lzw", "deflate", "packbits", "jpeg", "g3", "g4")


class Images(Codec):
    """Reads JPEG, PNG, BMP and TIFF; writes these and image-only PDF."""

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
        asked = _Asked(options)
        pages = _Copies(files).filled(pages)
        if media_type == "application/pdf":
            _encode_pdf(pages, stream, asked)
        elif media_type == "image/tiff":
            _encode_tiff(pages, stream, asked)
        elif media_type in _SINGLE:
            stream.write(_SINGLE[media_type](_only(pages, media_type), asked))
        else:
            raise UnsupportedType(f"{media_type} is not written here", media_type=media_type)


class _Copies:
    """Pages of files of several, cut out of them as they stand; the last file stays open."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._open: tuple[str, Book] | None = None

    def filled(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Yield every page with data."""
        for page in pages:
            yield self._filled(page, page.origin) if page.origin else page

    def _filled(self, page: Page, origin: Origin) -> Page:
        if self._open is None or self._open[0] != origin.file:
            self._open = origin.file, _opened(self._files.open(origin.file))
        book = self._open[1]
        if not isinstance(book, Tiffs | Scans):
            raise UnsupportedType(f"no page is copied out of {origin.media_type}")
        data = book.cut(origin.index)
        return replace(page, data=data, media_type=_type_of(data), origin=None)


def _opened(stream: BinaryIO) -> Book:
    first = stream.read(1024)
    stream.seek(0)
    if first.startswith(directories.BEGINNINGS):
        return Tiffs(stream)
    if b"%PDF-" in first:
        return Scans(stream)
    return Pictures(stream.read())


def _type_of(data: bytes) -> str:
    """Return the media type of a picture that was cut out."""
    if data.startswith(directories.BEGINNINGS):
        return "image/tiff"
    if data.startswith(png.SIGNATURE):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "image/jp2"


class _Asked:
    """The options, checked."""

    def __init__(self, options: Settings) -> None:
        known = {option.name: option for option in OPTIONS}
        given = {name: value for name, value in options.items() if value is not None}
        for name, value in given.items():
            if name not in known:
                raise BadSettings(f"there is no option {name}", option=name)
            if known[name].kind == "text" and not isinstance(value, str):
                raise BadSettings(f"{name} is not a text", option=name)
        self.fields = {name: str(given[name]) for name in given if known[name].kind == "text"}
        self.scheme = _scheme(given.get("compression", "auto"))
        self.quality = _quality(given.get("quality"))

    @property
    def quality_or_default(self) -> int:
        return jpeg.QUALITY if self.quality is None else self.quality

    def takes(self, scheme: Scheme) -> bool:
        """Say whether a page that is packed like this already may stay so."""
        if scheme == "jpeg":
            return self.quality is None and self.scheme in {None, "jpeg"}
        return self.scheme in {None, scheme} or (self.scheme, scheme) == ("deflate", "png")


def _scheme(value: object) -> Scheme | None:
    if value == "auto":
        return None
    for scheme in _SCHEMES:
        if scheme == value:
            return scheme
    raise BadSettings(f"compression cannot be {value!r}", option="compression")


def _quality(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise BadSettings("quality is a whole number from 1 to 100", option="quality")
    return value


def _encode_pdf(pages: Iterator[Page], stream: BinaryIO, asked: _Asked) -> None:
    document = Pdf(stream, asked.fields)
    count = 0
    for page in pages:
        document.add(_untouched_in_pdf(page, asked) or _packed(page, asked, rest="png", order=">"))
        count += 1
    _some(count)
    document.finish()


def _encode_tiff(pages: Iterator[Page], stream: BinaryIO, asked: _Asked) -> None:
    document = Tiff(stream, asked.fields)
    count = 0
    for page in pages:
        document.add(
            _untouched_in_tiff(page, asked) or _packed(page, asked, rest="deflate", order="<")
        )
        count += 1
    _some(count)
    document.finish()


def _untouched_in_pdf(page: Page, asked: _Asked) -> Packed | None:
    if page.media_type == "image/jpeg" and asked.takes("jpeg"):
        head, packed = jpeg.packed(page.data, page.dpi)
        return packed if head.common else None
    if page.media_type == "image/png" and asked.takes("png"):
        packed_png = png.packed(page.data, page.dpi)
        return packed_png if packed_png and packed_png.bits > 1 else None
    if page.media_type == "image/jp2" and asked.scheme is None and asked.quality is None:
        return _packed_jpx(page)
    if page.media_type == "image/tiff":
        found = tiff.packed(page.data, page.dpi)
        fits = (
            found
            and len(found.strips) == 1
            and not (found.bits == 16 and (found.little or found.predictor))
        )
        if found and fits and asked.takes(found.scheme):
            return found
    return None


def _packed_jpx(page: Page) -> Packed | None:
    """Return a JPEG 2000 file as it stands, where it says itself what its colours are."""
    with pixels.reading("the file"), pixels.open_picture(io.BytesIO(page.data)) as picture:
        boxed = page.data[4:8] == b"jP  " and picture.mode in {"L", "RGB"}
        size = picture.size
    if not boxed:
        return None
    samples, dpi = (3 if picture.mode == "RGB" else 1), known_dpi(page.dpi, (0.0, 0.0), size)
    return Packed(scheme="jpx", strips=[page.data], strip_rows=size[1], width=size[0],
                  height=size[1], dpi=dpi, samples=samples)  # fmt: skip


def _untouched_in_tiff(page: Page, asked: _Asked) -> Packed | None:
    if page.media_type == "image/jpeg" and asked.takes("jpeg"):
        head, packed = jpeg.packed(page.data, page.dpi)
        return packed if head.common and head.sequential and head.samples < 4 else None
    if page.media_type == "image/tiff":
        found = tiff.packed(page.data, page.dpi)
        if found and (found.bits < 16 or found.little) and asked.takes(found.scheme):
            return found
    return None


def _packed(page: Page, asked: _Asked, *, rest: Scheme, order: Literal["<", ">"]) -> Packed:
    """Return a page unpacked and packed anew."""
    samples = pixels.decode(page.data, page.media_type)
    scheme = asked.scheme
    if scheme is None:
        scheme = "g4" if samples.dtype == bool else rest
        if page.media_type == "image/jpeg":
            scheme = "jpeg"
    elif scheme == "deflate":
        scheme = rest
    strip = {"strip": samples.nbytes + 8} if order == ">" else {}  # PDF knows no strips
    return pack(
        samples,
        scheme,
        dpi=_dpi(page, samples.shape),
        quality=asked.quality_or_default,
        order=order,
        **strip,
    )


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


def _encode_jpeg(page: Page, asked: _Asked) -> bytes:
    if page.media_type == "image/jpeg" and asked.quality is None:
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    return jpeg.encode(
        pixels.eight_bits(samples), quality=asked.quality_or_default, dpi=_dpi(page, samples.shape)
    )


def _encode_png(page: Page, asked: _Asked) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/png":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    return png.encode(samples, _dpi(page, samples.shape))


def _encode_bmp(page: Page, asked: _Asked) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/bmp":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    bilevel = samples.dtype == bool
    picture = Image.fromarray(~samples if bilevel else pixels.eight_bits(samples))
    stream = io.BytesIO()
    picture.save(stream, "BMP", dpi=_dpi(page, samples.shape))
    return stream.getvalue()


_SINGLE: Mapping[str, Callable[[Page, _Asked], bytes]] = {
    "image/jpeg": _encode_jpeg,
    "image/png": _encode_png,
    "image/bmp": _encode_bmp,
}
