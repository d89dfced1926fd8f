"""TIFF pictures whose samples Pillow does not know."""

from __future__ import annotations

import io
import math
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, Jpeg2KImagePlugin, TiffImagePlugin, WebPImagePlugin

from sheetfed.api import fax, libraries
from sheetfed.api.errors import TooLarge

_WIDTH, _HEIGHT, _BITS, _PACKING, _LIGHT, _FILL = 256, 257, 258, 259, 262, 266
_STRIPS, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANES, _PREDICTOR = 273, 277, 278, 279, 284, 317
_TABLES, _SHARE = 347, 530
_COLOURS, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES = 320, 322, 323, 324, 325
_EXTRA, _FORMAT, _LEAST, _MOST, _ORIENTATION = 338, 339, 340, 341, 274

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _MASK, _CMYK, _YCBCR, _LAB, _ICC_LAB = (
    0, 1, 2, 3, 4, 5, 6, 8, 9,
)  # fmt: skip
_COUNTS: Mapping[int, int] = {
    _WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _MASK: 1, _CMYK: 4, _YCBCR: 3,
    _LAB: 3, _ICC_LAB: 3,
}  # fmt: skip
"""How many samples a colour has, by what they mean."""

_UNSIGNED, _SIGNED, _FLOAT, _UNTOLD = 1, 2, 3, 4
_ASSOCIATED, _COVERS = 1, frozenset({1, 2, 999})
_PLAIN = 1
_ZSTD = 50000
_BYTES = frozenset({_PLAIN, 5, 8, 32773, 32946, 34925, _ZSTD})
"""Ways to pack bytes, whatever these mean."""

_FAX_OF_WORDS = 32771
_JBIGS, _LERC = frozenset({9, 34661}), 34887
_LERC_WRAP = 50674
"""The tag that says how LERC is packed once more."""

_OLD_JPEG, _JPEG, _WEBP, _DEEP_JPEG = 6, 7, 50001, 12
_PICTURES: Mapping[int, str] = {
    33003: "JPEG2000", 33005: "JPEG2000", 34712: "JPEG2000", _WEBP: "WEBP",
}  # fmt: skip
"""Ways in which each piece is a picture file of its own."""

_NAMES: Mapping[int, str] = {
    2: "fax", 3: "fax", 4: "fax", _OLD_JPEG: "JPEG of the old style", _JPEG: "JPEG", 9: "JBIG",
    32766: "NeXT", _FAX_OF_WORDS: "fax", 32809: "ThunderScan", 32909: "PixarLog",
    33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG", 34676: "SGILog", 34677: "SGILog",
    34712: "JPEG 2000", _LERC: "LERC", _WEBP: "WebP",
}  # fmt: skip

LOADED = (Jpeg2KImagePlugin, WebPImagePlugin)
"""What unpacks those: in a box nothing is loaded any more."""

_DIFFERENCES, _SHUFFLED = 2, 3
_BIGGEST = 1 << 30
_LARGEST = 64
_AT_ONCE = 256
"""Rows."""

_SOME = 64 * 1024
"""Bytes that a packed piece may have beside twice those that it is unpacked to."""

_UPRIGHT: Mapping[int, Callable[[Any], Any]] = {
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(np.rot90(a, 2), 0, 1),
    8: np.rot90,
}

