"""Pictures on an easel: unpacked, made to fit, packed."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from sheetfed.api import deep, rare
from sheetfed.api.errors import AddonBroken, TooLarge, Unreadable
from sheetfed.api.model import Mode, Page, PageInfo
from sheetfed.worker import jpeg
from sheetfed.worker.bands import Band, Shape
from sheetfed.worker.pictures import DAMAGE, MOST_PIXELS, flattened
from sheetfed.worker.png import Png
from sheetfed.worker.wire import Wanted

MODES = ("1", "L", "I;16", "RGB")
"""What edits are given and give back."""

MOST_PROFILE = 1024 * 1024
"""Bytes of a colour profile that goes along."""

PROFILE = "icc_profile"
_COLOURS = {b"RGB ": "RGB", b"GRAY": "L"}

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/jp2": "JPEG2000",
    "image/x-portable-anymap": "PPM",
}
_RASTERS: dict[str, Mode] = {"L": "gray", "I;16": "gray16", "RGB": "color"}


@dataclass(slots=True)
class Deep:
    """A picture of 16 bits a colour, which Pillow has no mode for: one of mode I;16 for each."""

    planes: tuple[Any, ...]
    info: dict[Any, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.planes[0].size
        return width, height

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.size[0]

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.size[1]

    def crop(self, box: tuple[int, ...]) -> Deep:
        """Return a part."""
        return Deep(tuple(plane.crop(box) for plane in self.planes), self.info)

    def shallow(self) -> Any:
        """Return it with 8 bits a colour."""
        high = [flattened(plane) for plane in self.planes]
        made = Image.merge("RGB", high)
        made.info = dict(self.info)
        return made

    def with_changes(self, before: Any, after: Any) -> Any:
        """Return it with the samples that differ between two pictures of 8 bits a colour.

        All others keep their 16 bits. Where the second one has other samples, it is returned.
        """
        if (before.mode, before.size) != (after.mode, after.size):
            return after
        planes = []
        for plane, old, new in zip(self.planes, before.split(), after.split(), strict=True):
            levels = np.asarray(new)
            touched = levels != np.asarray(old)
            whole = np.where(touched, levels.astype(np.uint16) * 257, _samples(plane))
            planes.append(Image.fromarray(whole))
        return Deep(tuple(planes), self.info)

    def rows(self) -> memoryview:
        """Return its samples as they lie in memory: red, green, blue of each pixel."""
        samples: Any = np.dstack([_samples(plane) for plane in self.planes])
        return memoryview(samples).cast("B")


def picture_of(page: Page) -> Any:
    """Return what a codec drew as a picture, upright, in a mode that edits take, or `Deep`.

    Raises AddonBroken, TooLarge, Unreadable.
    """
    name = _FORMATS.get(page.media_type)
    if name is None:
        raise AddonBroken(f"the codec draws {page.media_type}, which is no picture")
    Image.MAX_IMAGE_PIXELS = None  # checked here, before anything is unpacked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with rare.opened(io.BytesIO(page.data), [name]) as found:
                most = 5 * MOST_PIXELS if found.mode == "1" else MOST_PIXELS
                if found.width * found.height > most:
                    raise TooLarge(f"the page has {found.width} x {found.height} pixels")
                if deep.is_deep(found):
                    return _deep(found, page.data)
                found.load()
                ImageOps.exif_transpose(found, in_place=True)
                return _plain(found)
        except MemoryError as error:
            raise TooLarge("it needs more memory than there is for it") from error
        except DAMAGE as error:
            raise Unreadable(f"the {page.media_type} cannot be read: {error}") from error


def fitted(picture: Any, size: tuple[int, int]) -> Any:
    """Return a picture of exactly this size."""
    if picture.size == size:
        return picture
    factors = (max(1, picture.width // size[0]), max(1, picture.height // size[1]))
    small = reduced(picture, factors) if max(factors) > 1 else eight(picture)
    return small if small.size == size else small.resize(size, Image.Resampling.BILINEAR)


def reduced(picture: Any, factor: tuple[int, int] | int) -> Any:
    """Return a picture made smaller by whole factors, of 8 bits a sample."""
    return eight(picture).reduce(factor)


def eight(picture: Any) -> Any:
    """Return a picture of 8 bits a sample."""
    if isinstance(picture, Deep):
        return picture.shallow()
    return picture if picture.mode in {"L", "RGB"} else flattened(picture)


def tell_dpi(picture: Any, page: PageInfo, scale: float) -> None:
    """Have a picture say its resolution and what its colours mean, and nothing else."""
    profile = picture.info.get(PROFILE)
    picture.info = {"dpi": (page.dpi[0] * scale, page.dpi[1] * scale)}
    if profile:
        picture.info[PROFILE] = profile


def encoded(picture: Any, wanted: Wanted, dpi: tuple[float, float]) -> Page:
    """Return a picture as a page: JPEG or PNG, as it is wanted and loses nothing more."""
    media_type = wanted.media_type
    if media_type is None:
        small = wanted.lossy and not isinstance(picture, Deep) and picture.mode in {"L", "RGB"}
        media_type = jpeg.MEDIA_TYPE if small else Png.media_type
    if media_type == jpeg.MEDIA_TYPE:
        picture = eight(picture)
        samples = 3 if picture.mode == "RGB" else 1
        data = jpeg.encode(picture.tobytes(), picture.size, samples, quality=wanted.quality)
        data = jpeg.with_profile(jpeg.with_dpi(data, dpi), _profile_of(picture))
    else:
        media_type, data = Png.media_type, _png(picture, dpi)
    return Page(
        data=data, media_type=media_type, width=picture.width, height=picture.height, dpi=dpi
    )


def _deep(found: Any, data: bytes) -> Any:
    """Return a picture of 16 bits a colour, upright: `Deep`, or a grey one."""
    samples = deep.samples_of(found, data)
    turn = 1 if found.format == "TIFF" else found.getexif().get(0x0112, 1)  # as Pillow gives it
    planes = [samples] if samples.ndim == 2 else np.moveaxis(samples, 2, 0)
    upright = [_upright(Image.fromarray(np.ascontiguousarray(one)), turn) for one in planes]
    info = {PROFILE: found.info[PROFILE]} if PROFILE in found.info else {}
    if samples.ndim == 2:
        upright[0].info.update(info)
        return upright[0]
    return Deep(tuple(upright), info)


def _upright(plane: Any, turn: int) -> Any:
    plane.getexif()[0x0112] = turn
    return ImageOps.exif_transpose(plane)


def _samples(plane: Any) -> Any:
    return np.asarray(plane).astype("uint16", copy=False)


def _plain(picture: Any) -> Any:
    if picture.mode.startswith("I"):
        picture = rare.grey_of(picture)
    plain = picture.mode in MODES and "transparency" not in picture.info
    return picture.copy() if plain else flattened(picture)


def _profile_of(picture: Any) -> bytes:
    """Return what the colours of a picture mean, where its profile is for its mode."""
    profile = picture.info.get(PROFILE)
    mode = "RGB" if isinstance(picture, Deep) else picture.mode
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= MOST_PROFILE:
        return b""
    return profile if _COLOURS.get(profile[16:20]) == mode else b""


def _png(picture: Any, dpi: tuple[float, float]) -> bytes:
    if isinstance(picture, Deep):
        mode: Mode = "color16"
        rows = picture.rows()
    elif picture.mode == "1":
        stream = io.BytesIO()
        known = {"dpi": dpi} if min(dpi) > 0 else {}
        picture.save(stream, "PNG", **known)
        return stream.getvalue()
    else:
        mode, rows = _RASTERS[picture.mode], memoryview(picture.tobytes())
    shape = Shape(width=picture.width, mode=mode, dpi=dpi, rows=picture.height)
    form, band = Png(shape, _profile_of(picture)), Band(shape)
    band.follow(None)
    band.take(rows)
    body = form.join(form.pack(band))
    return b"".join((form.head(picture.height), body, form.tail(picture.height)))
