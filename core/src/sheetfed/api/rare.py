"""Picture files that Pillow reads wrong, or not at all."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from PIL import Image, Jpeg2KImagePlugin, TiffImagePlugin, UnidentifiedImageError

from sheetfed.api import libraries
from sheetfed.api.wavelets import Wavelets

samples: Any
try:
    from sheetfed.api import samples  # before a box is closed, in which nothing is imported
except ImportError:  # a child with a driver may have to do without numpy
    samples = None

_NEXT, _PIXAR, _WEBP = 32766, 32909, 50001
REFUSED: Mapping[int, str] = {
    10: "T.43", 32895: "IT8", 32896: "IT8", 32897: "IT8", 32898: "IT8", 32908: "PixarFilm",
    32947: "DCS", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
"""Compressions that have a number and that nothing here unpacks, libtiff neither."""

_BYTES_OF = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a number of each kind that has more than one."""

_LOG_GREY, _LOG_COLOUR = 32844, 32845
_BITS, _LIGHT, _FORMAT = 258, 262, 339
_SHORT, _UNSIGNED = 3, 1
_WHITE_IS_ZERO = 0
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BIG = {b"II+\0\x08\0\0\0": "<", b"MM\0+\0\x08\0\0": ">"}
_SHORTER = {16: (4, "Q", "I"), 17: (9, "q", "i"), 18: (4, "Q", "I")}
"""Kinds of numbers of 8 bytes that only a BigTIFF has, and those of 4 in their place."""

_ROOM, _WORD = 8, 4
"""Bytes that a value may have beside its tag, in a BigTIFF and in any other."""

_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF, _PIXELS = b"eXIf", b"IDAT"
_HEARSAY = ("xmp", "XML:com.adobe.xmp", "Raw profile type exif")
"""What else may say how a picture lies. Pillow believes it where Exif is silent; who shows pictures
does not, browsers among them."""

_NO_EXIF = (ArithmeticError, LookupError, SyntaxError, TypeError, ValueError, struct.error)
"""What Pillow raises on Exif that is none."""

# Pillow looks whether it knows a number, and leaves the rest to libtiff. Of WebP it knows the
# number and has a libtiff without: better refused when a file comes in than when somebody looks.
TiffImagePlugin.COMPRESSION_INFO.update({_NEXT: "next", _PIXAR: "pixarlog"})
TiffImagePlugin.COMPRESSION_INFO.pop(_WEBP, None)
for _order, _samples in ((b"II", "I;16"), (b"MM", "I;16B")):
    for _light in (0, 1):
        TiffImagePlugin.OPEN_INFO[_order, _light, (1,), 1, (16,), ()] = ("I;16", _samples)
    TiffImagePlugin.OPEN_INFO[_order, _LOG_GREY, (1,), 1, (8,), ()] = ("L", "L")
    TiffImagePlugin.OPEN_INFO[_order, _LOG_COLOUR, (1,), 1, (8, 8, 8), ()] = ("RGB", "RGB")


def refusal(compression: int) -> str | None:
    """Return why a page that is packed so is not read, in words; None where it may be."""
    name = REFUSED.get(compression)
    return f"{name}, which is not read here" if name else libraries.lacks(compression)


def opened(stream: BinaryIO, formats: Sequence[str] | None = None) -> Image.Image:
    """Open a picture file, nothing unpacked yet.

    How it lies is told by its Exif and by nothing else, wherever that stands; one that is damaged
    tells nothing, and is no reason to refuse a picture.
    """
    picture = _told_right(readable(stream), formats)
    for name in _HEARSAY:
        picture.info.pop(name, None)
    if picture.format != "TIFF":  # which has it among its own tags
        if picture.format == "PNG":  # else Pillow would unpack it to look behind its pixels
            picture.info.setdefault("exif", b"")
        with suppress(*_NO_EXIF):
            picture.getexif()  # and is not read again
    return picture


