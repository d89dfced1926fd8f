"""PDF: a writer that never looks back, one picture a page."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import BinaryIO

from sheetfed.api.contracts import Files
from sheetfed.api.errors import TooLarge
from sheetfed.builtin.formats import deflate
from sheetfed.builtin.formats.packed import Packed, Whole

MOST = 9_999_999_999
"""The table of objects has ten digits for a place."""

_CATALOG, _PAGES, _INFO, _METADATA = 1, 2, 3, 4
_LONGEST_SIDE = 14_400
_HAIR = 0.001
"""Points by which a page is smaller than its picture: some readers round up to one more pixel."""

_NAMES = {"title": "Title", "author": "Author", "subject": "Subject", "keywords": "Keywords",
          "creator": "Creator"}  # fmt: skip
_PRODUCER = "sheetfed"
_TAKEN = frozenset({*_NAMES.values(), "Producer", "CreationDate", "ModDate", "Trapped", ""})
"""What the standard itself says about a file, and so is no field of a person's own."""

_ODD = re.compile(rb"[^A-Za-z0-9_.-]")
NO_FIELDS: Mapping[str, str] = MappingProxyType({})

_ONE_LANGUAGE = ("<rdf:Alt><rdf:li xml:lang='x-default'>", "</rdf:li></rdf:Alt>")
_IN_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_XMP = {
    "title": ("dc:title", *_ONE_LANGUAGE),
    "author": ("dc:creator", "<rdf:Seq><rdf:li>", "</rdf:li></rdf:Seq>"),
    "subject": ("dc:description", *_ONE_LANGUAGE),
    "keywords": ("pdf:Keywords", "", ""),
    "creator": ("xmp:CreatorTool", "", ""),
}

_TURNS: Mapping[int, tuple[int, int, int, int, int, int]] = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}
"""For each Exif orientation where the picture's unit square goes on the page's."""


class Pdf:
    """Writes pages to a stream as they come; holds no more than where they are."""

    def __init__(
        self,
        stream: BinaryIO,
        files: Files,
        fields: Mapping[str, str],
        sheet: tuple[float, float] | None = None,
        more: Mapping[str, str] = NO_FIELDS,
    ) -> None:
        self._stream = stream
        self._files = files
        self._sheet = sheet
        self._fields = {name: fields[name] for name in _NAMES if fields.get(name)}
        self._position = 0
        self._copied = False
        self._places = array("Q", [0] * _METADATA)
        self._pages = array("L")
        self._profiles: dict[bytes, int] = {}
        self._more = {name: text for name, text in sorted(more.items()) if name not in _TAKEN}
        about = [*sorted(self._fields.items()), *self._more.items()]
        self._content = blake2b(repr(about).encode(), digest_size=16)
        self._write(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")

    def add(self, page: Packed) -> None:
        """Write one page."""
        self._count(page)
        profile = self._profile(page)
        picture = self._begin()
        self._write(_picture(page, profile))
        if page.whole:
            self._copy(page.whole)
        for strip in page.strips:
            self._write(strip)
        if page.scheme == "packbits":
            self._write(b"\x80")
        self._write(b"\nendstream\nendobj\n")

        width, height, unit = _size(page)
        sheet = _sheet(self._sheet, width * unit, height * unit) or (width, height)
        unit = 1 if self._sheet else unit
        drawing = self._begin()
        a, b, c, d, e, f = _TURNS[page.turn]
        scale = min(sheet[0] / width, sheet[1] / height) if self._sheet else 1.0
        width, height = width * scale, height * scale
        left, bottom = (sheet[0] - width) / 2, (sheet[1] - height) / 2
        matrix = (a * width, b * height, c * width, d * height,
                  e * width + left, f * height + bottom)  # fmt: skip
        commands = b"q %s cm /P Do Q" % b" ".join(map(_number, matrix))
        self._write(_stream(b"", commands))

        self._pages.append(self._begin())
        self._write(
            b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]%s/Contents %d 0 R"
            b"/Resources<</XObject<</P %d 0 R>>>>>>\nendobj\n"
            % (
                _PAGES,
                _number(sheet[0]),
                _number(sheet[1]),
                b"/UserUnit %d" % unit if unit > 1 else b"",
                drawing,
                picture,
            )
        )

    def _profile(self, page: Packed) -> int:
        """Write what colours mean where no page before has had the same; 0 where nobody knows."""
        if page.profile is None or page.scheme == "jpx":
            return 0
        name = blake2b(page.profile, digest_size=16).digest()
        if name not in self._profiles:
            self._profiles[name] = self._begin()
            about = b"/N %d/Filter/FlateDecode" % page.samples
            self._write(_stream(about, deflate.compress(page.profile)))
        return self._profiles[name]

    def finish(self) -> None:
        """Write the list of pages, what the file says about itself, and the table of objects."""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._begin(_PAGES)
        self._write(b"<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (len(self._pages), kids))
        self._begin(_INFO)
        fields = {_NAMES[name]: value for name, value in self._fields.items()}
        fields |= {**self._more, "Producer": _PRODUCER}
        told = b"".join(b"/%s%s" % (_name(name), _text(value)) for name, value in fields.items())
        self._write(b"<<%s>>\nendobj\n" % told)
        self._begin(_METADATA)
        self._write(_stream(b"/Type/Metadata/Subtype/XML", _metadata(self._fields)))
        self._begin(_CATALOG)
        self._write(
            b"<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R>>\nendobj\n" % (_PAGES, _METADATA)
        )
        table = self._position
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._places) + 1))
        for at in range(0, len(self._places), 1000):
            places = self._places[at : at + 1000]
            self._write(b"".join(b"%010d 00000 n \n" % place for place in places))
        if self._copied:
            self._content.update(b"%d" % self._files.check())
        name = self._content.hexdigest().encode()
        self._write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self._places) + 1, _CATALOG, _INFO, name, name, table)
        )

    def _begin(self, number: int = 0) -> int:
        """Begin an object: the next one, or one whose number was given away before."""
        if number:
            self._places[number - 1] = self._position
        else:
            self._places.append(self._position)
            number = len(self._places)
        self._write(b"%d 0 obj\n" % number)
        return number

    def _write(self, data: bytes | memoryview) -> None:
        self._go_on(len(data))
        self._stream.write(data)

    def _copy(self, whole: Whole) -> None:
        self._go_on(whole.size)
        self._files.copy(whole.file, self._stream)
        self._copied = True

    def _go_on(self, size: int) -> None:
        if self._position + size > MOST:
            raise TooLarge("a PDF file ends at 10 gigabytes; save fewer pages in one file")
        self._position += size

    def _count(self, page: Packed) -> None:
        check = 0
        for strip in page.strips:
            check = deflate.crc32(strip, check)
        about = (page.width, page.height, page.dpi, page.turn, page.size, check)
        self._content.update(repr(about).encode())


