"""Objects written one after the other to a stream."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import BinaryIO

from sheetfed.api.contracts import Files
from sheetfed.api.errors import TooLarge
from sheetfed_pdf.lock import Lock
from sheetfed_pdf.pixels import engine
from sheetfed_pdf.syntax import dictionary, reference, with_texts

MOST = 9_999_999_999
"""The table of objects has ten digits for a place."""

_TOGETHER = 100
"""Objects packed in one stream, where that is asked for."""

_PACKED = 1 << 63


class Output:
    """Writes objects; holds where they are, and those that wait to be packed together."""

    def __init__(
        self, stream: BinaryIO, *, version: str, packed: bool = False, lock: Lock | None = None
    ) -> None:
        self._stream = stream
        self._version = version
        self._packed = packed
        self._lock = lock
        self._position = 0
        self._check = 0
        self._copied_by: Files | None = None
        self._places = array("Q")
        self._waiting: list[tuple[int, bytes]] = []
        self._write(b"%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n" % version.encode())

    def allows(self, version: str) -> bool:
        """Tell whether what came with a version of PDF may stand in this file."""
        return self._version >= version

    def reserve(self) -> int:
        """Return a number for an object that comes later; null where it never comes."""
        self._places.append(0)
        return len(self._places)

    def add(self, body: bytes, number: int = 0) -> int:
        """Write an object, a new one or one whose number was given away before."""
        number = number or self.reserve()
        if self._packed:
            self._waiting.append((number, body))
            self._places[number - 1] = _PACKED
            if len(self._waiting) == _TOGETHER:
                self._pack()
        else:
            self._plain(number, body if self._lock is None else with_texts(body, self._lock.sealed))
        return number

    def stream(self, head: bytes, data: Iterable[bytes | memoryview], number: int = 0) -> int:
        """Write a stream whose data is already packed as its dictionary, `head`, says."""
        number = number or self.reserve()
        pieces = list(data)
        if self._lock is not None:
            pieces = [self._lock.sealed(b"".join(pieces))]
            head = with_texts(head, self._lock.sealed)
        size = sum(len(piece) for piece in pieces)
        self._begin(number)
        self._write(b"%s/Length %d>>\nstream\n" % (head[:-2], size))
        for piece in pieces:
            self._write(piece)
        self._write(b"\nendstream\nendobj\n")
        return number

    def copied(self, head: bytes, file: str, size: int, files: Files) -> int:
        """Write a stream that is a whole file, whose bytes never come here. No lock can close it.

        Raises TooLarge.
        """
        number = self.reserve()
        self._begin(number)
        self._write(b"%s/Length %d>>\nstream\n" % (head[:-2], size))
        self._go_on(size)
        files.copy(file, self._stream)
        self._copied_by = files
        self._write(b"\nendstream\nendobj\n")
        return number

    def deflated(self, entries: Mapping[str, bytes], data: bytes, number: int = 0) -> int:
        """Write a stream and pack its data, as far as the file's version has that."""
        if not self.allows("1.2"):
            return self.stream(dictionary(entries), [data], number)
        head = dictionary({**entries, "Filter": b"/FlateDecode"})
        return self.stream(head, [engine.compress(data, 2)], number)

    def finish(self, *, root: int, info: int) -> None:
        """Write what was promised and never came, and the table of objects."""
        if self._waiting:
            self._pack()
        entries = {"Root": reference(root)}
        if info:
            entries["Info"] = reference(info)
        if self._lock is not None:
            entries["Encrypt"] = reference(self.reserve())
            self._plain(len(self._places), self._lock.dictionary())
        for number, place in enumerate(self._places, 1):
            if not place:
                self._plain(number, b"null")
        copied = self._copied_by.check() if self._copied_by else 0
        about = f"{self._check} {copied} {self._position} {len(self._places)}".encode()
        name = b"<%s>" % blake2b(about, digest_size=16).hexdigest().encode()
        entries["ID"] = b"[%s%s]" % (name, name)
        if self._packed:
            self._table_as_stream(entries)
        else:
            self._table(entries)

    def _plain(self, number: int, body: bytes) -> None:
        self._begin(number)
        self._write(body + b"\nendobj\n")

    def _begin(self, number: int) -> None:
        self._places[number - 1] = self._position
        self._write(b"%d 0 obj\n" % number)

    def _write(self, data: bytes | memoryview) -> None:
        self._go_on(len(data))
        self._stream.write(data)
        self._check = engine.crc32(data, self._check)

    def _go_on(self, size: int) -> None:
        if self._position + size > MOST:
            raise TooLarge("a PDF file ends at 10 gigabytes; save fewer pages in one file")
        self._position += size

    def _pack(self) -> None:
        """Write the objects that wait as one stream."""
        heads, bodies, position = list[bytes](), list[bytes](), 0
        for number, body in self._waiting:
            heads.append(b"%d %d" % (number, position))
            bodies.append(body)
            position += len(body) + 1
        head = b" ".join(heads) + b"\n"
        own = self.reserve()
        for index, (number, _) in enumerate(self._waiting):
            self._places[number - 1] = _PACKED | own << 16 | index
        entries = {
            "Type": b"/ObjStm",
            "N": b"%d" % len(self._waiting),
            "First": b"%d" % len(head),
        }
        self._waiting.clear()
        self.deflated(entries, head + b"\n".join(bodies) + b"\n", own)

    def _table(self, entries: Mapping[str, bytes]) -> None:
        table = self._position
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._places) + 1))
        for at in range(0, len(self._places), 1000):
            places = self._places[at : at + 1000]
            self._write(b"".join(b"%010d 00000 n \n" % place for place in places))
        told = {"Size": b"%d" % (len(self._places) + 1), **entries}
        self._write(b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (dictionary(told), table))

    def _table_as_stream(self, entries: Mapping[str, bytes]) -> None:
        own = self.reserve()
        table = self._places[own - 1] = self._position
        rows = bytearray(b"\0" * 6 + b"\xff\xff")
        for place in self._places:
            if place & _PACKED:
                holder, index = (place & ~_PACKED) >> 16, place & 0xFFFF
                rows += b"\2" + holder.to_bytes(5, "big") + index.to_bytes(2, "big")
            else:
                rows += b"\1" + place.to_bytes(5, "big") + b"\0\0"
        told = {
            "Type": b"/XRef",
            "Size": b"%d" % (own + 1),
            "W": b"[1 5 2]",
            "Filter": b"/FlateDecode",
            **entries,
        }
        data = engine.compress(bytes(rows), 2)
        self._lock = None  # the table is the one stream that is never locked
        self.stream(dictionary(told), [data], own)
        self._write(b"startxref\n%d\n%%%%EOF\n" % table)
