"""The pages of a TIFF file, found piece by piece."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sheetfed.api.errors import TooLarge, Unreadable
from sheetfed.builtin.formats.limits import MOST_EXTRA, MOST_PAGES

BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0")

_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)
_SHORT, _LONG, _LONG8 = 3, 4, 16
_PLACES = {273: 279, 324: 325}
"""The tag that says where strips or tiles are, and the one that says how long they are."""
_BELOW = {330, 34665, 34853, 40965}
"""Tags that lead to more directories, which no picture needs."""
_NUMBERS = {_SHORT: "H", _LONG: "I", _LONG8: "Q"}
_OLD_JPEG = 6
_ROLE, _NO_PAGE = 254, 1 | 4
"""The tag that says what a picture is for, and of it the bits of a smaller version of a page and of
a mask that says which parts of one are seen."""

_EARLY_ROLE, _EARLY_SMALLER = 255, 2
"""What early writers have in its place (TIFF 6.0, SubfileType)."""


_COMPRESSION = 259
_EXTRAS = {
    270: "text", 700: "XMP", 33723: "IPTC", 34377: "Photoshop", 34675: "colour profile",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One tag: its kind, how many values, and where they begin."""

    kind: int
    count: int
    place: int

    @property
    def size(self) -> int:
        """How many bytes the values take."""
        return self.count * _SIZES[self.kind]


Directory = Mapping[int, Entry]


