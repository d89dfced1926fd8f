"""What a file carries beside its picture, and how often."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.builtin.formats import jpeg, jpx, png
from sheetfed.builtin.formats.limits import MOST_EXTRA, MOST_SCANS

_JPEG_EXTRA = {
    b"Exif\0": "Exif",
    b"ICC_PROFILE\0": "colour profile",
    b"http://ns.adobe.com/": "XMP",
    b"Photoshop 3.0\0": "Photoshop",
}
_COMMENT = 0xFE
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}

_PNG_EXTRA = {
    b"eXIf": "Exif", b"iCCP": "colour profile", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text",
}  # fmt: skip

_WEBP_EXTRA = {b"EXIF": "Exif", b"ICCP": "colour profile", b"XMP ": "XMP"}
_JP2_EXTRA = {b"xml ": "text", b"uuid": "text"}

_TIFF_EXTRA = {
    270: "text", 700: "XMP", 33723: "IPTC", 34377: "Photoshop", 34675: "colour profile",
}  # fmt: skip
_TIFF_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4)


def check(data: bytes) -> None:
    """Raise TooLarge where a file carries too much, or is made to be unpacked for hours.

    A damaged file ends the look at it; who unpacks it says so.
    """
    found: Counter[str] = Counter()
    try:
        for kind, size in _extras(data):
            found[kind] += size
            if found[kind] > MOST_EXTRA:
                raise TooLarge(f"its {kind} has more than 1 MiB", kind=kind)
    except (Unreadable, struct.error, LookupError, ValueError):
        return


def _extras(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the kind and size of each piece that is no picture."""
    if data.startswith(b"\xff\xd8"):
        yield from _of_jpeg(data)
    elif data.startswith(png.SIGNATURE):
        for name, body in png.walk(data):
            if name in _PNG_EXTRA:
                yield _PNG_EXTRA[name], len(body)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        yield from _of_webp(data)
    elif data[4:8] == b"jP  ":
        yield from _of_jp2(data)
    elif data[:4] in {b"II*\0", b"MM\0*"}:
        yield from _of_tiff(data, "<" if data[:2] == b"II" else ">")


def _of_jpeg(data: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in jpeg.segments(data):
        if kind in _PROGRESSIVE and (scans := data.count(b"\xff\xda")) > MOST_SCANS:
            raise TooLarge(f"it goes over its pixels {scans} times", scans=scans)
        if kind == _COMMENT:
            yield "text", len(body)
        for mark, name in _JPEG_EXTRA.items():
            if body.startswith(mark):
                yield name, len(body)


def _of_webp(data: bytes) -> Iterator[tuple[str, int]]:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name in _WEBP_EXTRA:
            yield _WEBP_EXTRA[name], size
        at += 8 + size + size % 2


def _of_jp2(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield what stands beside the codestream, before it or behind."""
    for name, body in jpx.boxes(data):
        if name in _JP2_EXTRA:
            yield _JP2_EXTRA[name], len(body)
        elif name == b"jp2h":
            yield from (("colour profile", len(one)) for kind, one in jpx.boxes(body)
                        if kind == b"colr")  # fmt: skip


def _of_tiff(data: bytes, order: str) -> Iterator[tuple[str, int]]:
    """Yield those of the first page, and never more than the file has."""
    (start,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, start)
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, at)
        if tag in _TIFF_EXTRA:
            yield _TIFF_EXTRA[tag], length * _TIFF_SIZES[kind]