Levels = NDArray[Any]
"""Of 8 or 16 bits: how light each sample of a pixel is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the samples of a picture lie in its file, and what they mean.

    `span` is what is black and what is white of numbers that have no such ends themselves.
    """

    width: int
    height: int
    bits: int
    samples: int
    form: int
    light: int
    extra: tuple[int, ...]
    packing: int
    wrap: int
    tables: bytes
    share: tuple[int, ...]
    predictor: int
    fill: int
    apart: bool
    order: str
    piece: tuple[int, int]
    tiled: bool
    places: Sequence[int]
    sizes: Sequence[int]
    colours: Sequence[int]
    span: tuple[float, float] | None

    @classmethod
    def of(cls, tags: Any) -> Self:
        """Return the layout that a directory tells. Raises ValueError where nobody reads it."""

        def one(tag: int, default: int) -> int:
            found = tags.get(tag, default)
            return int(found[0] if isinstance(found, tuple) else found)

        width, height, samples = one(_WIDTH, 0), one(_HEIGHT, 0), one(_SAMPLES, 1)
        if not 0 < samples <= _LARGEST:
            raise ValueError(f"{samples} samples a pixel are not read here")
        untold = _WHITE_IS_ZERO if one(_PACKING, _PLAIN) == _FAX_OF_WORDS else _BLACK_IS_ZERO
        light = one(_LIGHT, _RGB if samples >= _COUNTS[_RGB] else untold)
        bits = {*_numbers(tags, _BITS, (1,))[:samples]}
        forms = {*_numbers(tags, _FORMAT, (_UNSIGNED,))[:samples]}
        form = next(iter(forms))
        form = _UNSIGNED if form == _UNTOLD else form
        if light not in _COUNTS or samples < _COUNTS[light]:
            raise ValueError(f"its colours are told in a way that is not read here ({light})")
        if len(bits) > 1 or len(forms) > 1:
            raise ValueError("its samples are not all of one kind, which is not read here")
        size = bits.pop()
        if not _is_number(form, size):
            kind = {_SIGNED: "signed ", _FLOAT: "floating "}.get(form, "")
            raise ValueError(f"{kind}samples of {size} bits are not read here")
        tiled = _TILES in tags
        piece = (
            (one(_TILE_WIDTH, 0), one(_TILE_HEIGHT, 0))
            if tiled
            else (width, min(height, one(_ROWS, height)))
        )
        if not (width > 0 < height and piece[0] > 0 < piece[1]):
            raise ValueError("its size is none")
        return cls(
            width=width,
            height=height,
            bits=size,
            samples=samples,
            form=form,
            light=light,
            extra=_numbers(tags, _EXTRA, ()),
            packing=one(_PACKING, _PLAIN),
            tables=tables if isinstance(tables := tags.get(_TABLES, b""), bytes) else b"",
            share=_numbers(tags, _SHARE, (2, 2)),
            wrap=(*_numbers(tags, _LERC_WRAP, ()), 0, 0)[1],
            predictor=one(_PREDICTOR, 1),
            fill=one(_FILL, 1),
            apart=one(_PLANES, 1) == 2 and samples > 1,
            order="<" if tags.prefix[:2] == b"II" else ">",
            piece=piece,
            tiled=tiled,
            places=_numbers(tags, _TILES if tiled else _STRIPS, ()),
            sizes=_numbers(tags, _TILE_SIZES if tiled else _STRIP_SIZES, ()),
            colours=_numbers(tags, _COLOURS, ()),
            span=_span(tags),
        )

    @property
    def is_unpacked(self) -> bool:
        """Whether such samples are unpacked here where they are packed so."""
        if self.packing in _PICTURES:
            alone = self.bits == 16 and (self.apart or self.samples == 1)
            return self.bits == 8 or (alone and self.packing != _WEBP)
        if self.packing == _JPEG:
            return self.bits == _DEEP_JPEG and (self.apart or self.samples in {1, 3, 4})
        if self.packing in _JBIGS or self.packing == _FAX_OF_WORDS:
            return self.bits == 1 and (self.apart or self.samples == 1)
        if self.packing == _LERC:
            return self.bits in ({32, 64} if self.form == _FLOAT else {8, 16, 32})
        return self.packing in _BYTES

    @property
    def count(self) -> int:
        """How many samples a colour has."""
        return _COUNTS[self.light]

    @property
    def cover(self) -> int | None:
        """Which sample says by how much a pixel covers what is below it."""
        if self.light == _RGB and self.samples == self.count + 1 and not self.extra:
            return self.count
        covers = (place for place, kind in enumerate(self.extra) if kind in _COVERS)
        found = next(covers, None)
        return None if found is None or self.count + found >= self.samples else self.count + found

    @property
    def mode(self) -> str:
        """What Pillow calls a picture of what it is shown as, with 8 bits a colour."""
        if self.light == _CMYK:
            return "CMYK"
        if self.count == 3 or self.light == _PALETTE:
            return "RGB"
        if self.bits == 1 and self.cover is None:
            return "1"
        return "L" if self.bits <= 8 else "I;16"

    @property
    def is_deep(self) -> bool:
        """Whether a colour has more than 8 bits."""
        if self.light == _PALETTE:
            return any(one & 0xFF not in {0, one >> 8} for one in self.colours if one > 0xFF)
        return self.mode == "RGB" and self.bits > 8


