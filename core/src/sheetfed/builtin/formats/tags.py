"""Directories of tags, as TIFF and Exif have them."""

from __future__ import annotations

import struct
from collections.abc import Container, Mapping, Sequence

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7

_FORMATS = {BYTE: "B", SHORT: "H", LONG: "I"}
_UNITS = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", RATIONAL: "II", 6: "b", UNDEFINED: "B",
          8: "h", 9: "i", 10: "ii", 11: "f", 12: "d"}  # fmt: skip
"""What a value of each kind is made of."""

_MOST = 1_000_000
_ORIENTATION = 274

Numbers = tuple[int, ...] | tuple[float, ...]
Entry = tuple[int, int, bytes]
"""Tag, kind, values."""


def read(data: bytes) -> Mapping[int, Numbers]:
    """Return the first directory's numbers by tag. Raises ValueError, struct.error."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise ValueError("no directory")
    (start,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, start)
    found: dict[int, Numbers] = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, at)
        if length > _MOST:
            raise ValueError("too many values")
        if kind in _FORMATS:
            form = f"{order}{length}{_FORMATS[kind]}"
            place = at + 8
            if struct.calcsize(form) > 4:
                (place,) = struct.unpack_from(order + "I", data, place)
            found[tag] = struct.unpack_from(form, data, place)
        elif kind == RATIONAL and length:
            (place,) = struct.unpack_from(order + "I", data, at + 8)
            over, under = struct.unpack_from(order + "II", data, place)
            found[tag] = (over / under if under else 0.0,)
    return found


def others(data: bytes, without: Container[int]) -> list[Entry]:
    """Return the first directory's tags but these, none that takes more than a megabyte.

    Raises ValueError, struct.error.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise ValueError("no directory")
    (start,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, start)
    found: list[Entry] = []
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, at)
        unit = _UNITS.get(kind, "")
        if not unit or tag in without or not 0 < length <= _MOST:
            continue
        form = f"{length * len(unit)}{unit[0]}"
        place, size = at + 8, struct.calcsize("=" + form)
        if size > 4:
            (place,) = struct.unpack_from(order + "I", data, place)
        if size <= _MOST:
            found.append(
                (tag, kind, struct.pack("<" + form, *struct.unpack_from(order + form, data, place)))
            )
    return found


def orientation(found: Mapping[int, Numbers]) -> int:
    """Return how a picture lies that says this about itself: 1 to 8."""
    turn = found.get(_ORIENTATION, (1,))
    return int(turn[0]) if turn and turn[0] in range(1, 9) else 1


def shorts(tag: int, *values: int) -> Entry:
    """Return an entry of 16-bit numbers."""
    return tag, SHORT, struct.pack(f"<{len(values)}H", *values)


def longs(tag: int, *values: int) -> Entry:
    """Return an entry of 32-bit numbers."""
    return tag, LONG, struct.pack(f"<{len(values)}I", *values)


def rational(tag: int, *values: float) -> Entry:
    """Return an entry of fractions."""
    pairs = [number for value in values for number in (round(value * 1000), 1000)]
    return tag, RATIONAL, struct.pack(f"<{len(pairs)}I", *pairs)


def text(tag: int, value: str) -> Entry:
    """Return an entry of text."""
    return tag, ASCII, value.replace("\0", " ").encode(errors="replace") + b"\0"


def directory(entries: Sequence[Entry], *, position: int) -> bytes:
    """Return a directory that will stand at `position`, up to the link to the next one."""
    entries = sorted(entries)
    after = position + 2 + 12 * len(entries) + 4
    lines, values = [], b""
    for tag, kind, value in entries:
        count = len(value) // struct.calcsize("=" + _UNITS[kind])
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            field = struct.pack("<I", after + len(values))
            values += value + bytes(len(value) % 2)
        lines.append(struct.pack("<HHI4s", tag, kind, count, field))
    return b"".join((struct.pack("<H", len(entries)), *lines, bytes(4), values))


def link(directory: bytes, following: int) -> bytes:
    """Return a directory with its link to the next one filled in."""
    (count,) = struct.unpack_from("<H", directory)
    at = 2 + 12 * count
    return directory[:at] + struct.pack("<I", following) + directory[at + 4 :]
