"""Marks how many pixels have which tone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sheetfed.api.contracts import Step
from sheetfed.api.model import Mark, Page, Settings, Value
from sheetfed_imaging import look
from sheetfed_imaging.asked import Asked
from sheetfed_imaging.offers import HISTOGRAM
from sheetfed_imaging.pixels import Pixels, array_of, gray_of

_WHOLE = 1_000_000  # no page is longer, so that every pixel counts


class MarkHistogram(Step):
    """Counts tones, of each colour and of all."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._bins = int(Asked(HISTOGRAM, settings).number("bins"))
        look.warm()

    def apply(self, page: Page) -> Iterable[Page]:
        """Return the page with its mark: the mean as value, the counts in the details."""
        picture = look.picture_of(page, longest=_WHOLE)
        gray = gray_of(picture)
        counts = np.bincount(gray.ravel(), minlength=256)
        mean = float(counts @ np.arange(256)) / gray.size
        details: dict[str, Value] = {
            "mean": round(mean, 2),
            "darkest": int(gray.min()),
            "lightest": int(gray.max()),
            "gray": self._said(gray),
        }
        if picture.mode == "RGB":
            samples = array_of(picture)
            for at, name in enumerate(("red", "green", "blue")):
                details[name] = self._said(samples[:, :, at])
        mark = Mark(kind="histogram", value=f"{mean:.1f}", by=HISTOGRAM.name, details=details)
        return look.marked(page, mark)

    def _said(self, samples: Pixels) -> str:
        counts = np.bincount(samples.ravel(), minlength=256).reshape(self._bins, -1).sum(axis=1)
        return " ".join(str(count) for count in counts)
