"""How the samples of a TIFF picture lie, and what they mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sheetfed.api import tiff

_LARGEST = 64


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

        width, height, samples = one(tiff.WIDTH, 0), one(tiff.HEIGHT, 0), one(tiff.SAMPLES, 1)
        if not 0 < samples <= _LARGEST:
            raise ValueError(f"{samples} samples a pixel are not read here")
        untold = (
            tiff.WHITE_IS_ZERO
            if one(tiff.PACKING, tiff.UNPACKED) == tiff.FAX_OF_WORDS
            else tiff.BLACK_IS_ZERO
        )
        light = one(tiff.LIGHT, tiff.RGB if samples >= tiff.COUNTS[tiff.RGB] else untold)
        bits = {*numbers_of(tags, tiff.BITS, (1,))[:samples]}
        forms = {*numbers_of(tags, tiff.FORMAT, (tiff.UNSIGNED,))[:samples]}
        form = next(iter(forms))
        form = tiff.UNSIGNED if form == tiff.UNTOLD else form
        if light not in tiff.COUNTS or samples < tiff.COUNTS[light]:
            raise ValueError(f"its colours are told in a way that is not read here ({light})")
        if len(bits) > 1 or len(forms) > 1:
            raise ValueError("its samples are not all of one kind, which is not read here")
        size = bits.pop()
        if not _is_number(form, size):
            kind = {tiff.SIGNED: "signed ", tiff.FLOAT: "floating "}.get(form, "")
            raise ValueError(f"{kind}samples of {size} bits are not read here")
        tiled = tiff.TILES in tags
        piece = (
            (one(tiff.TILE_WIDTH, 0), one(tiff.TILE_HEIGHT, 0))
            if tiled
            else (width, min(height, one(tiff.ROWS, height)))
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
            extra=numbers_of(tags, tiff.EXTRA, ()),
            packing=one(tiff.PACKING, tiff.UNPACKED),
            tables=tables if isinstance(tables := tags.get(tiff.TABLES, b""), bytes) else b"",
            share=numbers_of(tags, tiff.SHARE, (2, 2)),
            wrap=(*numbers_of(tags, tiff.LERC_WRAP, ()), 0, 0)[1],
            predictor=one(tiff.PREDICTOR, 1),
            fill=one(tiff.FILL, 1),
            apart=one(tiff.PLANES, 1) == 2 and samples > 1,
            order="<" if tags.prefix[:2] == b"II" else ">",
            piece=piece,
            tiled=tiled,
            places=numbers_of(tags, tiff.TILES if tiled else tiff.STRIPS, ()),
            sizes=numbers_of(tags, tiff.TILE_SIZES if tiled else tiff.STRIP_SIZES, ()),
            colours=numbers_of(tags, tiff.COLOURS, ()),
            span=_span(tags),
        )

    @property
    def is_unpacked(self) -> bool:
        """Whether such samples are unpacked here where they are packed so."""
        if self.packing in tiff.OF_PICTURES:
            alone = self.bits == 16 and (self.apart or self.samples == 1)
            return self.bits == 8 or (alone and self.packing != tiff.WEBP)
        if self.packing == tiff.JPEG:
            return self.bits == tiff.DEEP_JPEG and (self.apart or self.samples in {1, 3, 4})
        if self.packing in tiff.JBIGS or self.packing == tiff.FAX_OF_WORDS:
            return self.bits == 1 and (self.apart or self.samples == 1)
        if self.packing == tiff.LERC:
            return self.bits in ({32, 64} if self.form == tiff.FLOAT else {8, 16, 32})
        return self.packing in tiff.OF_BYTES

    @property
    def count(self) -> int:
        """How many samples a colour has."""
        return tiff.COUNTS[self.light]

    @property
    def cover(self) -> int | None:
        """Which sample says by how much a pixel covers what is below it."""
        if self.light == tiff.RGB and self.samples == self.count + 1 and not self.extra:
            return self.count
        covers = (place for place, kind in enumerate(self.extra) if kind in tiff.COVERS)
        found = next(covers, None)
        return None if found is None or self.count + found >= self.samples else self.count + found

    @property
    def mode(self) -> str:
        """What Pillow calls a picture of what it is shown as, with 8 bits a colour."""
        if self.light == tiff.CMYK:
            return "CMYK"
        if self.count == 3 or self.light == tiff.PALETTE:
            return "RGB"
        if self.bits == 1 and self.cover is None:
            return "1"
        return "L" if self.bits <= 8 else "I;16"

    @property
    def is_deep(self) -> bool:
        """Whether a colour has more than 8 bits."""
        if self.light == tiff.PALETTE:
            return any(one & 0xFF not in {0, one >> 8} for one in self.colours if one > 0xFF)
        return self.mode == "RGB" and self.bits > 8


def numbers_of(tags: Any, tag: int, default: tuple[int, ...]) -> tuple[int, ...]:
    """Return the numbers of a tag, of which there may be one."""
    """Return the numbers of a tag, of which there may be one."""
    found = tags.get(tag, default)
    return tuple(found) if isinstance(found, tuple) else (found,)


def _span(tags: Any) -> tuple[float, float] | None:
    """Return the least and the greatest number that a file says its samples have."""
    least, most = numbers_of(tags, tiff.LEAST, ()), numbers_of(tags, tiff.GREATEST, ())
    if not least or not most or not all(isinstance(one, int | float) for one in (*least, *most)):
        return None
    ends = float(min(least)), float(max(most))
    return ends if all(map(math.isfinite, ends)) and ends[0] < ends[1] else None


def _is_number(form: int, bits: int) -> bool:
    if form == tiff.FLOAT:
        return bits in {16, 24, 32, 64}
    return form in {tiff.UNSIGNED, tiff.SIGNED} and 1 <= bits <= 64
