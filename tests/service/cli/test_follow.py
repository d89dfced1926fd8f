"""Following a job: to its end, whatever happens to the service."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from sheetfed.cli.client import Client, Event
from sheetfed.cli.follow import follow
from sheetfed.cli.teller import Teller

SCANNING = {"id": "job_1", "state": "scanning", "version": 9, "pages": 1}
FAILED = {"id": "job_1", "state": "failed", "version": 4, "pages": 1}


class Answers(BaseHTTPRequestHandler):
    """A service that was killed and started again: what it told last, it never wrote down."""

    def do_GET(self) -> None:
        body = json.dumps(FAILED).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[Client]:
    path = tmp_path / "sock"
    with socketserver.UnixStreamServer(str(path), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Client(path)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("news", [None, Event("", "ready", {}), Event("", "reset", {})])
def test_lower_version_after_a_restart_is_believed(restarted: Client, news: Event | None) -> None:
    """Else the command waits for ever for a job that has ended."""
    job = follow(restarted, SCANNING, iter([news]), Teller())

    assert job == FAILED


def test_older_event_is_not_believed(restarted: Client) -> None:
    """The stream tells again what was missed, and more."""
    old = Event("7", "job", {**SCANNING, "state": "waiting", "version": 2})
    end = Event("9", "job", {**SCANNING, "state": "done", "version": 10})
    told = []

    class Listening(Teller):
        def moved(self, job: dict[str, Any]) -> None:
            told.append(job["version"])

    job = follow(restarted, SCANNING, iter([old, end]), Listening())

    assert job["state"] == "done"
    assert told == [9, 10]
