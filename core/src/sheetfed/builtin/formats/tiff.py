"""TIFF, written without looking back."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from sheetfed.api.errors import SheetfedError, TooLarge, Unreadable
from sheetfed.builtin.formats import tags
from sheetfed.builtin.formats.directories import Directories
from sheetfed.builtin.formats.packed import Packed, Scheme, known_dpi

_SCHEMES: Mapping[int, Scheme] = {
    1: "none", 3: "g3", 4: "g4", 5: "lzw", 8: "deflate", 32946: "deflate", 32773: "packbits",
}  # fmt: skip
_NUMBERS: Mapping[Scheme, int] = {
    "none": 1, "rle": 2, "g3": 3, "g3-2d": 3, "g4": 4, "lzw": 5, "jpeg": 7, "deflate": 8,
    "packbits": 32773,
}  # fmt: skip
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK, _YCBCR = 0, 1, 2, 5, 6
_TILES, _ORIENTATION, _EXTRA, _FAX, _INKS, _PROFILE = 322, 274, 338, 292, 332, 34675
_FORM = 339
_BIG = frozenset({b"II+\0", b"MM\0+"})
_FIELDS = {"title": 269, "subject": 270, "creator": 305, "author": 315}
_MOST = 0xFFFFFFFF

OURS = frozenset({
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293,
    296, 317, 320, 322, 323, 324, 325, 326, 327, 328, 330, 332, 334, 336, 338, 339, 340, 341, 342,
    347, *range(512, 522), 529, 530, 531, 532, 34665, 34675, 34853, 40965,
})  # fmt: skip
"""Tags that say how pixels lie and what they mean, or lead to more tags: nobody else's."""


_NOT_TAKEN = OURS | {297, *range(50706, 52600)}
"""Tags that a page does not take along: its number, and how a raw picture is developed."""


def packed(data: bytes, dpi: tuple[float, float]) -> Packed | None:
    """Return the first page of a TIFF file as it stands, or None where it is not plain.

    Raises Unreadable.
    """
    if data[:4] in _BIG:
        return None
    try:
        found = {tag: tuple(int(value) for value in values) for tag, values in
                 tags.read(data).items() if values and tag not in {282, 283}}  # fmt: skip
        return _packed(data, found, dpi)
    except (struct.error, ValueError, LookupError, OverflowError) as error:
        raise Unreadable("the TIFF file breaks off or is damaged") from error


def _packed(data: bytes, found: Mapping[int, tuple[int, ...]], dpi: tuple[float, float]) -> (
    Packed | None
):  # fmt: skip
    def one(tag: int, default: int) -> int:
        return found.get(tag, (default,))[0]

    scheme, bits, samples = _SCHEMES.get(one(259, 1)), set(found.get(258, (1,))), one(277, 1)
    light = one(262, _WHITE_IS_ZERO)
    width, height = found[256][0], found[257][0]
    plain = (
        scheme is not None
        and 262 in found  # else it is not the same to everybody
        and len(bits) == 1
        and (samples, light, *bits) in {
            (1, _WHITE_IS_ZERO, 1), (1, _BLACK_IS_ZERO, 1), (1, _BLACK_IS_ZERO, 8),
            (1, _BLACK_IS_ZERO, 16), (3, _RGB, 8), (3, _RGB, 16), (4, _CMYK, 8),
        }
        and set(found.get(_FORM, (1,))) <= {1, 4}  # whole numbers without a sign
        and one(_INKS, 1) == 1  # cyan, magenta, yellow, black
        and _TILES not in found
        and _EXTRA not in found
        and one(284, 1) == 1  # samples of a pixel side by side
        and one(266, 1) == 1  # the highest bit first
        and one(317, 1) in {1, 2}
        and one(_FAX, 0) in {0, 1}  # nothing is filled up to whole bytes
        and all(found.get(279, (0,)))  # what libtiff guesses where it is not told
        and width > 0 < height
    )  # fmt: skip
    if not plain or scheme is None:
        return None
    strips = []
    for at, size in zip(found[273], found[279], strict=True):
        strips.append(data[at : at + size])
        if len(strips[-1]) != size:
            raise ValueError("a strip breaks off")
    if scheme == "lzw" and any(old_lzw(strip) for strip in strips):
        return None
    across, down = _dpi(data)
    turn = one(_ORIENTATION, 1)
    turn = turn if turn in range(1, 9) else 1
    own = (down, across) if turn >= 5 else (across, down)
    return Packed(
        scheme="g3-2d" if scheme == "g3" and one(_FAX, 0) == 1 else scheme,
        strips=strips,
        strip_rows=min(height, one(278, height)),
        width=width,
        height=height,
        dpi=known_dpi(dpi, own, (width, height)),
        samples=samples,
        bits=bits.pop(),
        predictor=one(317, 1) == 2,
        little=data[:2] == b"II",
        zero_is_white=light == _WHITE_IS_ZERO,
        turn=turn,
    )


