"""TIFF pictures whose samples Pillow does not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from sheetfed.api import libraries, tiff
from sheetfed.api.layout import Layout, numbers_of
from sheetfed.api.levels import level_of, meant, on_white, shallow
from sheetfed.api.pieces import bands, pieces

_UPRIGHT: Mapping[int, Callable[[Any], Any]] = {
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(np.rot90(a, 2), 0, 1),
    8: np.rot90,
}


class Uncommon(TiffImagePlugin.TiffImageFile):
    """Such a picture, opened. To Pillow it is a common one, that is unpacked in another way."""

    layout: Layout

    def _setup(self) -> None:
        self.layout = layout = Layout.of(self.tag_v2)
        shared = layout.share != (1, 1) and layout.packing != tiff.JPEG
        if layout.light == tiff.YCBCR and shared:
            raise ValueError("colours that stand for several pixels are not read here in this way")
        if missing := libraries.lacks(layout.packing):
            raise ValueError(missing)
        if not layout.is_unpacked:
            way = tiff.NAMES.get(layout.packing, f"in the way {layout.packing}")
            count = "" if layout.samples == 1 else f", {layout.samples} a pixel"
            raise ValueError(
                f"samples of {layout.bits} bits{count}, packed as {way}, are not read here"
            )
        bits, light = {
            "1": ((1,), tiff.BLACK_IS_ZERO), "L": ((8,), tiff.BLACK_IS_ZERO),
            "I;16": ((16,), tiff.BLACK_IS_ZERO), "RGB": ((8,) * 3, tiff.RGB),
            "CMYK": ((8,) * 4, tiff.CMYK),
        }[layout.mode]  # fmt: skip
        for tag in (
            tiff.FILL,
            tiff.PLANES,
            tiff.PREDICTOR,
            tiff.COLOURS,
            tiff.EXTRA,
            tiff.FORMAT,
            tiff.LEAST,
            tiff.GREATEST,
        ):
            del self.tag_v2[tag]
        self.tag_v2[tiff.BITS], self.tag_v2[tiff.SAMPLES] = bits, len(bits)
        self.tag_v2[tiff.LIGHT], self.tag_v2[tiff.PACKING] = light, tiff.UNPACKED
        super()._setup()
        self._mode = layout.mode
        self.tile = [self.tile[0]._replace(args="samples")]
        self.use_load_libtiff = False
        for tag in (
            tiff.STRIPS,
            tiff.TILES,
        ):  # nobody takes them as they stand for what is told here
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
            _UPRIGHT.get(self.tag_v2.get(tiff.ORIENTATION, 1), np.asarray)(found)
        )


def is_taken_wrong(picture: Any) -> bool:
    """Say whether Pillow opens a TIFF picture and shows others than its samples."""
    tags = picture.tag_v2
    forms, bits = (
        {*numbers_of(tags, tiff.FORMAT, (tiff.UNSIGNED,))},
        {*numbers_of(tags, tiff.BITS, (1,))},
    )
    if forms & {tiff.SIGNED, tiff.FLOAT}:
        return True
    if picture.mode in {"P", "PA"}:
        return max(numbers_of(tags, tiff.COLOURS, (256,))) < 256
    packing = tags.get(tiff.PACKING, tiff.UNPACKED)
    if packing == tiff.FAX_OF_WORDS or (packing == tiff.JPEG and bits == {tiff.DEEP_JPEG}):
        return True
    if packing in tiff.OF_BYTES:
        sizes = numbers_of(tags, tiff.TILE_SIZES if tiff.TILES in tags else tiff.STRIP_SIZES, ())
        if tiff.LIGHT not in tags:  # which is white at zero only of a fax
            return True
        if len(sizes) > 1 and not all(sizes):  # which libtiff guesses of one strip alone
            return True
    apart = tags.get(tiff.PLANES) == 2
    return apart and (packing == tiff.UNPACKED or (bits == {16} and tags.get(tiff.SAMPLES, 1) > 1))


def have_pixels_share(picture: Any) -> None:
    """Have libtiff unpack colours that stand for several pixels where they are not packed.

    Pillow takes them for colours of one pixel each then, and only then.
    """
    tags = picture.tag_v2
    if picture.mode != "YCbCr" or picture.use_load_libtiff or tags.get(tiff.PLANES, 1) != 1:
        return
    extents = (0, 0, int(tags[tiff.WIDTH]), int(tags[tiff.HEIGHT]))
    picture.tile = [
        picture.tile[0]._replace(
            codec_name="libtiff", extents=extents, offset=0, args=("RGBX", False, tags.offset)
        )
    ]
    picture.use_load_libtiff, picture._mode = True, "RGB"  # noqa: SLF001 - as Pillow does itself


def have_grey_stay_grey(picture: Any) -> None:
    """Have libtiff unpack grey JPEG of the old style: Pillow takes all of it for colours."""
    tags = picture.tag_v2
    if (
        tags.get(tiff.PACKING) != tiff.OLD_JPEG
        or tags.get(tiff.SAMPLES, 1) != 1
        or picture.mode != "RGB"
    ):
        return
    raw = "L;I" if tags.get(tiff.LIGHT) == tiff.WHITE_IS_ZERO else "L"
    picture.tile = [one._replace(args=(raw, *one.args[1:])) for one in picture.tile]
    picture._mode = "L"  # noqa: SLF001 - as Pillow does itself


def whole(layout: Layout, stream: IO[bytes]) -> NDArray[Any]:
    """Return a picture's colours as they are stored, on white.

    8 or 16 bits of grey, red, green and blue, or four inks; black and white is bool, white set.
    """
    if layout.mode == "1" and layout.form == tiff.UNSIGNED:
        return _ink(layout, stream)
    cover, count = layout.cover, layout.count
    kept = [*range(count)] if cover is None else [*range(count), cover]
    kind = np.uint8 if layout.bits <= 8 else np.uint16
    found = np.zeros((layout.height, layout.width, len(kept)), kind)
    level = level_of(layout, stream)
    for plane, top, left, numbers in bands(layout, stream):
        place = found[top : top + numbers.shape[0], left : left + numbers.shape[1]]
        if not layout.apart:
            place[...] = level(numbers[..., kept])
        elif plane in kept:
            place[..., kept.index(plane)] = level(numbers[..., 0])
    colours = meant(found[..., :count], layout)
    if cover is not None and layout.light != tiff.CMYK:
        mixed = layout.extra[cover - count : cover - count + 1] == (tiff.ASSOCIATED,)
        colours = on_white(colours, found[..., count:], mixed=mixed)
    if colours.shape[2] == 1:
        colours = colours[..., 0]
    return colours > 0 if layout.mode == "1" else colours


def _ink(layout: Layout, stream: IO[bytes]) -> NDArray[np.bool_]:
    """Return a picture of black and white, of which there may be five times as many pixels."""
    found = np.zeros((layout.height, layout.width), bool)
    for plane, top, left, numbers in pieces(layout, stream):
        if plane == 0:
            found[top : top + len(numbers), left : left + numbers.shape[1]] = numbers[..., 0]
    return np.logical_not(found, out=found) if layout.light == tiff.WHITE_IS_ZERO else found
