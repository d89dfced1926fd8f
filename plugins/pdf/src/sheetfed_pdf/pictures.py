"""A page's picture as PDF keeps it."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image

from sheetfed.api import rare, wavelets
from sheetfed.api.errors import BadSettings, TooLarge, Unreadable, UnsupportedType
from sheetfed.api.model import Page
from sheetfed.api.packing import Kind, Packing
from sheetfed_pdf import deep, jbig2, pixels, unpacked
from sheetfed_pdf.pdfium import MOST_PIXELS
from sheetfed_pdf.syntax import dictionary

Scheme = Literal["none", "lzw", "deflate", "packbits", "jpeg", "g3", "g4", "jpeg2000", "jbig2"]

QUALITY = 85
UNKNOWN_DPI, UNKNOWN_DPI_LARGE = 96.0, 300.0
"""What is assumed where nobody knows: a screen's, of more than 2000 pixels a scanner's."""

_FORMS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF", "image/bmp": "BMP",
          "image/jp2": "JPEG2000"}  # fmt: skip
_TIFF = {1: "none", 3: "g3", 4: "g4", 5: "lzw", 8: "deflate", 32773: "packbits",
         32946: "deflate"}  # fmt: skip
_PILLOW = {"none": "raw", "lzw": "tiff_lzw", "packbits": "packbits", "g3": "group3", "g4": "group4"}
_FILTERS = {"lzw": "LZWDecode", "deflate": "FlateDecode", "packbits": "RunLengthDecode",
            "jpeg": "DCTDecode", "g3": "CCITTFaxDecode", "g4": "CCITTFaxDecode",
            "jpeg2000": "JPXDecode", "jbig2": "JBIG2Decode"}  # fmt: skip
_CMYK = 5
_PLAIN = frozenset({(1, 0), (1, 1), (3, 2)})
"""Samples and what they mean (TIFF 6.0, section 8)."""

_SPACES = {1: b"/DeviceGray", 3: b"/DeviceRGB", 4: b"/DeviceCMYK"}
_INDEXED = b"[/Indexed"
KINDS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
"""What profiles call their colours, and how many samples these have."""

_BOX = b"jP  "
"""How a JPEG 2000 file begins that says what its colours are; a bare stream does not."""

_SHORTEST, _LONGEST = 128, 1024 * 1024
_LONGEST_JPEG = 65_500
_ORIENTATION = 274
_CODINGS = (0xC0, 0xC1, 0xC2)
"""What PDF knows of JPEG: Huffman's codes, since 1.3 in several goes (ISO 32000-1, 7.4.8)."""

_NO_CODINGS = frozenset({0xC4, 0xC8, 0xCC})
"""Marks among those that are of something else."""

_BROKEN = (OSError, SyntaxError, ValueError, struct.error, EOFError, LookupError, TypeError,
           ArithmeticError, AttributeError, MemoryError)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How pixels are to be packed; `scheme` None is as it fits, `quality` None as it is."""

    scheme: Scheme | None = None
    quality: int | None = None
    archive: bool = False
    version: str = "1.7"

    @staticmethod
    def of(packing: Packing, *, version: str, archive: bool) -> Wish:
        """Return how a page is to be packed, in our words."""
        scheme = next((scheme for scheme in get_args(Scheme) if scheme == packing.way), None)
        return Wish(scheme=scheme, quality=packing.quality, archive=archive, version=version)

    @property
    def lossless(self) -> Scheme:
        """How pixels are packed that are to lose nothing: Deflate, where there is that."""
        return "deflate" if self.version >= "1.2" else "lzw"

    @property
    def is_deep(self) -> bool:
        """Whether a sample may have sixteen bits."""
        return self.version >= "1.5" and not self.archive

    def keeps(self, scheme: Scheme) -> bool:
        """Say whether a picture that is packed like this already may stay so."""
        if scheme == "jpeg":
            return self.quality is None and self.scheme in {None, "jpeg"}
        if scheme == "jpeg2000":
            return self.scheme in {None, "jpeg2000"} and self.version >= "1.5" and not self.archive
        if scheme == "deflate" and self.lossless != "deflate":
            return False
        return self.scheme in {None, scheme}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture's entries and data in a PDF.

    `width` and `height` are as it is stored, `dpi` as it is seen, after `turn`, which counts as
    Exif orientations do. `profile` says what its colours mean, where somebody knows. `space` is
    empty where the data says that: readers would take no notice of it (ISO 32000-1, 7.4.9).
    """

    width: int
    height: int
    dpi: tuple[float, float]
    data: Sequence[bytes | memoryview]
    space: bytes
    bits: int
    scheme: Scheme
    parameters: bytes = b""
    inverted: int = 0
    turn: int = 1
    profile: bytes = b""

    def meaning(self, colours: bytes) -> Picture:
        """Return it with these colours, which its profile tells, or those of its palette."""
        if not self.space.startswith(_INDEXED):
            return replace(self, space=colours)
        return replace(self, space=self.space.replace(_SPACES[3], colours, 1))

    def head(self) -> bytes:
        """Return the dictionary of the picture's object."""
        told = {
            "Type": b"/XObject",
            "Subtype": b"/Image",
            "Width": b"%d" % self.width,
            "Height": b"%d" % self.height,
            "BitsPerComponent": b"%d" % self.bits,
        }
        if self.space:
            told["ColorSpace"] = self.space
        if self.scheme != "none":
            told["Filter"] = b"/" + _FILTERS[self.scheme].encode()
        if self.parameters:
            told["DecodeParms"] = self.parameters
        if self.inverted:
            told["Decode"] = b"[%s]" % b" ".join([b"1 0"] * self.inverted)
        return dictionary(told)


