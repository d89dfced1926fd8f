"""Takes a TIFF file apart without decoding its pages."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sheetfed.api.errors import TooLarge, Unreadable

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes that one value of each field type takes."""

SHORT, LONG = 3, 4
NEW_SUBFILE_TYPE, SMALLER_OR_MASK = 254, 1 | 4
SUBFILE_TYPE, SMALLER = 255, 2
"""What a picture is for: a smaller version of a page and its mask are no pages; and what early
writers say in its place."""

PIECES = {273: 279, 324: 325}
"""The field that says where strips or tiles lie, and the one that says how long each is."""

ELSEWHERE = frozenset({330, 513, 514, 34665, 34853, 40965})
"""Fields that point to other places of the file; a page can do without them."""

MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One entry of a page's directory; `data` holds its values as the file has them."""

    tag: int
    kind: int
    count: int
    data: bytes

    @property
    def room(self) -> int:
        """How many bytes its values take outside the directory."""
        return 0 if len(self.data) <= 4 else _even(len(self.data))


class TiffPages:
    """The pages of an open TIFF file. Raises Unreadable and TooLarge."""

    def __init__(self, stream: BinaryIO, *, most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        self._order = "<" if self._read(0, 2) == b"II" else ">"
        self._places = list(self._directories())
        if not self._places:
            raise Unreadable("it holds no page")

    def __len__(self) -> int:
        return len(self._places)

    @property
    def begins(self) -> bool:
        """Whether the first picture of the file is a page: who opens the file sees that one."""
        return self._places[0] == self._unpack("I", self._read(4, 4))[0]

    def page(self, index: int) -> bytes:
        """Return one page as a file of its own, its picture's bytes untouched."""
        fields = {field.tag: field for field in self._fields(self._places[index])}
        tag = next((tag for tag in PIECES if tag in fields and PIECES[tag] in fields), None)
        if tag is None:
            raise Unreadable(f"its page {index + 1} has no picture")
        places, sizes = self._numbers(fields.pop(tag)), self._numbers(fields.pop(PIECES[tag]))
        if len(places) != len(sizes):
            raise Unreadable(f"its page {index + 1} contradicts itself")
        if sum(sizes) > self._most_bytes:
            raise TooLarge(f"its page {index + 1} takes {sum(sizes)} bytes")
        kept = [field for name, field in fields.items() if name not in ELSEWHERE]
        pieces = [self._read(*piece) for piece in zip(places, sizes, strict=True)]
        return self._file(kept, tag, pieces)

    def _directories(self) -> Iterator[int]:
        """Yield where the directory of each page is; its small version or mask is no page."""
        seen: set[int] = set()
        (place,) = self._unpack("I", self._read(4, 4))
        while place:
            if place in seen or len(seen) == MOST_PAGES:
                raise Unreadable("its pages go in a circle")
            seen.add(place)
            if not self._is_no_page(place):
                yield place
            (count,) = self._unpack("H", self._read(place, 2))
            (place,) = self._unpack("I", self._read(place + 2 + count * 12, 4))

    def _is_no_page(self, place: int) -> bool:
        roles, early = (
            [number for field in self._fields(place, only=tag) for number in self._numbers(field)]
            for tag in (NEW_SUBFILE_TYPE, SUBFILE_TYPE)
        )
        return any(one & SMALLER_OR_MASK for one in roles) if roles else SMALLER in early

    def _fields(self, place: int, *, only: int | None = None) -> Iterator[Field]:
        (count,) = self._unpack("H", self._read(place, 2))
        entries = self._read(place + 2, count * 12)
        for start in range(0, len(entries), 12):
            tag, kind, number = self._unpack("HHI", entries[start : start + 8])
            size = SIZES.get(kind, 0) * number
            if not size or only not in (None, tag):
                continue
            data = entries[start + 8 : start + 12][:size]
            if size > 4:
                (at,) = self._unpack("I", data)
                data = self._read(at, size)
            yield Field(tag=tag, kind=kind, count=number, data=data)

    def _numbers(self, field: Field) -> Sequence[int]:
        letter = {SHORT: "H", LONG: "I"}.get(field.kind)
        if letter is None:
            raise Unreadable(f"its field {field.tag} is of the wrong type")
        return self._unpack(f"{field.count}{letter}", field.data)

    def _file(self, fields: list[Field], tag: int, pieces: list[bytes]) -> bytes:
        """Lay out the head, the directory, the values that need room, and the pieces."""
        sizes = self._longs(PIECES[tag], [len(piece) for piece in pieces])
        places = self._longs(tag, [0] * len(pieces))
        values_at = 8 + 2 + 12 * (len(fields) + 2) + 4
        place = values_at + sum(field.room for field in (*fields, sizes, places))
        starts = []
        for piece in pieces:
            starts.append(place)
            place += _even(len(piece))
        fields = sorted((*fields, sizes, self._longs(tag, starts)), key=lambda field: field.tag)
        entries, values = bytearray(), bytearray()
        for field in fields:
            entries += self._pack("HHI", field.tag, field.kind, field.count)
            if field.room:
                entries += self._pack("I", values_at + len(values))
                values += field.data.ljust(field.room, b"\0")
            else:
                entries += field.data.ljust(4, b"\0")
        mark = b"II*\0" if self._order == "<" else b"MM\0*"
        head = mark + self._pack("IH", 8, len(fields))
        body = (piece.ljust(_even(len(piece)), b"\0") for piece in pieces)
        return b"".join((head, entries, bytes(4), values, *body))

    def _longs(self, tag: int, numbers: Sequence[int]) -> Field:
        data = self._pack(f"{len(numbers)}I", *numbers)
        return Field(tag=tag, kind=LONG, count=len(numbers), data=data)

    def _pack(self, form: str, *numbers: int) -> bytes:
        return struct.pack(self._order + form, *numbers)

    def _unpack(self, form: str, data: bytes) -> Sequence[int]:
        return struct.unpack(self._order + form, data)

    def _read(self, place: int, size: int) -> bytes:
        if size > self._most_bytes:
            raise TooLarge(f"it asks for {size} bytes at once")
        self._stream.seek(place)
        data = self._stream.read(size)
        if len(data) != size:
            raise Unreadable("it ends too early")
        return data


def _even(size: int) -> int:
    return size + size % 2
