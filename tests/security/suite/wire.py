"""HTTP and WebSockets byte for byte, so that nothing wrong is put right on its way."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import ssl
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

PATIENCE = 10.0
"""Seconds after which silence is an answer too."""

CLOSED = 0
"""The status where the service hung up instead of answering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; the status is CLOSED where nothing did."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return a header's value, None where it is not there."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def names(self, start: str) -> list[str]:
        """Return the names of headers that begin so."""
        return [name for name, _ in self.headers if name.startswith(start)]


NOTHING = Reply(status=CLOSED)


def connect(
    port: int, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> socket.socket:
    """Return a connection to a port of this computer. Raises OSError."""
    plain = socket.create_connection((host, port), timeout=PATIENCE)
    return tls.wrap_socket(plain, server_hostname=host) if tls else plain


def exchange(
    line: socket.socket, data: bytes | Iterable[bytes], *, quiet: float = PATIENCE
) -> list[Reply]:
    """Send bytes as they are, and return all answers until the end or a silence."""
    with line:
        with suppress(OSError):  # it may hang up while we still talk
            for part in [data] if isinstance(data, bytes) else data:
                line.sendall(part)
        return replies_in(_all_of(line, quiet))


def ask(line: socket.socket, data: bytes | Iterable[bytes]) -> Reply:
    """Send one request and return its answer, NOTHING where there is none."""
    return next(iter(exchange(line, data)), NOTHING)


def replies_in(data: bytes) -> list[Reply]:
    """Take apart what a service said."""
    replies = []
    while data.startswith(b"HTTP/"):
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = tuple(
            (n.strip().lower(), v.strip()) for n, _, v in (x.partition(":") for x in lines)
        )
        reply = Reply(status=int(first.split()[1]), headers=pairs)
        if reply.header("transfer-encoding") == "chunked":
            body, data = _unchunked(rest)
        else:
            length = int(reply.header("content-length") or (0 if reply.status < 200 else len(rest)))
            body, data = rest[:length], rest[length:]
        replies.append(Reply(status=reply.status, headers=pairs, body=body))
    return replies


def is_over(line: socket.socket, until: float) -> bool:
    """Tell whether a connection is ended before a moment of the running clock."""
    with suppress(TimeoutError, OSError):
        while True:
            line.settimeout(max(0.01, until - time.monotonic()))
            if not line.recv(1 << 16):
                return True
    return time.monotonic() < until


def _unchunked(data: bytes) -> tuple[bytes, bytes]:
    body = b""
    while data:
        told, _, rest = data.partition(b"\r\n")
        size = int(told or b"0", 16)
        body, data = body + rest[:size], rest[size + 2 :]
        if not size:
            break
    return body, data


def _all_of(line: socket.socket, quiet: float) -> bytes:
    heard = b""
    line.settimeout(quiet)
    with suppress(OSError):
        while more := line.recv(1 << 16):
            heard += more
    return heard


class Socket:
    """The client's end of a WebSocket: it sends what it is told to, allowed or not."""

    def __init__(self, line: socket.socket, head: bytes) -> None:
        self.line = line
        line.sendall(head)
        heard = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in heard and (more := line.recv(1 << 16)):
                heard += more
        told, _, self._heard = heard.partition(b"\r\n\r\n")
        replies = replies_in(told + b"\r\n\r\n")
        self.reply = replies[0] if replies else NOTHING

    @property
    def is_open(self) -> bool:
        """Whether the service agreed to talk."""
        return self.reply.status == 101

    def say(self, value: Any) -> None:
        """Send JSON as a text message."""
        self.put(frame(1, json.dumps(value).encode()))

    def put(self, data: bytes) -> None:
        """Send bytes as they are; the service may have hung up."""
        with suppress(OSError):
            self.line.sendall(data)

    def frames(self, seconds: float) -> list[tuple[int, bytes]]:
        """Return kind and content of all that comes until the end or for some time."""
        end, found = time.monotonic() + seconds, []
        while True:
            while (taken := self._take()) is not None:
                found.append(taken)
                if taken[0] == 8:  # the service says goodbye
                    return found
            ready, _, _ = select.select([self.line], [], [], max(0.0, end - time.monotonic()))
            more = b""
            if ready:
                with suppress(OSError):
                    more = self.line.recv(1 << 16)
            if not more:
                return [*found, *([(-1, b"")] if ready else [])]
            self._heard += more

    def ended(self, seconds: float) -> tuple[bool, list[bytes]]:
        """Tell whether the service hangs up in time, and which messages it sent before."""
        frames = self.frames(seconds)
        messages = [data for kind, data in frames if kind in (1, 2)]
        return any(kind in (8, -1) for kind, _ in frames), messages

    def _take(self) -> tuple[int, bytes] | None:
        data = self._heard
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10], "big"), 10
        if len(data) < start + size:
            return None
        self._heard = data[start + size :]
        return data[0] & 0x0F, data[start : start + size]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()


def upgrade(path: str, *lines: str) -> bytes:
    """Return the request for a WebSocket, without Host and Origin: those stand in the lines."""
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {path} HTTP/1.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )
    return ("\r\n".join([*head, *lines]) + "\r\n\r\n").encode()


def frame(
    kind: int,
    data: bytes,
    *,
    last: bool = True,
    masked: bool = True,
    bits: int = 0,
    claim: int = -1,
) -> bytes:
    """Return a frame; `claim` is the length that it tells, `bits` the reserved ones."""
    size = len(data) if claim < 0 else claim
    mask = 0x80 if masked else 0
    head = bytes([(0x80 if last else 0) | bits | kind])
    if size < 126:
        head += bytes([mask | size])
    elif size < 1 << 16:
        head += bytes([mask | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + data
    veil = b"\x11\x22\x33\x44"
    return head + veil + bytes(byte ^ veil[at % 4] for at, byte in enumerate(data))
