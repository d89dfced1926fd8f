"""What a target, or whoever answers in its place, could make the service do."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt
from sheetfed.testing.target import CONTENT, Noted, Parcel
from sheetfed_uploader import addresses, sheetfed_targets, web
from sheetfed_uploader.http import Http

HTTP = next(spec for spec in sheetfed_targets() if spec.name == "http")


class Speaker(threading.Thread):
    """Listens on one address, hears a request out, and answers with what a test wants."""

    def __init__(self, answer: Callable[[socket.socket], None], host: str = "127.0.0.1") -> None:
        super().__init__(daemon=True)
        self.heard: list[bytes] = []
        self._answer = answer
        self._listening = socket.create_server((host, 0))
        self.port = self._listening.getsockname()[1]
        self.start()

    def run(self) -> None:
        """Serve one after the other."""
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line:
                try:
                    self.heard.append(_request(line))
                    self._answer(line)
                except OSError:
                    pass  # whoever asked has left

    def close(self) -> None:
        """Stop."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.join(5)


def _request(line: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        piece = line.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


@pytest.fixture
def speak() -> Iterator[Callable[..., Speaker]]:
    made: list[Speaker] = []

    def speaker(answer: Callable[[socket.socket], None] | bytes = b"", **more: str) -> Speaker:
        said = answer
        made.append(Speaker(said if callable(said) else lambda line: line.sendall(said), **more))
        return made[-1]

    yield speaker
    for one in made:
        one.close()


def settings(port: int, **changes: Any) -> dict[str, Any]:
    """Return what a target for this port is made with."""
    defaults = {option.name: option.default for option in HTTP.options}
    own = {"url": f"http://127.0.0.1:{port}/", "internal": True, "plain": True}
    return {**defaults, **own, **changes}


def send(made: Mapping[str, Any], **more: Any) -> Receipt:
    """Send a document."""
    return asyncio.run(Http(made).send(Parcel(**more), lambda _sent, _state: Noted()))


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_s02_a_redirect_is_not_followed(speak: Callable[..., Speaker]) -> None:
    """R30 (S02): an allowed target cannot lend its place to another one."""
    inside = speak(OK)
    for status in ("301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"):
        where = f"Location: http://127.0.0.1:{inside.port}/"
        allowed = speak(f"HTTP/1.1 {status}\r\n{where}\r\nContent-Length: 0\r\n\r\n".encode())

        with pytest.raises(TargetRefused, match="redirect"):
            send(settings(allowed.port))
        assert len(allowed.heard) == 1

    assert inside.heard == []


def test_s04_an_allowed_target_gets_the_document(speak: Callable[..., Speaker]) -> None:
    """R29 (S04): this keeps the others honest."""
    allowed = speak(OK)

    receipt = send(settings(allowed.port, body="raw"))

    assert allowed.heard[0].endswith(CONTENT)
    assert receipt.details["body"] == "ok"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_s05_a_name_that_leads_inside_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R30 (S05): whatever a name resolves to is looked at before anybody is asked."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    scope = (0, 1) if ":" in address else ()
    row = (family, socket.SOCK_STREAM, 6, "", (address.partition("%")[0], 443, *scope))
    asked: list[str] = []

    def resolve(host: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(str(host))
        return [row]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outside = settings(0, url="https://dms.example/", internal=False, plain=False)

    with pytest.raises(TargetRefused, match="The target's address is"):
        send(outside)
    assert asked == ["dms.example"]
    with pytest.raises(TargetRefused):
        addresses.allowed([address], internal=False)


def test_s05_what_is_inside_may_be_meant_and_a_cloud_s_secrets_never() -> None:
    """R30 (S05): a network over the internet is one's own as much as the one in the house."""
    for address in ("127.0.0.1", "192.168.1.1", "100.64.0.1", "100.101.102.103", "fd00::1"):
        assert addresses.allowed([address], internal=True) == [address]
    for address in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::1"):
        with pytest.raises(TargetRefused) as caught:
            addresses.allowed([address], internal=True)
        assert "No setting allows that" in str(caught.value.details["advice"])


def test_s05_without_the_look_the_trap_is_reached(
    speak: Callable[..., Speaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R30 (S05): the test above would notice that the guard is gone."""
    trap = speak(OK)
    made = settings(trap.port, internal=False)
    with pytest.raises(TargetRefused):
        send(made)
    assert trap.heard == []

    monkeypatch.setattr(addresses, "_fault", lambda *_, **__: "")
    monkeypatch.setattr(web, "check_address", lambda *_: None)
    send(made)
    assert len(trap.heard) == 1


def test_s06_the_address_that_was_looked_at_is_used(
    speak: Callable[..., Speaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R30 (S06): a name that says something else a moment later gains nothing by that."""
    good = speak(OK)
    answers = ["127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.2"]
    plain = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **named: Any) -> Any:
        if host != "rebound.example":
            return plain(host, *rest, **named)
        return plain(answers.pop(0), *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    send(settings(good.port, url=f"http://rebound.example:{good.port}/"))

    assert len(good.heard) == 1
    assert len(answers) == 3  # it was asked once


def test_s07_an_answer_without_end_is_cut(speak: Callable[..., Speaker]) -> None:
    """R30 (S07): 10 GB are not read, and memory stays flat."""

    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
        while True:
            line.sendall(bytes(1 << 20))

    server = speak(endless)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    receipt = send(settings(server.port, **{"answer-limit": 1}))

    assert len(str(receipt.details["body"])) == 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10


@pytest.mark.parametrize("rest", [b"X-Long: ", b"Content-Length: 9000\r\n\r\n"])
def test_s07_an_answer_that_drips_is_cut(
    speak: Callable[..., Speaker], monkeypatch: pytest.MonkeyPatch, rest: bytes
) -> None:
    """R30 (S07): a byte now and then buys no time, in the head or in the body."""
    monkeypatch.setattr(web, "STALLED", 0.3)

    def drip(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n" + rest)
        while True:
            line.sendall(b"x")
            time.sleep(0.05)

    server = speak(drip)
    began = time.monotonic()

    with pytest.raises(TargetUnreachable, match="stall"):
        send(settings(server.port, timeout=1, method="PUT"))

    assert time.monotonic() - began < 5
