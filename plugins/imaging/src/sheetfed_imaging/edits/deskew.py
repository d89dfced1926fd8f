"""Turns a page until its lines lie level."""

from __future__ import annotations

from PIL import Image

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.model import Settings
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import DESKEW
from sheetfed_imaging.pixels import array_of, gray_of, picture_of
from sheetfed_imaging.skew import skew_of
from sheetfed_imaging.turning import IDENTITY, fill_of, turn_of, turned


class Deskew(Edit):
    """Straightens by an angle that is given or found."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._asked = Asked(DESKEW, settings)

    def apply(
        self,
        picture: Image.Image,
        scale: float,  # noqa: ARG002 - an angle is the same at any size
    ) -> tuple[Image.Image, Transform]:
        """Return the straight picture."""
        angle = self._angle(picture)
        if not angle:
            return picture, IDENTITY
        samples = array_of(picture)
        turn = turn_of(picture.size, -angle, grow=self._asked.word("canvas") == "grow")
        made = turned(samples, turn, fill=fill_of(samples, self._asked.word("fill")))
        return picture_of(made, picture), turn.transform

    def _angle(self, picture: Image.Image) -> float:
        given = self._asked.maybe("angle")
        if given is not None:
            return given
        found = skew_of(gray_of(picture), most=self._asked.number("most"))
        return found.angle if found else 0.0