def picture_of(page: Page, wish: Wish) -> Picture:
    """Return a page's picture, untouched if that is wished, otherwise packed anew.

    Raises Unreadable, TooLarge, UnsupportedType, BadSettings.
    """
    with _reading(page), _opened(page.data, page.media_type) as picture:
        known = _Known(page, picture)
        made = _kept(known, wish) or _deep(known, wish) or _inks(known, wish) or _anew(known, wish)
        return replace(made, profile=_profile_of(picture, made, wish))


def untouched(page: Page, wish: Wish) -> Picture | None:
    """Return a page's picture as it stands, told by the beginning of a JPEG; None where it may not.

    Raises Unreadable where that does not tell enough.
    """
    with _reading(page), _opened(page.data, page.media_type) as picture:
        made = _kept(_Known(page, picture), wish)
        return made and replace(made, profile=_profile_of(picture, made, wish))


def _kept(known: _Known, wish: Wish) -> Picture | None:
    keep = {
        "image/jpeg": _jpeg,
        "image/png": _png,
        "image/tiff": _tiff,
        "image/jp2": _jpeg2000,
    }.get(known.page.media_type)
    return None if keep is None else keep(known, wish)


def kind_of(page: Page) -> Kind:
    """Return what a page has, told by its head. Raises as `picture_of`."""
    if page.media_type not in _FORMS:
        raise UnsupportedType(
            f"{page.media_type} does not go into a PDF here", media_type=page.media_type
        )
    with _reading(page), _opened(page.data, page.media_type) as picture:
        if picture.mode == "1":
            return "black-white"
        return "grey" if picture.mode in {"L", "LA", "F"} or picture.mode[0] == "I" else "colour"


def _profile_of(picture: Any, made: Picture, wish: Wish) -> bytes:
    """Return the profile of a picture file, where it is one for what was made of it."""
    profile = picture.info.get("icc_profile")
    indexed = made.space.startswith(_INDEXED)
    samples = next((count for count, space in _SPACES.items() if space == made.space), 0)
    samples = 3 if indexed else samples
    if (
        not isinstance(profile, bytes)
        or not _SHORTEST <= len(profile) <= _LONGEST
        or KINDS.get(profile[16:20]) != samples
        or (made.bits == 1 and not indexed)
        or (wish.archive and (profile[8] > 2 or samples == 4))  # PDF/A-1 stands on older ones
    ):
        return b""
    return profile


