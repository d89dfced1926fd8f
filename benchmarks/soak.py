"""Many clients for long, children killed, a flapping server.

Usage: python benchmarks/soak.py [--minutes 60] [--clients 20] [--kill 5]

Each client scans (or opens a file, while another has the scanner), looks at pages, turns them,
saves a PDF, sends it to a web server that is sometimes away and sometimes refuses, and deletes.
Every `--kill` seconds one child of the service, whichever, gets SIGKILL. Prints memory and
descriptors of the service over time, and at the end: goal, figure, verdict. Leaves with 1 where one
is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
from running import Answer, Running

from service import family, resident

CONFIG = """\
disabled = ["sane", "webcam"]

[targets.archive]
protocol = "http"
url = "http://127.0.0.1:{port}/in"
method = "PUT"
repeatable = true
internal = true
plain = true
"""
GROWTH = 3.0
"""Megabytes that memory may be more at the end than after the first third."""

AWAY = (2.0, 8.0)
"""Seconds between two moods of the server."""


class Flapping(ThreadingHTTPServer):
    """A server that takes files, refuses them, or hangs up, each for a while."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.mood = "takes"
        self.files: dict[str, str] = {}
        self.again = 0
        self.different = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def take(self, key: str, digest: str) -> None:
        """Keep a file once; another one under the same key is a fault."""
        with self.lock:
            before = self.files.setdefault(key, digest)
            self.different += before != digest