def _told_right(stream: BinaryIO, formats: Sequence[str] | None) -> Image.Image:
    """Open a file with Pillow, or with what knows the samples of a TIFF that Pillow does not."""
    try:
        picture = Image.open(stream, formats=None if formats is None else [*formats])
    except UnidentifiedImageError:
        stream.seek(0)
        tiff = stream.read(4) in _TIFF and (formats is None or "TIFF" in formats)
        stream.seek(0)
        if not tiff or samples is None:
            raise
        found: Image.Image = samples.Uncommon(stream)
        return found
    if isinstance(picture, Jpeg2KImagePlugin.Jpeg2KImageFile):
        stream.seek(0)
        return Wavelets(stream)
    if isinstance(picture, TiffImagePlugin.TiffImageFile) and samples is not None:
        if samples.is_taken_wrong(picture):
            stream.seek(0)
            return samples.Uncommon(stream)  # type: ignore[no-any-return]
        samples.have_pixels_share(picture)
        samples.have_grey_stay_grey(picture)
    return picture


def readable(stream: BinaryIO) -> BinaryIO:
    """Return a picture file as Pillow can read it.

    libtiff gives light on a logarithmic scale (SGILog) as 8 bits a sample where the file says that
    it has 8, else as numbers that nobody shows. Exif that stands behind the pixels of a PNG, as it
    may, is put before them: there Pillow finds it without unpacking these.
    """
    beginning = stream.read(8)
    stream.seek(0)
    if beginning == _PNG:
        return _told_first(stream)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(beginning[:4], _BIG.get(beginning))
    if order is None:
        return stream
    try:
        if beginning in _BIG and (order == ">" or _is_logarithmic(stream)):
            stream = _in_small_numbers(stream, order)
        elif beginning in _BIG:
            return stream
        return _shown(stream, order)
    except (struct.error, LookupError, OverflowError):
        stream.seek(0)
        return stream  # whoever reads it says what is wrong


def grey_of(picture: Image.Image) -> Image.Image:
    """Return an opened picture of more than 8 bits of grey as one of mode I;16, white as meant.

    Pillow takes those that count from white (TIFF 6.0, section 8, WhiteIsZero) as they lie, and
    white of 12 bits for a dark grey of 16, and all but the darkest of 32 bits for white. A level
    that nobody sees (PNG, 11.3.2.1) is white.
    """
    tags = getattr(picture, "tag_v2", {})
    wide = picture
    if tags.get(_BITS) == (32,) and tags.get(_FORMAT, (_UNSIGNED,)) == (_UNSIGNED,):
        wide = _upper_half(picture)
    elif picture.mode != "I;16":  # "I" between them: else Pillow clips those of a Mac at 255
        wide = picture.convert("I").convert("I;16")
    clear = picture.info.get("transparency")
    if isinstance(clear, int):
        import numpy as np  # noqa: PLC0415 - a child with a driver may do without it

        samples = np.asarray(wide).astype(np.uint16)
        return Image.fromarray(np.where(samples == clear, 65535, samples).astype(np.uint16))
    if tags.get(_BITS) == (12,):
        return wide.point(lambda level: level * (65535 / 4095) + 0.5)
    if tags.get(_LIGHT) == _WHITE_IS_ZERO:
        return wide.point(lambda level: level * -1 + 65535)
    return wide


def _upper_half(picture: Image.Image) -> Image.Image:
    """Return a picture of 32 bits of grey, which Pillow takes for numbers with a sign, with 16."""
    import numpy as np  # noqa: PLC0415 - as above

    return Image.fromarray((np.asarray(picture).view(np.uint32) >> 16).astype(np.uint16))


def _told_first(stream: BinaryIO) -> BinaryIO:
    """Return a PNG file whose Exif stands before its pixels."""
    at, pixels, exif = len(_PNG), 0, (0, 0)
    while len(head := _read(stream, at, 8)) == 8 and head[4:] != b"IEND":
        end = at + 12 + int.from_bytes(head[:4])
        if head[4:] == _PIXELS:
            pixels = pixels or at
        elif head[4:] == _EXIF:
            exif = (at, end)
            break
        at = end
    stream.seek(0)
    if not 0 < pixels < exif[0]:
        return stream
    data = stream.read()
    moved = data[slice(*exif)], data[pixels : exif[0]], data[exif[1] :]
    return io.BytesIO(b"".join((data[:pixels], *moved)))


