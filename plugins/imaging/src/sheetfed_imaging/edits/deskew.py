"""Turns a page until its lines lie level."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.model import PageInfo, Settings, Value
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.colours import WHITE, colour_of, in_samples, paper_of, parted, written
from sheetfed_imaging.offers import DESKEW
from sheetfed_imaging.pixels import array_of, gray_of, picture_of
from sheetfed_imaging.skew import skew_of
from sheetfed_imaging.turning import Turn, turn_of, turned


class Deskew(Edit):
    """Straightens by an angle that is given or found."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(DESKEW, settings)
        self._fill = self._asked.word("fill")
        self._colour = colour_of(self._fill, "fill") if self._fill else WHITE

    def find(
        self,
        picture: Image.Image,
        scale: float,  # noqa: ARG002 - an angle is the same at any size
    ) -> Settings:
        """Return the skew, 0 where no lines are seen, and the colour of the margin."""
        found: dict[str, Value] = {}
        if self._asked.maybe("angle") is None:
            skew = skew_of(gray_of(picture), most=self._asked.number("most"))
            found["angle"] = round(skew.angle, 3) if skew else 0.0
        if not self._fill:
            found["fill"] = written(paper_of(array_of(picture)))
        return found

    def measure(self, page: PageInfo) -> tuple[PageInfo, Transform]:
        """Return the page, larger where it grows."""
        turn = self._turn((page.width, page.height))
        return replace(page, width=turn.width, height=turn.height), turn.transform

    def apply(
        self,
        picture: Image.Image,
        scale: float,  # noqa: ARG002 - as above
    ) -> Image.Image:
        """Return the straight picture."""
        if not self._asked.maybe("angle"):
            return picture
        samples = array_of(picture)
        fill = in_samples(self._colour, samples)
        return picture_of(turned(samples, self._turn(picture.size), fill=fill), picture)

    def by_sample(self) -> bool:
        """Say yes."""
        return True

    def for_sample(self, place: int) -> Deskew:
        """Return it with the margin's share of that colour."""
        return Deskew({**self.settings, "fill": written(parted(self._colour, place))})

    def _turn(self, size: tuple[int, int]) -> Turn:
        angle = self._asked.maybe("angle") or 0.0
        return turn_of(size, -angle, grow=self._asked.word("canvas") == "grow")
