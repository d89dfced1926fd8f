"""Where on a page something is put: corners, edges, middle."""

from __future__ import annotations

from sheetfed.api.model import Settings

_NEAR = {"left": 0, "centre": 1, "right": 2, "top": 0, "middle": 1, "bottom": 2}


def place_of(settings: Settings, page: tuple[int, int], part: tuple[int, int]) -> tuple[int, int]:
    """Return the top left corner of a part that the options `position` and `margin` place."""
    place, _, side = str(settings.get("position") or "bottom-centre").partition("-")
    margin = float(settings.get("margin") or 0.0) / 100 * max(page)
    found = [
        (margin, (whole - length) / 2, whole - length - margin)[_NEAR[word]]
        for word, whole, length in zip((side, place), page, part, strict=True)
    ]
    return round(found[0]), round(found[1])