def own_tags(data: bytes) -> Sequence[tags.Entry]:
    """Return what a page's TIFF file says of it beside its pixels, as its description."""
    try:
        return tags.others(Directories(io.BytesIO(data)).head(0), _NOT_TAKEN)
    except (SheetfedError, struct.error, ValueError, LookupError):
        return ()  # what is said of a picture is no reason to refuse it


def old_lzw(strip: bytes | memoryview) -> bool:
    """Say whether LZW has its lowest bit first, as of early writers: libtiff reads it, PDF not."""
    return len(strip) > 1 and strip[0] == 0 and strip[1] & 1 == 1


def _dpi(data: bytes) -> tuple[float, float]:
    found = tags.read(data)
    scale = {2: 1.0, 3: 2.54}.get(int(found.get(296, (2,))[0]), 0.0)
    return found.get(282, (0.0,))[0] * scale, found.get(283, (0.0,))[0] * scale


class Tiff:
    """Writes pages to a stream that cannot go back.

    A page's directory stands behind its data and is written when the next page has told how far it
    is to the next directory. So no more than one page is held.
    """

    def __init__(
        self, stream: BinaryIO, fields: Mapping[str, str], more: Sequence[tags.Entry] = ()
    ) -> None:
        self._stream = stream
        self._position = 0
        self._waiting = b""
        self._texts = [
            tags.text(tag, fields[name]) for name, tag in _FIELDS.items() if fields.get(name)
        ]
        given = {entry[0] for entry in more}
        self._texts = [entry for entry in self._texts if entry[0] not in given] + [*more]
        self._given = {entry[0] for entry in self._texts}

    def add(self, page: Packed) -> None:
        """Write one page."""
        start = (self._position or 8) + len(self._waiting)
        size = page.size
        following = start + size + size % 2
        directory = tags.directory(self._entries(page, start), position=following)
        if following + len(directory) > _MOST:
            raise TooLarge("a TIFF file ends at 4 GiB; save fewer pages, or PDF")
        if self._waiting:
            self._write(tags.link(self._waiting, following))
        else:
            self._write(struct.pack("<2sHI", b"II", 42, following))
        for strip in page.strips:
            self._write(strip)
        self._write(bytes(size % 2))
        self._waiting = directory

    def finish(self) -> None:
        """Write the last page's directory."""
        self._write(self._waiting)

    def _write(self, data: bytes | memoryview) -> None:
        self._stream.write(data)
        self._position += len(data)

    def _entries(self, page: Packed, start: int) -> list[tags.Entry]:
        places = []
        for strip in page.strips:
            places.append(start)
            start += len(strip)
        across, down = page.dpi[::-1] if page.lies else page.dpi
        entries = [
            tags.longs(254, 0),
            tags.longs(256, page.width),
            tags.longs(257, page.height),
            tags.shorts(258, *[page.bits] * page.samples),
            tags.shorts(259, _NUMBERS[page.scheme]),
            tags.shorts(262, _light(page)),
            tags.longs(273, *places),
            tags.shorts(_ORIENTATION, page.turn),
            tags.shorts(277, page.samples),
            tags.longs(278, page.strip_rows),
            tags.longs(279, *(len(strip) for strip in page.strips)),
            tags.rational(282, across),
            tags.rational(283, down),
            tags.shorts(284, 1),
            tags.shorts(296, 2),
            *self._texts,
            *(entry for entry in page.tags if entry[0] not in self._given),
        ]
        if page.scheme in {"g3", "g3-2d"}:
            entries.append(tags.longs(_FAX, int(page.scheme == "g3-2d")))
        if page.scheme == "g4":
            entries.append(tags.longs(293, 0))
        if page.profile:
            entries.append((_PROFILE, tags.UNDEFINED, page.profile))
        if page.predictor:
            entries.append(tags.shorts(317, 2))
        if _light(page) == _YCBCR:
            entries.append(tags.shorts(530, *page.subsampling))
            entries.append(tags.rational(532, 0, 255, 128, 255, 128, 255))
        return entries


def _light(page: Packed) -> int:
    """Return what the numbers of a sample mean."""
    if page.samples == 1:
        return _WHITE_IS_ZERO if page.zero_is_white else _BLACK_IS_ZERO
    if page.samples == 4:
        return _CMYK
    return _YCBCR if page.scheme == "jpeg" and page.adobe != 0 else _RGB