class Uncommon(TiffImagePlugin.TiffImageFile):
    """Such a picture, opened. To Pillow it is a common one, that is unpacked in another way."""

    layout: Layout

    def _setup(self) -> None:
        self.layout = layout = Layout.of(self.tag_v2)
        shared = layout.share != (1, 1) and layout.packing != _JPEG
        if layout.light == _YCBCR and shared:
            raise ValueError("colours that stand for several pixels are not read here in this way")
        if missing := libraries.lacks(layout.packing):
            raise ValueError(missing)
        if not layout.is_unpacked:
            way = _NAMES.get(layout.packing, f"in the way {layout.packing}")
            count = "" if layout.samples == 1 else f", {layout.samples} a pixel"
            raise ValueError(
                f"samples of {layout.bits} bits{count}, packed as {way}, are not read here"
            )
        bits, light = {
            "1": ((1,), _BLACK_IS_ZERO), "L": ((8,), _BLACK_IS_ZERO),
            "I;16": ((16,), _BLACK_IS_ZERO), "RGB": ((8,) * 3, _RGB), "CMYK": ((8,) * 4, _CMYK),
        }[layout.mode]  # fmt: skip
        for tag in (_FILL, _PLANES, _PREDICTOR, _COLOURS, _EXTRA, _FORMAT, _LEAST, _MOST):
            del self.tag_v2[tag]
        self.tag_v2[_BITS], self.tag_v2[_SAMPLES] = bits, len(bits)
        self.tag_v2[_LIGHT], self.tag_v2[_PACKING] = light, _PLAIN
        super()._setup()
        self._mode = layout.mode
        self.tile = [self.tile[0]._replace(args="samples")]
        self.use_load_libtiff = False
        for tag in (_STRIPS, _TILES):  # nobody takes them as they stand for what is told here
            del self.tag_v2[tag]

    def load(self) -> Any:
        """Unpack it, as Pillow does."""
        if self.tile:
            assert self.fp is not None
            found = shallow(whole(self.layout, self.fp))
            self.tile = []
            height, width = found.shape[:2]
            inks = self.mode == "CMYK"
            made = (
                Image.frombytes("CMYK", (width, height), found.tobytes())
                if inks
                else Image.fromarray(found)
            )
            self.im = made.im
            self.readonly = 0
            self.load_end()
        return Image.Image.load(self)

    @property
    def is_deep(self) -> bool:
        """Whether nothing is unpacked yet, and a colour has more than 8 bits."""
        return bool(self.tile) and self.layout.is_deep

    def samples(self) -> NDArray[np.uint16]:
        """Return all bits of its colours as they are seen, 16 each."""
        assert self.fp is not None
        found = whole(self.layout, self.fp)
        return np.ascontiguousarray(
            _UPRIGHT.get(self.tag_v2.get(_ORIENTATION, 1), np.asarray)(found)
        )


def is_taken_wrong(picture: Any) -> bool:
    """Say whether Pillow opens a TIFF picture and shows others than its samples."""
    tags = picture.tag_v2
    forms, bits = {*_numbers(tags, _FORMAT, (_UNSIGNED,))}, {*_numbers(tags, _BITS, (1,))}
    if forms & {_SIGNED, _FLOAT}:
        return True
    if picture.mode in {"P", "PA"}:
        return max(_numbers(tags, _COLOURS, (256,))) < 256
    packing = tags.get(_PACKING, _PLAIN)
    if packing == _FAX_OF_WORDS or (packing == _JPEG and bits == {_DEEP_JPEG}):
        return True
    if packing in _BYTES:
        sizes = _numbers(tags, _TILE_SIZES if _TILES in tags else _STRIP_SIZES, ())
        if _LIGHT not in tags:  # which is white at zero only of a fax
            return True
        if len(sizes) > 1 and not all(sizes):  # which libtiff guesses of one strip alone
            return True
    apart = tags.get(_PLANES) == 2
    return apart and (packing == _PLAIN or (bits == {16} and tags.get(_SAMPLES, 1) > 1))


def have_pixels_share(picture: Any) -> None:
    """Have libtiff unpack colours that stand for several pixels where they are not packed.

    Pillow takes them for colours of one pixel each then, and only then.
    """
    tags = picture.tag_v2
    if picture.mode != "YCbCr" or picture.use_load_libtiff or tags.get(_PLANES, 1) != 1:
        return
    extents = (0, 0, int(tags[_WIDTH]), int(tags[_HEIGHT]))
    picture.tile = [
        picture.tile[0]._replace(
            codec_name="libtiff", extents=extents, offset=0, args=("RGBX", False, tags.offset)
        )
    ]
    picture.use_load_libtiff, picture._mode = True, "RGB"  # noqa: SLF001 - as Pillow does itself


def have_grey_stay_grey(picture: Any) -> None:
    """Have libtiff unpack grey JPEG of the old style: Pillow takes all of it for colours."""
    tags = picture.tag_v2
    if tags.get(_PACKING) != _OLD_JPEG or tags.get(_SAMPLES, 1) != 1 or picture.mode != "RGB":
        return
    raw = "L;I" if tags.get(_LIGHT) == _WHITE_IS_ZERO else "L"
    picture.tile = [one._replace(args=(raw, *one.args[1:])) for one in picture.tile]
    picture._mode = "L"  # noqa: SLF001 - as Pillow does itself


