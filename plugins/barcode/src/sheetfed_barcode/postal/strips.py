"""Straightens a row of bars, and tells how far each reaches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sheetfed_barcode.codes import Point
from sheetfed_barcode.picture import Grey
from sheetfed_barcode.postal.combs import FAINTEST, Comb, Pitch, combs, shares
from sheetfed_barcode.postal.states import DOWN, UP

PITCH = 12.0
"""Pixels from bar to bar on a strip."""

REACH = 5.0
"""Distances of bars that a strip is high, above its middle and below."""

AWAY = 80
"""Bars that a code may go on, beyond what a comb has of it."""

STEEPEST = math.tan(math.radians(12))
SLOPES = 16
POINTS = 600
"""Slopes that are tried on either side, and by how many points."""

UNEVEN = (0.7, 1.35)
"""Share of the distance that the next bar may be off."""

QUIET = 1.5
"""Distances of bars without ink before the first bar and after the last."""

FEWEST = 28
"""Bars of the shortest code."""

LEVEL = 0.5
"""Distances of bars within which all ends of bars are on one level."""

HIGHER = (0.6, 2.8)
"""Distances of bars from one level to the other."""

MIDDLE = (0.5, 2.4)
"""Distances of bars that the shortest bars are long."""

NEAR = 24
"""Bars by which a line is made better; those farther off it may have left."""

FALLS = 33
"""Ways that a line may fall beside them, by one distance of bars over all of them at most."""

TRIES = 3
CLOSE = 0.25
"""Distances of bars that a line may be off where the code ends."""

UNSURE = 0.06
"""Share of the bars that may end between the levels."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The bars of a code, from the left, and its corners from its top left on."""

    states: tuple[int, ...]
    corners: tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Where the short parts of bars are: through a point, falling to the right."""

    x: float
    y: float
    slope: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strip:
    """Pixels whose middle row is a line of the picture; to its places lead six numbers."""

    pixels: Numbers
    places: tuple[float, float, float, float, float, float]

    def along(self, x: float) -> float:
        """Return where on the middle row a column of the picture is."""
        across, lean, start = self.places[:3]
        return float((x - start - lean * (self.pixels.shape[0] // 2)) / across)

    def place(self, u: float, v: float) -> Point:
        """Return the place in the picture."""
        a, b, c, d, e, f = self.places
        return (a * u + b * v + c, d * u + e * v + f)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teeth:
    """Where bars begin and end along a strip; what is darker than `middle` is ink."""

    starts: Numbers
    ends: Numbers
    middle: float

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self.starts.size)

    def near(self, place: float) -> _Teeth:
        """Return those around a place."""
        at = int(np.abs(self.starts - place).argmin())
        first = max(0, min(at - NEAR // 2, len(self) - NEAR))
        here = slice(first, first + NEAR)
        return _Teeth(starts=self.starts[here], ends=self.ends[here], middle=self.middle)


def rows(grey: Grey, comb: Comb, *, inverted: bool) -> Iterator[Row]:
    """Yield the bars of the code that a comb is a part of, dark and, if `inverted`, light."""
    line = _line(grey, comb)
    if line is None:
        return
    for light in (False, True) if inverted else (False,):
        found = _row(grey, comb, line, light=light)
        if found:
            yield found


def _row(grey: Grey, comb: Comb, line: _Line, *, light: bool) -> Row | None:
    """Return the bars along a line, which is made better until it runs through all of them."""
    seed = float(comb.x.mean())
    for _ in range(TRIES):
        strip = _strip(grey, line, comb, light=light)
        teeth = _teeth(strip, strip.along(seed))
        if teeth is None:
            return None
        near = teeth.near(strip.along(seed))
        fit = _fit(strip, near)
        if fit is None:
            return None
        off = abs(fit.middle) + abs(fit.fall) * len(teeth) / 2
        if off <= CLOSE * PITCH:
            return _read(strip, teeth)
        line = _better(strip, line, fit)
    return None


def _line(grey: Grey, comb: Comb) -> _Line | None:
    """Look at every line around a comb, and return how the bars lie."""
    left, top = (max(0, int(low - far)) for low, far in _around(comb))
    right, bottom = int(comb.x.max() + AWAY * comb.pitch), int(comb.y.max() + 3 * comb.pitch)
    part = grey[top:bottom, left:right]
    pitch = Pitch(least=comb.pitch * 0.8, most=comb.pitch * 1.25)
    for finer in combs(part, pitch, 1):
        x, y = finer.x + left, finer.y + top
        near = (np.abs(x - comb.x.mean()) < comb.pitch) & (
            np.abs(y - comb.y.mean()) < 3 * comb.pitch
        )
        if near.any():
            return _densest(x.astype(float), y.astype(float), comb.pitch)
    return None


def _around(comb: Comb) -> Iterator[tuple[float, float]]:
    yield float(comb.x.min()), AWAY * comb.pitch
    yield float(comb.y.min()), 3 * comb.pitch


def _densest(x: Numbers, y: Numbers, pitch: float) -> _Line:
    """Return the line that most of the points are close to.

    All bars have their short part in common; what else lines met are parts of tall neighbours.
    """
    thin = max(1, x.size // POINTS)
    x, y = x[::thin], y[::thin]
    centre, width = float(x.mean()), max(1.0, 0.4 * pitch)
    best = (0, 0.0, 0.0)
    slopes = np.linspace(-STEEPEST, STEEPEST, 2 * SLOPES + 1)
    for _ in range(2):
        for slope in slopes:
            heights = y - (x - centre) * slope
            places = ((heights - heights.min()) / width).astype(int)
            counts = np.bincount(places, minlength=2)
            pairs = counts[1:] + counts[:-1]  # a window of two cells, wherever it begins
            at = int(pairs.argmax())
            if pairs[at] > best[0]:
                inside = (places == at) | (places == at + 1)
                best = (int(pairs[at]), float(slope), float(heights[inside].mean()))
        slopes = best[1] + np.linspace(-1, 1, 11) * STEEPEST / SLOPES
    return _Line(x=centre, y=best[2], slope=best[1])


def _strip(grey: Grey, line: _Line, comb: Comb, *, light: bool) -> _Strip:
    """Return the strip along a line, with room for the longest code."""
    zoom = PITCH / comb.pitch
    angle = math.atan(line.slope)
    cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
    left = max(0.0, float(comb.x.min()) - AWAY * comb.pitch)
    right = min(float(grey.shape[1]), float(comb.x.max()) + AWAY * comb.pitch)
    start = (left, line.y + (left - line.x) * line.slope)
    reach = round(REACH * PITCH)
    size = (max(1, round((right - left) / cos)), 2 * reach + 1)
    places = (cos, -sin, start[0] + sin * reach, sin, cos, start[1] - cos * reach)
    box = _covering(places, size, grey)
    cut = Image.fromarray(grey[box[1] : box[3], box[0] : box[2]])
    shifted = (*places[:2], places[2] - box[0], *places[3:5], places[5] - box[1])
    pixels = np.asarray(
        cut.transform(
            size,
            Image.Transform.AFFINE,
            shifted,
            Image.Resampling.BILINEAR,
            fillcolor=0 if light else 255,
        )
    ).astype(np.float64)
    return _Strip(pixels=255 - pixels if light else pixels, places=places)


def _covering(
    places: tuple[float, ...], size: tuple[int, int], grey: Grey
) -> tuple[int, int, int, int]:
    """Return the upright box of the picture in which a strip lies."""
    a, b, c, d, e, f = places
    corners = [(u, v) for u in (0, size[0]) for v in (0, size[1])]
    xs, ys = [a * u + b * v + c for u, v in corners], [d * u + e * v + f for u, v in corners]
    left, top = (max(0, min(int(min(ends)) - 2, most - 1)) for ends, most in
                 ((xs, grey.shape[1]), (ys, grey.shape[0])))  # fmt: skip
    right, bottom = max(left + 1, int(max(xs)) + 3), max(top + 1, int(max(ys)) + 3)
    return left, top, right, bottom


def _teeth(strip: _Strip, seed: float) -> _Teeth | None:
    """Return the bars around a place, as far as they stand evenly; nothing without quiet zones."""
    reach = strip.pixels.shape[0] // 2
    band = strip.pixels[reach - 3 : reach + 4].mean(axis=0)
    near = band[max(0, int(seed - 6 * PITCH)) : max(0, int(seed + 6 * PITCH))]
    if near.size < PITCH:
        return None
    ink, paper = shares(near, 0.1, 0.9)
    if paper - ink < FAINTEST:
        return None
    middle = (ink + paper) / 2
    steps = np.diff(np.concatenate(([False], band < middle, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    middles = (starts + ends) / 2
    even = (np.diff(middles) >= UNEVEN[0] * PITCH) & (np.diff(middles) <= UNEVEN[1] * PITCH)
    first = last = int(np.abs(middles - seed).argmin())
    while first > 0 and even[first - 1]:
        first -= 1
    while last < even.size and even[last]:
        last += 1
    before = starts[first] - ends[first - 1] if first else math.inf
    after = starts[last + 1] - ends[last] if last < even.size else math.inf
    if min(before, after) < QUIET * PITCH or last - first + 1 < FEWEST:
        return None
    return _Teeth(
        starts=starts[first : last + 1].astype(float),
        ends=ends[first : last + 1].astype(float),
        middle=middle,
    )


def _ends(strip: _Strip, teeth: _Teeth) -> tuple[Numbers, Numbers]:
    """Return how far each bar reaches above the middle row, and below."""
    reach = strip.pixels.shape[0] // 2
    columns = []
    for start, end in zip(teeth.starts, teeth.ends, strict=True):
        inset = (end - start) / 4
        left, right = int(start + inset), max(int(start + inset) + 1, round(end - inset))
        columns.append(strip.pixels[:, left:right].mean(axis=1) < teeth.middle)
    bars = np.array(columns)
    return _lengths(bars[:, reach::-1]), _lengths(bars[:, reach:])


def _lengths(bars: NDArray[np.bool_]) -> Numbers:
    """Return how many pixels are dark from the first on; one that is light is dirt."""
    light = ~bars[:, :-1] & ~bars[:, 1:]
    lengths: Numbers = np.where(light.any(axis=1), light.argmax(axis=1), bars.shape[1]) * 1.0
    return lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """How bars lie beside the middle row: lower by `middle` at `at`, and by `fall` each."""

    at: float
    middle: float
    fall: float
    up: _Level
    down: _Level


def _fit(strip: _Strip, teeth: _Teeth) -> _Fit | None:
    """Return how bars lie, where their ends are on one level or two, above and below."""
    tops, bottoms = _ends(strip, teeth)
    count = len(teeth)
    along = np.arange(count) - (count - 1) / 2
    falls = np.linspace(-1, 1, FALLS) * PITCH / count
    leaning = falls[:, None] * along
    fall = float(falls[(_spreads(tops + leaning) + _spreads(bottoms - leaning)).argmin()])
    up, down = _levels(tops + fall * along), _levels(bottoms - fall * along)
    if up is None or down is None or (up.high is None and down.high is None):
        return None
    if not MIDDLE[0] * PITCH <= up.low + down.low <= MIDDLE[1] * PITCH:
        return None
    at = float(teeth.starts[0] + teeth.ends[-1]) / 2
    return _Fit(at=at, middle=(down.low - up.low) / 2, fall=fall, up=up, down=down)


def _better(strip: _Strip, line: _Line, fit: _Fit) -> _Line:
    """Return the line through the middle of bars that lie so."""
    x, y = strip.place(fit.at, strip.pixels.shape[0] // 2 + fit.middle)
    angle = math.atan(line.slope) + math.atan(fit.fall / PITCH)
    return _Line(x=x, y=y, slope=math.tan(angle))


def _read(strip: _Strip, teeth: _Teeth) -> Row | None:
    fit = _fit(strip, teeth)
    if fit is None:
        return None
    states = [UP * a + DOWN * b for a, b in zip(fit.up.reaching, fit.down.reaching, strict=True)]
    return Row(states=tuple(states), corners=_corners(strip, teeth, fit))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """Where bars end: all at `low`, or some of them, which `reaching` says, at `high`."""

    low: float
    high: float | None
    reaching: tuple[bool, ...]

    @property
    def end(self) -> float:
        return self.low if self.high is None else self.high


def _levels(values: Numbers) -> _Level | None:
    low, high = shares(values, 0.05, 0.95)
    if high - low < LEVEL * PITCH:
        return _Level(low=float(values.mean()), high=None, reaching=(False,) * values.size)
    reaching = values > (low + high) / 2
    (low,), (high,) = shares(values[~reaching], 0.5), shares(values[reaching], 0.5)
    if not HIGHER[0] * PITCH <= high - low <= HIGHER[1] * PITCH:
        return None
    reaching = values > (low + high) / 2
    unsure = np.abs(values - (low + high) / 2) < 0.2 * (high - low)
    if unsure.mean() > UNSURE:
        return None
    return _Level(low=low, high=high, reaching=tuple(bool(one) for one in reaching))


def _spreads(values: Numbers) -> Numbers:
    """Return for each line of values how far they are from the nearer of two levels, in sum."""
    ordered = np.sort(values, axis=1)
    few = values.shape[1] // 20
    above = values > ((ordered[:, few] + ordered[:, -1 - few]) / 2)[:, None]
    total: Numbers = np.zeros(values.shape[0])
    for side in (above, ~above):
        mean = (values * side).sum(axis=1) / np.maximum(1, side.sum(axis=1))
        total += (np.abs(values - mean[:, None]) * side).sum(axis=1)
    return total


def _corners(strip: _Strip, teeth: _Teeth, fit: _Fit) -> tuple[Point, Point, Point, Point]:
    reach = strip.pixels.shape[0] // 2
    left, right = float(teeth.starts[0]), float(teeth.ends[-1])
    lower = fit.fall * len(teeth) / 2
    return (
        strip.place(left, reach - fit.up.end - lower),
        strip.place(right, reach - fit.up.end + lower),
        strip.place(right, reach + fit.down.end + lower),
        strip.place(left, reach + fit.down.end - lower),
    )
