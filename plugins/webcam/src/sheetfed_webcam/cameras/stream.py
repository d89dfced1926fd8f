"""A camera of the network that sends JPEG files over HTTP."""

from __future__ import annotations

import base64
import http.client
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from sheetfed.api.errors import (
    DeviceBusy,
    DeviceDenied,
    DeviceFailed,
    DeviceGone,
    DriverTimeout,
    SheetfedError,
)
from sheetfed_webcam.cameras.camera import Camera
from sheetfed_webcam.jpeg import whole
from sheetfed_webcam.shots import Shot

SILENCE = 4.0
"""Seconds in which something must come."""

PATIENCE = 7.0
"""Seconds in which a picture must be whole, however busily its bytes drip."""

LARGEST = 32 << 20
"""Bytes of one picture."""

HEAD = 16 << 10
"""Bytes before a picture."""

HALVES = 20
"""So many pictures in a row may be broken; the next one ends it."""

HOPS = 3
"""So often a camera may send us on, and only to itself."""

SNAPSHOTS = 0.2
"""Seconds between two pictures of a camera that sends one at a time."""

PIECE = 64 << 10


class Stream(Camera):
    """MJPEG: one answer without an end, in parts; or a picture for each question."""

    def __init__(self, address: str, title: str) -> None:
        self._title = title
        self._address = address
        self._held = bytearray()
        self._boundary = b""
        self._connection: http.client.HTTPConnection | None = None
        self._answer: http.client.HTTPResponse | None = None
        self._ask()

    def shoot(self) -> Shot:
        """Return the next picture that comes whole."""
        limit = time.monotonic() + PATIENCE
        for _ in range(HALVES):
            data = self._part(limit) if self._boundary else self._snapshot(limit)
            picture = whole(data)
            if picture is not None:
                return Shot(
                    width=picture.width, height=picture.height, time=time.time(), jpeg=picture.data
                )
        raise DeviceFailed(f"{self._title} sends half pictures")

    def interrupt(self) -> None:
        """Hang up."""
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up."""
        if self._answer is not None:
            self._answer.close()
        if self._connection is not None:
            self._connection.close()

    def _ask(self) -> None:
        """Ask for pictures. Raises where the answer is none, and lets go."""
        try:
            self._answer = self._asked()
        except SheetfedError:
            self.close()
            raise

    def _asked(self) -> http.client.HTTPResponse:
        address = self._address
        for _ in range(HOPS + 1):
            answer = self._get(address)
            if answer.status not in (301, 302, 303, 307, 308):
                break
            address = self._next(address, answer.getheader("Location") or "")
        else:
            raise DeviceFailed(f"{self._title} sends us on and on")
        if answer.status != http.client.OK:
            raise self._refused(answer.status)
        kind = (answer.getheader("Content-Type") or "").strip()
        self._boundary = _boundary(kind)
        if not self._boundary and not kind.lower().startswith("image/jpeg"):
            raise DeviceFailed(f"{self._title} answers with {kind or 'no type'}, which is no MJPEG")
        return answer

    def _get(self, address: str) -> http.client.HTTPResponse:
        place = urlsplit(address)
        self.close()
        try:
            self._connection = _connection(place)
            path = f"{place.path or '/'}{'?' + place.query if place.query else ''}"
            self._connection.request("GET", path, headers=_headers(place))
            self._answer = self._connection.getresponse()
            return self._answer
        except TimeoutError as error:
            raise DriverTimeout(f"{self._title} does not answer", operation="open") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise DeviceGone(f"{self._title} cannot be reached: {_words(error)}") from error

    def _next(self, address: str, location: str) -> str:
        """Return where a camera sends us on to: to itself only, and never out of TLS."""
        there = urljoin(address, location)
        before, after = urlsplit(address), urlsplit(there)
        allowed = ("https",) if before.scheme == "https" else ("http", "https")
        if after.scheme not in allowed or after.hostname != before.hostname:
            raise DeviceFailed(f"{self._title} sends us on to {there}: name that address instead")
        login = before.netloc.rpartition("@")[0]
        if login and not after.username:
            return after._replace(netloc=f"{login}@{after.netloc}").geturl()
        return there

    def _refused(self, status: int) -> SheetfedError:
        if status in (401, 403):
            return DeviceDenied(f"{self._title} asks for another name and password")
        if status == http.client.SERVICE_UNAVAILABLE:
            return DeviceBusy(f"{self._title} has no place for one more viewer")
        return DeviceFailed(f"{self._title} answers with {status} instead of pictures")

    def _snapshot(self, limit: float) -> bytes:
        """Return the answer to one question."""
        if self._answer is None:
            time.sleep(SNAPSHOTS)
            self._ask()
        data = self._until_end(limit)
        self.close()
        self._answer = None
        return data

    def _part(self, limit: float) -> bytes:
        """Return the body of the next part."""
        head = b""
        while not head.strip():
            head = self._until(b"\r\n\r\n", HEAD, limit)
        length = re.search(rb"(?i)^content-length:\s*(\d{1,20})\s*$", head, re.MULTILINE)
        if length is None:
            return self._until(b"\r\n" + self._boundary, LARGEST, limit)
        size = int(length[1])
        if size > LARGEST:
            raise DeviceFailed(f"{self._title} sends a picture of {size} bytes")
        while len(self._held) < size:
            self._held += self._more(limit)
        data = bytes(self._held[:size])
        del self._held[:size]
        return data

    def _until(self, sign: bytes, most: int, limit: float) -> bytes:
        """Return what comes before a sign, and take both away."""
        searched = 0
        while (found := self._held.find(sign, searched)) < 0:
            if len(self._held) > most:
                raise DeviceFailed(f"{self._title} sends something without an end")
            searched = max(0, len(self._held) - len(sign))
            self._held += self._more(limit)
        data = bytes(self._held[:found])
        del self._held[: found + len(sign)]
        return data

    def _until_end(self, limit: float) -> bytes:
        data = bytearray()
        with suppress(DeviceGone):
            while len(data) <= LARGEST:
                data += self._more(limit)
            raise DeviceFailed(f"{self._title} sends something without an end")
        return bytes(data)

    def _more(self, limit: float) -> bytes:
        """Return bytes as they come. Raises DriverTimeout, DeviceGone at the end."""
        if time.monotonic() > limit:
            raise DriverTimeout(f"{self._title} sends too slowly", operation="frame")
        try:
            data = self._answer.read1(PIECE) if self._answer else b""
        except TimeoutError as error:
            raise DriverTimeout(
                f"{self._title} sends nothing any more", operation="frame"
            ) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise DeviceGone(f"{self._title} hung up: {_words(error)}") from error
        if not data:
            raise DeviceGone(f"{self._title} ended its stream")
        return data


def _connection(place: SplitResult) -> http.client.HTTPConnection:
    host, port = place.hostname or "", place.port
    if place.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=SILENCE, context=context)
    return http.client.HTTPConnection(host, port, timeout=SILENCE)


def _headers(place: SplitResult) -> Mapping[str, str]:
    if place.username is None:
        return {}
    login = f"{unquote(place.username)}:{unquote(place.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


def _boundary(kind: str) -> bytes:
    """Return the line between parts, empty where there are none; cameras write it either way."""
    found = re.match(r'(?i)multipart/[\w.+-]+\s*;.*?boundary="?([^";\s]{1,200})', kind)
    return b"--" + found[1].removeprefix("--").encode() if found else b""


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
