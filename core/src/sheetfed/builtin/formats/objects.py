"""What a PDF file is made of, read piece by piece."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from sheetfed.api.errors import TooLarge, Unreadable

MOST_OBJECTS = 2_000_000
MOST_TABLE = 64 * 1024 * 1024
"""Bytes that a table of objects, or a stream of them, may unpack to."""

MOST_OBJECT = 4 * 1024 * 1024
"""Bytes of one object, its stream apart."""

DEEPEST = 60

_TOKEN = re.compile(
    rb"[\0\t\n\f\r ]*(?:%[^\r\n]*[\0\t\n\f\r ]*)*"
    rb"(?:(?P<open><<|\[)|(?P<close>>>|\])|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)"
    rb"|(?P<ref>\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+R(?![A-Za-z]))"
    rb"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|<(?P<hex>[0-9A-Fa-f\0\t\n\f\r ]*)>|(?P<text>\()"
    rb"|(?P<word>[A-Za-z'\"*]+[0-9]?))",
    re.DOTALL,
)
_WORDS = {b"true": True, b"false": False, b"null": None}


class Name(str):
    """A name, as `/Type`."""

    __slots__ = ()


class Word(bytes):
    """A word that is no value: an operator."""

    __slots__ = ()


class Ref(NamedTuple):
    """Another object, by its number."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A dictionary, and where in the file its bytes begin."""

    about: dict[str, Any]
    place: int


