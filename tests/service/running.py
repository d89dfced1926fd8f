"""A real service in its own process, and a plain client for it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from sheetfed.config import load

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))
import lives
from spare import free_port

PROGRAM = Path(sys.executable).with_name("sheetfed")

PLAIN = {"SHEETFED_TLS": "false"}
"""In each fresh home a service makes an authority of its own, which takes half a second."""


class Answer:
    """What came back: status, headers, body."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Caller:
    """Asks a service, always with the same headers."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.headers = dict(headers or {})

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and return its answer."""
        connection = self.connect()
        try:
            sent = {**self.headers, **(headers or {})}
            data = None
            if body is not None:
                data = json.dumps(body).encode()
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, body=data, headers=sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that is not open yet."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, path: str) -> Answer:
        """Read something."""
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        """Change something."""
        return self.ask("POST", path, {} if body is None else body)


class Tool(Caller):
    """A program of the same account: it asks through the local socket."""

    def __init__(self, path: Path) -> None:
        super().__init__(0)
        self.path = path

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection through the socket."""
        connection = http.client.HTTPConnection("localhost", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(30)
        connection.sock.connect(str(self.path))
        return connection


class Running(Caller):
    """`sheetfed serve` on a free port with its state in `home`; asked as a script asks.

    It serves TLS only where `environ` says so. Its imports were made before, unless it has to be
    the program as a person starts it.
    """

    def __init__(
        self,
        home: Path,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        program: bool = False,
    ) -> None:
        super().__init__(free_port())
        self.home = home
        environ = {**os.environ, **PLAIN, **(environ or {})}
        self.tool = Tool(load(home=home, environ=environ).socket)
        words = ("--home", home, "serve", "--no-open", "--port", str(self.port), *arguments)
        self.process: Any = (
            subprocess.Popen(
                [PROGRAM, *words],
                env=environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            if program
            else lives.begin(*words, environ=environ)
        )

    def wait(self, *, limit: float = 60.0) -> Running:
        """Return once it answers; from then on it is asked with a token."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.process.poll() is not None:
                _, said = self.process.communicate()
                raise AssertionError(f"the service ended with {self.process.returncode}: {said}")
            try:
                if self.get("/readyz").status == 200:
                    self.headers["Authorization"] = self._bearer({})
                    return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the service does not answer")

    def as_site(self, origin: str) -> Caller:
        """Approve a site and return what asks as it does."""
        assert self.tool.post("/v1/sites", {"origin": origin, "state": "approved"}).status < 300
        bearer = self._bearer({"origin": origin})
        return Caller(self.port, {"Origin": origin, "Authorization": bearer})

    def _bearer(self, wish: Mapping[str, str]) -> str:
        answer = self.tool.post("/v1/local-tokens", wish)
        assert answer.status == 201, answer.body
        return f"Bearer {answer.json['token']}"

    def scan(self, device: str = "sample:paper", **settings: Any) -> dict[str, Any]:
        """Start a job and return it."""
        answer = self.post("/v1/jobs", {"device": device, "settings": settings})
        assert answer.status == 201, answer.body
        job: dict[str, Any] = answer.json
        return job

    def settled(self, job_id: str, *, limit: float = 60.0) -> dict[str, Any]:
        """Return the job once it neither waits nor scans."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            job: dict[str, Any] = self.get(f"/v1/jobs/{job_id}").json
            if job["state"] not in {"waiting", "scanning"}:
                return job
            self.get(f"/v1/jobs/{job_id}?wait=5&seen={job['version']}")
        raise AssertionError(f"the job still runs: {job}")

    def kill(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()
        return self.process.returncode

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        else:
            self.process.communicate()


class Ear(threading.Thread):
    """Hears what the service announces, until it falls silent."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(daemon=True)
        self.caller = caller
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.ready = threading.Event()

    def run(self) -> None:
        """Read the event stream."""
        connection = self.caller.connect()
        connection.timeout = None
        try:
            connection.request("GET", "/v1/events", headers=self.caller.headers)
            response = connection.getresponse()
            self.ready.set()
            for event in _events(response):
                self.heard.append(event)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            self.ready.set()
            connection.close()

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        return iter(self.heard)


def _events(response: http.client.HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    while line := response.readline():
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)
