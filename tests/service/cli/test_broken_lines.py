"""A service that is gone in the middle of an answer is never taken for its end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetfed.api.errors import ServiceGone
from sheetfed.cli.client import Client


@pytest.fixture
def line(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket on which somebody else answers."""
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(tmp_path / "line"))
        line.listen()
        yield line


@pytest.mark.parametrize(
    "head", ["Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n64\r\n"]
)
def test_half_a_file_is_no_file(line: socket.socket, head: str) -> None:
    """Short ones come with their length, and the library does not look at it."""

    def answer_half() -> None:
        asked = line.accept()[0]
        asked.recv(65536)
        asked.sendall(f"HTTP/1.1 200 OK\r\n{head}".encode() + b"x" * 40)
        asked.close()

    threading.Thread(target=answer_half, daemon=True).start()
    client = Client(Path(line.getsockname()))

    with pytest.raises(ServiceGone), client.stream("/v1/documents/doc_1/file", {}) as pieces:
        list(pieces)
