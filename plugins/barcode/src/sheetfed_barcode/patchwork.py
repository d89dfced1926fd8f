"""Finds patch codes on a page.

Every few rows and columns the page is cut into black and white runs; where seven of them have the
widths of a patch, between white on both sides, that is a sighting. Sightings that lie side by side
over the length of a bar are a patch, whatever else is on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed_barcode.codes import Point
from sheetfed_barcode.patches import LENGTH, NARROW, PATCHES, WIDE
from sheetfed_barcode.picture import sheet_dpi

DPI = 75.0
"""What a page is averaged down to: a narrow bar is six pixels wide, and dirt is gone."""

SHORTEST = 0.75
"""Inches that bars must be long, by the standard."""

SLACK = 0.35
"""How far off a bar or a space may be, as a share of the narrow width."""

NARROWEST, WIDEST = 0.045, 0.14
"""Inches of a narrow bar: sheets are copied larger and smaller, and resolutions are wrong."""

COARSEST = 40.0
"""Dots to the inch below which bars are no more than a few pixels."""

_BARS = {
    tuple(round(width / NARROW, 1) for width in widths): name for name, widths in PATCHES.items()
}
_WIDE = WIDE / NARROW


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A patch code on a page, in the page's pixels."""

    name: str
    corners: tuple[Point, ...]
    sightings: int


def find(grey: NDArray[np.uint8], dpi: float) -> list[Patch]:
    """Return the patch codes on a grey page; dpi is 0 where nobody knows."""
    height, width = grey.shape
    known = dpi if dpi >= COARSEST else sheet_dpi(width, height)
    if min(height, width) < 16 or known < COARSEST:
        return []  # of an unknown resolution, and too small to be a sheet: a picture of a code
    factor = max(1, round(known / DPI))
    small = np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey
    dark = small < _threshold(small)
    inch = known / factor
    found = _lying(dark, inch, along="rows") + _lying(dark.T, inch, along="columns")
    return [_scaled(patch, factor) for patch in _unique(found)]


def _threshold(small: NDArray[np.uint8]) -> float:
    """Return the middle between ink and paper; without ink nothing is dark."""
    shares = np.cumsum(np.bincount(small.ravel(), minlength=256)) / small.size
    ink, paper = np.searchsorted(shares, (0.005, 0.75))
    return float(ink + paper) / 2 if paper - ink > 30 else -1.0


def _lying(dark: NDArray[np.bool_], inch: float, along: Literal["rows", "columns"]) -> list[Patch]:
    """Return the patches whose bars lie across: a column of pixels crosses all of them."""
    step = 2
    lines: list[tuple[int, list[_Sighting]]] = [
        (x, [*_sightings(np.ascontiguousarray(dark[:, x]), inch)])
        for x in range(0, dark.shape[1], step)
    ]
    chains: list[list[_Sighting]] = []
    open_chains: list[list[_Sighting]] = []
    for x, sightings in lines:
        still = [chain for chain in open_chains if x - chain[-1].x <= 3 * step]
        chains += [chain for chain in open_chains if x - chain[-1].x > 3 * step]
        for sighting in sightings:
            placed = sighting.at(x)
            home = next((chain for chain in still if chain[-1].leads_to(placed)), None)
            if home is None:
                still.append([placed])
            else:
                home.append(placed)
        open_chains = still
    chains += open_chains
    least = SHORTEST * inch / step * 0.6  # some sightings are spoilt by dirt
    return [
        _patch(chain, dark.shape[0], along)
        for chain in chains
        if len(chain) >= least and chain[-1].x - chain[0].x >= 0.9 * SHORTEST * inch
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sighting:
    """Seven runs with the widths of a patch, from `start` to `end` on the line at `x`."""

    bars: tuple[float, ...]
    start: int
    end: int
    x: int = 0

    def at(self, x: int) -> _Sighting:
        return _Sighting(bars=self.bars, start=self.start, end=self.end, x=x)

    def leads_to(self, other: _Sighting) -> bool:
        """Say whether another one can be of the same patch, on a sheet that is somewhat askew."""
        drift = max(2.0, 0.4 * (other.x - self.x)) + 1
        return (
            self.bars == other.bars
            and other.x - self.x > 0
            and abs(self.start - other.start) <= drift
            and abs(self.end - other.end) <= drift
        )


def _sightings(line: NDArray[np.bool_], inch: float) -> Iterator[_Sighting]:
    edges = np.flatnonzero(line[1:] != line[:-1]) + 1
    if edges.size < 8:
        return
    edges = np.concatenate(([0], edges, [line.size]))
    runs = np.diff(edges)
    first = 0 if line[0] else 1
    for at in range(first, runs.size - 6, 2):
        span = int(runs[at : at + 7].sum())
        narrow = span / (LENGTH / NARROW)
        if not NARROWEST * inch <= narrow <= WIDEST * inch:
            continue
        bars = _bars(runs[at : at + 7] / narrow)
        before = runs[at - 1] if at else narrow
        after = runs[at + 7] if at + 7 < runs.size else narrow
        if bars and min(before, after) >= 0.8 * narrow:
            yield _Sighting(bars=bars, start=int(edges[at]), end=int(edges[at + 7]))


def _bars(widths: NDArray[np.float64]) -> tuple[float, ...] | None:
    """Return the bars of the patch that has these widths, counted in narrow ones."""
    # ink spreads, or a threshold eats it: bars are all wider by what the spaces are narrower
    spread = float(widths[1::2].mean()) - 1.0
    if abs(spread) > 0.6 or np.abs(widths[1::2] - 1.0 - spread).max() > SLACK:
        return None
    bars = widths[0::2] + spread
    middle = (1.0 + _WIDE) / 2
    found = tuple(_WIDE if bar > middle else 1.0 for bar in bars)
    if found not in _BARS or np.abs(bars - np.array(found)).max() > 2 * SLACK:
        return None
    return found


def _patch(chain: list[_Sighting], height: int, along: Literal["rows", "columns"]) -> Patch:
    first, last = chain[0], chain[-1]
    corners = (
        (first.x, first.start),
        (last.x, last.start),
        (last.x, last.end),
        (first.x, first.end),
    )
    middle = (first.start + last.end) / 2
    bars = first.bars if middle <= height / 2 else first.bars[::-1]  # from the nearer edge inwards
    if along == "columns":
        corners = tuple((y, x) for x, y in corners)  # type: ignore[assignment]
    return Patch(
        name=_BARS[bars],
        corners=tuple((float(x), float(y)) for x, y in corners),
        sightings=len(chain),
    )


def _unique(found: list[Patch]) -> list[Patch]:
    """Return each patch once: a chain that broke gives two."""
    kept: list[Patch] = []
    for patch in sorted(found, key=lambda patch: -patch.sightings):
        centre = np.mean(patch.corners, axis=0)
        near = (np.abs(np.mean(other.corners, axis=0) - centre).max() for other in kept)
        if not any(distance < DPI * SHORTEST for distance in near):
            kept.append(patch)
    return kept


def _scaled(patch: Patch, factor: int) -> Patch:
    corners = tuple((x * factor, y * factor) for x, y in patch.corners)
    return Patch(name=patch.name, corners=corners, sightings=patch.sightings)