class Taker(BaseHTTPRequestHandler):
    """One request."""

    server: Flapping
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        """Take the file, or not."""
        digest, mood = hashlib.sha256(), self.server.mood
        left = int(self.headers.get("Content-Length", 0))
        while left:
            piece = self.rfile.read(min(left, 1 << 16))
            if not piece:
                return
            left -= len(piece)
            digest.update(piece)
            if mood == "hangs up":
                self.connection.close()
                return
        if mood == "takes":
            self.server.take(self.headers["Idempotency-Key"], digest.hexdigest())
        self.send_response(201 if mood == "takes" else 503)
        self.send_header("Content-Length", "0")
        self.send_header("Retry-After", "1")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Client(threading.Thread):
    """A person's program, over and over."""

    def __init__(self, number: int, service: Running, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.dice = random.Random(number)
        self.service = service
        self.over = over
        self.told: Counter[str] = Counter()
        self.deliveries: list[str] = []
        self.faults: list[str] = []

    def run(self) -> None:
        """Work until it is over."""
        while not self.over.is_set():
            try:
                self._round()
            except (OSError, http.client.HTTPException, AssertionError, KeyError) as error:
                self.faults.append(f"{type(error).__name__}: {error}"[:300])

    def _round(self) -> None:
        document = self._scanned() or self._opened()
        if document is None:
            return
        pages = self._pages(document)
        for page in pages:
            look = self._patiently("GET", f"/v1/pages/{page}/image?width=200&height=200")
            self.told["pages"] += 1
            self.told["not shown"] += look.status != 200
        turned = {"name": "rotate", "options": {"angle": "90"}}
        self._patiently("POST", f"/v1/pages/{pages[0]}/edits", turned)
        saved = self._patiently(
            "POST", f"/v1/documents/{document}/file", {"type": "application/pdf"}
        )
        self.told["files"] += saved.status == 200
        sent = self._patiently(
            "POST", "/v1/deliveries", {"document": document, "target": "archive"}
        )
        if sent.status == 201:
            self.deliveries.append(sent.json["id"])
            _until(partial(self._is_written, sent.json["id"]))
        self.over.wait(self.dice.uniform(0, 2))
        lost = set(pages) - set(self._pages(document))
        self.told["pages lost"] += len(lost)
        self._patiently("DELETE", f"/v1/documents/{document}")
        self.told["rounds"] += 1

    def _is_written(self, delivery: str) -> bool:
        """Tell whether a delivery has its file, so that its document may go."""
        told = self.service.get(f"/v1/deliveries/{delivery}").json
        if told["state"] == "failed":  # a child was killed
            self.service.post(f"/v1/deliveries/{delivery}/retry")
        return bool(told["size"])

    def _scanned(self) -> str | None:
        settings = {"sheets": self.dice.randint(1, 3), "speed": 0, "resolution": 75}
        wish = {"device": "sample:paper", "settings": settings}
        answer = self.service.post("/v1/jobs", wish)
        assert answer.status not in (401, 403), answer.body
        if answer.status != 201:
            return None
        job = answer.json
        while job["state"] in {"waiting", "scanning"}:
            told = self.service.get(f"/v1/jobs/{job['id']}?wait=5&seen={job['version']}")
            assert told.status == 200, told.body
            job = told.json
        if job["state"] == "paused":
            self.told["interrupted scans"] += 1
            self.service.post(f"/v1/jobs/{job['id']}/keep")
        document = str(job["document"])
        if job["pages"]:
            return document
        self.service.ask("DELETE", f"/v1/documents/{document}")
        return None

    def _opened(self) -> str | None:
        connection = self.service.connect()
        try:
            headers = {**self.service.headers, "Content-Type": "application/octet-stream"}
            connection.request("POST", "/v1/imports?title=Letter", body=PICTURE, headers=headers)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        return str(answer.json["id"]) if answer.status == 201 else None

    def _pages(self, document: str) -> list[str]:
        answer = self.service.get(f"/v1/documents/{document}")
        assert answer.status == 200, answer.body
        return [page["id"] for page in answer.json["pages"]]

    def _patiently(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask again where a child was killed meanwhile, as the error's advice says."""
        for _ in range(5):
            answer = self.service.ask(method, path, body)
            if answer.status < 500:
                break
            self.told["asked again"] += 1
        return answer


def main() -> int:
    """Run it and print what was seen."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--minutes", type=float, default=60.0)
    words.add_argument("--clients", type=int, default=20)
    words.add_argument("--kill", type=float, default=5.0, help="seconds between two deaths")
    given = words.parse_args()
    server = Flapping()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        (home / "sheetfed.toml").write_text(CONFIG.format(port=server.server_port))
        with Running(home, program=True) as service:
            return _soak(service, server, given)


def _soak(service: Running, server: Flapping, given: argparse.Namespace) -> int:
    over = threading.Event()
    clients = [Client(number, service, over) for number in range(given.clients)]
    for client in clients:
        client.start()
    killed: list[int] = []
    for deed in (lambda: _kill(service, over, given.kill, killed), lambda: _flap(server, over)):
        threading.Thread(target=deed, daemon=True).start()
    seen = [*_watched(service, given.minutes * 60)]
    over.set()
    for client in clients:
        client.join(120)
    server.mood = "takes"
    told = sum((client.told for client in clients), Counter())
    faults = [fault for client in clients for fault in client.faults]
    ids = [delivery for client in clients for delivery in client.deliveries]
    states = Counter(_arrived(service, ids))
    print(f"{given.minutes:g} minutes, {given.clients} clients: {dict(told)}, {len(killed)} killed")
    print(f"deliveries: {dict(states)}; files at the server: {len(server.files)}")
    for fault, count in Counter(faults).most_common(5):
        print(f"{count} times {fault}")
    third = len(seen) // 3
    early, late = seen[third : 2 * third] or seen, seen[2 * third :]
    memory = [statistics.median(row[0] for row in rows) for rows in (early, late)]
    files = [statistics.median(row[1] for row in rows) for rows in (early, late)]
    goals = (
        (f"memory: {memory[0]:.1f} MB, later {memory[1]:.1f}", memory[1] - memory[0] <= GROWTH),
        (f"descriptors: {files[0]:g}, later {files[1]:g}", files[1] - files[0] <= 5),
        (f"pages lost: {told['pages lost']} of {told['pages']}", not told["pages lost"]),
        (f"deliveries lost: {len(ids) - states['done']} of {len(ids)}", states["done"] == len(ids)),
        (f"sent twice with other bytes: {server.different}", not server.different),
        (f"requests that failed: {len(faults)}", not faults),
    )
    for goal, met in goals:
        print(f"{'met   ' if met else 'MISSED'} {goal}")
    return int(not all(met for _, met in goals))


def _watched(service: Running, seconds: float) -> Iterator[tuple[float, int]]:
    """Yield memory in MB and descriptors of the service, every tenth of a minute, until then."""
    pid, begun = service.process.pid, time.monotonic()
    said = 0.0
    while (passed := time.monotonic() - begun) < seconds:
        row = resident(pid), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        yield row
        if passed - said >= 60:
            said = passed
            service.wait()  # a new token: one is good for a quarter of an hour
            print(f"{passed / 60:5.0f} min {row[0]:7.1f} MB {row[1]:4} descriptors", flush=True)
        time.sleep(min(6.0, seconds / 20))


def _kill(service: Running, over: threading.Event, every: float, killed: list[int]) -> None:
    dice = random.Random(0)
    while not over.wait(dice.uniform(0.5, 1.5) * every):
        children = [*family(service.process.pid)][1:]
        if children:
            child = dice.choice(children)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed.append(child)


def _flap(server: Flapping, over: threading.Event) -> None:
    dice = random.Random(1)
    while not over.wait(dice.uniform(*AWAY)):
        server.mood = dice.choice(("takes", "takes", "refuses", "hangs up"))


def _arrived(service: Running, ids: list[str]) -> Iterator[str]:
    """Yield each delivery's state in the end; what waits or failed for a death is tried now."""
    for delivery in ids:
        _until(partial(_settled, service, delivery))
        told = service.get(f"/v1/deliveries/{delivery}").json
        if told["state"] != "done":
            print(f"{delivery}: {told['state']}, {told['error']}, {told['history'][-3:]}")
        yield told["state"]


def _settled(service: Running, delivery: str) -> bool:
    told = service.get(f"/v1/deliveries/{delivery}").json
    if told["state"] in {"waiting", "failed"}:
        service.post(f"/v1/deliveries/{delivery}/retry")
    return told["state"] == "done"


def _until(holds: Callable[[], bool], *, limit: float = 120.0) -> None:
    end = time.monotonic() + limit
    while not holds() and time.monotonic() < end:
        time.sleep(0.25)


def _picture() -> bytes:
    """Return a page as a PNG that our own children can read."""
    import zlib  # noqa: PLC0415 - for this alone

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(620)) for y in range(877))
    size = (620).to_bytes(4) + (877).to_bytes(4) + bytes((8, 0, 0, 0, 0))
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


PICTURE = _picture()

if __name__ == "__main__":
    sys.exit(main())