@dataclass(slots=True)
class _Known:
    """A page, and its picture opened but not unpacked."""

    page: Page
    picture: Any
    turn: int = field(init=False)
    left: int = field(init=False)
    """What is left of that turn once Pillow unpacked it, which gives TIFF as it is seen."""

    dpi: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self.turn = self.picture.getexif().get(_ORIENTATION, 1)
        if self.turn not in range(1, 9):
            self.turn = 1
        self.left = 1 if self.picture.format == "TIFF" else self.turn
        own = _own_dpi(self.picture)
        self.dpi = _known_dpi(
            self.page.dpi, own[::-1] if self.turn >= 5 else own, self.picture.size
        )


def _jpeg(known: _Known, wish: Wish) -> Picture | None:
    picture = known.picture
    samples = {"L": 1, "RGB": 3, "CMYK": 4}.get(picture.mode)
    if not samples or not wish.keeps("jpeg") or (samples == 4 and wish.archive):
        return None
    if _coding(known.page.data) not in (_CODINGS if wish.version >= "1.3" else _CODINGS[:2]):
        return None
    return Picture(
        width=picture.width,
        height=picture.height,
        dpi=known.dpi,
        data=[known.page.data],
        space=_SPACES[samples],
        bits=8,
        scheme="jpeg",
        inverted=4 if samples == 4 else 0,  # readers of JPEG take it so, whoever wrote it
        turn=known.turn,
    )


def _coding(data: bytes) -> int:
    """Return the mark of the way in which a JPEG is coded; 0 where there is none."""
    at = 2
    while at + 4 <= len(data):
        kind, size = struct.unpack_from(">xBH", data, at)
        if 0xC0 <= kind <= 0xCF and kind not in _NO_CODINGS:
            return int(kind)
        at += 1 if kind == 0xFF else 2 + size
    return 0


def _jpeg2000(known: _Known, wish: Wish) -> Picture | None:
    picture = known.picture
    samples = {"L": 1, "RGB": 3}.get(picture.mode)
    if not samples or not wish.keeps("jpeg2000") or not wavelets.is_common(known.page.data):
        return None
    return Picture(
        width=picture.width,
        height=picture.height,
        dpi=known.dpi,
        data=[known.page.data],
        space=b"" if known.page.data[4:8] == _BOX else _SPACES[samples],
        bits=8,
        scheme="jpeg2000",
        turn=known.turn,
    )


def _png(known: _Known, wish: Wish) -> Picture | None:
    if not wish.keeps("deflate"):
        return None
    data = known.page.data
    width, height, bits, color, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    if interlaced or color not in {0, 2, 3} or (bits == 1 and color == 0):
        return None
    if bits == 16 and not wish.is_deep:
        return None
    stream, palette = list[memoryview](), b""
    for name, body in _chunks(data):
        if name == b"tRNS":
            return None
        if name == b"PLTE":
            palette = bytes(body)
        elif name == b"IDAT":
            stream.append(body)
    if not stream or (color == 3 and not palette):
        return None
    samples = 3 if color == 2 else 1
    space = _SPACES[samples]
    if color == 3:
        space = b"%s%s %d <%s>]" % (
            _INDEXED,
            _SPACES[3],
            len(palette) // 3 - 1,
            palette.hex().encode(),
        )
    return Picture(
        width=width,
        height=height,
        dpi=known.dpi,
        data=stream,
        space=space,
        bits=bits,
        scheme="deflate",
        parameters=_predictor(15, samples, bits, width),
        turn=known.turn,
    )