def whole(layout: Layout, stream: IO[bytes]) -> NDArray[Any]:
    """Return a picture's colours as they are stored, on white.

    8 or 16 bits of grey, red, green and blue, or four inks; black and white is bool, white set.
    """
    if layout.mode == "1" and layout.form == _UNSIGNED:
        return _ink(layout, stream)
    cover, count = layout.cover, layout.count
    kept = [*range(count)] if cover is None else [*range(count), cover]
    kind = np.uint8 if layout.bits <= 8 else np.uint16
    found = np.zeros((layout.height, layout.width, len(kept)), kind)
    level = _level(layout, stream)
    for plane, top, left, numbers in _bands(layout, stream):
        place = found[top : top + numbers.shape[0], left : left + numbers.shape[1]]
        if not layout.apart:
            place[...] = level(numbers[..., kept])
        elif plane in kept:
            place[..., kept.index(plane)] = level(numbers[..., 0])
    colours = _meant(found[..., :count], layout)
    if cover is not None and layout.light != _CMYK:
        mixed = layout.extra[cover - count : cover - count + 1] == (_ASSOCIATED,)
        colours = _on_white(colours, found[..., count:], mixed=mixed)
    if colours.shape[2] == 1:
        colours = colours[..., 0]
    return colours > 0 if layout.mode == "1" else colours


def _ink(layout: Layout, stream: IO[bytes]) -> NDArray[np.bool_]:
    """Return a picture of black and white, of which there may be five times as many pixels."""
    found = np.zeros((layout.height, layout.width), bool)
    for plane, top, left, numbers in _pieces(layout, stream):
        if plane == 0:
            found[top : top + len(numbers), left : left + numbers.shape[1]] = numbers[..., 0]
    return np.logical_not(found, out=found) if layout.light == _WHITE_IS_ZERO else found


def _meant(colours: Levels, layout: Layout) -> Levels:
    """Return what levels stand for: shades of grey, red, green and blue, or four inks."""
    if layout.light == _WHITE_IS_ZERO:
        return np.iinfo(colours.dtype).max - colours
    if layout.light == _PALETTE:
        table: Levels = np.take(_table(layout), colours[..., 0], axis=0, mode="clip")
        return table
    if layout.light in {_LAB, _ICC_LAB}:
        return _banded(colours, lambda part: _of_lab(part, layout))
    if layout.light == _YCBCR and (layout.packing != _JPEG or layout.apart):
        return _banded(colours, _of_ycbcr)
    deep_inks = layout.light == _CMYK and colours.dtype == np.uint16
    return (colours >> 8).astype(np.uint8) if deep_inks else colours


def shallow(found: NDArray[Any]) -> NDArray[Any]:
    """Return colours of 16 bits with 8, and all else as it is."""
    return (found >> 8).astype(np.uint8) if found.ndim == 3 and found.dtype == np.uint16 else found


