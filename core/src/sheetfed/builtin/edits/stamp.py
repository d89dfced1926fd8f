"""The edit `stamp`: a signature, a seal, a logo."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
from PIL import Image, ImageChops

from sheetfed.api.contracts import Edit
from sheetfed.api.errors import Unreadable
from sheetfed.builtin.edits.modes import Picture, grey, samples_of
from sheetfed.builtin.edits.places import place_of
from sheetfed.builtin.pillow import DAMAGE


class Stamp(Edit):
    """Puts the picture of another page on the page."""

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Press it on like ink, so that its paper is not seen, or lay it over."""
        del scale
        stamp = self._picture(picture)
        if stamp is None:
            return picture
        ground = _plain(picture)
        place = place_of(self.settings, picture.size, stamp.size)
        sheet = Image.new(ground.mode, picture.size, "white")
        sheet.paste(stamp.convert(ground.mode), place)
        opacity = float(self.settings.get("opacity") or 100.0) / 100
        if self.settings.get("ink", True):
            made = ImageChops.multiply(ground, sheet)
            return _back(Image.blend(ground, made, opacity), picture)
        cover = Image.new("L", picture.size)
        cover.paste(round(opacity * 255), (*place, place[0] + stamp.width, place[1] + stamp.height))
        return _back(Image.composite(sheet, ground, cover), picture)

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


def _back(made: Picture, picture: Picture) -> Picture:
    """Return what was made in the mode of the page; what was not touched keeps all its bits."""
    if picture.mode == "1":
        return made.convert("1")
    if picture.mode != "I;16":
        return made
    samples, levels = samples_of(picture), np.asarray(made).astype(np.uint16)
    touched = levels != samples >> 8
    return Image.fromarray(np.where(touched, levels * 257, samples).astype(np.uint16))
