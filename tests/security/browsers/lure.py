"""A site of the web over https, at a name that leads to this computer."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unknown import certificate, secured

NAME = "public.example"
POLICIES = {"/strict": "require-corp", "/loose": "credentialless"}
"""Pages that isolate themselves, and how."""


class _Luring(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Give a page with nothing on it."""
        page = b"<!doctype html><meta charset=utf-8><title>A site</title><p>A site"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Referrer-Policy", "origin")  # else Origin is null on the way to http
        if policy := POLICIES.get(self.path):
            self.send_header("Cross-Origin-Embedder-Policy", policy)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""


@contextmanager
def luring(folder: Path) -> Iterator[int]:
    """Serve the site; give its port."""
    context = secured(certificate(folder / "site.pem", NAME))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Luring) as server:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
