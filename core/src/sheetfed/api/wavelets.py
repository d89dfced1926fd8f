"""JPEG 2000 pictures that Pillow reads wrong, or not at all."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image, ImageChops, ImageFile, Jpeg2KImagePlugin

_STREAM = b"\xff\x4f\xff\x51"
"""How the pixels begin: with their sizes (ISO/IEC 15444-1, A.5.1)."""

_CODING, _CODING_OF_ONE, _PART = 0xFF5C, 0xFF5D, 0xFF90
_MANY = 256
"""Colours from which on the number of one has two bytes."""

_GUARD = 0x20
"""One of the bits that are free above the highest that is used (A.6.4)."""


_GREY, _SRGB = 17, 16
_BY_NUMBER, _BY_PROFILE = 1, 2


def is_common(data: bytes) -> bool:
    """Say whether any reader shows such a file right, as one of PDF does that has it as it stands.

    Every pixel has each of its colours, from the corner on, and these are grey, sRGB, or told by a
    profile; of a bare stream it is not known. Nor can one of more than 8 bits be given otherwise.
    """
    at = data.find(_STREAM)
    if at < 0 or len(data) < at + 45:
        return False
    left, top = struct.unpack_from(">II", data, at + 16)
    (count,) = struct.unpack_from(">H", data, at + 40)
    steps = data[at + 42 : at + 42 + 3 * count]
    if any(depth & 0x7F > 7 for depth in steps[::3]):
        return True
    if (left, top) != (0, 0) or {*steps[1::3], *steps[2::3]} != {1}:
        return False
    told = data.find(b"colr", 0, at)
    if told < 0 or told + 11 > len(data):
        return told < 0
    known = struct.unpack_from(">I", data, told + 7)[0] in {_GREY, _SRGB}
    return known if data[told + 4] == _BY_NUMBER else data[told + 4] == _BY_PROFILE


class Wavelets(Jpeg2KImagePlugin.Jpeg2KImageFile):
    """Such a picture, opened. It is unpacked as small as its `reduce` says, or whole."""

    def load(self) -> Any:
        """Unpack it.

        Pillow rounds the sizes that a smaller picture has, which are rounded up (B.5), and then
        takes the file for a broken one. Where it is right to do so, as of a picture that begins
        not at its corner, the whole one is given.
        """
        if not self.tile:
            return super().load()
        assert self.fp is not None
        self.fp.seek(0)
        data = self.fp.read()
        try:
            found = _unpacked(data, self._reduce)
        except OSError:
            if not self._reduce:
                raise
            found = _unpacked(data, 0)
        self.tile, self._reduce = [], 0
        self.im, self._size, self.readonly = found.im, found.size, 0
        return Image.Image.load(self)


def _unpacked(data: bytes, halvings: int) -> Image.Image:
    """Return a picture. Raises OSError where it is damaged, or nowhere as small.

    Of 16 bits a colour Pillow rounds up the highest to 256, which is 0 in a byte: white is black.
    What is 0 is looked at once more with half the contrast, which is never as light.
    """
    found = _read(data, halvings)
    bits = max(_depths(data), default=8)
    if bits < 8 and found.mode in {"L", "LA", "RGB", "RGBA"}:
        lightest = 255 >> (8 - bits) << (8 - bits)  # as Pillow has it
        table = [min(255, round(level * 255 / lightest)) for level in range(256)]
        return found.point(table * len(found.getbands()))
    if found.mode not in {"RGB", "RGBA"} or not _is_deep(data):
        return found
    bands = found.split()
    if not any(band.histogram()[0] for band in bands):
        return found
    greyer = _read(_with_half_the_contrast(data), halvings)
    white = Image.new("L", found.size, 255)
    mended = [
        Image.composite(white, band, ImageChops.darker(band.point(_ZERO), half.point(_LIGHT)))
        for band, half in zip(bands, greyer.split(), strict=True)
    ]
    return Image.merge(found.mode, mended)


_ZERO, _LIGHT = [255, *[0] * 255], [*[0] * 128, *[255] * 128]
"""Tables that tell such levels from all others."""


def _read(data: bytes, halvings: int) -> Image.Image:
    picture = Jpeg2KImagePlugin.Jpeg2KImageFile(io.BytesIO(data))
    if halvings:
        right, bottom, left, top = struct.unpack_from(">IIII", data, data.find(_STREAM) + 8)
        by = 1 << halvings
        size = -(-right // by) + -left // by, -(-bottom // by) + -top // by
        codec, _, layers, *where = picture.tile[0].args  # type: ignore[misc,str-unpack]
        picture._size = size  # noqa: SLF001 - as Pillow does itself
        picture.tile = [
            picture.tile[0]._replace(extents=(0, 0, *size), args=(codec, halvings, layers, *where))
        ]
    ImageFile.ImageFile.load(picture)
    return picture


def _is_deep(data: bytes) -> bool:
    return any(depth > 8 for depth in _depths(data))


def _depths(data: bytes) -> list[int]:
    """Return how many bits each colour has."""
    at = data.find(_STREAM) + 40
    (count,) = struct.unpack_from(">H", data, at)
    return [(depth & 0x7F) + 1 for depth in data[at + 2 : at + 2 + 3 * count : 3]]


def _with_half_the_contrast(data: bytes) -> bytes:
    """Return a file whose coefficients are read as half of what they are."""
    changed = bytearray(data)
    stream = data.find(_STREAM)
    (count,) = struct.unpack_from(">H", data, stream + 40)
    at = stream + 2
    while at + 4 < len(data):
        mark, size = struct.unpack_from(">HH", data, at)
        if mark == _PART:
            break
        if mark in {_CODING, _CODING_OF_ONE}:
            place = at + 4 + (0 if mark == _CODING else 1 if count <= _MANY else 2)
            changed[place] -= _GUARD if changed[place] >= _GUARD else 0
        at += 2 + size
    return bytes(changed)