def _tiff(known: _Known, wish: Wish) -> Picture | None:
    tags = known.picture.tag_v2
    scheme: Any = _TIFF.get(tags.get(259, 1))
    bits, samples = tags.get(258, (1,)), tags.get(277, 1)
    color = tags.get(262)  # where it does not say it, it is not the same to everybody
    predictor = tags.get(317, 1)
    plain = (
        scheme
        and wish.keeps(scheme)
        and len(tags.get(273, ())) == 1
        and all(tags.get(279, (0,)))  # what libtiff guesses where it is not told
        and set(bits) <= {1, 8}
        and (samples, color) in (_PLAIN if wish.archive else _PLAIN | {(4, _CMYK)})
        and tags.get(266, 1) == 1
        and tags.get(284, 1) == 1
        and predictor in ({1, 2} if wish.version >= "1.2" else {1})
        and not tags.get(292, 0) & ~5
        and (max(bits) == 8) <= (scheme not in {"g3", "g4"})
    )
    if not plain:
        return None
    width, height = tags[256], tags[257]
    start, size = tags[273][0], tags[279][0]
    strip = memoryview(known.page.data)[start : start + size]
    if len(strip) != size:
        raise Unreadable("the TIFF file breaks off")
    if scheme == "lzw" and size > 1 and strip[0] == 0 and strip[1] & 1:
        return None  # of early writers, with its lowest bit first, which PDF does not know
    fax = scheme in {"g3", "g4"}  # what fills up the ends of G3 lines may stand there, in PDF too
    parameters = b""
    if fax:
        k = -1 if scheme == "g4" else tags.get(292, 0) & 1
        black = b"" if color == 0 else b"/BlackIs1 true"
        parameters = b"<</K %d/Columns %d/Rows %d%s>>" % (k, width, height, black)
    elif predictor == 2:
        parameters = _predictor(2, samples, bits[0], width)
    return Picture(
        width=width,
        height=height,
        dpi=known.dpi,
        data=[strip, b"\x80"] if scheme == "packbits" else [strip],
        space=_SPACES[samples],
        bits=bits[0],
        scheme=scheme,
        parameters=parameters,
        inverted=1 if color == 0 and not fax else 0,
        turn=known.turn,
    )


def _deep(known: _Known, wish: Wish) -> Picture | None:
    """Return a picture of 16 bits a sample with all of them, where it is to lose nothing.

    It is deflated, whatever was asked for: few readers know another way for so many.
    """
    lossy = wish.scheme in {"jpeg", "g3", "g4", "jbig2"} or (
        wish.scheme == "jpeg2000" and wish.quality is not None
    )
    if lossy or not wish.is_deep:
        return None
    if deep.is_cut(known.picture, known.page.data):
        raise BadSettings(
            "of a JPEG 2000 page of 16 bits a colour 8 are read here: leave compression at auto,"
            " which takes it as it came, or ask for less with jpeg",
            option="compression",
        )
    samples = deep.samples_of(known.picture, known.page.data)
    if samples is None:
        return None
    data = pixels.png(deep.upright(samples, known.left), known.dpi)
    return _again(io.BytesIO(data), "image/png", known.dpi, Wish())


def _inks(known: _Known, wish: Wish) -> Picture | None:
    """Return a picture in the four colours of a press packed in them, where nothing is lost."""
    scheme = wish.scheme or wish.lossless
    if known.picture.mode != "CMYK" or wish.archive or wish.quality is not None:
        return None
    if scheme not in {"none", "lzw", "deflate", "packbits"}:
        return None
    picture = unpacked.turned(known.picture, known.left)
    if scheme != "deflate":
        return _packed_as_tiff(picture, scheme, known.dpi)
    return Picture(
        width=picture.width,
        height=picture.height,
        dpi=known.dpi,
        data=[pixels.rows(np.asarray(picture))],
        space=_SPACES[4],
        bits=8,
        scheme="deflate",
        parameters=_predictor(15, 4, 8, picture.width),
    )


def _anew(known: _Known, wish: Wish) -> Picture:
    """Return a picture unpacked, upright, and packed as wished or as it fits."""
    picture = unpacked.upright(known.picture, known.left)
    scheme = wish.scheme
    if scheme is None:
        scheme = "g4" if picture.mode == "1" else wish.lossless
        if known.page.media_type == "image/jpeg":
            scheme = "jpeg"
    stream = io.BytesIO()
    if scheme in {"g3", "g4", "jbig2"}:
        picture = unpacked.black_and_white(picture)
    elif scheme in {"jpeg", "jpeg2000"} and picture.mode == "1":
        picture = picture.convert("L")
    if scheme == "jpeg":
        if max(picture.size) > _LONGEST_JPEG:
            raise TooLarge(
                f"{picture.width} x {picture.height} pixels do not fit into JPEG, which ends at"
                f" {_LONGEST_JPEG}; choose another compression",
                width=picture.width,
                height=picture.height,
            )
        picture.save(stream, "JPEG", quality=wish.quality or QUALITY)
        return _again(stream, "image/jpeg", known.dpi, Wish())
    if scheme == "jpeg2000":
        _save_jpeg2000(picture, stream, known.page.media_type, wish)
        made = _again(stream, "image/jp2", known.dpi, Wish())
        meant = "icc_profile" in known.picture.info  # which goes before what the data says
        return replace(made, space=_SPACES[3 if picture.mode == "RGB" else 1]) if meant else made
    if scheme == "deflate" and picture.mode != "1":
        data = pixels.png(np.asarray(picture), known.dpi)
        return _again(io.BytesIO(data), "image/png", known.dpi, Wish())
    if scheme in {"deflate", "jbig2"}:
        return _bilevel(picture, known.dpi, scheme)
    return _packed_as_tiff(picture, scheme, known.dpi)


