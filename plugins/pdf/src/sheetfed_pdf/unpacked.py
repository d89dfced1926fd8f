"""Pictures unpacked: upright, in colours of a screen."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from sheetfed.api import rare

_SCREEN = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_LONGEST = 1024 * 1024


def upright(picture: Any, turn: int) -> Any:
    """Return a picture as it is meant to be seen: black and white, 8-bit grey or RGB, on white."""
    if picture.mode.startswith("I"):
        high = np.asarray(rare.grey_of(picture)) >> 8
        picture = Image.fromarray(high.astype(np.uint8))
    elif picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info:
        grey = picture.mode in {"1", "L", "LA", "La"}
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        ground.alpha_composite(picture)
        picture = ground.convert("L" if grey else "RGB")
    elif picture.mode == "CMYK":
        picture = _unprinted(picture)
    elif picture.mode not in {"1", "L", "RGB"}:
        picture = picture.convert("L" if picture.mode == "F" else "RGB")
    return turned(picture, turn)


def turned(picture: Any, turn: int) -> Any:
    """Return a picture as it is meant to be seen, its samples as they are."""
    transposed = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    if turn in transposed:
        return picture.transpose(Image.Transpose(transposed[turn]))
    return picture.copy()  # an opened file, when it is saved, asks for the folder it is in


def _unprinted(picture: Any) -> Any:
    """Return a picture in the four colours of a press as RGB: by its profile, else roughly."""
    profile = picture.info.get("icc_profile")
    if isinstance(profile, bytes) and profile[16:20] == b"CMYK" and len(profile) <= _LONGEST:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, own, _SCREEN, outputMode="RGB")
    return picture.convert("RGB")


def black_and_white(picture: Any) -> Any:
    """Return a picture cut into black and white where Otsu's method does."""
    if picture.mode == "1":
        return picture
    grey = picture.convert("L")
    counts = np.array(grey.histogram(), np.float64)
    values = np.arange(256)
    below, sums = np.cumsum(counts), np.cumsum(counts * values)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
        between = np.nan_to_num(below * above * gap * gap, posinf=0.0)
    threshold = int(np.argmax(between)) if between.any() else 127
    return grey.point(lambda level: 255 if level > threshold else 0, "1")
