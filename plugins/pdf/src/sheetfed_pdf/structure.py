"""A PDF's objects, as qpdf reads them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pikepdf

from sheetfed.api.errors import PasswordNeeded, Unreadable

MOST_REPAIRED = 128 * 1024 * 1024
"""Bytes of a damaged file that are held to be put together again."""

DEEPEST = 50
"""Nodes above a page; a tree that is deeper bites its own tail."""

DAMAGE = (pikepdf.PdfError, KeyError, IndexError, TypeError, ValueError, AttributeError,
          ArithmeticError, RecursionError, NotImplementedError, RuntimeError)  # fmt: skip
"""What pikepdf is known to raise where objects are not what they should be."""


def opened(stream: BinaryIO, password: str | None = None) -> pikepdf.Pdf:
    """Open a file; its streams are read where they are asked for."""
    stream.seek(0)
    try:
        return pikepdf.open(stream, password=password or "", suppress_warnings=True)
    except pikepdf.PasswordError as error:
        words = "the password is not the file's" if password else "the file is locked"
        raise PasswordNeeded(words, option="password", given=bool(password)) from error
    except DAMAGE as error:
        raise Unreadable("the file is no PDF that can be read") from error


def repaired(stream: BinaryIO, password: str | None) -> io.BytesIO:
    """Return a damaged file put together again, in memory. Raises Unreadable."""
    if stream.seek(0, io.SEEK_END) > MOST_REPAIRED:
        raise Unreadable("the file is damaged, and too large to be repaired")
    whole = io.BytesIO()
    with opened(stream, password) as objects, reading("the file"):
        if not len(objects.pages):
            raise Unreadable("the file has no pages")
        objects.save(whole)
    return whole


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn what damage raises into the error that names it."""
    try:
        yield
    except DAMAGE as error:
        raise Unreadable(f"{what} cannot be read: {error}") from error


def entry(value: Any, *names: str) -> Any:
    """Return what dictionaries in dictionaries hold under names; None where one is none."""
    for name in names:
        if not isinstance(value, pikepdf.Dictionary):
            return None
        value = value.get(name)
    return value


def inherited(page: Any, name: str) -> Any:
    """Return what a page or the nodes above it say; None where nobody does."""
    node = page
    for _ in range(DEEPEST):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if name in node:
            return node[name]
        node = node.get("/Parent")
    return None


def box_of(page: Any) -> tuple[float, float, float, float]:
    """Return the part of the paper that is seen: left, bottom, right, top."""
    media = rectangle(inherited(page, "/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    crop = rectangle(inherited(page, "/CropBox"))
    if crop is None:
        return media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def turn_of(page: Any) -> int:
    """Return by how many degrees a page is turned clockwise: 0, 90, 180 or 270."""
    turn = inherited(page, "/Rotate")
    return int(turn) % 360 // 90 * 90 if isinstance(turn, int | float) or _is_number(turn) else 0


def unit_of(page: Any) -> float:
    """Return how many 72nds of an inch the page's unit is."""
    if "/UserUnit" not in page:
        return 1.0
    unit = page["/UserUnit"]
    return min(max(float(unit), 1.0), 75_000.0) if _is_number(unit) else 1.0


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str | bytes)


def rectangle(value: Any) -> tuple[float, float, float, float] | None:
    """Return a rectangle as left, bottom, right, top; None where it is none."""
    if not isinstance(value, pikepdf.Array) or len(value) != 4 or not all(map(_is_number, value)):
        return None
    a, b, c, d = (float(number) for number in value)
    box = min(a, c), min(b, d), max(a, c), max(b, d)
    return box if box[0] < box[2] and box[1] < box[3] else None
