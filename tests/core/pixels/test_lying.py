"""How a picture lies is told by its Exif alone, and to everybody the same."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rasters import UPRIGHT, images

from sheetfed.api.model import Page
from sheetfed.builtin.folder.pictures import page_of
from sheetfed.builtin.formats.rehearsal import Nowhere
from sheetfed.worker.drawing import picture_of
from sheetfed.worker.lying import reoriented
from sheetfed.worker.pictures import pictures_of
from sheetfed_barcode.picture import unpacked
from sheetfed_imaging import look
from sheetfed_pdf.codec import Pdf

DOWN, ACROSS = np.mgrid[0:48, 0:80]
SEEN = np.dstack([ACROSS * 3, DOWN * 5, ACROSS + DOWN]).astype(np.uint8)
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
"""Says that the picture is to be turned by a quarter: orientation 6."""

XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf tiff:Orientation=\"6\"/></x:xmpmeta>"
RAW = b"\nexif\n%8d\n%s\n" % (len(EXIF) + 6, (b"Exif\0\0" + EXIF).hex().encode())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def png(*, before: bytes = b"", behind: bytes = b"", middle: bytes = b"") -> bytes:
    """Return a PNG with more chunks before its pixels, behind them and at its end."""
    rows = np.pad(SEEN.reshape(48, -1), ((0, 0), (1, 0)))
    body = zlib.compress(rows.tobytes())
    half = len(body) // 2
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", 80, 48, 8, 2, 0, 0, 0)),
        before,
        chunk(b"IDAT", body[:half]),
        chunk(b"IDAT", body[half:]),
        middle,
        behind,
        chunk(b"IEND", b""),
    ))  # fmt: skip


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(SEEN).save(out, "JPEG", quality=95)
    data = out.getvalue()
    told = (struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in segments)
    return data[:2] + b"".join(told) + data[2:]


def webp(**how: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(SEEN).save(out, "WEBP", lossless=True, **how)
    return out.getvalue()


EXIF_CHUNK = chunk(b"eXIf", EXIF)
FILES: dict[str, tuple[bytes, str, int]] = {
    "behind the pixels": (png(behind=EXIF_CHUNK), "image/png", 6),
    "behind pixels and words": (
        png(middle=chunk(b"tEXt", b"Comment\0hello"), behind=EXIF_CHUNK), "image/png", 6,
    ),
    "before the pixels": (png(before=EXIF_CHUNK), "image/png", 6),
    "words of another program": (
        png(before=chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(RAW))),
        "image/png", 1,
    ),
    "XMP before the pixels": (
        png(before=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), "image/png", 1,
    ),
    "XMP behind the pixels": (
        png(behind=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), "image/png", 1,
    ),
    "XMP in a JPEG": (
        jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)), "image/jpeg", 1,
    ),
    "Exif in a JPEG": (jpeg((0xE1, b"Exif\0\0" + EXIF)), "image/jpeg", 6),
    "Exif that is none": (jpeg((0xE1, b"Exif\0\0garbage, no directory at all")), "image/jpeg", 1),
    "Exif that breaks off": (jpeg((0xE1, b"Exif\0\0" + EXIF[:15])), "image/jpeg", 1),
    "Exif of a PNG that is none": (png(before=chunk(b"eXIf", b"nothing")), "image/png", 1),
    "XMP in WebP": (webp(xmp=XMP), "image/webp", 1),
}  # fmt: skip


def saved(page: Page, media_type: str, codec: Any = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    (codec or images()).encode(iter([page]), stream, media_type, options, Nowhere())
    return stream.getvalue()


@pytest.mark.parametrize("kind", FILES)
def test_everybody_sees_a_picture_lie_alike(kind: str) -> None:
    """Who measures it, who draws it small or whole, who edits it and who saves it."""
    data, media_type, turn = FILES[kind]
    meant = np.ascontiguousarray(UPRIGHT[turn](SEEN))
    size = (meant.shape[1], meant.shape[0])
    page = Page(data=data, media_type=media_type, width=size[0], height=size[1])
    book = images().open(io.BytesIO(data), {})

    seen = {
        "told": (book.info(0).width, book.info(0).height),
        "edited": picture_of(page).size,
        "looked at": look.picture_of(page, longest=1000).size,
    }
    if media_type != "image/webp":
        seen["kept"] = pictures_of(page)[:2]
        seen["codes"] = unpacked(page).pixels.shape[::-1]
        page_of(data, media_type)
    written = opened(saved(page, "image/bmp"))
    for name, codec in (("core", None), ("addon", Pdf({}))):
        if media_type != "image/webp":
            pdf = saved(page, "application/pdf", codec)
            one = images().open(io.BytesIO(pdf), {}).info(0)
            seen[name] = (one.width, one.height)

    small = opened(book.page(0, width=size[0] // 2).data)
    assert small.size == (size[0] // 2, size[1] // 2)
    assert {name: found for name, found in seen.items() if tuple(found) != size} == {}
    off = np.asarray(written.convert("RGB")).astype(int) - meant
    assert np.abs(off).mean() < (9 if media_type == "image/jpeg" else 0.01)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_a_jpeg_that_only_xmp_turns_is_turned_by_edits_from_where_it_is_seen() -> None:
    """Turned by a quarter it says so, and no more than that."""
    data, _, _ = FILES["XMP in a JPEG"]

    made = reoriented(data, (0.0, -1.0, 48.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0), (0.0, 0.0))

    assert made is not None
    assert opened(made).getexif()[274] == 6
