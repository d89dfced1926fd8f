"""Four lines that make a sheet, ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sheetfed_webcam.sheets.lines import Line
from sheetfed_webcam.sheets.pixels import Matrix
from sheetfed_webcam.sheets.surface import Surface

MOST = 150
"""Quads that are returned."""

_LINES = 26  # the best of which quads are made
_SAME_TURN = 0.9993  # the cosine of two degrees
_SAME_PLACE = 3.0  # pixels
_BESIDE = 0.12  # of width and height may a corner lie outside
_LEAST = 0.04  # of the picture is a sheet
_LEANING = 40.0  # degrees from each other are opposite sides, at most
_ACROSS = 45.0  # degrees, at least, from each other are neighbours
_BEYOND = 0.1  # of a side is looked at beyond its corners: there it is to end
_GOES_ON = 0.25  # of what is there counts against a side
_SEEN = 0.3  # of a side is in the picture, at least
_WORST = 0.35  # of a side's score counts the worst
_WORTH = 0.6  # the support from which on a piece of a line is worth something
_HELD = 0.35  # the support that a piece of a side has, at least
_PIECES = 24  # of a side are looked at one by one
_GAPS = 1.0  # of the score is lost with all of them
_PALER = 0.1  # of the score are lost where a sheet is as light as its ground
_LARGER = 0.12  # the power of the area in the score


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Four corners, one after the other, in pixels of the surface."""

    corners: Matrix
    score: float


def ranked(surface: Surface, lines: Sequence[Line]) -> list[Ranked]:
    """Return the quads that lines make, the best first."""
    if len(lines) < 3:
        return []
    normals = np.array([line.normal for line in lines])
    offsets = np.array([line.offset for line in lines])
    reach = 1.4 * float(np.hypot(surface.width, surface.height))
    middle = np.array([surface.width, surface.height]) / 2
    steps = np.arange(-reach / 2, reach / 2)  # a sample for each pixel, from the foot on
    directions = np.column_stack([normals[:, 1], -normals[:, 0]])
    feet = middle + (offsets - normals @ middle)[:, None] * normals
    points = feet[:, None] + steps[None, :, None] * directions[:, None]
    support, lighter = surface.along(points, normals)
    inside = surface.inside(points)
    best = _distinct(normals, offsets - normals @ middle, _longest(support))
    normals, offsets, directions, feet = (
        each[best] for each in (normals, offsets, directions, feet)
    )
    support, lighter, inside = support[best], lighter[best], inside[best]
    sums, seen = _summed(support), _summed(inside)
    light = _summed(lighter * inside)

    crossings, crossed = _crossings(normals, offsets)
    i, j, k, m = _fours(offsets, normals, middle, crossed)
    if not len(i):
        return []
    corners = np.stack([crossings[i, k], crossings[k, j], crossings[j, m], crossings[m, i]], axis=1)
    good = _plausible(corners, surface)
    i, j, k, m, corners = i[good], j[good], k[good], m[good], corners[good]
    if not len(i):
        return []
    sides, lights, spans = [], [], []
    for line, start, end in ((i, 3, 0), (k, 0, 1), (j, 1, 2), (m, 2, 3)):
        a, b = (
            _place(corners[:, start], feet, directions, line, reach),
            _place(corners[:, end], feet, directions, line, reach),
        )
        a, b = np.minimum(a, b), np.maximum(a, b)
        spans.append((line, a, b))
        sides.append(_side(line, a, b, sums, seen))
        inwards = np.sign(((corners.mean(axis=1) - feet[line]) * normals[line]).sum(axis=1))
        lights.append(inwards * _mean(line, a, b, light, seen)[0])
    each = np.stack(sides, axis=1)
    paler = np.stack(lights, axis=1).mean(axis=1)
    area = _area(corners) / (surface.width * surface.height)
    score = (1 - _WORST) * each.mean(axis=1) + _WORST * each.min(axis=1)
    score *= 1 + _PALER * (paler - 1)
    score = score.clip(0) * area.clip(0, 1) ** _LARGER / 0.45**_LARGER
    order = np.argsort(-score)[:MOST]
    held = np.stack(
        [_held(line[order], a[order], b[order], sums, seen) for line, a, b in spans], axis=1
    )
    score = score[order] * (1 - _GAPS * (1 - held.mean(axis=1)))
    return [
        Ranked(corners=corners[order[at]], score=float(min(score[at], 1.0)))
        for at in np.argsort(-score)
    ]


def from_top_left(corners: Matrix) -> Matrix:
    """Return four corners clockwise, the one nearest to the picture's own top left first."""
    x, y = (corners - corners.mean(axis=0)).T
    around = corners[np.argsort(np.arctan2(y, x))]
    made: Matrix = np.roll(around, -int(around.sum(axis=1).argmin()), axis=0)
    return made


def _longest(support: Matrix) -> Matrix:
    """Return for each line how much its best piece is worth."""
    sums = _summed(support - _WORTH)
    made: Matrix = (sums - np.minimum.accumulate(sums, axis=1)).max(axis=1)
    return made