class Directories:
    """The directories of a TIFF or BigTIFF file, one for each page.

    Raises Unreadable for a file that is none, TooLarge where there is more of it than may be.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        head = self._read(0, 16) if self._size >= 16 else b""
        self._order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        if not self._order:
            raise Unreadable("this is no TIFF file")
        version, width, zero = struct.unpack_from(self._order + "HHH", head, 2)
        self._big = version == 43
        if version not in {42, 43} or (self._big and (width, zero) != (8, 0)):
            raise Unreadable("this is no TIFF file")
        self._head = head[:8]
        self._starts: list[int] = []
        found = [*self._walk()]
        self._first = self._starts[0]
        pages = [place for place, one in enumerate(found) if not self._is_no_page(one)]
        if pages:  # a raw file of a camera has its large picture elsewhere
            found = [found[place] for place in pages]
            self._starts = [self._starts[place] for place in pages]
        self._directories = found

    def __len__(self) -> int:
        """Return how many pages there are."""
        return len(self._directories)

    @property
    def begins(self) -> bool:
        """Whether the first picture of the file is a page: who opens the file sees that one."""
        return self._starts[0] == self._first

    def head(self, index: int) -> bytes:
        """Return a page as a TIFF file that says all about it, and has no pixels."""
        return self._cut(index, pixels=False)

    def cut(self, index: int) -> bytes:
        """Return a page as a TIFF file of its own, its pixels as they are packed."""
        return self._cut(index, pixels=True)

    def check(self, index: int) -> None:
        """Raise Unreadable where the file ends before the page's pixels do."""
        found = self._directories[index]
        for where, how_long in _PLACES.items():
            if where in found and how_long in found:
                spans = zip(
                    self._numbers(found[where]), self._numbers(found[how_long]), strict=False
                )
                if any(at + size > self._size for at, size in spans):
                    raise Unreadable("the TIFF file breaks off")

    def compression(self, index: int) -> int:
        """Return the number of the way in which a page is packed."""
        found = self._directories[index].get(_COMPRESSION)
        return next(iter(self._numbers(found)), 1) if found else 1

    def _cut(self, index: int, *, pixels: bool) -> bytes:
        found = self._directories[index]
        if self.compression(index) == _OLD_JPEG and not self._big:
            return self._turned_to(self._starts[index])  # its tables are anywhere
        pieces, moved = self._pixels(found) if pixels else ([], {})
        values = {tag: self._value(tag, entry, moved) for tag, entry in found.items()
                  if tag not in _BELOW}  # fmt: skip
        for tag in moved.keys() - found.keys():
            values[tag] = _LONG, len(moved[tag]) // 4, moved[tag]
        return self._joined(values, pieces)

    def _is_no_page(self, found: Directory) -> bool:
        """Say whether a picture is a smaller version of another one, or its mask."""
        role, early = (self._role(found.get(tag)) for tag in (_ROLE, _EARLY_ROLE))
        return bool(role & _NO_PAGE) if role is not None else early == _EARLY_SMALLER

    def _role(self, entry: Entry | None) -> Any:
        """Return the number of an entry; None where there is none."""
        if entry is None or entry.kind not in _NUMBERS:
            return None
        return next(iter(self._numbers(entry)), 0)

    def _walk(self) -> Iterator[Directory]:
        """Yield each directory; one that leads back to an earlier one is the last."""
        form = self._order + ("Q" if self._big else "I")
        (start,) = self._unpack(form, 8 if self._big else 4)
        while start and start not in self._starts:
            if len(self._starts) == MOST_PAGES:
                raise TooLarge(f"a TIFF file of more than {MOST_PAGES} pages", most=MOST_PAGES)
            self._starts.append(start)
            found, end = self._directory(start)
            yield found
            (start,) = self._unpack(form, end)
        if not self._starts:
            raise Unreadable("the TIFF file has no page")

    def _directory(self, start: int) -> tuple[Directory, int]:
        """Return a directory, and where its link to the next one is."""
        (count,) = self._unpack(self._order + ("Q" if self._big else "H"), start)
        start += 8 if self._big else 2
        size = 20 if self._big else 12
        if count > 4096:
            raise Unreadable("a TIFF directory of more entries than there are tags")
        lines = self._read(start, count * size)
        found: dict[int, Entry] = {}
        for number in range(count):
            line = struct.unpack_from(self._order + ("HHQQ" if self._big else "HHII"), lines,
                                      number * size)  # fmt: skip
            tag, kind, values, place = line
            if kind >= len(_SIZES) or not _SIZES[kind]:
                continue
            inside = 8 if self._big else 4
            if values * _SIZES[kind] <= inside:
                place = start + number * size + size - inside
            found[tag] = Entry(kind=kind, count=values, place=place)
            if tag in _EXTRAS and found[tag].size > MOST_EXTRA:
                raise TooLarge(f"its {_EXTRAS[tag]} has more than 1 MiB", kind=_EXTRAS[tag])
        return found, start + count * size

    def _pixels(self, found: Directory) -> tuple[list[bytes], Mapping[int, bytes]]:
        """Return the strips or tiles, and their new places by tag."""
        pieces: list[bytes] = []
        moved: dict[int, bytes] = {}
        at = 8
        for where, how_long in _PLACES.items():
            if where not in found:
                continue
            places = self._numbers(found[where])
            sizes = self._told(places, found.get(how_long))
            if sum(sizes) > self._size or len(places) != len(sizes):
                raise Unreadable("the TIFF file names more than it has")
            new = []
            for place, size in zip(places, sizes, strict=True):
                pieces.append(self._read(place, size))
                new.append(at)
                at += size
            moved[where] = struct.pack(f"{self._order}{len(new)}I", *new)
            moved[how_long] = struct.pack(f"{self._order}{len(sizes)}I", *sizes)
        return pieces, moved

    def _told(self, places: Sequence[int], entry: Entry | None) -> Sequence[int]:
        """Return how long strips or tiles are: up to the next one where the file does not say."""
        sizes = self._numbers(entry) if entry else (0,) * len(places)
        if all(sizes) or len(sizes) != len(places):
            return sizes
        ends = sorted({*places, self._size})
        return [
            size or (ends[bisect_right(ends, place)] - place if 0 < place < self._size else 0)
            for place, size in zip(places, sizes, strict=True)
        ]

    def _value(self, tag: int, entry: Entry, moved: Mapping[int, bytes]) -> tuple[int, int, bytes]:
        """Return kind, count and bytes of a tag's values in a file of 32-bit places."""
        if tag in moved:
            return _LONG, len(moved[tag]) // 4, moved[tag]
        if entry.kind >= _LONG8:
            numbers = self._numbers(entry)
            if any(number >> 32 for number in numbers):
                raise Unreadable("a number of the TIFF file is too large")
            return _LONG, len(numbers), struct.pack(f"{self._order}{len(numbers)}I", *numbers)
        return entry.kind, entry.count, self._read(entry.place, entry.size)

    def _joined(self, values: Mapping[int, tuple[int, int, bytes]], pieces: list[bytes]) -> bytes:
        """Return pixels and one directory as a file."""
        start = 8 + sum(map(len, pieces))
        gap = start % 2
        start += gap
        order = self._order
        after = start + 2 + 12 * len(values) + 4
        lines, tail = [], bytearray()
        for tag, (kind, count, value) in sorted(values.items()):
            field = value.ljust(4, b"\0")
            if len(value) > 4:
                field = struct.pack(order + "I", after + len(tail))
                tail += value + bytes(len(value) % 2)
            lines.append(struct.pack(order + "HHI", tag, kind, count) + field)
        head = self._head[:2] + struct.pack(order + "HI", 42, start)
        told = struct.pack(order + "H", len(values))
        return b"".join((head, *pieces, bytes(gap), told, *lines, bytes(4), tail))

    def _turned_to(self, start: int) -> bytes:
        """Return the whole file with another page as its first."""
        return (
            self._head[:4] + struct.pack(self._order + "I", start) + self._read(8, self._size - 8)
        )

    def _numbers(self, entry: Entry) -> tuple[int, ...]:
        form = _NUMBERS.get(entry.kind)
        if form is None:
            raise Unreadable("the TIFF file counts in something else than whole numbers")
        data = self._read(entry.place, entry.size)
        return struct.unpack(f"{self._order}{entry.count}{form}", data)

    def _unpack(self, form: str, place: int) -> tuple[int, ...]:
        return struct.unpack(form, self._read(place, struct.calcsize(form)))

    def _read(self, place: int, size: int) -> bytes:
        if place + size > self._size:
            raise Unreadable("the TIFF file breaks off")
        self._stream.seek(place)
        data = self._stream.read(size)
        if len(data) != size:
            raise Unreadable("the TIFF file breaks off")
        return data
