"""The service with the interface switched on, and a plain program that asks it."""

from __future__ import annotations

import http.client
import json
import sys
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "service"))
sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from running import Answer, Running
from spare import free_port

JOBS = "/api/device/scanners/jobs"
DOCUMENTS = "/api/storage/documents"


def number(option: str) -> int:
    """Return the capability of an option that TWAIN has no number for."""
    return 0x8000 + zlib.crc32(option.encode()) % 0x7000


def caps(**options: Any) -> dict[str, Any]:
    """Return what sets options of the sample scanner; it is fast where nothing else is said."""
    asked = {"speed": 0, "sheets": 3, **options}
    return {
        "exception": "fail",
        "capabilities": [
            {"capability": number(name.replace("_", "-")), "curValue": value}
            for name, value in asked.items()
        ],
    }


CONFIG = {"Resolution": 100, "PixelType": 1, "IfFeederEnabled": True}


def wish(*, runs: bool = True, **options: Any) -> dict[str, Any]:
    """Return the body of a new job of three small grey pages; a busy machine may take its time."""
    patient = {"scannerFailureTimeout": 60}
    return {"autoRun": runs, "config": CONFIG, "caps": caps(**options), **patient}


class Program:
    """A program without an Origin, or the page of a site."""

    def __init__(self, port: int, origin: str = "") -> None:
        self.port = port
        self.headers = {"Origin": origin} if origin else {}

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return its answer; a body that is no text goes as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            connection.request(method, path, data, {**self.headers, **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def job(self, **options: Any) -> dict[str, Any]:
        """Make a job as soon as nobody else has the scanner."""
        return self.job_once_free(wish(**options))

    def job_once_free(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make a job as soon as nobody else has the scanner."""
        end = time.monotonic() + 30
        while (answer := self.ask("POST", JOBS, body)).status == 423 and time.monotonic() < end:
            time.sleep(0.1)
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.json
        return made

    def pages(self, uid: str) -> list[bytes]:
        """Return the pages of a job, read to its end."""
        found = []
        while (answer := self.ask("GET", f"{JOBS}/{uid}/next-page")).status == 200:
            found.append(answer.body)
        assert answer.status == 204, answer.body
        return found

    def url(self, uid: str) -> str:
        """Return the address of a job's next page by its info."""
        answer = self.ask("GET", f"{JOBS}/{uid}/next-page-info")
        assert answer.status == 200, answer.body
        return str(answer.json[0]["url"])

    def status(self, uid: str) -> str:
        """Return the state of a job."""
        return str(self.ask("GET", f"{JOBS}/{uid}").json["status"])


class Service:
    """`sheetfed serve` with the interface on ports of its own."""

    def __init__(self, home: Path, *, disabled: tuple[str, ...] = ("sane",)) -> None:
        self.home = home
        self.port, self.welcome = free_port(), free_port()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "sheetfed.toml").write_text(
            f"disabled = {[*disabled]}\n"
            "[addons.dwt]\nenabled = true\nprograms = true\n"
            f"dwt-port = {self.port}\ndwt-tls-port = {self.port + 1}\n"
            f"welcome-port = {self.welcome}\nwelcome-tls-port = {self.welcome + 1}\n"
        )
        self._start()
        self.program = Program(self.port)

    def site(self, origin: str) -> Program:
        """Approve a site and return its page, which sends an Origin and no token."""
        self.running.as_site(origin)
        return Program(self.port, origin)

    def again(self) -> None:
        """Start it once more after it was killed."""
        self._start()

    def stop(self) -> None:
        """End it."""
        self.running.stop()

    def _start(self) -> None:
        self.running = Running(self.home, environ={"SHEETFED_TLS": "true"})
        self.running.wait(limit=60)
