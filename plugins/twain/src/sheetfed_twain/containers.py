"""What a driver says about a capability, read from a copy."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Item = bool | int | float | str | tuple[float, ...]


class Type(IntEnum):
    """How an item is stored (TWTY)."""

    INT8 = 0
    INT16 = 1
    INT32 = 2
    UINT8 = 3
    UINT16 = 4
    UINT32 = 5
    BOOL = 6
    FIX32 = 7
    FRAME = 8
    STR32 = 9
    STR64 = 10
    STR128 = 11
    STR255 = 12


FORMATS = {
    Type.INT8: "<b",
    Type.INT16: "<h",
    Type.INT32: "<i",
    Type.UINT8: "<B",
    Type.UINT16: "<H",
    Type.UINT32: "<I",
    Type.BOOL: "<H",
}
TEXTS = {Type.STR32: 34, Type.STR64: 66, Type.STR128: 130, Type.STR255: 256}
"""Bytes of a text, its end included."""

ONE = 65536
"""A TW_FIX32 counts 65536ths."""

Shape = Literal["array", "enumeration", "one", "range"]
SHAPES: dict[int, Shape] = {3: "array", 4: "enumeration", 5: "one", 6: "range"}
"""By container (TWON)."""

ONE_VALUE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One capability: what it may be, is and would be.

    `values` are those of a list; `low`, `high` and `step` those of a range. `now` is None where the
    driver points outside its own list.
    """

    shape: Shape
    type: Type
    now: Item | None = None
    usual: Item | None = None
    values: tuple[Item, ...] = ()
    low: float = 0
    high: float = 0
    step: float = 0


def size_of(kind: Type) -> int:
    """Return how many bytes an item takes."""
    if kind in TEXTS:
        return TEXTS[kind]
    if kind == Type.FRAME:
        return 16
    return 4 if kind == Type.FIX32 else struct.calcsize(FORMATS[kind])


def decode(container: int, data: bytes, encoding: str = "utf-8") -> Capability:
    """Return what a container holds; `data` is all of its memory, or more.

    Raises ValueError where it is nonsense: an unknown container or type, or more items than bytes.
    """
    shape = SHAPES.get(container)
    if shape is None:
        raise ValueError(f"there is no container {container}")
    reader = _Reader(data, encoding)
    kind = reader.type
    if shape == "one":
        value = reader.item(2)
        return Capability(shape=shape, type=kind, now=value, usual=value)
    if shape == "range":
        if kind in TEXTS or kind == Type.FRAME:
            raise ValueError("a range of what is no number")
        low, high, step, usual, now = (reader.number(2 + 4 * place) for place in range(5))
        return Capability(
            shape=shape, type=kind, now=now, usual=usual, low=low, high=high, step=step
        )
    if shape == "array":
        return Capability(shape=shape, type=kind, values=reader.items(6))
    values = reader.items(14)
    return Capability(
        shape=shape,
        type=kind,
        values=values,
        now=_at(values, reader.word(6)),
        usual=_at(values, reader.word(10)),
    )


def encode(kind: Type, value: Item, encoding: str = "utf-8") -> bytes:
    """Return a container with one value; raises ValueError where the type cannot hold it."""
    if kind in TEXTS:
        item = str(value).encode(encoding, "replace")
        if len(item) >= TEXTS[kind]:
            raise ValueError(f"it takes {TEXTS[kind] - 1} bytes at most")
        item = item.ljust(TEXTS[kind], b"\0")
    elif kind == Type.FRAME or isinstance(value, str | tuple):
        raise ValueError("it cannot be set so")
    elif kind == Type.FIX32:
        item = _fixed(float(value))
    else:
        item = _whole(kind, value)
    return struct.pack("<H", kind) + item.ljust(4, b"\0")


class _Reader:
    """Reads items out of bytes, and never beyond."""

    def __init__(self, data: bytes, encoding: str) -> None:
        self._data = data
        self._encoding = encoding
        number = self._unpacked("<H", 0)
        if number not in set(Type):
            raise ValueError(f"there is no type {number}")
        self.type = Type(number)

    def word(self, at: int) -> int:
        """Return a number that counts something."""
        return self._unpacked("<I", at)

    def number(self, at: int) -> float:
        """Return an item that is a number."""
        value = self.item(at)
        assert isinstance(value, int | float)
        return value

    def items(self, at: int) -> tuple[Item, ...]:
        """Return the items of a list, counted where every list has its count."""
        count, size = self.word(2), size_of(self.type)
        if at + count * size > len(self._data):
            raise ValueError(f"{count} items in {len(self._data)} bytes")
        return tuple(self.item(at + place * size) for place in range(count))

    def item(self, at: int) -> Item:
        """Return one item."""
        kind = self.type
        if kind == Type.FIX32:
            return self._fixed(at)
        if kind == Type.FRAME:
            return tuple(self._fixed(at + 4 * place) for place in range(4))
        if kind in TEXTS:
            text = self._data[at : at + TEXTS[kind]].split(b"\0")[0]
            return text.decode(self._encoding, "replace")
        value = self._unpacked(FORMATS[kind], at)
        return bool(value) if kind == Type.BOOL else value

    def _fixed(self, at: int) -> float:
        return round((self._unpacked("<h", at) * ONE + self._unpacked("<H", at + 2)) / ONE, 5)

    def _unpacked(self, form: str, at: int) -> int:
        try:
            found: int = struct.unpack_from(form, self._data, at)[0]
        except struct.error as error:
            raise ValueError("it ends before its end") from error
        return found


def _at(values: tuple[Item, ...], place: int) -> Item | None:
    return values[place] if place < len(values) else None


def _fixed(value: float) -> bytes:
    whole, fraction = divmod(round(value * ONE), ONE)
    try:
        return struct.pack("<hH", whole, fraction)
    except struct.error as error:
        raise ValueError(f"{value:g} is too large") from error


def _whole(kind: Type, value: float) -> bytes:
    if value != int(value):
        raise ValueError(f"it must be a whole number, not {value:g}")
    try:
        return struct.pack(FORMATS[kind], int(value))
    except struct.error as error:
        raise ValueError(f"{value:g} is too large") from error
