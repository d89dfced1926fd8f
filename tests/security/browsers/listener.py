"""A server on loopback that writes down what reaches it, and lets everybody read."""

from __future__ import annotations

import base64
import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TOLD = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode")


class Listener(http.server.ThreadingHTTPServer):
    """Knows of each path what the browser told with its first request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Writing)
        self.heard: dict[str, tuple[str | None, ...]] = {}


class _Writing(http.server.BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Write it down and agree to everything."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = tuple(self.headers.get(name) for name in TOLD)
        self.server.heard.setdefault(self.path.partition("?")[0], told)
        if key := self.headers.get("Sec-WebSocket-Key"):
            self.send_response(101)
            digest = hashlib.sha1(key.encode() + SALT).digest()
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
            self.end_headers()
            self.wfile.flush()
            self.rfile.read(1)  # until the page leaves
            self.close_connection = True
            return
        self.send_response(200)
        kind = "text/event-stream" if "events" in self.path else "text/javascript"
        self.send_header("Content-Type", kind)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"\n\n")

    def do_POST(self) -> None:
        """Do the same."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen on a free port."""
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