class Objects:
    """The objects of a PDF file, by number. Raises Unreadable, TooLarge."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        self._places: dict[int, tuple[int, int]] = {}
        """Where an object is: its place, or the number of a stream and the place in that."""
        self._packed: dict[int, list[Any]] = {}
        self.trailer = self._tables()

    def get(self, value: Any) -> Any:
        """Return a value itself where it is a reference."""
        for _ in range(DEEPEST):
            if not isinstance(value, Ref):
                return value
            value = self._object(value.number)
        raise Unreadable("the objects of the PDF file lead nowhere")

    def raw(self, stream: Stream, most: int) -> bytes:
        """Return a stream's bytes as they stand. Raises TooLarge."""
        length = self._length(stream)
        if length > most:
            raise TooLarge(f"a part of the PDF file has {length} bytes", size=length)
        return self._read(stream.place, length)

    def head(self, stream: Stream, most: int) -> bytes:
        """Return how a stream begins."""
        return self._read(stream.place, min(self._length(stream), most))

    def unpacked(self, stream: Stream, most: int) -> bytes:
        """Return what a stream holds, with at most one way of packing. Raises TooLarge."""
        names = self.filters(stream)
        data = self.raw(stream, most)
        if not names:
            return data
        if names != ["FlateDecode"]:
            raise Unreadable(f"a part of the PDF file is packed as {' '.join(names)}")
        parameters = self.parameters(stream)
        try:
            opened = zlib.decompressobj()
            data = opened.decompress(data, most)
        except zlib.error as error:
            raise Unreadable("a part of the PDF file is damaged") from error
        if opened.unconsumed_tail:
            raise TooLarge("a part of the PDF file is too large", most=most)
        return _unpredicted(data, parameters)

    def filters(self, stream: Stream) -> list[str]:
        """Return the ways in which a stream is packed."""
        found = self.get(stream.about.get("Filter"))
        names = found if isinstance(found, list) else [] if found is None else [found]
        return [str(self.get(name)) for name in names]

    def parameters(self, stream: Stream) -> dict[str, Any]:
        """Return how the first of these ways is to be undone."""
        found = self.get(stream.about.get("DecodeParms"))
        if isinstance(found, list):
            found = self.get(found[0]) if found else None
        return found if isinstance(found, dict) else {}

    def _length(self, stream: Stream) -> int:
        length = self.get(stream.about.get("Length"))
        if not isinstance(length, int) or not 0 <= length <= self._size - stream.place:
            raise Unreadable("the PDF file breaks off")
        return length

    def _tables(self) -> dict[str, Any]:
        """Read the tables of objects from the newest to the oldest; return the newest trailer."""
        tail = self._read(max(0, self._size - 2048), min(2048, self._size))
        found = re.findall(rb"startxref\s+(\d{1,12})\s", tail + b"\n")
        if not found:
            raise Unreadable("the PDF file breaks off")
        newest: dict[str, Any] = {}
        todo, seen = [int(found[-1])], set[int]()
        while todo:
            place = todo.pop(0)
            if place in seen or place >= self._size:
                continue
            seen.add(place)
            trailer = self._table(place)
            newest = newest or trailer
            older = (trailer.get(key) for key in ("XRefStm", "Prev"))
            todo += [place for place in older if isinstance(place, int)]
        return newest

    def _table(self, place: int) -> dict[str, Any]:
        head = self._read(place, min(32, self._size - place))
        if not re.match(rb"\s*xref\b", head):
            return self._table_stream(place)
        at = place + head.index(b"xref") + 4
        while True:
            line = self._read(at, min(64, self._size - at))
            found = re.match(rb"\s*(\d{1,10})\s+(\d{1,10})\s*?\r?\n?", line)
            if not found:
                break
            first, count = int(found[1]), int(found[2])
            at += found.end()
            if len(self._places) + count > MOST_OBJECTS or count * 20 > self._size:
                raise TooLarge("a PDF file of too many objects")
            lines = self._read(at, count * 20)
            for number in range(count):
                entry = lines[number * 20 : number * 20 + 20].split()
                if len(entry) == 3 and entry[2] == b"n" and entry[0].isdigit():
                    self._places.setdefault(first + number, (int(entry[0]), -1))
            at += count * 20
        parsed = _Parser(self._read(at, min(MOST_OBJECT, 65536, self._size - at)))
        if parsed.word() != b"trailer":
            raise Unreadable("the table of the PDF file is damaged")
        trailer = parsed.value()
        return trailer if isinstance(trailer, dict) else {}

    def _table_stream(self, place: int) -> dict[str, Any]:
        stream = self._at(place, None)
        if not isinstance(stream, Stream) or stream.about.get("Type") != "XRef":
            raise Unreadable("the table of the PDF file is damaged")
        about = stream.about
        widths = _numbers(about.get("W"))
        index = _numbers(about.get("Index", [0, about.get("Size")]))
        if len(widths) != 3 or max(widths) > 8:
            raise Unreadable("the table of the PDF file is damaged")
        data = self.unpacked(stream, MOST_TABLE)
        at, step = 0, sum(widths)
        for first, count in zip(index[::2], index[1::2], strict=False):
            if count > MOST_OBJECTS or len(self._places) > MOST_OBJECTS:
                raise TooLarge("a PDF file of too many objects")
            for number in range(first, first + count):
                if at + step > len(data) or not step:
                    break
                kind, one, two = _split(data[at : at + step], widths)
                at += step
                if kind == 1:
                    self._places.setdefault(number, (one, -1))
                elif kind == 2:
                    self._places.setdefault(number, (two, one))
        return about

    def _object(self, number: int) -> Any:
        place, stream = self._places.get(number, (0, 0))
        if (place, stream) == (0, 0):
            return None
        if stream == -1:
            return self._at(place, number)
        if stream not in self._packed:
            if len(self._packed) > 8:
                self._packed.clear()
            self._packed[stream] = [*self._unpack(stream)]
        held = self._packed[stream]
        return held[place] if place < len(held) else None

    def _unpack(self, number: int) -> Iterator[Any]:
        place, within = self._places.get(number, (0, 0))
        stream = self._at(place, number) if within == -1 else None
        if not isinstance(stream, Stream):
            raise Unreadable("the objects of the PDF file lead nowhere")
        first, count = _numbers([stream.about.get("First"), stream.about.get("N")])
        data = self.unpacked(stream, MOST_TABLE)
        numbers = data[:first].split()
        for at in numbers[1 : 2 * count : 2]:
            yield _Parser(data, first + int(at)).value()

    def _at(self, place: int, number: int | None) -> Any:
        """Return the object at a place, which says its number."""
        length = 4096
        while True:
            data = self._read(place, min(length, max(0, self._size - place)))
            try:
                return self._parsed(data, place, number)
            except _Short as error:
                if length >= min(MOST_OBJECT, self._size - place):
                    raise Unreadable("an object of the PDF file breaks off") from error
                length *= 8

    def _parsed(self, data: bytes, place: int, number: int | None) -> Any:
        head = re.match(rb"\s*(\d{1,10})\s+\d{1,5}\s+obj\b", data)
        if not head or number not in {None, int(head[1])}:
            raise Unreadable("an object of the PDF file is not where it should be")
        parser = _Parser(data, head.end())
        value = parser.value()
        if isinstance(value, dict):
            found = re.compile(rb"\s*stream(\r\n|\n|\r)").match(data, parser.at)
            if found:
                return Stream(about=value, place=place + found.end())
            if parser.at + 16 > len(data) and place + len(data) < self._size:
                raise _Short  # the word `stream` may follow
        return value

    def _read(self, place: int, size: int) -> bytes:
        self._stream.seek(place)
        data = self._stream.read(size)
        if len(data) != size:
            raise Unreadable("the PDF file breaks off")
        return data