def _bands(layout: Layout, stream: IO[bytes]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    """Yield each strip or tile a few rows at a time: what is made of them is larger than they."""
    for plane, top, left, numbers in _pieces(layout, stream):
        for row in range(0, len(numbers), _AT_ONCE):
            yield plane, top + row, left, numbers[row : row + _AT_ONCE]


def _pieces(layout: Layout, stream: IO[bytes]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    """Yield each strip or tile: which of the samples it has, its place, its numbers on the page."""
    wide, high = layout.piece
    across, down = -(-layout.width // wide), -(-layout.height // high)
    planes = layout.samples if layout.apart else 1
    if len(layout.places) < planes * across * down:
        raise ValueError("it breaks off")
    for number in range(planes * across * down):
        plane, place = divmod(number, across * down)
        top, left = place // across * high, place % across * wide
        rows = high if layout.tiled else min(high, layout.height - top)
        row = (wide * (1 if layout.apart else layout.samples) * layout.bits + 7) // 8
        if row * rows > _BIGGEST:
            raise TooLarge(f"a piece of a TIFF picture has {row * rows} bytes", size=row * rows)
        stream.seek(layout.places[number])
        size = layout.sizes[number] if number < len(layout.sizes) else 0
        size = size or _untold(layout, number, row * rows)
        numbers = _unpacked(layout, stream.read(size), rows, row)
        yield plane, top, left, numbers[: layout.height - top, : layout.width - left]


def _untold(layout: Layout, number: int, whole: int) -> int:
    """Return how many bytes a piece may have of which the file does not say it."""
    if layout.packing == _PLAIN:
        return whole
    place = layout.places[number]
    following = min((one for one in layout.places if one > place), default=sys.maxsize)
    return min(following - place, 2 * whole + _SOME)


def _unpacked(layout: Layout, data: bytes, rows: int, row: int) -> NDArray[Any]:
    """Return a piece's numbers: rows, pixels, samples."""
    each = 1 if layout.apart else layout.samples
    if layout.packing in _BYTES:
        return _of_bytes(layout, data, rows, row)
    if layout.packing in _PICTURES:
        return _of_picture(layout, data, rows, each)
    if layout.packing == _JPEG:
        return _of_jpeg(layout, data, rows, each)
    if layout.packing == _LERC:
        return _of_lerc(layout, data, rows, each)
    if layout.packing == _FAX_OF_WORDS:
        plain = fax.rows_of(data, (layout.piece[0], rows), turned=layout.fill == 2)
    else:
        plain = libraries.jbig(data, layout.piece, rows)
    return _whole_numbers(np.frombuffer(plain, np.uint8).reshape(rows, -1), layout, each)


def _of_bytes(layout: Layout, data: bytes, rows: int, row: int) -> NDArray[Any]:
    """Return the numbers of a piece of which it does not matter what its bytes mean."""
    each = 1 if layout.apart else layout.samples
    if layout.packing == _PLAIN:
        if len(data) < row * rows:
            raise ValueError("it breaks off")
        found = np.frombuffer(data, np.uint8, row * rows).reshape(rows, row)
        if layout.fill == 2:
            found = np.packbits(np.unpackbits(found, axis=1, bitorder="little"), axis=1)
    else:
        found = _inflated(data, layout.packing, (rows, row), fill=layout.fill)
    if layout.predictor == _SHUFFLED:
        found = _joined(found, layout, each)
    numbers = _whole_numbers(found, layout, each)
    if layout.predictor == _DIFFERENCES:
        if layout.bits not in {8, 16, 32, 64}:
            raise ValueError(f"differences of {layout.bits} bits are not read here")
        numbers = np.cumsum(numbers, axis=1, dtype=numbers.dtype)
    return _floats(numbers, layout.bits) if layout.form == _FLOAT else numbers


def _inflated(
    data: bytes, packing: int, shape: tuple[int, int], *, fill: int = 1
) -> NDArray[np.uint8]:
    """Return a piece's bytes: libtiff unpacks them as if each were a pixel of grey."""
    rows, row = shape
    file = _file(data, {
        _WIDTH: (row,), _HEIGHT: (rows,), _BITS: (8,), _PACKING: (packing,),
        _LIGHT: (_BLACK_IS_ZERO,), _FILL: (fill,), _SAMPLES: (1,),
    })  # fmt: skip
    with Image.open(file, formats=["TIFF"]) as picture:
        return np.asarray(picture)


def _file(data: bytes, tags: Mapping[int, Sequence[int]]) -> io.BytesIO:
    """Return a TIFF file of one strip."""
    told = {_ROWS: tags[_HEIGHT], **tags, _STRIPS: (8,), _STRIP_SIZES: (len(data),)}
    body = bytearray(data) + bytes(len(data) % 2)
    lines = struct.pack("<H", len(told))
    for tag, values in sorted(told.items()):
        kind, letter = (7, "B") if tag == _TABLES else (4, "I")
        packed = struct.pack(f"<{len(values)}{letter}", *values)
        place = packed.ljust(4, b"\0")
        if len(packed) > 4:
            place = struct.pack("<I", 8 + len(body))
            body += packed + bytes(len(packed) % 2)
        lines += struct.pack("<HHI", tag, kind, len(values)) + place
    head = struct.pack("<2sHI", b"II", 42, 8 + len(body))
    return io.BytesIO(b"".join((head, body, lines, bytes(4))))


class _Twelve(TiffImagePlugin.TiffImageFile):
    """A picture of 12 bits a sample that Pillow takes for one of 8."""

    def _setup(self) -> None:
        self.tag_v2[_BITS] = (8,) * self.tag_v2.get(_SAMPLES, 1)
        super()._setup()


def _of_jpeg(layout: Layout, data: bytes, rows: int, each: int) -> NDArray[np.uint16]:
    """Return the samples of a piece that is a JPEG of 12 bits.

    libtiff hands them over as 12 bits after 12 bits, which Pillow has no pixels for. So they are
    taken for samples of 8 bits in a picture half as wide again. libtiff does not mind, nor does
    Pillow where a strip says that it may have more rows than the picture.
    """
    row = (layout.piece[0] * each * 12 + 7) // 8
    tags: dict[int, Sequence[int]] = {
        _WIDTH: (-(-row // each),), _HEIGHT: (rows,), _ROWS: (2 * rows,), _BITS: (12,) * each,
        _PACKING: (_JPEG,),
        _LIGHT: ({1: _BLACK_IS_ZERO, 3: _RGB, 4: _CMYK}[each],), _SAMPLES: (each,),
    }  # fmt: skip
    if layout.tables:
        tags[_TABLES] = layout.tables
    if layout.light == _YCBCR and each > 1:  # which libjpeg makes red, green and blue of
        tags[_LIGHT], tags[_SHARE] = (_YCBCR,), layout.share
    with _Twelve(_file(data, tags)) as picture:
        found = np.asarray(picture).reshape(rows, -1)[:, :row]
    numbers = _whole_numbers(np.ascontiguousarray(found), layout, each)
    if layout.piece[0] * each % 2 and layout.piece[0] > 1:
        numbers[:, -1, -1] = numbers[:, -2, -1]  # libtiff takes them in pairs, and drops the last
    return numbers


def _of_picture(layout: Layout, data: bytes, rows: int, each: int) -> NDArray[Any]:
    """Return the samples of a piece that is a picture file of its own."""
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "CMYK" if layout.light == _CMYK else "RGBA"}.get(each)
    mode = "I;16" if layout.bits == 16 else mode
    with Image.open(io.BytesIO(data), formats=[_PICTURES[layout.packing]]) as picture:
        if picture.size != (layout.piece[0], rows) or mode is None:
            raise ValueError("a piece of it is another picture than is told")
        plain = picture if picture.mode == mode else picture.convert(mode)
        return np.asarray(plain).reshape(rows, layout.piece[0], each)


def _of_lerc(layout: Layout, data: bytes, rows: int, each: int) -> NDArray[Any]:
    """Return the samples of a piece that is a blob of LERC.

    Floating numbers that are not there are none. Of colours that are covered or not, the blob has
    the colours alone, and what covers them is whether they are there.
    """
    wide, width = layout.piece[0], layout.bits // 8
    kind = {_SIGNED: "i", _FLOAT: "f"}.get(layout.form, "u") + str(width)
    blob = libraries.lerc_blob(
        data,
        rows * wide * each * width,
        layout.wrap,
        lambda packed, size: _inflated(packed, _ZSTD, (1, size)).tobytes(),
    )
    told = libraries.lerc(blob, (rows, wide), kind)
    found = np.frombuffer(told.found, kind).reshape(told.bands, rows, wide, told.depth)
    if layout.order == ">":  # libtiff packs them as they would lie in the file
        found = found.byteswap()
    numbers = np.moveaxis(found, 0, 2).reshape(rows, wide, told.bands * told.depth)
    there = np.ones((rows, wide, 1), np.uint8)
    if told.there is not None:
        there = np.frombuffer(told.there, np.uint8).reshape(-1, rows, wide)
        there = np.repeat(np.moveaxis(there, 0, 2), told.depth, axis=2)
        if layout.form == _FLOAT:
            numbers = np.where(there, numbers, np.nan)
    if kind == "u1" and numbers.shape[2] == each - 1 > 0:
        numbers = np.dstack((numbers, there[..., :1] * np.uint8(255)))
    if numbers.shape[2] != each:
        raise ValueError("a piece of its LERC has other pixels than are told")
    return numbers.view(f"u{width}") if layout.form == _SIGNED else numbers


def _whole_numbers(found: NDArray[np.uint8], layout: Layout, each: int) -> NDArray[Any]:
    """Return rows of bytes as whole numbers without a sign."""
    rows, bits = len(found), layout.bits
    if bits == 8:
        return found.reshape(rows, -1, each)
    if bits in {16, 32, 64}:
        order = ">" if layout.predictor == _SHUFFLED else layout.order
        numbers = np.ascontiguousarray(found).view(f"{order}u{bits // 8}")
        return numbers.astype(f"u{bits // 8}").reshape(rows, -1, each)
    count = layout.piece[0] * each
    if bits == 24:
        triples = found.reshape(rows, count, 3).astype(np.uint32)
        order = ">" if layout.predictor == _SHUFFLED else layout.order
        high, middle, low = (0, 1, 2) if order == ">" else (2, 1, 0)
        numbers = triples[..., high] << 16 | triples[..., middle] << 8 | triples[..., low]
        return numbers.reshape(rows, -1, each)
    ones = np.unpackbits(found, axis=1, count=count * bits)
    if bits == 1:
        return ones.reshape(rows, -1, each)
    ones = ones.reshape(rows, count, bits)
    numbers = np.zeros((rows, count), np.uint8 if bits < 8 else np.uint16 if bits < 16
                       else np.uint32 if bits < 32 else np.uint64)  # fmt: skip
    for bit in range(bits):
        numbers = numbers << numbers.dtype.type(1) | ones[..., bit]
    return numbers.reshape(rows, -1, each)


def _joined(found: NDArray[np.uint8], layout: Layout, each: int) -> NDArray[np.uint8]:
    """Return floating numbers whose bytes stand apart, the highest ones first, as differences.

    That is Adobe's third technical note on TIFF of 2005.
    """
    if layout.bits not in {16, 24, 32, 64}:
        raise ValueError(f"bytes of {layout.bits} bits that stand apart are not read here")
    rows = len(found)
    sums = np.cumsum(found.reshape(rows, -1, each), axis=1, dtype=np.uint8)
    apart = sums.reshape(rows, layout.bits // 8, -1)
    return np.ascontiguousarray(np.swapaxes(apart, 1, 2)).reshape(rows, -1)


def _floats(numbers: NDArray[Any], bits: int) -> NDArray[Any]:
    if bits != 24:
        return numbers.view(f"f{bits // 8}")
    sign = np.where(numbers >> 23, -1.0, 1.0)
    power, rest = (numbers >> 16 & 0x7F).astype(np.float64), (numbers & 0xFFFF) / 65536.0
    small = np.where(power == 0, rest * 2.0**-62, (1.0 + rest) * 2.0 ** (power - 63))
    return sign * np.where(power == 127, np.where(rest > 0, np.nan, np.inf), small)


def _level(layout: Layout, stream: IO[bytes]) -> Callable[[NDArray[Any]], Levels]:
    """Return what makes levels of 8 or 16 bits of numbers."""
    bits, form = layout.bits, layout.form
    if layout.light in {_PALETTE, _LAB, _ICC_LAB}:
        if bits > 16 or form == _FLOAT or (layout.light != _PALETTE and bits not in {8, 16}):
            raise ValueError(f"such colours of {bits} bits are not read here")
        return lambda numbers: numbers
    if form == _FLOAT:
        span = layout.span or _ends(layout, stream)
        return lambda numbers: _ramp(numbers.astype(np.float64), span, bits=16)
    if form == _SIGNED and layout.span:
        least, most = layout.span
        return lambda numbers: _ramp(_signed(numbers, bits), (least, most), bits=bits)
    flip = 1 << (bits - 1) if form == _SIGNED else 0
    return lambda numbers: _spread(numbers ^ numbers.dtype.type(flip), bits)


def _spread(numbers: NDArray[Any], bits: int) -> Levels:
    """Return whole numbers of so many bits as levels, their least and their most at the ends."""
    if bits in {8, 16}:
        return numbers
    if bits > 16:
        high: Levels = numbers >> numbers.dtype.type(bits - 16)
        return high.astype(np.uint16)
    most, end = (1 << bits) - 1, 255 if bits < 8 else 65535
    wide = numbers.astype(np.uint32)
    found: Levels = (wide * end + most // 2) // most
    return found.astype(np.uint8 if bits < 8 else np.uint16)


def _ramp(numbers: NDArray[Any], span: tuple[float, float], *, bits: int) -> Levels:
    """Return numbers as levels between two ends; what is no number is at the lower one."""
    least, most = span
    end = 255 if bits <= 8 else 65535
    with np.errstate(all="ignore"):
        part = (numbers - least) / ((most - least) or 1.0)
    part = np.nan_to_num(part, nan=0.0, posinf=1.0, neginf=0.0).clip(0.0, 1.0)
    return (part * end + 0.5).astype(np.uint8 if bits <= 8 else np.uint16)


def _signed(numbers: NDArray[Any], bits: int) -> NDArray[np.float64]:
    plain = numbers.astype(np.float64)
    return np.where(plain >= 2.0 ** (bits - 1), plain - 2.0**bits, plain)


def _ends(layout: Layout, stream: IO[bytes]) -> tuple[float, float]:
    """Return what is black and what is white of floating numbers that do not say it.

    That is 0 and 1 where all lie between; else 255 or 65535, as of a picture that was one of whole
    numbers; else the least and the greatest that there are.
    """
    least, most = math.inf, -math.inf
    for plane, _, _, numbers in _bands(layout, stream):
        if layout.apart and plane >= layout.count:
            continue
        part = numbers[..., : layout.count]
        good = part[np.isfinite(part)]
        if good.size:
            least, most = min(least, float(good.min())), max(most, float(good.max()))
    for end in (1.0, 255.0, 65535.0):
        if least >= 0 and most <= end:
            return 0.0, end
    return (least, most) if math.isfinite(least) and math.isfinite(most) else (0.0, 1.0)


def _table(layout: Layout) -> Levels:
    """Return the colours of a palette."""
    colours = np.array(layout.colours, np.uint16)
    if not len(colours) or len(colours) % 3:
        raise ValueError("its palette is none")
    table = colours.reshape(3, -1).T
    if colours.max() <= 0xFF:  # as early writers had it
        return table.astype(np.uint8)
    return table if layout.is_deep else (table >> 8).astype(np.uint8)


def _banded(colours: Levels, work: Callable[[NDArray[Any]], NDArray[np.float64]]) -> Levels:
    """Return colours that are worked out from others, a few rows at a time."""
    end = np.iinfo(colours.dtype).max
    made = np.empty_like(colours)
    for top in range(0, len(colours), 64):
        made[top : top + 64] = work(colours[top : top + 64]).clip(0, 1) * end + 0.5
    return made


def _of_ycbcr(levels: NDArray[Any]) -> NDArray[np.float64]:
    """Return red, green and blue (ITU-R BT.601) of brightness and two differences."""
    end = float(np.iinfo(levels.dtype).max)
    light, blue, red = np.moveaxis(levels / end, 2, 0)
    blue, red = blue - (end + 1) / 2 / end, red - (end + 1) / 2 / end
    return np.dstack([
        light + 1.402 * red,
        light - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587,
        light + 1.772 * blue,
    ])  # fmt: skip


_WHITE = (0.9642, 1.0, 0.8249)
"""Of the light that Lab is seen in: D50."""

_TO_SCREEN = np.array([
    [3.1338561, -1.6168667, -0.4906146],
    [-0.9787684, 1.9161415, 0.0334540],
    [0.0719453, -0.2289914, 1.4052427],
])  # fmt: skip
"""From X, Y and Z in that light to the colours of sRGB."""


def _of_lab(levels: NDArray[Any], layout: Layout) -> NDArray[np.float64]:
    """Return red, green and blue of sRGB for colours of CIE L*a*b* (TIFF 6.0, section 23)."""
    deep = layout.bits == 16
    brightest = 65280.0 if deep and layout.light == _ICC_LAB else float(np.iinfo(levels.dtype).max)
    if layout.light == _ICC_LAB:
        red, blue = (
            levels[..., place].astype(np.float64) - (32768 if deep else 128) for place in (1, 2)
        )
    else:
        kind = np.int16 if deep else np.int8
        red, blue = (
            np.ascontiguousarray(levels[..., place]).view(kind).astype(np.float64)
            for place in (1, 2)
        )
    step = 256.0 if deep else 1.0
    light = (levels[..., 0] / brightest * 100 + 16) / 116
    roots = (light + red / step / 500, light, light - blue / step / 200)
    found = [
        white * np.where(root > 6 / 29, root**3, (root - 4 / 29) * 3 * (6 / 29) ** 2)
        for white, root in zip(_WHITE, roots, strict=True)
    ]
    linear = (np.dstack(found) @ _TO_SCREEN.T).clip(0, 1)
    seen: NDArray[np.float64] = np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return seen


def _on_white(colours: Levels, cover: Levels, *, mixed: bool) -> Levels:
    """Return colours over white by as much as they cover it; `mixed` ones are so over black."""
    most = int(np.iinfo(cover.dtype).max)
    end = int(np.iinfo(colours.dtype).max)
    made = np.empty_like(colours)
    for top in range(0, len(colours), 256):
        part = colours[top : top + 256].astype(np.uint64)
        by = cover[top : top + 256].astype(np.uint64)
        rest = (most - by) * end
        over = part * (most if mixed else by) + rest
        made[top : top + 256] = np.minimum((over + most // 2) // most, end)
    return made


def _numbers(tags: Any, tag: int, default: tuple[int, ...]) -> tuple[int, ...]:
    found = tags.get(tag, default)
    return tuple(found) if isinstance(found, tuple) else (found,)


def _span(tags: Any) -> tuple[float, float] | None:
    """Return the least and the greatest number that a file says its samples have."""
    least, most = _numbers(tags, _LEAST, ()), _numbers(tags, _MOST, ())
    if not least or not most or not all(isinstance(one, int | float) for one in (*least, *most)):
        return None
    ends = float(min(least)), float(max(most))
    return ends if all(map(math.isfinite, ends)) and ends[0] < ends[1] else None


def _is_number(form: int, bits: int) -> bool:
    if form == _FLOAT:
        return bits in {16, 24, 32, 64}
    return form in {_UNSIGNED, _SIGNED} and 1 <= bits <= 64