def _packed_as_tiff(picture: Any, scheme: Scheme, dpi: tuple[float, float]) -> Picture:
    """Return a picture packed by libtiff, in one strip."""
    stream = io.BytesIO()
    size = picture.width * picture.height * 4 + 8
    picture.save(stream, "TIFF", compression=_PILLOW[scheme], strip_size=size)
    return _again(stream, "image/tiff", dpi, Wish())


def _again(stream: io.BytesIO, media_type: str, dpi: tuple[float, float], wish: Wish) -> Picture:
    """Return the picture of a file that was made for it."""
    data = stream.getvalue()
    page = Page(data=data, media_type=media_type, width=0, height=0, dpi=dpi)
    with _opened(data, media_type) as picture:
        known = _Known(page, picture)
        known.dpi = dpi
        untouched = {"image/jpeg": _jpeg, "image/png": _png, "image/tiff": _tiff}
        kept = untouched.get(media_type, _jpeg2000)(known, wish)
    assert kept is not None
    return kept


def _save_jpeg2000(picture: Any, stream: io.BytesIO, media_type: str, wish: Wish) -> None:
    """Write JPEG 2000: without loss, unless a quality is asked for or there was loss before."""
    if wish.quality is None and media_type != "image/jpeg":
        picture.save(stream, "JPEG2000")
        return
    rate = 100 - (wish.quality or QUALITY) + 5
    picture.save(stream, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)


def _bilevel(picture: Any, dpi: tuple[float, float], scheme: Scheme) -> Picture:
    """Return a picture of black and white in a form that needs no file around it."""
    if scheme == "jbig2":
        data = jbig2.encode(~np.asarray(picture))
    else:
        data = pixels.engine.compress(picture.tobytes(), 2)
    return Picture(
        width=picture.width,
        height=picture.height,
        dpi=dpi,
        data=[data],
        space=_SPACES[1],
        bits=1,
        scheme=scheme,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, at, name = memoryview(data), 8, b""
    while name != b"IEND":
        if at + 12 > len(data):
            raise Unreadable("the PNG file breaks off")
        size, name = struct.unpack_from(">I4s", data, at)
        body = view[at + 8 : at + 8 + size]
        if len(body) != size:
            raise Unreadable("the PNG file breaks off")
        yield name, body
        at += 12 + size


def _predictor(kind: int, samples: int, bits: int, width: int) -> bytes:
    told = b"<</Predictor %d/Colors %d/BitsPerComponent %d/Columns %d>>"
    return told % (kind, samples, bits, width)


def _own_dpi(picture: Any) -> tuple[float, float]:
    found = picture.info.get("dpi", (0, 0))
    try:
        across, down = (float(value) for value in found)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    return across, down


def _known_dpi(
    dpi: tuple[float, float], other: tuple[float, float], size: tuple[int, int]
) -> tuple[float, float]:
    for across, down in (dpi, other):
        if 1 < across < 100_000 and 1 < down < 100_000:
            return across, down
    assumed = UNKNOWN_DPI_LARGE if max(size) > 2000 else UNKNOWN_DPI
    return assumed, assumed


@contextmanager
def _opened(data: bytes, media_type: str) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None  # checked here, before anything is unpacked
        with rare.opened(io.BytesIO(data), [_FORMS[media_type]]) as picture:
            if picture.width * picture.height > MOST_PIXELS * (5 if picture.mode == "1" else 1):
                raise TooLarge(
                    f"a picture of {picture.width} x {picture.height} pixels",
                    width=picture.width,
                    height=picture.height,
                )
            yield picture


@contextmanager
def _reading(page: Page) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Unreadable(f"the page is no readable {page.media_type}: {error}") from error