class _Short(Exception):
    """There is more of the object than was read."""


def operators(data: bytes) -> Iterator[tuple[bytes, list[Any]]]:
    """Yield what a page's description does: each word with what stands before it."""
    parser, before = _Parser(data), list[Any]()
    while True:
        try:
            value = parser.value()
        except _Short:
            return
        if isinstance(value, Word):
            yield bytes(value), before
            before = []
        else:
            before.append(value)
            if len(before) > 100:
                raise Unreadable("the description of a page is damaged")


class _Parser:
    """Reads values out of bytes."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def word(self) -> bytes:
        """Return the next word."""
        value = self.value()
        return bytes(value) if isinstance(value, Word) else b""

    def value(self, depth: int = 0) -> Any:
        """Return the next value; a word where there is none. Raises _Short at the end."""
        if depth > DEEPEST:
            raise Unreadable("the PDF file is nested too deeply")
        found = _TOKEN.match(self._data, self.at)
        if not found:
            if self._data[self.at :].strip():
                raise Unreadable("the PDF file is damaged")
            raise _Short
        self.at = found.end()
        text = found[found.lastgroup or 0]
        match found.lastgroup:
            case "open":
                return self._pairs(depth) if text == b"<<" else self._items(b"]", depth)
            case "text":
                return self._text()
            case "word" if text in _WORDS:
                return _WORDS[text]
        plain = _PLAIN.get(found.lastgroup or "")
        return plain(text) if plain else Word(text)

    def _items(self, end: bytes, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            value = self.value(depth + 1)
            if isinstance(value, Word):
                if value == end:
                    return found
                raise Unreadable("the PDF file is damaged")
            found.append(value)

    def _pairs(self, depth: int) -> dict[str, Any]:
        items = self._items(b">>", depth)
        names = items[::2]
        if len(items) % 2 or not all(isinstance(name, Name) for name in names):
            raise Unreadable("the PDF file is damaged")
        return dict(zip(map(str, names), items[1::2], strict=True))

    def _text(self) -> bytes:
        """Skip a string; what it says matters to no picture."""
        depth, begin = 1, self.at
        while depth:
            if self.at >= len(self._data):
                raise _Short
            sign = self._data[self.at]
            self.at += 2 if sign == 0x5C else 1
            depth += (sign == 0x28) - (sign == 0x29)
        return self._data[begin : self.at - 1]


def _number(text: bytes) -> float:
    return float(text) if b"." in text else int(text[:18])


def _hex(text: bytes) -> bytes:
    digits = re.sub(rb"\s", b"", text)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


_PLAIN: Mapping[str, Callable[[bytes], Any]] = {
    "name": lambda text: Name(_unescaped(text).decode("latin-1")),
    "ref": lambda text: Ref(int(text.split()[0])),
    "number": _number,
    "hex": _hex,
}


def _unescaped(name: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), name)


def _numbers(values: Any) -> list[int]:
    """Return whole numbers as what they are. Raises Unreadable."""
    found = [one for one in values if type(one) is int and one >= 0] if values else []
    if not isinstance(values, list) or len(found) != len(values):
        raise Unreadable("a table of the PDF file is damaged")
    return found


def _split(line: bytes, widths: list[int]) -> list[int]:
    at, found = 0, []
    for place, width in enumerate(widths):
        default = 1 if place == 0 else 0
        found.append(int.from_bytes(line[at : at + width], "big") if width else default)
        at += width
    return found


def _unpredicted(data: bytes, parameters: dict[str, Any]) -> bytes:
    """Undo the predictor of a table of objects."""
    if parameters.get("Predictor", 1) < 10:
        return data
    width = parameters.get("Columns", 1)
    if type(width) is not int or not 0 < width < 1 << 16:
        raise Unreadable("the table of the PDF file is damaged")
    rows, last = bytearray(), bytes(width)
    for at in range(0, len(data) - width, width + 1):
        kind, row = data[at], bytearray(data[at + 1 : at + 1 + width])
        if kind == 1:
            for place in range(1, width):
                row[place] = (row[place] + row[place - 1]) & 255
        elif kind == 2:
            row = bytearray((one + above) & 255 for one, above in zip(row, last, strict=True))
        elif kind:
            raise Unreadable("the table of the PDF file is packed in an odd way")
        rows += row
        last = bytes(row)
    return bytes(rows)
