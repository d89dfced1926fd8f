"""Frames: a line of JSON, and the raw bytes it announces.

What comes out of a pipe is not believed: whatever is no frame raises ValueError.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

HEAD_LIMIT = 4 * 1024 * 1024
BODY_LIMIT = 4 * 1024 * 1024 * 1024

Head = dict[str, Any]


def pack(head: Mapping[str, Any], size: int = 0) -> bytes:
    """Return the line that announces a body of `size` bytes."""
    whole = {**head, "bytes": size} if size else head
    return json.dumps(whole, separators=(",", ":"), allow_nan=False).encode() + b"\n"


class Frames:
    """Cuts what a pipe delivers into heads and pieces of their bodies."""

    def __init__(self) -> None:
        self.line = 0
        """How long the line of the last head was."""
        self._line = b""
        self._left = 0

    def feed(self, data: bytes) -> Iterator[Head | bytes]:
        """Yield heads, each followed by its body in pieces as they came."""
        start = 0
        while start < len(data):
            if self._left:
                piece = data[start : start + self._left]
                self._left -= len(piece)
                start += len(piece)
                yield piece
                continue
            end = data.find(b"\n", start)
            self._line += data[start : end if end >= 0 else len(data)]
            if len(self._line) > HEAD_LIMIT:
                raise ValueError("a head without an end")
            if end < 0:
                return
            start = end + 1
            self.line = len(self._line)
            head, self._line = read_head(self._line), b""
            self._left = head["bytes"]
            yield head


class Pipe:
    """Both directions of the pipe as the child sees them. Blocks."""

    def __init__(self, reader: BinaryIO, writer: int) -> None:
        self._reader = reader
        self._writer = writer

    def receive(self) -> tuple[Head, bytes] | None:
        """Return the next frame, or None where the parent is gone."""
        line = self._reader.readline()
        if not line.endswith(b"\n"):
            return None
        head = read_head(line)
        body = self._reader.read(head["bytes"])
        return (head, body) if len(body) == head["bytes"] else None

    def send(self, head: Mapping[str, Any], body: bytes | bytearray | memoryview = b"") -> None:
        """Write one frame, all of it."""
        flat = memoryview(body).cast("B")
        _write_all(self._writer, pack(head, len(flat)))
        _write_all(self._writer, flat)


def read_head(line: bytes) -> Head:
    """Return the head that a line holds, with the size of its body in `bytes`."""
    head = json.loads(line, parse_constant=_no_constant)
    if not isinstance(head, dict):
        raise ValueError("a head is an object")  # noqa: TRY004 — every lie is a ValueError here
    size = head.setdefault("bytes", 0)
    if type(size) is not int or not 0 <= size <= BODY_LIMIT:
        raise ValueError(f"a body of {size} bytes")
    return head


def _write_all(descriptor: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
