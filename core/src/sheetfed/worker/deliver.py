"""A target's child: a document goes out through it.

It asks for the document piece by piece, one ahead of what is on the wire.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, BinaryIO, TypeVar

from sheetfed.api.contracts import Target
from sheetfed.api.errors import TargetUnreachable
from sheetfed.api.model import Value
from sheetfed.worker.frames import Head
from sheetfed.worker.link import Link
from sheetfed.worker.wire import to_json

T = TypeVar("T")

PIECE = 1 << 20
NOTED_EVERY = 0.1
"""Seconds between two notes of progress; what is new in the state is noted at once."""


class Errand:
    """Answers for one target."""

    def __init__(self, target: Target, link: Link) -> None:
        self._target = target
        self._link = link

    def answer(self, head: Head, _: bytes) -> dict[str, Any]:
        """Return the answer to one question."""
        if head["ask"] == "test":
            return {"receipt": to_json(_finished(self._target.test))}
        parcel = Parcel(self._link, head["delivery"])
        if head["ask"] == "abandon":
            _finished(lambda: self._target.abandon(parcel))
            return {}
        receipt = _finished(lambda: self._target.send(parcel, parcel.report))
        return {"receipt": to_json(receipt)}


class Parcel:
    """A delivery whose bytes are in the parent."""

    def __init__(self, link: Link, head: Head) -> None:
        self.name: str = head["name"]
        self.media_type: str = head["media_type"]
        self.size: int | None = head["size"]
        self.fields: Mapping[str, Value] = head["fields"]
        self.idempotency_key: str = head["idempotency_key"]
        self.state: Mapping[str, Any] = head["state"]
        self._link = link
        self._turn = threading.Lock()
        self._asked: tuple[int, int] | None = None
        self._came = b""
        self._waits = False
        self._noted = 0.0
        self._state = dict(self.state)

    def open(self, offset: int = 0) -> BinaryIO:
        """Return the bytes from `offset` on."""
        return io.BufferedReader(_Inlet(self._read, offset), PIECE)

    def report(self, sent: int, state: Mapping[str, Any]) -> Awaitable[None]:
        """Tell the parent, and wait until it has written down what it has to."""
        with self._turn:
            now = time.monotonic()
            if now - self._noted >= NOTED_EVERY or dict(state) != self._state:
                self._take()
                self._link.say("report", {"sent": sent, "state": dict(state)})
                self._link.told()
                self._noted, self._state = now, dict(state)
        return _Safe()

    def _read(self, offset: int, length: int) -> bytes:
        with self._turn:
            if self._asked != (offset, length):
                self._take()
                self._ask(offset, length)
            self._take()
            data, self._came = self._came, b""
            after = offset + len(data)
            self._asked = None
            if len(data) == length and (self.size is None or after < self.size):
                self._ask(after, length)
            return data

    def _ask(self, offset: int, length: int) -> None:
        """Ask for bytes; they may come while something else is done."""
        self._link.say("read", {"offset": offset, "length": length})
        self._asked, self._came = (offset, length), b""
        self._waits = True

    def _take(self) -> None:
        """Take in what was asked for; it comes before every other answer."""
        if self._waits:
            self._came = self._link.told()[1]
            self._waits = False


class _Inlet(io.RawIOBase):
    """The stream a target reads from: straight out of the pipe."""

    def __init__(self, ask: Callable[[int, int], bytes], offset: int) -> None:
        self._ask = ask
        self._offset = offset

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fetch the next bytes."""
        data = self._ask(self._offset, len(buffer))
        buffer[: len(data)] = data
        self._offset += len(data)
        return len(data)


class _Safe:
    """What can be awaited and is done already."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


def _finished(call: Callable[[], T | Awaitable[T]]) -> T:
    """Call a method that may be a coroutine; a fault of the line is the target's, not ours."""

    async def wait(result: Awaitable[T]) -> T:
        return await result

    try:
        result = call()
        return asyncio.run(wait(result)) if inspect.isawaitable(result) else result
    except (OSError, EOFError) as error:
        raise TargetUnreachable(f"The connection failed: {error}") from error
