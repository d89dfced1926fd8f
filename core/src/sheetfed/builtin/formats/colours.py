"""Colour profiles: what numbers of a picture mean."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from sheetfed.builtin.formats.limits import MOST_EXTRA

PROFILE = "icc_profile"
_SHORTEST = 128
_SAMPLES = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_MODES = {"L": 1, "RGB": 3, "CMYK": 4}
_SCREEN = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def fitting(picture: Image.Image, samples: int) -> bytes | None:
    """Return the profile of an opened picture, where it is for so many samples."""
    return fit(picture.info.get(PROFILE), samples)


def unprinted(picture: Image.Image) -> Image.Image:
    """Return a picture in the four colours of a press as RGB: by its profile, else roughly."""
    shown = on_screen(picture, picture.info.get(PROFILE))
    return shown.convert("RGB") if shown.mode == "CMYK" else shown


def on_screen(picture: Image.Image, profile: object) -> Image.Image:
    """Return a picture as screens show it; as it is where its profile is none, or lies."""
    samples = _MODES.get(picture.mode, 0)
    known = fit(profile, samples)
    if known is None:
        return picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(known))
        shown = ImageCms.profileToProfile(picture, own, _SCREEN, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    if shown is None:
        return picture
    return shown.convert("L") if samples == 1 else shown


def fit(profile: object, samples: int) -> bytes | None:
    """Return a profile where it is one for so many samples."""
    if not isinstance(profile, bytes) or not _SHORTEST <= len(profile) <= MOST_EXTRA:
        return None
    return profile if _SAMPLES.get(profile[16:20]) == samples else None
