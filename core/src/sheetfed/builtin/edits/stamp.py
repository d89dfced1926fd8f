"""The edit `stamp`: a signature, a seal, a logo."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
from PIL import Image, ImageChops

from sheetfed.api.contracts import Edit
from sheetfed.api.errors import Unreadable
from sheetfed.api.model import Settings
from sheetfed.builtin.edits.modes import Picture, grey, samples_of
from sheetfed.builtin.edits.places import place_of
from sheetfed.builtin.pillow import DAMAGE


class Stamp(Edit):
    """Puts the picture of another page on the page."""

    def __init__(self, settings: Settings, place: int | None = None) -> None:
        super().__init__(settings)
        self._place = place

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def for_sample(self, place: int) -> Stamp:
        """Return it with that colour of the stamp."""
        return Stamp(self.settings, place)

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Press it on like ink, so that its paper is not seen, or lay it over."""
        del scale
        stamp = self._picture(picture)
        if stamp is None:
            return picture
        if stamp.mode == "RGB" and self._place is not None:
            stamp = stamp.split()[self._place]
        place = place_of(self.settings, picture.size, stamp.size)
        opacity = float(self.settings.get("opacity") or 100.0) / 100
        ink = bool(self.settings.get("ink", True))
        if picture.mode == "I;16":
            return _deeply(picture, stamp, place, opacity=opacity, ink=ink)
        ground = _plain(picture)
        sheet = Image.new(ground.mode, picture.size, "white")
        sheet.paste(stamp.convert(ground.mode), place)
        if ink:
            made = Image.blend(ground, ImageChops.multiply(ground, sheet), opacity)
        else:
            cover = Image.new("L", picture.size)
            end = (place[0] + stamp.width, place[1] + stamp.height)
            cover.paste(round(opacity * 255), (*place, *end))
            made = Image.composite(sheet, ground, cover)
        return made.convert("1") if picture.mode == "1" else made

    def _picture(self, page: Picture) -> Picture | None:
        """Return the stamp as large as it is to be, None where there is none."""
        text = self.settings.get("picture")
        if not isinstance(text, str) or not text:
            return None
        try:
            found = Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"])
            found.load()
        except (binascii.Error, *DAMAGE) as error:
            raise Unreadable(f"the stamp cannot be read: {error}") from error
        plain = _plain(found)
        share = float(self.settings.get("size") or 25.0) / 100 * max(page.size) / plain.width
        size = (max(1, round(plain.width * share)), max(1, round(plain.height * share)))
        steps = (max(1, plain.width // size[0]), max(1, plain.height // size[1]))
        stamp = plain.reduce(steps).resize(size, Image.Resampling.BILINEAR)
        angle = float(self.settings.get("angle") or 0.0)
        if not angle:
            return stamp
        white = (255, 255, 255) if stamp.mode == "RGB" else 255
        return stamp.rotate(-angle, Image.Resampling.BICUBIC, expand=True, fillcolor=white)


def _plain(picture: Picture) -> Picture:
    return picture if picture.mode == "RGB" else grey(picture)


def _deeply(
    picture: Picture, stamp: Picture, place: tuple[int, int], *, opacity: float, ink: bool
) -> Picture:
    """Return a page of 16 bits with a stamp on it: like ink, or over it."""
    samples = samples_of(picture).copy()
    left, top = (max(0, at) for at in place)
    part = samples[top : max(0, place[1] + stamp.height), left : max(0, place[0] + stamp.width)]
    level = np.asarray(grey(stamp))[top - place[1] :, left - place[0] :] / 255.0
    level = level[: part.shape[0], : part.shape[1]]
    stamped = part * level if ink else level * 65535.0
    part[:] = (part * (1.0 - opacity) + stamped * opacity).round()
    return Image.fromarray(samples)
