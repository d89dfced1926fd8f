"""Where the points of a page go: transforms, boxes, marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetfed.api.contracts import Transform
from sheetfed.api.model import Box, Mark

Point = tuple[float, float]

_DIGITS = 3
"""Thousandths of a pixel are told."""

_FLAT = 1e-12
"""A smaller determinant is one of a transform that nothing comes back from."""


def then(first: Transform, second: Transform) -> Transform:
    """Return the transform that does one after the other."""
    rows, columns = (second[0:3], second[3:6], second[6:9]), (first[0::3], first[1::3], first[2::3])
    a, b, c, d, e, f, g, h, i = (
        sum(left * right for left, right in zip(row, column, strict=True))
        for row in rows
        for column in columns
    )
    return a, b, c, d, e, f, g, h, i


def moved(transform: Transform, point: Point) -> Point:
    """Return where a point goes."""
    a, b, c, d, e, f, g, h, i = transform
    x, y = point
    depth = g * x + h * y + i or 1e-9  # a point at infinity is far away
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def inverse(transform: Transform) -> Transform | None:
    """Return the transform that brings points back; None where they fell together."""
    a, b, c, d, e, f, g, h, i = transform
    first, second, third = e * i - f * h, f * g - d * i, d * h - e * g
    size = a * first + b * second + c * third
    if abs(size) < _FLAT:
        return None
    rows = (
        (first, c * h - b * i, b * f - c * e),
        (second, a * i - c * g, c * d - a * f),
        (third, b * g - a * h, a * e - b * d),
    )
    (a, b, c), (d, e, f), (g, h, i) = (tuple(n / size for n in row) for row in rows)
    return a, b, c, d, e, f, g, h, i


def shown(marks: Sequence[Mark], transform: Transform, size: tuple[int, int]) -> tuple[Mark, ...]:
    """Return marks where they are on a page of this size; those beside it are left out.

    A mark without a place is on the page as a whole.
    """
    found = (_mark(mark, transform) for mark in marks)
    return tuple(mark for mark in found if mark.box is None or _touches(mark.box, size))


def traced(mark: Mark, back: Transform | None) -> Mark:
    """Return a mark of a shown page where it is on the original, by the way back.

    Its place is told by corners, for a box that lies askew there. Where there is no way back it is
    on the page as a whole.
    """
    if back is None:
        return replace(mark, box=None, corners=())
    if mark.box is not None and not mark.corners:
        mark = replace(mark, corners=_corners(mark.box))
    return _mark(mark, back)


def _mark(mark: Mark, transform: Transform) -> Mark:
    corners = tuple(_rounded(moved(transform, corner)) for corner in mark.corners)
    if mark.box is None:
        return replace(mark, corners=corners)
    edges = corners or [moved(transform, corner) for corner in _corners(mark.box)]
    x, y = [point[0] for point in edges], [point[1] for point in edges]
    box = Box(
        left=round(min(x), _DIGITS),
        top=round(min(y), _DIGITS),
        width=round(max(x) - min(x), _DIGITS),
        height=round(max(y) - min(y), _DIGITS),
    )
    return replace(mark, box=box, corners=corners)


def _corners(box: Box) -> tuple[Point, ...]:
    right, bottom = box.left + box.width, box.top + box.height
    return (box.left, box.top), (right, box.top), (right, bottom), (box.left, bottom)


def _rounded(point: Point) -> Point:
    return round(point[0], _DIGITS), round(point[1], _DIGITS)


def _touches(box: Box, size: tuple[int, int]) -> bool:
    across = box.left < size[0] and box.left + box.width > 0
    return across and box.top < size[1] and box.top + box.height > 0
