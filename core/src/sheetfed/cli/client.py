"""The service's HTTP over its local socket."""

from __future__ import annotations

import http.client
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote, urlencode

from sheetfed.api.contracts import NO_QUERY, Query
from sheetfed.api.errors import ServiceGone
from sheetfed.channel import dial
from sheetfed.cli import faults

PATIENCE = 120.0
"""Seconds for one answer: opening a device and drawing a page have shorter limits of their own."""

SILENCE = 45.0
"""Seconds without any event or ping after which the service counts as gone."""


class Client:
    """One caller of one service. Every fault is raised as the error it stands for."""

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        self.path = path
        self._patience = patience

    def answers(self) -> bool:
        """Tell whether a service is there."""
        try:
            with dial(self.path, 5.0):
                return True
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return False

    def get(self, path: str, **query: Any) -> Any:
        """Return what is there."""
        return self._ask("GET", path, query, None, {})

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Any:
        """Ask for a change; with a `key` it happens once, however often it is asked."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._ask("POST", path, {}, {} if body is None else body, headers)

    def change(
        self, method: str, path: str, body: Mapping[str, Any], *, version: int | None = None
    ) -> Any:
        """Ask for a change of what is still at this version. Raises Stale."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self._ask(method, path, {}, body, headers)

    def send(
        self, path: str, file: BinaryIO, size: int | None, *, key: str = "", **query: Any
    ) -> Any:
        """Send a file as it stands; return the answer. With a `key` it happens once."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        kind = {"Content-Type": "application/octet-stream"}
        length = {"Transfer-Encoding": "chunked"} if size is None else {"Content-Length": str(size)}
        once = {"Idempotency-Key": key} if key else {}
        connection = _Connection(self.path, PATIENCE)
        try:
            with _honest():
                with suppress(ConnectionError):  # it has heard enough, and says why
                    connection.request(
                        "POST",
                        f"{path}?{asked}" if asked else path,
                        body=iter(partial(file.read, 1 << 18), b""),
                        headers={**kind, **length, **once},
                        encode_chunked=size is None,
                    )
                answer = connection.getresponse()
                if answer.status >= 400:
                    raise faults.of_problem(_problem(answer))
                return json.loads(answer.read())
        finally:
            connection.close()

    def delete(self, path: str, **query: Any) -> Any:
        """Delete what is there; return what the service says about it, None where it does not."""
        return self._ask("DELETE", path, query, None, {})

    def items(self, path: str, **query: Any) -> Iterator[Any]:
        """Return a list, page after page."""
        cursor = None
        while True:
            answer = self.get(path, cursor=cursor, **query)
            yield from answer["items"]
            cursor = answer.get("next")
            if not cursor:
                return

    def ask(
        self, method: str, path: str, *, query: Query = NO_QUERY, body: Mapping[str, Any] | None
    ) -> Any:
        """Return the JSON that any request is answered with, None where there is none."""
        return self._ask(method, path, query, body, {})

    @contextmanager
    def stream(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        method: str = "POST",
        query: Query = NO_QUERY,
    ) -> Iterator[Iterator[bytes]]:
        """Give the bytes that a wish is answered with, piece by piece."""
        with self._answer(method, path, query, body, {}) as answer:
            yield _pieces(answer)

    @contextmanager
    def events(self, *, topics: str) -> Iterator[Iterator[Event | None]]:
        """Give events from now on; None means that some may be missing, or that none came."""
        with closing(self._events(topics)) as events:
            next(events)
            yield events

    def _events(self, topics: str) -> Generator[Event | None, None, None]:
        """Follow the stream; where the service cut it off, take it up again."""
        seen = ""
        while True:
            headers = {"Last-Event-ID": seen} if seen else {}
            with self._answer(
                "GET", "/v1/events", {"topics": topics}, None, headers, patience=SILENCE
            ) as answer:
                for event in _parsed(answer):
                    seen = (event.number if event else "") or seen
                    yield event
            if not self.answers():
                raise ServiceGone("The service stopped")
            yield None

    def _ask(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, headers: dict[str, str]
    ) -> Any:
        with self._answer(method, path, query, body, headers) as answer, _honest():
            data = answer.read()
        return json.loads(data) if data else None

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any,
        headers: dict[str, str],
        *,
        patience: float | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        if body is not None:
            headers = {**headers, "Content-Type": "application/json"}
        connection = _Connection(self.path, patience or self._patience)
        try:
            with _honest():
                connection.request(
                    method,
                    f"{path}?{asked}" if asked else path,
                    body=None if body is None else json.dumps(body).encode(),
                    headers=headers,
                )
                answer = connection.getresponse()
                if answer.status >= 400:
                    raise faults.of_problem(_problem(answer))
            yield answer
        finally:
            connection.close()


class Event(NamedTuple):
    """One event of the service; `number` is empty where it is told but not kept."""

    number: str
    topic: str
    data: Any


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = dial(self._path, self.timeout)


def quoted(text: str) -> str:
    """Return an id as one part of a path."""
    return quote(text, safe="")


@contextmanager
def _honest() -> Iterator[None]:
    """Name what goes wrong on the line."""
    try:
        yield
    except TimeoutError as error:
        raise ServiceGone("The service does not answer any more") from error
    except (http.client.HTTPException, ConnectionError, FileNotFoundError) as error:
        raise ServiceGone("The service stopped in the middle of an answer") from error
    except json.JSONDecodeError as error:
        raise ServiceGone("The service answered something that is no JSON") from error


def _problem(answer: http.client.HTTPResponse) -> Any:
    text = answer.read(1 << 20)
    try:
        return json.loads(text)
    except ValueError:
        return {"detail": f"The service answered {answer.status} {answer.reason}"}


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    with _honest():
        while piece := answer.read(1 << 18):
            yield piece
        if answer.length:  # that is not noticed where a part is asked for: what came is no file
            raise http.client.IncompleteRead(b"", answer.length)


def _parsed(answer: http.client.HTTPResponse) -> Iterator[Event | None]:
    number, topic, data = "", "message", ""
    with _honest():
        while line := answer.readline():
            name, _, value = line.decode().rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                number = value
            elif name == "event":
                topic = value
            elif name == "data":
                data += value
            elif data:
                yield Event(number, topic, json.loads(data))
                number, topic, data = "", "message", ""
            else:
                yield None
