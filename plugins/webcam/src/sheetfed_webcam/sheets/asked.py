"""What is asked of an edit or a step: settings over defaults."""

from __future__ import annotations

import re

import numpy as np

from sheetfed.api.errors import BadSettings
from sheetfed.api.hooks import Spec
from sheetfed.api.model import Settings, Value
from sheetfed.api.options import fitted
from sheetfed_webcam.sheets.pixels import Matrix

_NUMBER = r"-?\d+(?:\.\d+)?"
_CORNERS = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}(?:\s+{_NUMBER}\s*,\s*{_NUMBER}){{3}}\s*")


def asked(spec: Spec, settings: Settings) -> dict[str, Value]:
    """Return the value of each option. Raises BadSettings where one does not fit."""
    found: dict[str, Value] = {}
    for option in spec.options:
        value = settings.get(option.name)
        found[option.name] = option.default if value is None else fitted(option, value)
    return found


def corners_of(text: str) -> Matrix | None:
    """Return corners that are written as four points; None where none are. Raises BadSettings."""
    if not text:
        return None
    if not _CORNERS.fullmatch(text):
        raise BadSettings("corners are four points as x,y with spaces between", option="corners")
    numbers = [float(number) for number in re.findall(_NUMBER, text)]
    points: Matrix = np.array(numbers).reshape(4, 2)
    if np.abs(points).max() > 1e6:
        raise BadSettings("a corner is far away from any page", option="corners")
    ahead = np.roll(points, -1, axis=0) - points
    after = np.roll(ahead, -1, axis=0)
    turns = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    if not ((turns > 1).all() or (turns < -1).all()):
        raise BadSettings(
            "the corners are not those of a sheet: one follows the other around it",
            option="corners",
        )
    return points


def written(corners: Matrix) -> str:
    """Return corners as the option has them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
