"""A web site of somebody else, on a port of this computer."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from unknown import secured

import sheetfed

CLIENT = Path(sheetfed.__file__).parent / "web" / "client"
MODULES = {f"/client/{file.relative_to(CLIENT)}": file for file in CLIENT.rglob("*.js")}
BLANK = "<!doctype html><html lang=en><meta charset=utf-8><title>A site</title><h1>A site</h1>"


class _Answering(http.server.BaseHTTPRequestHandler):
    pages: Mapping[str, str]

    def do_GET(self) -> None:
        """Give a page, or a module of our client."""
        path = self.path.partition("?")[0]
        if path in self.pages:
            kind = "javascript" if path.endswith(".js") else "html"
            self._give(self.pages[path], f"text/{kind}")
        elif module := MODULES.get(path):
            self._give(module.read_text(), "text/javascript")
        else:
            self.send_error(404)

    def _give(self, text: str, media_type: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""


@contextmanager
def web_site(
    pages: Mapping[str, str] | None = None,
    *,
    host: str = "127.0.0.1",
    certificate: Path | None = None,
) -> Iterator[str]:
    """Serve pages of ours beside a blank one, with a certificate over TLS; give the origin."""
    answering = type("Answering", (_Answering,), {"pages": {"/": BLANK, **(pages or {})}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        if certificate:
            server.socket = secured(certificate).wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://{host}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