def _in_small_numbers(stream: BinaryIO, order: str) -> BinaryIO:
    """Return a BigTIFF as a common TIFF file: Pillow does not know that of Macs.

    Its first picture gets another directory at the end, whose places are told in 4 bytes.
    """
    data = bytearray(stream.read())
    stream.seek(0)
    (start,) = struct.unpack_from(order + "Q", data, 8)
    (count,) = struct.unpack_from(order + "Q", data, start)
    lines = b""
    for at in range(start + 8, start + 8 + 20 * min(count, 4096), 20):
        tag, kind, values = struct.unpack_from(order + "HHQ", data, at)
        size = values * _BYTES_OF.get(kind, 1)
        (place,) = (at + 12,) if size <= _ROOM else struct.unpack_from(order + "Q", data, at + 12)
        value = bytes(data[place : place + size])
        if kind in _SHORTER:
            kind, long, short = _SHORTER[kind]
            value = struct.pack(
                f"{order}{values}{short}", *struct.unpack(f"{order}{values}{long}", value)
            )
        if len(value) > _WORD:
            told = struct.pack(order + "I", len(data))
            data += value + bytes(len(value) % 2)
        else:
            told = value.ljust(_WORD, b"\0")
        lines += struct.pack(order + "HHI", tag, kind, values) + told
    head = bytes(data[:2]) + struct.pack(order + "HI", 42, len(data))
    data += struct.pack(order + "H", len(lines) // 12) + lines + bytes(4)
    return io.BytesIO(bytes(head + data[8:]))


def _is_logarithmic(stream: BinaryIO) -> bool:
    """Say whether the first picture of a BigTIFF of Intel's byte order is SGILog."""
    (start,) = struct.unpack("<Q", _read(stream, 8, 8))
    (count,) = struct.unpack("<Q", _read(stream, start, 8))
    lines = stream.read(20 * min(count, 4096))
    stream.seek(0)
    lights = (
        struct.unpack_from("<H", lines, at + 12)[0]
        for at in range(0, len(lines) - 19, 20)
        if struct.unpack_from("<H", lines, at)[0] == _LIGHT
    )
    return next(lights, None) in {_LOG_GREY, _LOG_COLOUR}


def _read(stream: BinaryIO, at: int, size: int) -> bytes:
    stream.seek(at)
    return stream.read(size)


def _shown(stream: BinaryIO, order: str) -> BinaryIO:
    stream.seek(4)
    (start,) = struct.unpack(order + "I", stream.read(4))
    stream.seek(start)
    (count,) = struct.unpack(order + "H", stream.read(2))
    lines = stream.read(12 * count)
    stream.seek(0)
    entries = {tag: at for at, tag, kind in _shorts(lines, order) if kind == _SHORT}
    light = struct.unpack_from(order + "H", lines, entries[_LIGHT] + 8)[0]
    if light not in {_LOG_GREY, _LOG_COLOUR}:
        return stream
    data = bytearray(stream.read())
    for tag, value in ((_BITS, 8), (_FORMAT, _UNSIGNED)):
        if tag in entries:
            _fill(data, start + 2 + entries[tag], value, order)
    return io.BytesIO(bytes(data))


def _shorts(lines: bytes, order: str) -> Iterator[tuple[int, int, int]]:
    """Yield place, tag and kind of each entry of a directory."""
    for at in range(0, len(lines) - 11, 12):
        yield at, *struct.unpack_from(order + "HH", lines, at)


def _fill(data: bytearray, at: int, value: int, order: str) -> None:
    """Put a number in the place of each one of an entry."""
    (count,) = struct.unpack_from(order + "I", data, at + 4)
    place = at + 8 if count <= 2 else struct.unpack_from(order + "I", data, at + 8)[0]
    if count > 4 or place + 2 * count > len(data):
        raise struct.error
    struct.pack_into(f"{order}{count}H", data, place, *[value] * count)
