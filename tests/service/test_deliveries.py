"""A plug that is pulled, on either side, costs nobody a document."""

from __future__ import annotations

import hashlib
import http.server
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pypdfium2 import PdfDocument

sys.path.insert(0, str(Path(__file__).parent))
from running import Running

SIZE = 24 << 20
DATA = hashlib.shake_256(b"a long document").digest(SIZE)


class Archive(http.server.ThreadingHTTPServer):
    """A server that keeps what came whole, and may be slow."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Taking)
        self.kept: list[bytes] = []
        self.seen = 0
        self.lines: list[socket.socket] = []
        self.slow = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that was killed."""

    def gone(self) -> None:
        """Pull the plug, of connections too. Safe twice."""
        for line in self.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.slow.clear()
        self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        self.lines.append(request)
        super().process_request(request, client_address)


class _Taking(http.server.BaseHTTPRequestHandler):
    server: Archive

    def do_PUT(self) -> None:
        left = int(self.headers["Content-Length"])
        data = bytearray()
        while left > 0:
            piece = self.rfile.read(min(left, 64 << 10))
            if not piece:
                return  # cut: nothing is kept
            data += piece
            left -= len(piece)
            self.server.seen += len(piece)
            if self.server.slow.is_set():
                time.sleep(0.02)
        self.server.kept.append(bytes(data))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def archive() -> Iterator[Archive]:
    server = Archive()
    yield server
    server.gone()


def configured(home: Path, port: int) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "sheetfed.toml").write_text(
        'disabled = ["sane"]\n[targets.archive]\nprotocol = "http"\nmethod = "PUT"\n'
        f'url = "http://127.0.0.1:{port}/{{name}}"\ninternal = true\nplain = true\n'
    )


def queued(service: Running) -> None:
    """Send the file."""
    connection = service.tool.connect()
    try:
        connection.request(
            "POST",
            "/v1/deliveries/files?target=archive&name=long.bin",
            body=DATA,
            headers={"Content-Type": "application/octet-stream"},
        )
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body
    finally:
        connection.close()


def _own(service: Running) -> list[dict[str, Any]]:
    return list(service.tool.get("/v1/deliveries").json["items"])


def until(condition: Any, *, limit: float = 30.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@pytest.mark.timeout(120)
def test_a_killed_service_goes_on_by_itself(tmp_path: Path, archive: Archive) -> None:
    """`kill -9` in the middle of an upload: the next service sends the same bytes, once.

    What it left behind shows nobody what was in the document.
    """
    configured(tmp_path, archive.server_port)
    archive.slow.set()
    with Running(tmp_path) as service:
        queued(service)
        until(lambda: archive.seen > 2 << 20)
        service.kill()
    left = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [file for file in left if DATA[:64] in file.read_bytes()]
    archive.slow.clear()
    with Running(tmp_path) as service:
        until(lambda: _own(service)[0]["state"] == "done")
        (delivery,) = _own(service)

    assert archive.kept == [DATA]
    assert delivery["tries"] == 2
    assert not [*(tmp_path / "store" / "blobs").iterdir()]


@pytest.mark.timeout(120)
def test_a_server_that_comes_back_gets_it_all(tmp_path: Path, archive: Archive) -> None:
    """The other side's plug, while this computer slept: nobody has to do anything, once it wakes.

    Nothing is lost, and nothing is there twice.
    """
    configured(tmp_path, archive.server_port)
    archive.slow.set()
    with Running(tmp_path) as service:
        queued(service)
        until(lambda: archive.seen > 2 << 20)
        service.process.send_signal(signal.SIGSTOP)
        archive.gone()
        service.process.send_signal(signal.SIGCONT)
        until(lambda: _own(service)[0]["state"] == "waiting" and _own(service)[0]["error"])
        again = Archive(archive.server_port)
        try:
            until(lambda: _own(service)[0]["state"] == "done")
        finally:
            again.gone()

    assert again.kept == [DATA]
    assert archive.kept == []


@pytest.mark.timeout(120)
def test_what_is_changed_after_it_was_sent_arrives_as_it_was(
    tmp_path: Path, archive: Archive
) -> None:
    """A delivery is a promise: whoever takes its pages away waits until its file is written.

    A page that is turned meanwhile goes as it was; a document that nobody named is a scan.
    """
    configured(tmp_path, archive.server_port)
    with Running(tmp_path) as service:
        job = service.settled(service.scan(source="feeder", sheets=4, speed=600)["id"])
        document = f"/v1/documents/{job['document']}"
        pages = [page["id"] for page in service.tool.get(document).json["pages"]]
        other = service.tool.post("/v1/documents", {"title": "All"}).json["id"]
        wish = {"document": job["document"], "target": "archive"}
        names = []
        turn = {"edits": [{"name": "rotate", "options": {"angle": 90}}], "pages": pages}

        for method, path, body, status in (
            ("POST", f"{document}/edits", turn, 200),
            ("DELETE", f"/v1/pages/{pages[0]}", None, 204),
            ("POST", f"/v1/documents/{other}/merge", {"documents": [job["document"]]}, 200),
            ("DELETE", f"/v1/documents/{other}", None, 204),
        ):
            sent = service.tool.post("/v1/deliveries", wish)
            assert sent.status == 201, sent.body
            names.append(sent.json["name"].partition("-")[0])
            changed = service.tool.ask(method, path, body)
            assert changed.status == status, changed.body
            if path.endswith("merge"):
                wish = {**wish, "document": other}
        until(lambda: all(each["state"] in {"done", "failed"} for each in _own(service)))

        assert [each["error"] for each in _own(service)] == [None] * 4
    assert names == ["scan", "scan", "scan", "All"]
    files = [PdfDocument(file) for file in archive.kept]
    assert sorted(len(file) for file in files) == [3, 3, 4, 4]
    assert [file[0].get_width() < file[0].get_height() for file in files].count(True) == 1
