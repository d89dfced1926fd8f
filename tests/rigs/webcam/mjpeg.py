"""A camera of the network on loopback; how it behaves, good or bad, is in the path."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOGIN = "Basic " + base64.b64encode(b"ann:p@ss").decode()


class Camera(ThreadingHTTPServer):
    """Sends one picture over and over, 20 times a second."""

    daemon_threads = True

    def __init__(self, picture: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Viewer)
        self.picture = picture

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Viewer(BaseHTTPRequestHandler):
    """One viewer's connection."""

    server: Camera

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the path says."""
        with suppress(OSError):
            getattr(self, self.path.strip("/").replace("-", "_"), self._missing)()

    def stream(self) -> None:
        self._parts(lambda picture: (len(picture), picture))

    def unmeasured(self) -> None:
        self._parts(lambda picture: (None, picture))

    def half(self) -> None:
        self._parts(lambda picture: (len(picture) // 2, picture[: len(picture) // 2]))

    def endless(self) -> None:
        self._begin("multipart/x-mixed-replace; boundary=f")
        self._write(b"--f\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8")
        while True:
            self._write(bytes(1 << 20))

    def huge(self) -> None:
        self._parts(lambda picture: (1 << 40, picture))

    def closes(self) -> None:
        self._parts(lambda picture: (len(picture), picture), most=3)

    def stops(self) -> None:
        self._parts(lambda picture: (len(picture), picture), most=3)
        time.sleep(60)

    def drips(self) -> None:
        self._begin("multipart/x-mixed-replace; boundary=f")
        self._write(b"--f\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n")
        while True:
            self._write(b"\xff")
            time.sleep(0.02)

    def snapshot(self) -> None:
        self._begin("image/jpeg")
        self._write(self.server.picture)

    def page(self) -> None:
        self._begin("text/html")
        self._write(b"<h1>Camera</h1>")

    def moved(self) -> None:
        self._send_on("/stream")

    def circle(self) -> None:
        self._send_on("/circle")

    def away(self) -> None:
        self._send_on("http://camera.example/stream")

    def to_file(self) -> None:
        self._send_on("file:///etc/passwd")

    def locked(self) -> None:
        if self.headers.get("Authorization") == LOGIN:
            self.stream()
        else:
            self.send_error(401)

    def full(self) -> None:
        self.send_error(503)

    def silent(self) -> None:
        time.sleep(60)

    def _missing(self) -> None:
        self.send_error(404)

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def _send_on(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.end_headers()

    def _parts(self, made: object, most: int = 1_000_000) -> None:
        self._begin("multipart/x-mixed-replace; boundary=--f")
        for _ in range(most):
            size, body = made(self.server.picture)  # type: ignore[operator]
            length = "" if size is None else f"Content-Length: {size}\r\n"
            self._write(
                f"--f\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + body + b"\r\n"
            )
            time.sleep(0.05)

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()


@contextmanager
def camera(picture: bytes) -> Iterator[Camera]:
    """Run one."""
    server = Camera(picture)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
