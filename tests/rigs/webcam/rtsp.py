"""A camera of the network on loopback that speaks RTSP: RFC 2326, its pictures as RFC 2435 says."""

from __future__ import annotations

import base64
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

LOGIN = "Basic " + base64.b64encode(b"ann:p@ss").decode()
RATE = 25
PIECE = 1_200
ABOUT = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Desk\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 26\r\na=control:desk\r\n"
)


class Camera(socketserver.ThreadingTCPServer):
    """Sends one picture over and over; with `pictures` it hangs up after so many."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, jpeg: bytes, pictures: int = 1 << 30) -> None:
        super().__init__(("127.0.0.1", 0), _Viewer)
        self.picture = _taken_apart(jpeg)
        self.pictures = pictures

    def address(self, login: str = "ann:p%40ss@") -> str:
        """Return where it is."""
        return f"rtsp://{login}127.0.0.1:{self.server_address[1]}/desk"


@contextmanager
def camera(jpeg: bytes, pictures: int = 1 << 30) -> Iterator[Camera]:
    """Serve a camera."""
    with Camera(jpeg, pictures) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class _Picture:
    """A JPEG file as RTP sends it: its tables, and what they unpack."""

    width: int
    height: int
    tables: bytes
    scan: bytes


class _Viewer(socketserver.StreamRequestHandler):
    """One viewer's connection, which carries the pictures too."""

    server: Camera

    def handle(self) -> None:
        with suppress(OSError):
            while head := self._asked():
                self._answer(*head)

    def _asked(self) -> tuple[str, dict[str, str]] | None:
        lines = []
        while line := self.rfile.readline().strip().decode():
            lines.append(line)
        if not lines:
            return None
        told = (line.partition(":") for line in lines[1:])
        return lines[0].split()[0], {name.lower(): value.strip() for name, _, value in told}

    def _answer(self, word: str, told: dict[str, str]) -> None:
        if word != "OPTIONS" and told.get("authorization") != LOGIN:
            self._say(told, "401 Unauthorized", 'WWW-Authenticate: Basic realm="desk"')
        elif word == "DESCRIBE":
            about = ("Content-Type: application/sdp", f"Content-Length: {len(ABOUT)}")
            self._say(told, "200 OK", *about, body=ABOUT)
        elif word == "SETUP":
            way = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
            self._say(told, "200 OK", way, "Session: 7")
        elif word == "PLAY":
            self._say(told, "200 OK", "Session: 7")
            self._play()
        else:
            self._say(told, "200 OK", "Public: DESCRIBE, SETUP, PLAY, TEARDOWN")

    def _say(self, told: dict[str, str], what: str, *lines: str, body: str = "") -> None:
        head = (f"RTSP/1.0 {what}", f"CSeq: {told.get('cseq', '0')}", *lines)
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())

    def _play(self) -> None:
        number = 0
        for count in range(self.server.pictures):
            for packet in _packets(self.server.picture, number, count * 90_000 // RATE):
                self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                number += 1
            time.sleep(1 / RATE)
        raise ConnectionAbortedError


def _packets(picture: _Picture, number: int, moment: int) -> Iterator[bytes]:
    """Yield a picture in pieces, the tables before the first."""
    for at in range(0, len(picture.scan), PIECE):
        is_last = at + PIECE >= len(picture.scan)
        kind = 26 | (0x80 if is_last else 0)
        yield b"".join(
            (
                struct.pack(">BBHII", 0x80, kind, number & 0xFFFF, moment, 7),
                struct.pack(">I", at),
                bytes((1, 255, picture.width // 8, picture.height // 8)),
                b"" if at else struct.pack(">BBH", 0, 0, len(picture.tables)) + picture.tables,
                picture.scan[at : at + PIECE],
            )
        )
        number += 1


def _taken_apart(jpeg: bytes) -> _Picture:
    """Return a plain JPEG file in parts: the usual codes, colour at half the size."""
    tables, at = b"", 2
    width = height = 0
    while jpeg[at + 1] != 0xDA:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        body = jpeg[at + 4 : at + 2 + length]
        if marker == 0xDB:
            tables += b"".join(body[start + 1 : start + 65] for start in range(0, len(body), 65))
        if marker == 0xC0:
            height, width = struct.unpack_from(">HH", body, 1)
        at += 2 + length
    start = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return _Picture(width, height, tables, jpeg[start:].removesuffix(b"\xff\xd9"))
