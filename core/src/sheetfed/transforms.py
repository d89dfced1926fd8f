"""Where the points of a page go: transforms, boxes, marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetfed.api.contracts import Transform
from sheetfed.api.model import Box, Mark

Point = tuple[float, float]

_DIGITS = 3
"""Thousandths of a pixel are told."""


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


def shown(marks: Sequence[Mark], transform: Transform, size: tuple[int, int]) -> tuple[Mark, ...]:
    """Return marks where they are on a page of this size; those beside it are left out.

    A mark without a place is on the page as a whole.
    """
    found = (_mark(mark, transform) for mark in marks)
    return tuple(mark for mark in found if mark.box is None or _touches(mark.box, size))


def _mark(mark: Mark, transform: Transform) -> Mark:
    corners = tuple(_rounded(moved(transform, corner)) for corner in mark.corners)
    if mark.box is None:
        return replace(mark, corners=corners)
    left, top = mark.box.left, mark.box.top
    right, bottom = left + mark.box.width, top + mark.box.height
    edges = corners or [
        moved(transform, point)
        for point in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    x, y = [point[0] for point in edges], [point[1] for point in edges]
    box = Box(
        left=round(min(x), _DIGITS),
        top=round(min(y), _DIGITS),
        width=round(max(x) - min(x), _DIGITS),
        height=round(max(y) - min(y), _DIGITS),
    )
    return replace(mark, box=box, corners=corners)


def _rounded(point: Point) -> Point:
    return round(point[0], _DIGITS), round(point[1], _DIGITS)


def _touches(box: Box, size: tuple[int, int]) -> bool:
    across = box.left < size[0] and box.left + box.width > 0
    return across and box.top < size[1] and box.top + box.height > 0
