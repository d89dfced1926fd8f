"""Edits of a region: erased, redacted."""

from __future__ import annotations

import math

from sheetfed.api.contracts import UNMOVED, Edit, Transform
from sheetfed.api.errors import BadSettings
from sheetfed.api.model import PageInfo, Settings
from sheetfed.builtin.edits.modes import Picture, colour_of, in_mode, parted

Box = tuple[int, int, int, int]

_ASTRAY = 1
"""Pixels by which a picture that is drawn small misses its true size, and so a region its place."""


def region_on(page: PageInfo, settings: Settings) -> Box:
    """Return the pixels of a page that four options name. Raises BadSettings: they lie outside."""
    for near, most in (("left", page.width), ("top", page.height)):
        start = float(settings.get(near) or 0)
        if start >= most:
            raise BadSettings(
                f"{near} is {start:g}, outside the page of {most} pixels", option=near
            )
    return region_of(settings, (page.width, page.height), 1.0)


def region_of(settings: Settings, size: tuple[int, int], scale: float) -> Box:
    """Return the pixels of a picture that four options name, one at least, cut to the picture."""
    left, top, right, bottom = _edges(settings, size, scale)
    first, upper = min(round(left), size[0] - 1), min(round(top), size[1] - 1)
    return first, upper, max(first + 1, round(right)), max(upper + 1, round(bottom))


class Erase(Edit):
    """Fills a region, or all but a region, with one colour."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as it is. Raises BadSettings where the region lies outside."""
        colour_of(self.settings, "fill", "#ffffff")
        region_on(page, self.settings)
        return page, UNMOVED

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def for_sample(self, place: int) -> Erase:
        """Return it with the fill's share of that colour."""
        return Erase(parted(self.settings, "fill", "#ffffff", place))

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Paint over it."""
        colour = in_mode(colour_of(self.settings, "fill", "#ffffff"), picture.mode)
        box = region_of(self.settings, picture.size, scale)
        made = picture.copy()
        if self.settings.get("where", "inside") == "inside":
            made.paste(colour, box)
            return made
        made.paste(colour, (0, 0, *picture.size))
        made.paste(picture.crop(box), box)
        return made


class Redact(Edit):
    """Covers a region; nobody is given the page without it."""

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page as it is. Raises BadSettings where the region lies outside."""
        colour_of(self.settings, "fill", "#000000")
        region_on(page, self.settings)
        return page, UNMOVED

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def for_sample(self, place: int) -> Redact:
        """Return it with the fill's share of that colour."""
        return Redact(parted(self.settings, "fill", "#000000", place))

    def apply(self, picture: Picture, scale: float) -> Picture:
        """Paint over every pixel that has the least of it."""
        colour = in_mode(colour_of(self.settings, "fill", "#000000"), picture.mode)
        left, top, right, bottom = _edges(self.settings, picture.size, scale)
        more = 0 if scale == 1.0 else _ASTRAY
        made = picture.copy()
        made.paste(
            colour,
            (
                max(0, math.floor(left) - more),
                max(0, math.floor(top) - more),
                min(picture.width, math.ceil(right) + more),
                min(picture.height, math.ceil(bottom) + more),
            ),
        )
        return made


def _edges(
    settings: Settings, size: tuple[int, int], scale: float
) -> tuple[float, float, float, float]:
    found = []
    for near, length, most in (("left", "width", size[0]), ("top", "height", size[1])):
        start = float(settings.get(near) or 0) * scale
        long = float(settings.get(length) or 0) * scale
        end = min(float(most), start + long) if long else float(most)
        found.append((min(start, most - 1.0), end))  # what is drawn small has not quite its share
    (left, right), (top, bottom) = found
    return left, top, right, bottom