def _distinct(normals: Matrix, offsets: Matrix, weights: Matrix) -> Matrix:
    """Return the places of the best lines, of those that lie close together only one."""
    cosine = normals @ normals.T
    apart = np.abs(offsets[:, None] - np.sign(cosine) * offsets[None])
    same = (np.abs(cosine) > _SAME_TURN) & (apart < _SAME_PLACE)
    kept: list[int] = []
    for at in np.argsort(-weights):
        if not same[at, kept].any():
            kept.append(int(at))
        if len(kept) == _LINES:
            break
    return np.array(kept)


def _crossings(normals: Matrix, offsets: Matrix) -> tuple[Matrix, Matrix]:
    """Return where each two lines cross, and the sine of the angle between them."""
    sine = normals[:, None, 0] * normals[None, :, 1] - normals[:, None, 1] * normals[None, :, 0]
    safe = np.where(np.abs(sine) < 1e-6, 1e-6, sine)
    x = (offsets[:, None] * normals[None, :, 1] - offsets[None, :] * normals[:, None, 1]) / safe
    y = (offsets[None, :] * normals[:, None, 0] - offsets[:, None] * normals[None, :, 0]) / safe
    return np.stack([x, y], axis=2), np.abs(sine)


def _fours(
    offsets: Matrix, normals: Matrix, middle: Matrix, crossed: Matrix
) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Return all two pairs of opposite lines."""
    one, other = np.triu_indices(len(offsets), 1)
    opposite = crossed[one, other] < np.sin(np.radians(_LEANING))
    one, other = one[opposite], other[opposite]
    sign = np.sign((normals[one] * normals[other]).sum(axis=1))
    near = np.abs((offsets - normals @ middle)[one] - sign * (offsets - normals @ middle)[other])
    wide = near > 0.08 * 2 * float(middle.min())
    one, other = one[wide], other[wide]
    a, b = np.triu_indices(len(one), 1)
    least = np.sin(np.radians(_ACROSS))
    across = (
        (crossed[one[a], one[b]] > least)
        & (crossed[one[a], other[b]] > least)
        & (crossed[other[a], one[b]] > least)
        & (crossed[other[a], other[b]] > least)
    )
    a, b = a[across], b[across]
    return one[a], other[a], one[b], other[b]


def _plausible(corners: Matrix, surface: Surface) -> Matrix:
    """Say which quads are convex, large enough, and mostly in the picture."""
    size = np.array([surface.width, surface.height])
    near = ((corners > -_BESIDE * size) & (corners < (1 + _BESIDE) * size)).all(axis=(1, 2))
    ahead = np.roll(corners, -1, axis=1) - corners
    after = np.roll(ahead, -1, axis=1)
    turns = ahead[:, :, 0] * after[:, :, 1] - ahead[:, :, 1] * after[:, :, 0]
    convex = (turns > 0).all(axis=1) | (turns < 0).all(axis=1)
    good: Matrix = near & convex & (_area(corners) > _LEAST * surface.width * surface.height)
    return good


def _area(corners: Matrix) -> Matrix:
    x, y = corners[:, :, 0], corners[:, :, 1]
    made: Matrix = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
    return made


def _place(points: Matrix, feet: Matrix, directions: Matrix, line: Matrix, reach: float) -> Matrix:
    made: Matrix = ((points - feet[line]) * directions[line]).sum(axis=1) + reach / 2
    return made


def _summed(values: Matrix) -> Matrix:
    """Return sums of all samples before each one."""
    made: Matrix = np.zeros((len(values), values.shape[1] + 1), np.float32)
    np.cumsum(values, axis=1, out=made[:, 1:])
    return made


def _mean(
    line: Matrix, start: Matrix, end: Matrix, sums: Matrix, seen: Matrix
) -> tuple[Matrix, Matrix]:
    """Return the mean of what is seen of pieces of lines, and how much that is."""
    most = sums.shape[1] - 1
    a, b = (np.clip(np.rint(x), 0, most).astype(np.intp) for x in (start, end))
    within = seen[line, b] - seen[line, a]
    return (sums[line, b] - sums[line, a]) / np.maximum(within, 1), within


def _side(line: Matrix, start: Matrix, end: Matrix, sums: Matrix, seen: Matrix) -> Matrix:
    """Return the support of sides, less what goes on beyond their ends."""
    length = end - start
    held, within = _mean(line, start, end, sums, seen)
    held = np.where(within > _SEEN * length, held, 0)
    more = np.maximum(_BEYOND * length, 8)
    before, _ = _mean(line, start - more, start - 3, sums, seen)
    after, _ = _mean(line, end + 3, end + more, sums, seen)
    made: Matrix = held - _GOES_ON * (before + after)
    return made


def _held(line: Matrix, start: Matrix, end: Matrix, sums: Matrix, seen: Matrix) -> Matrix:
    """Return the share of each side's pieces that have support, or are out of sight."""
    share = np.linspace(0, 1, _PIECES + 1)
    at = start[:, None] + (end - start)[:, None] * share
    lines = np.repeat(line[:, None], _PIECES, axis=1)
    mean, within = _mean(lines, at[:, :-1], at[:, 1:], sums, seen)
    made: Matrix = ((mean > _HELD) | (within < 1)).mean(axis=1)
    return made
