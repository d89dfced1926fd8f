"""Edits that move points: turned, cut, larger, smaller."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo
from sheetfed.builtin.edits.modes import (
    RESAMPLING,
    Picture,
    black_and_white,
    colour_of,
    in_mode,
    parted,
)
from sheetfed.builtin.edits.regions import region_of, region_on

_TURNS = {
    90: Image.Transpose.ROTATE_270,  # Pillow counts the other way round
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


class Rotate(Edit):
    """Turns the page about its middle."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page turned, its canvas grown where that was asked."""
        colour_of(self.settings, "fill", "#ffffff")
        cosine, sine = _turn(self._angle)
        width, height = self._canvas((page.width, page.height))
        across = page.dpi if abs(cosine) >= abs(sine) else page.dpi[::-1]
        left, top = page.width / 2, page.height / 2
        across_by = width / 2 - cosine * left + sine * top
        down_by = height / 2 - sine * left - cosine * top
        if self._angle % 360 in _TURNS:  # by whole pixels
            across_by, down_by = math.floor(across_by), math.floor(down_by)
        transform = (
            cosine, -sine, float(across_by),
            sine, cosine, float(down_by),
            0.0, 0.0, 1.0,
        )  # fmt: skip
        return PageInfo(width=width, height=height, dpi=across), transform

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Move pixels at quarter turns, else mix new ones."""
        del scale
        canvas = self._canvas(picture.size)
        quarters = self._angle % 360
        if quarters == 0:
            return picture
        if quarters in _TURNS:
            turned = picture.transpose(_TURNS[int(quarters)])
            return turned if turned.size == canvas else self._laid(turned, canvas)
        cosine, sine = _turn(self._angle)
        (width, height), (wide, high) = picture.size, canvas
        back = (
            cosine, sine, width / 2 - cosine * wide / 2 - sine * high / 2,
            -sine, cosine, height / 2 + sine * wide / 2 - cosine * high / 2,
        )  # fmt: skip
        how = _resampling(self)
        fill = colour_of(self.settings, "fill", "#ffffff")

        def turn(part: Picture) -> Picture:
            return part.transform(
                canvas,
                Image.Transform.AFFINE,
                back,
                RESAMPLING[how],
                fillcolor=in_mode(fill, part.mode),
            )

        return _mixed(picture, how, turn)

    def only_turns(self) -> bool:
        """Say so of quarter turns that keep the whole page."""
        return self._angle % 360 in (0, 180) or (self._angle % 360 in _TURNS and self._grows)

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def for_sample(self, place: int) -> Rotate:
        """Return it with the fill's share of that colour."""
        return Rotate(parted(self.settings, "fill", "#ffffff", place))

    def _laid(self, turned: Picture, canvas: tuple[int, int]) -> Picture:
        """Return what was turned by a quarter on the middle of the canvas that it had before."""
        fill = colour_of(self.settings, "fill", "#ffffff")
        made = Image.new(turned.mode, canvas, in_mode(fill, turned.mode))
        left, top = ((whole - part) // 2 for whole, part in zip(canvas, turned.size, strict=True))
        made.paste(turned, (left, top))
        return made

    @property
    def _grows(self) -> bool:
        return self.settings.get("canvas", "grow") != "keep"

    @property
    def _angle(self) -> float:
        return float(self.settings.get("angle", 90.0) or 0.0)

    def _canvas(self, size: tuple[int, int]) -> tuple[int, int]:
        if not self._grows:
            return size
        cosine, sine = (abs(part) for part in _turn(self._angle))
        width = round(size[0] * cosine + size[1] * sine)
        return max(1, width), max(1, round(size[0] * sine + size[1] * cosine))


class Mirror(Edit):
    """Swaps left and right."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as large as it was."""
        return page, (-1.0, 0.0, float(page.width), 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Move the pixels."""
        del scale
        return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    def only_turns(self) -> bool:
        """Say yes."""
        return True

    def by_sample(self) -> bool:
        """Say yes."""
        return True


class Flip(Edit):
    """Swaps top and bottom."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as large as it was."""
        return page, (1.0, 0.0, 0.0, 0.0, -1.0, float(page.height), 0.0, 0.0, 1.0)

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Move the pixels."""
        del scale
        return picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)

    def only_turns(self) -> bool:
        """Say yes."""
        return True

    def by_sample(self) -> bool:
        """Say yes."""
        return True


class Crop(Edit):
    """Keeps a region of the page."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the region as the page. Raises BadSettings where it lies outside."""
        left, top, right, bottom = region_on(page, self.settings)
        after = replace(page, width=right - left, height=bottom - top)
        return after, (1.0, 0.0, -left, 0.0, 1.0, -top, 0.0, 0.0, 1.0)

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Cut it out."""
        return picture.crop(region_of(self.settings, picture.size, scale))

    def by_sample(self) -> bool:
        """Say yes."""
        return True


class Resize(Edit):
    """Gives the page more or fewer pixels; its size on paper stays."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page with other pixels and the resolution that they mean."""
        return _resized(page, self._size(page))

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Mix new pixels."""
        page = PageInfo(
            width=max(1, round(picture.width / scale)), height=max(1, round(picture.height / scale))
        )
        return _resampled(self, picture, self._size(page), scale)

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def _size(self, page: PageInfo) -> tuple[float, float]:
        width = float(self.settings.get("width") or 0)
        height = float(self.settings.get("height") or 0)
        if not width and not height:
            share = float(self.settings.get("percent", 100.0) or 100.0) / 100
            return page.width * share, page.height * share
        return (
            width or height * page.width / page.height,
            height or width * page.height / page.width,
        )


class Resolution(Edit):
    """Says how many pixels make an inch; resampled, the size on paper stays."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page with its new resolution. Raises BadSettings."""
        if not self.settings.get("resample"):
            return replace(page, dpi=self._dpi), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
        if min(page.dpi) <= 0:
            raise BadSettings("resample needs a page whose resolution is known", option="resample")
        size = [
            pixels * wanted / now
            for pixels, wanted, now in zip(
                (page.width, page.height), self._dpi, page.dpi, strict=True
            )
        ]
        after, transform = _resized(page, (size[0], size[1]))
        return replace(after, dpi=self._dpi), transform

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Mix new pixels, or change none."""
        now = picture.info.get("dpi", (0.0, 0.0))
        if not self.settings.get("resample") or min(now) <= 0:
            return picture
        full = (now[0] / scale, now[1] / scale)
        size = (
            picture.width / scale * self._dpi[0] / full[0],
            picture.height / scale * self._dpi[1] / full[1],
        )
        return _resampled(self, picture, size, scale)

    def only_turns(self) -> bool:
        """Say so where pixels stay."""
        return not self.settings.get("resample")

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    @property
    def _dpi(self) -> tuple[float, float]:
        across = float(self.settings.get("dpi") or 300.0)
        return across, float(self.settings.get("dpi-down") or across)


def _turn(angle: float) -> tuple[float, float]:
    """Return cosine and sine, exact at quarter turns."""
    exact = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
    quarters = angle % 360
    if quarters in exact:
        return exact[int(quarters)]
    return math.cos(math.radians(angle)), math.sin(math.radians(angle))


def _resized(page: PageInfo, size: tuple[float, float]) -> tuple[PageInfo, Transform]:
    width, height = max(1, round(size[0])), max(1, round(size[1]))
    across, down = width / page.width, height / page.height
    dpi = (page.dpi[0] * across, page.dpi[1] * down)
    after = PageInfo(width=width, height=height, dpi=dpi)
    return after, (across, 0.0, 0.0, 0.0, down, 0.0, 0.0, 0.0, 1.0)


def _resampled(edit: Edit, picture: Picture, size: tuple[float, float], scale: float) -> Picture:
    wanted = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    how = _resampling(edit)
    return _mixed(picture, how, lambda part: part.resize(wanted, RESAMPLING[how]))


def _resampling(edit: Edit) -> str:
    how = str(edit.settings.get("interpolation") or "bilinear")
    if how not in RESAMPLING:
        raise BadSettings(f"interpolation cannot be {how!r}", option="interpolation")
    return how


def _mixed(picture: Picture, how: str, change: Callable[[Picture], Picture]) -> Picture:
    """Change a picture in a mode whose pixels can be mixed, and return it in its own."""
    if how == "nearest" or picture.mode in {"L", "RGB"}:
        return change(picture)
    if picture.mode == "1":
        return black_and_white(change(picture.convert("L")))
    whole = change(picture.convert("I"))
    return Image.fromarray(np.asarray(whole).clip(0, 65535).astype(np.uint16))
