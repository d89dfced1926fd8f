"""Codes as engines find them, and which of them are one."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sheetfed.api.model import Box, Mark, Value

Point = tuple[float, float]

SLACK = 4.0
"""Pixels by which two engines may differ about where a code ends."""

MOST_CODES = 2000
MOST_TEXT = 384 * 1024
"""What one page's marks may hold; the number of the codes beyond that is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code on a picture; `corners` begin at its own top left and go clockwise."""

    format: str
    text: str
    data: bytes
    corners: tuple[Point, ...]
    engine: str
    details: Mapping[str, Value] = field(default_factory=dict)
    ms: float = 0.0


def as_printed(name: str, text: str, *, upc: bool) -> tuple[str, str]:
    """Return an EAN-13 that begins with 0 as the UPC-A that it is, with the digits under its bars.

    `upc` says whether UPC-A is looked for; then no EAN-13 begins with 0.
    """
    if name == "UPC-A":
        return name, text[1:] if len(text.split(" ", maxsplit=1)[0]) == 13 else text
    if upc and text.startswith("0"):
        return "UPC-A", text[1:]
    return name, text


def placed(code: Code, *, scale: float, left: float, top: float) -> Code:
    """Return a code found on a part of a page, enlarged `scale` times, at its place there."""
    corners = tuple(
        (round(x / scale + left, 1), round(y / scale + top, 1)) for x, y in code.corners
    )
    return replace(code, corners=corners)


def added(known: Sequence[Code], found: Iterable[Code]) -> list[Code]:
    """Return the codes with those found later that are not among them yet.

    Of two that lie on one another the longer reading of the same format stays; otherwise the
    earlier one.
    """
    result = list(known)
    boxes = [box_of(code.corners) for code in result]
    for code in found:
        box = box_of(code.corners)
        at = next(
            (
                place
                for place, other in enumerate(boxes)
                if _meet(box, other) and _overlap(code, result[place])
            ),
            None,
        )
        if at is None:
            result.append(code)
            boxes.append(box)
        elif _continues(code, result[at]):
            result[at], boxes[at] = code, box
    return result


def mark(code: Code, by: str) -> Mark:
    """Return the code as a mark of the page; its value is safe to be shown."""
    value = visible(code.text)
    details: dict[str, Value] = {
        "format": code.format,
        "bytes": base64.b64encode(code.data).decode(),
        "engine": code.engine,
        **code.details,
    }
    if value != code.text:
        details["text"] = code.text
    return Mark(
        kind="barcode",
        value=value,
        by=by,
        box=box_of(code.corners),
        corners=code.corners,
        details=details,
        ms=round(code.ms, 1),
    )


def visible(text: str) -> str:
    """Return text with each control character as the picture that Unicode has of it."""
    return "".join(_shown(letter) for letter in text)


def box_of(corners: Sequence[Point]) -> Box:
    """Return the smallest upright box around points."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Box(left=min(xs), top=min(ys), width=max(xs) - min(xs), height=max(ys) - min(ys))


def bounded(codes: Sequence[Code]) -> list[Code]:
    """Return as many codes as a page's marks may hold."""
    kept: list[Code] = []
    size = 0
    for code in codes[:MOST_CODES]:
        size += len(code.text) + len(code.data)
        if size > MOST_TEXT:
            break
        kept.append(code)
    return kept


def in_reading_order(codes: Iterable[Code]) -> list[Code]:
    """Return codes from the top of the page down; side by side from left to right."""
    rows = sorted(codes, key=lambda code: (_centre(code)[1], _centre(code)[0]))
    ordered: list[Code] = []
    while rows:
        height = max(box_of(rows[0].corners).height / 2, 1.0)
        limit = _centre(rows[0])[1] + height
        row = [code for code in rows if _centre(code)[1] <= limit]
        ordered += sorted(row, key=lambda code: _centre(code)[0])
        rows = rows[len(row) :]
    return ordered


def _shown(letter: str) -> str:
    number = ord(letter)
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "\u2421"
    # C1 controls, marks of direction, separators and lone surrogates change the text around them
    if 0x80 <= number < 0xA0 or not (letter.isprintable() or letter == " "):
        return "\ufffd"
    return letter


def _continues(code: Code, other: Code) -> bool:
    return (
        code.format == other.format
        and len(code.text) > len(other.text)
        and other.text.strip() in code.text
    )


def _meet(a: Box, b: Box) -> bool:
    """Say whether two boxes have something in common, or nearly; asked a million times."""
    return (
        a.left - SLACK <= b.left + b.width
        and b.left - SLACK <= a.left + a.width
        and a.top - SLACK <= b.top + b.height
        and b.top - SLACK <= a.top + a.height
    )


def _overlap(code: Code, other: Code) -> bool:
    """Say whether the middle of one of them lies within the other."""
    return _within(_centre(code), other.corners) or _within(_centre(other), code.corners)


def _within(point: Point, corners: Sequence[Point]) -> bool:
    """Say whether a point is in a convex shape, or so close to it that it belongs to it."""
    x, y = point
    box = box_of(corners)
    if not (
        box.left - SLACK <= x <= box.left + box.width + SLACK
        and box.top - SLACK <= y <= box.top + box.height + SLACK
    ):
        return False
    sides = [
        _beside(point, a, b)
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
        if math.dist(a, b) > 1
    ]
    return all(side >= -SLACK for side in sides) or all(side <= SLACK for side in sides)


def _beside(point: Point, a: Point, b: Point) -> float:
    """Return how far a point is from the line through two others; negative on its left."""
    length = math.dist(a, b) or 1.0
    return ((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])) / length


def _centre(code: Code) -> Point:
    count = len(code.corners) or 1
    return (sum(x for x, _ in code.corners) / count, sum(y for _, y in code.corners) / count)