def _picture(page: Packed, profile: int) -> bytes:
    """Return the head of the picture's object."""
    color = {1: b"/DeviceGray", 3: b"/DeviceRGB", 4: b"/DeviceCMYK"}[page.samples]
    if profile:
        color = b"[/ICCBased %d 0 R]" % profile
    inverted = page.zero_is_white and page.scheme not in {"g3", "g3-2d", "g4"}
    if page.samples == 4 and page.scheme == "jpeg":
        inverted = True  # readers of JPEG take four inks to count down, whoever wrote them
    space = b"" if page.scheme == "jpx" else b"/ColorSpace" + color  # it says so itself
    decode = b"/Decode[%s]" % b" ".join([b"1 0"] * page.samples) if inverted else b""
    return (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d%s/BitsPerComponent %d%s%s"
        b"/Length %d>>\nstream\n"
        % (
            page.width,
            page.height,
            space,
            page.bits,
            decode,
            _filter(page),
            page.size + (page.scheme == "packbits"),
        )
    )


def _filter(page: Packed) -> bytes:
    predictor = b"/DecodeParms<</Predictor %d/Colors %d/BitsPerComponent %d/Columns %d>>" % (
        15 if page.scheme == "png" else 2,
        page.samples,
        page.bits,
        page.width,
    )
    fax = b"/Filter/CCITTFaxDecode/DecodeParms<</K %d/Columns %d/Rows %d%s>>"
    black = b"" if page.zero_is_white else b"/BlackIs1 true"
    return {
        "none": b"",
        "jpeg": b"/Filter/DCTDecode",
        "png": b"/Filter/FlateDecode" + predictor,
        "deflate": b"/Filter/FlateDecode" + (predictor if page.predictor else b""),
        "lzw": b"/Filter/LZWDecode" + (predictor if page.predictor else b""),
        "packbits": b"/Filter/RunLengthDecode",
        "jpx": b"/Filter/JPXDecode",
        "g3-2d": fax % (1, page.width, page.height, black),
        "g3": fax % (0, page.width, page.height, black),
        "g4": fax % (-1, page.width, page.height, black),
    }[page.scheme]


def _size(page: Packed) -> tuple[float, float, int]:
    """Return the page's width and height, and how many points their unit is."""
    width, height = (page.height, page.width) if page.lies else (page.width, page.height)
    across, down = width * 72 / page.dpi[0], height * 72 / page.dpi[1]
    unit = max(1, math.ceil(max(across, down) / _LONGEST_SIDE))
    return _hair(across / unit), _hair(down / unit), unit


def _sheet(
    sheet: tuple[float, float] | None, width: float, height: float
) -> tuple[float, float] | None:
    """Return a sheet that lies as the picture does."""
    if sheet is None or (width <= height) == (sheet[0] <= sheet[1]):
        return sheet
    return sheet[1], sheet[0]


def _hair(length: float) -> float:
    return length - min(_HAIR, length / 1000)


def _number(value: float) -> bytes:
    return (b"%.5f" % value).rstrip(b"0").rstrip(b".")


def _stream(about: bytes, body: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (about, len(body), body)


def _text(value: str) -> bytes:
    """Return a string as PDF writes it."""
    if value.isascii() and value.isprintable():
        plain = value.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(%s)" % plain.encode()
    return b"<FEFF%s>" % value.encode("utf-16-be", errors="replace").hex().encode()


def _name(name: str) -> bytes:
    """Return a name as PDF writes it, without its slash."""
    return _ODD.sub(lambda found: b"#%02x" % found[0][0], name.encode())


def _metadata(fields: Mapping[str, str]) -> bytes:
    """Return what the file says about itself as XMP."""
    told = "".join(
        f"<{element}>{before}{_printable(fields[name]).translate(_IN_XML)}{after}</{element}>"
        for name, (element, before, after) in _XMP.items()
        if name in fields
    )
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:pdf='http://ns.adobe.com/pdf/1.3/' xmlns:xmp='http://ns.adobe.com/xap/1.0/'>"
        f"{told}<pdf:Producer>{_PRODUCER}</pdf:Producer>"
        "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='r'?>"
    ).encode(errors="replace")


def _printable(value: str) -> str:
    """Return text without the control characters that XML cannot hold."""
    return "".join(letter if letter >= " " or letter in "\t\n" else " " for letter in value)
