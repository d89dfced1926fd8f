"""The codec `images`: opens and writes them."""

from __future__ import annotations

import io
import json
import os
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Book, Codec, Files
from sheetfed.api.errors import BadRequest, BadSettings, TooLarge, UnsupportedType
from sheetfed.api.model import Origin, Page, Settings
from sheetfed.builtin.formats import directories, jpeg, pixels, png, tags, tiff
from sheetfed.builtin.formats.book import Pictures
from sheetfed.builtin.formats.pack import fax, jpeg_2000, pack
from sheetfed.builtin.formats.packed import Packed, Scheme, known_dpi
from sheetfed.builtin.formats.pdf import Pdf
from sheetfed.builtin.formats.rehearsal import rehearse
from sheetfed.builtin.formats.scans import Scans
from sheetfed.builtin.formats.tiff import Tiff
from sheetfed.builtin.formats.tiffs import Tiffs
from sheetfed.builtin.images import OPTIONS, SHEETS

_SCHEMES: tuple[Scheme, ...] = (
    "none", "lzw", "deflate", "packbits", "jpeg", "jpx", "g3", "g3-2d", "g4",
)  # fmt: skip


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
        self.tags = _tags(self.fields.pop("tags", ""))
        self.more = _fields(self.fields.pop("fields", ""))
        self.sheet = _sheet(given.get("page-size", "auto"))
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


def _fields(text: str) -> dict[str, str]:
    """Return a document's own fields. Raises BadSettings."""
    try:
        found = dict(json.loads(text)) if text else {}
    except (ValueError, TypeError) as error:
        raise BadSettings(f"fields are no JSON object: {error}", option="fields") from error
    if not all(isinstance(value, str) for value in found.values()):
        raise BadSettings("fields have a value that is no text", option="fields")
    return found


def _sheet(value: object) -> tuple[float, float] | None:
    if value == "auto":
        return None
    if not isinstance(value, str) or value not in SHEETS:
        raise BadSettings(f"page-size cannot be {value!r}", option="page-size")
    return SHEETS[value]


def _tags(text: str) -> list[tags.Entry]:
    """Return tags for every page. Raises BadSettings."""
    try:
        found = json.loads(text) if text else {}
        return [_tag(int(name), value) for name, value in dict(found).items()]
    except (ValueError, TypeError, struct.error) as error:
        raise BadSettings(f"tags are no tags of a TIFF file: {error}", option="tags") from error


def _tag(number: int, value: object) -> tags.Entry:
    if not 0 < number < 1 << 16 or number in tiff.OURS:
        raise ValueError(f"{number} is no tag to be given")
    if isinstance(value, str):
        return tags.text(number, value)
    if isinstance(value, list) and all(type(one) is int for one in value) and value:
        return tags.longs(number, *value)
    if type(value) is int:
        return tags.longs(number, value)
    if type(value) is float:
        return tags.rational(number, value)
    raise ValueError(f"{value!r} is no number and no text")


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
    document = Pdf(stream, asked.fields, asked.sheet, asked.more)
    count = 0
    for packed in _at_once(pages, lambda page: _in_pdf(page, asked)):
        document.add(packed)
        count += 1
    _some(count)
    document.finish()


def _encode_tiff(pages: Iterator[Page], stream: BinaryIO, asked: _Asked) -> None:
    if asked.scheme == "jpx":
        raise BadSettings("TIFF has no JPEG 2000 that others read", option="compression")
    document = Tiff(stream, asked.fields, asked.tags)
    count = 0
    for packed in _at_once(pages, lambda page: _in_tiff(page, asked)):
        document.add(packed)
        count += 1
    _some(count)
    document.finish()


def _in_pdf(page: Page, asked: _Asked) -> Packed:
    return _with_colours(
        page, _untouched_in_pdf(page, asked) or _packed(page, asked, rest="png", order=">")
    )


def _in_tiff(page: Page, asked: _Asked) -> Packed:
    return _with_colours(
        page, _untouched_in_tiff(page, asked) or _packed(page, asked, rest="deflate", order="<")
    )


def _with_colours(page: Page, packed: Packed) -> Packed:
    """Return a page with what its colours mean."""
    if packed.bits == 1:
        return packed
    return replace(packed, profile=pixels.profile_of(page.data, packed.samples))


def _at_once(pages: Iterator[Page], work: Callable[[Page], Packed]) -> Iterator[Packed]:
    """Yield what work makes of each page, in order; a page is begun for each processor."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun: deque[Future[Packed]] = deque()
        try:
            for page in pages:
                begun.append(pool.submit(work, page))
                if len(begun) >= AT_ONCE:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for one in begun:
                one.cancel()


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
    if asked.scheme in {None, *FAX} and page.media_type in _FAXED:
        picture = pixels.black_on_white(page.data, page.media_type)
        if picture is not None:
            dpi = _dpi(page, (picture.height, picture.width))
            return fax(picture, asked.scheme or "g4", dpi=dpi)
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


FAX: tuple[Scheme, ...] = ("g3", "g3-2d", "g4")
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


def _encode_jpeg(page: Page, asked: _Asked) -> bytes:
    if page.media_type == "image/jpeg" and asked.quality is None:
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    made = jpeg.encode(
        pixels.eight_bits(samples), quality=asked.quality_or_default, dpi=_dpi(page, samples.shape)
    )
    return jpeg.with_profile(made, _profile(page, samples))


def _encode_png(page: Page, asked: _Asked) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/png":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    return png.encode(samples, _dpi(page, samples.shape), _profile(page, samples))


def _encode_bmp(page: Page, asked: _Asked) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/bmp":
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    bilevel = samples.dtype == bool
    picture = Image.fromarray(~samples if bilevel else pixels.eight_bits(samples))
    stream = io.BytesIO()
    picture.save(stream, "BMP", dpi=_dpi(page, samples.shape))
    return stream.getvalue()


def _encode_webp(page: Page, asked: _Asked) -> bytes:
    """Return WebP: without loss, unless a quality is asked for or there was loss before."""
    if page.media_type == "image/webp" and asked.quality is None:
        return page.data
    samples = pixels.decode(page.data, page.media_type)
    if max(samples.shape[:2]) > _LONGEST_WEBP:
        raise TooLarge(f"WebP ends at {_LONGEST_WEBP} pixels; choose PNG or TIFF")
    lossy = asked.quality is not None or page.media_type == "image/jpeg"
    how = {"quality": asked.quality_or_default} if lossy else {"lossless": True, "quality": 20}
    stream = io.BytesIO()
    profile = _profile(page, samples) or b""
    plain = Image.fromarray(pixels.eight_bits(samples))
    plain.save(stream, "WEBP", icc_profile=profile, **how)
    return stream.getvalue()


def _encode_jp2(page: Page, asked: _Asked) -> bytes:  # noqa: ARG001 - as the others
    if page.media_type == "image/jp2":
        return page.data
    return jpeg_2000(pixels.decode(page.data, page.media_type))


def _encode_pnm(page: Page, asked: _Asked) -> bytes:  # noqa: ARG001 - as the others
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

_SINGLE: Mapping[str, Callable[[Page, _Asked], bytes]] = {
    "image/jpeg": _encode_jpeg,
    "image/png": _encode_png,
    "image/bmp": _encode_bmp,
    "image/webp": _encode_webp,
    "image/jp2": _encode_jp2,
    "image/x-portable-anymap": _encode_pnm,
}
