"""How many pictures a GIF file holds, without unpacking one."""

from __future__ import annotations

from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.builtin.formats.limits import MOST_FRAMES

_EXTENSION, _PICTURE, _END = 0x21, 0x2C, 0x3B


def count(data: bytes) -> int:
    """Count the pictures; no further than there may be. Raises Unreadable, TooLarge."""
    try:
        return _count(data)
    except IndexError as error:
        raise Unreadable("the GIF file breaks off") from error


def _count(data: bytes) -> int:
    at, found = 13 + _colours(data[10]), 0
    while data[at] != _END:
        if data[at] == _EXTENSION:
            at = _behind(data, at + 2)
        elif data[at] == _PICTURE:
            found += 1
            if found > MOST_FRAMES:
                raise TooLarge(f"a file of more than {MOST_FRAMES} pictures", most=MOST_FRAMES)
            at = _behind(data, at + 11 + _colours(data[at + 9]))
        else:
            raise Unreadable("the GIF file is damaged")
    if not found:
        raise Unreadable("the GIF file has no picture")
    return found


def _colours(flags: int) -> int:
    """Return how many bytes a table of colours takes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(data: bytes, at: int) -> int:
    """Return where the blocks end that begin at a place."""
    while data[at]:
        at += data[at] + 1
    return at + 1
