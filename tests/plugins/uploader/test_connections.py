"""How the way to a server is found, and who stands at its end."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import random
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import getproxies_environment

import pytest
from certificates import Authority
from clouds import Fsspec, Mail
from daemons import OpenSsh, Vsftpd
from places import SPECS, Loop, Place
from programs import Http
from rude import Rude
from webservers import Nginx

from sheetfed.api.contracts import Target
from sheetfed.api.errors import BadConfig, DeliveryUnsure, TargetRefused, TargetUnreachable
from sheetfed.testing.factory import make
from sheetfed.testing.target import CONTENT, Noted, Parcel
from sheetfed_uploader.addresses import reason

Running = Callable[[type[Place]], Any]


def sent(place: Place, settings: Mapping[str, Any]) -> Any:
    """Send a document through a protocol that blocks."""
    target = make(place.factory, settings, Target)
    return target.send(Parcel(), lambda _sent, _state: Noted())


def over_http(settings: Mapping[str, Any], parcel: Parcel | None = None) -> Any:
    """Send a document over HTTP."""
    target = make(SPECS["http"].factory, settings, Target)

    async def wait() -> Any:
        return await target.send(parcel or Parcel(), lambda _sent, _state: Noted())  # type: ignore[misc]

    return asyncio.run(wait())


def plain_put(port: int, **changes: Any) -> dict[str, Any]:
    """Return settings for a PUT to the receiver."""
    defaults = {option.name: option.default for option in SPECS["http"].options}
    own = {"url": f"http://127.0.0.1:{port}/put/a", "internal": True, "plain": True}
    return {**defaults, **own, "method": "PUT", **changes}


@pytest.fixture
def nginx(running: Running) -> Iterator[Nginx]:
    found = running(Nginx)
    found.clear()
    yield found
    found.clear()


def test_a_client_certificate_opens_the_door(nginx: Nginx) -> None:
    """Without it the server says no; the key may stand in a file of its own."""
    own = nginx.settings(user="", password="")
    settings = {**own, "url": f"{own['url']}certified/"}
    with pytest.raises(TargetRefused):
        sent(nginx, settings)

    certificate, key = nginx.authority.client()
    sent(nginx, {**settings, "certificate": str(certificate), "key": str(key)})

    assert nginx.arrived() == {"contract.pdf": CONTENT}


def test_a_host_with_another_key_is_refused(running: Running, tmp_path: Path) -> None:
    """Somebody may answer in its place; an unknown one is no better."""
    place = running(OpenSsh)
    known = tmp_path / "known"
    other = (place.home / "other").read_text()
    import asyncssh

    text = asyncssh.import_private_key(other).export_public_key().decode()
    for line, words in ((f"[127.0.0.1]:* {text}", "not the one that is known"), ("", "no file")):
        known.write_text(line) if line else known.unlink()
        with pytest.raises(TargetRefused, match=words):
            sent(place, place.settings(**{"known-hosts": str(known)}))

    assert not place.arrived()


def test_files_that_are_not_there_are_told_with_the_setting_that_names_them(
    running: Running, nginx: Nginx, tmp_path: Path
) -> None:
    """They are no lost line that gets better by itself."""
    gone = str(tmp_path / "gone.pem")
    for place, own, words in (
        (running(OpenSsh), {"key": gone}, f"There is no file {gone} with a key"),
        (running(Vsftpd), {"ca": gone}, "`ca` cannot be read"),
        (running(Mail), {"ca": gone}, "`ca` cannot be read"),
        (nginx, {"ca": gone}, "certificate of the target cannot be read"),
        (nginx, {"certificate": gone}, "certificate of the target cannot be read"),
    ):
        with pytest.raises((TargetRefused, BadConfig), match=re.escape(words)):
            sent(place, place.settings(**own))


class Proxy:
    """A proxy that notes whom it was asked for; with TLS where it is given means."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self._tls = tls
        self._loop = Loop()
        self.port = self._loop.run(self._open())

    async def _open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, where, _ = head.decode().split(" ", 2)
        self.asked.append(f"{method} {where}")
        host, _, port = where.removeprefix("http://").partition("/")[0].partition(":")
        back, forth = await asyncio.open_connection(host, int(port))
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            forth.write(head)

        async def copy(one: asyncio.StreamReader, other: asyncio.StreamWriter) -> None:
            while data := await one.read(65536):
                other.write(data)
                await other.drain()

        up, down = (
            asyncio.ensure_future(copy(reader, forth)),
            asyncio.ensure_future(copy(back, writer)),
        )
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            down.cancel()
            for end in (writer, forth):
                end.transport.abort()
            await asyncio.gather(up, down, return_exceptions=True)

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


def test_a_proxy_is_used_where_one_is_configured(
    running: Running, nginx: Nginx, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is taken from the environment: nobody looked at that one."""
    web = running(Http)
    web.clear()
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    over_http(plain_put(web.port))
    sent(nginx, nginx.settings())
    assert proxy.asked == []

    way = f"http://127.0.0.1:{proxy.port}"
    over_http(plain_put(web.port, proxy=way))
    own = nginx.settings()
    over_http(
        plain_put(0, url=f"{own['url']}by-proxy.pdf", ca=own["ca"], user=own["user"])
        | {"password": own["password"], "plain": False, "proxy": way}
    )

    assert proxy.asked == [
        f"PUT http://127.0.0.1:{web.port}/put/a",
        f"CONNECT localhost:{nginx.port}",
    ]
    assert set(web.put.values()) == {CONTENT}
    assert len(web.put) == 2
    assert nginx.arrived()["by-proxy.pdf"] == CONTENT


def test_a_line_within_a_line_to_a_proxy_carries_it(nginx: Nginx) -> None:
    """A proxy that speaks TLS itself: what is sent goes through both."""
    proxy = Proxy(served(nginx))
    try:
        way = f"https://localhost:{proxy.port}"
        over_http({**over_tls(nginx, "by-proxy.pdf"), "proxy": way}, Long())
    finally:
        proxy.close()

    assert proxy.asked == [f"CONNECT localhost:{nginx.port}"]
    assert nginx.arrived() == {"by-proxy.pdf": LONG}


@pytest.mark.parametrize("size", [0, 1, 9_000_000])
def test_pieces_keep_their_order(running: Running, nginx: Nginx, size: int) -> None:
    """They are opened side by side, and one that comes later may be ready sooner."""
    web = running(Http)
    web.clear()

    over_http(plain_put(web.port), Long(size=size))
    over_http(over_tls(nginx, "long.bin"), Long(size=size))

    assert [*web.put.values()] == [LONG[:size]]
    assert nginx.arrived() == {"long.bin": LONG[:size]}


def over_tls(nginx: Nginx, name: str) -> dict[str, Any]:
    """Return settings for a PUT to nginx."""
    own = nginx.settings()
    where = {"url": f"{own['url']}{name}", "plain": False}
    return plain_put(0, **where, **{key: own[key] for key in ("ca", "user", "password")})


def served(nginx: Nginx) -> ssl.SSLContext:
    """Return what a server of ours needs to be trusted as nginx is."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*nginx.authority.server("localhost"))
    return made


LONG = random.Random(7).randbytes(9_000_000)


@dataclass(slots=True, kw_only=True)
class Long(Parcel):
    """Several pieces; none is as another."""

    size: int | None = len(LONG)

    def open(self, offset: int = 0) -> Any:
        return io.BytesIO(LONG[offset : self.size])


def test_no_library_behind_fsspec_meets_a_proxy_of_the_environment(
    running: Running, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some take it unasked: it is gone before any of them is made."""
    place = running(Fsspec)
    for name in ("http_proxy", "HTTPS_PROXY", "ftp_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert getproxies_environment()

    sent(place, place.settings())

    assert getproxies_environment() == {}
    assert [*place.arrived().values()] == [CONTENT]
    place.clear()


@pytest.fixture
def rude() -> Iterator[Callable[..., Rude]]:
    made: list[Rude] = []

    def found(*answers: bytes) -> Rude:
        made.append(Rude(*answers))
        return made[-1]

    yield found
    for one in made:
        one.close()


def test_a_checksum_goes_along_where_it_is_wanted(rude: Callable[..., Rude]) -> None:
    """RFC 9530: the server can say that it got something else."""
    server = rude(b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n")

    over_http(plain_put(server.port, digest=True))

    checksum = base64.b64encode(hashlib.sha256(CONTENT).digest())
    assert b"\r\nContent-Digest: sha-256=:%b:\r\n" % checksum in server.asked[0]


def test_a_checksum_of_a_form_is_that_of_the_form(rude: Callable[..., Rude]) -> None:
    """The server compares it with all that came: what stands around the document counts."""
    server = rude(b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n")

    over_http(plain_put(server.port, method="POST", digest=True))

    checksum = base64.b64encode(hashlib.sha256(server.bodies[0]).digest())
    assert CONTENT in server.bodies[0] != CONTENT
    assert b"\r\nContent-Digest: sha-256=:%b:\r\n" % checksum in server.asked[0]


def test_what_a_server_does_not_know_at_all_is_not_tried_again(rude: Callable[..., Rude]) -> None:
    """It has no PUT: in three weeks it will not have one either."""
    server = rude(
        b"HTTP/1.1 501 Unsupported method\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )

    again = []
    for _ in range(2):
        with pytest.raises(TargetRefused) as caught:
            over_http(plain_put(server.port))
        again.append(caught.value.details["again"])

    assert again == [False, True]


def test_what_no_server_has_is_posted_again() -> None:
    """A gateway gave up before it had all of the document: nobody can keep two of it."""
    hasty = Hasty(tls=None)
    hasty.says = b"502 Bad gateway"
    try:
        with pytest.raises(TargetRefused, match="502") as caught:
            over_http(plain_put(hasty.port, method="POST", body="raw"), Large())
    finally:
        hasty.close()

    assert caught.value.details["again"]


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nX : \x00\r\n\r\n"]
)
def test_who_answers_in_no_http_is_told_without_the_address(
    rude: Callable[..., Rude], said: bytes
) -> None:
    """An address that was signed is a secret, and no site is to know where a target is."""
    server = rude(said)

    with pytest.raises(TargetUnreachable, match="is no HTTP: ") as caught:
        over_http(plain_put(0, url=f"http://127.0.0.1:{server.port}/put/a?sign=sesame"))

    assert "sesame" not in caught.value.message
    assert "127.0.0.1" not in caught.value.message


def test_a_proxy_that_refuses_is_told_as_one(nginx: Nginx, rude: Callable[..., Rude]) -> None:
    """It is not the server that says so."""
    gate = rude(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
    way = f"http://127.0.0.1:{gate.port}"

    with pytest.raises(TargetUnreachable, match="The proxy lets nobody through: 407 Who are you"):
        over_http({**over_tls(nginx, "a.pdf"), "proxy": way})


def test_a_silent_name_server_takes_no_thread_from_others(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be silent for half a minute; the service's own threads are few."""
    port = running(Http).port
    plain, waits = socket.getaddrinfo, []

    def silent(host: Any, *rest: Any, **named: Any) -> Any:
        if host == "dms.example":
            time.sleep(1)
            host = "127.0.0.1"
        return plain(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    settings = plain_put(0, url=f"http://dms.example:{port}/put/a")
    target = make(SPECS["http"].factory, settings, Target)

    async def beside() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        sending = asyncio.ensure_future(target.send(Parcel(), lambda *_: Noted()))  # type: ignore[arg-type]
        while not sending.done():
            began = time.monotonic()
            await asyncio.to_thread(int)
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
        await sending

    asyncio.run(beside())

    assert max(waits) < 0.5, "others waited for a thread"


def test_what_a_server_may_have_is_not_posted_twice(rude: Callable[..., Rude]) -> None:
    """It heard all, and then the line ended, or a gateway gave up.

    A server that knows it by its key gets it again, and so does one that it was put to.
    """
    lost = b"HTTP/1.1 504 Too long\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    server = rude(b"", lost, b"", lost, b"")
    post = plain_put(server.port, method="POST", body="raw")

    with pytest.raises(DeliveryUnsure, match="did not say"):
        over_http(post)
    with pytest.raises(DeliveryUnsure, match="504"):
        over_http(post)
    with pytest.raises(DeliveryUnsure, match="ended before"):
        over_http(post, Parcel(state={"handed": True}))
    with pytest.raises(TargetUnreachable):
        over_http({**post, "repeatable": True}, Parcel(state={"handed": True}))
    with pytest.raises(TargetRefused) as caught:
        over_http(plain_put(server.port))
    assert caught.value.details["again"]
    assert len(server.asked) == 4


def test_what_a_server_may_have_is_told_when_it_is_given_up(running: Running) -> None:
    """No form and no message can be taken back; before its end there is nothing to tell."""
    for place, settings in ((SPECS["http"], plain_put(1, method="POST")), (running(Mail), None)):
        own = place.settings() if settings is None else settings  # type: ignore[union-attr]
        target = make(place.factory, own, Target)

        def give_up(state: Mapping[str, Any], target: Target = target) -> None:
            result = target.abandon(Parcel(state=state))
            if result is not None:
                asyncio.run(finished(result))

        give_up({})
        with pytest.raises(DeliveryUnsure, match="it may"):
            give_up({"handed": True})


async def finished(result: Any) -> None:
    """Wait for a coroutine, or whatever else can be awaited."""
    await result


def test_no_protocol_of_the_web_speaks_to_a_stranger(nginx: Nginx, tmp_path: Path) -> None:
    """Whose certificate nobody vouches for learns no key, and no address that was signed."""
    stranger = Authority(tmp_path)
    where = f"https://localhost:{nginx.port}/"
    own = {"url": where, "ca": str(stranger.file), "internal": True, "hosts": "localhost"}
    keys = {"bucket": "papers", "access-key": "a", "secret-key": "b"}
    for protocol in ("tus", "s3", "presigned"):
        defaults = {option.name: option.default for option in SPECS[protocol].options}
        target = make(SPECS[protocol].factory, {**defaults, **own, **keys}, Target)
        parcel = Parcel(fields={"url": f"{where}signed?sign=1"})

        async def wait(target: Target = target, parcel: Parcel = parcel) -> Any:
            return await target.send(parcel, lambda _sent, _state: Noted())  # type: ignore[misc]

        with pytest.raises(TargetUnreachable, match="certificate is not trusted"):
            asyncio.run(wait())


def test_who_speaks_no_tls_is_told_in_words_of_tls(running: Running) -> None:
    """Its errors have numbers, but none of the system's, and so have those of names."""
    port = running(Http).port
    with pytest.raises(TargetUnreachable, match=r"The server cannot be reached: \[SSL: WRONG_VERS"):
        over_http({**plain_put(port), "url": f"https://127.0.0.1:{port}/put/a"})

    assert reason(socket.gaierror(8, "nodename nor servname provided")).startswith("nodename")


def test_a_server_says_when_to_come_back_by_its_own_clock(rude: Callable[..., Rude]) -> None:
    """Retry-After as a date counts from the server's Date: one of the clocks may be wrong."""
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nDate: Mon, 01 Jan 2035 10:00:00 GMT\r\n"
    server = rude(
        busy + b"Retry-After: Mon, 01 Jan 2035 10:02:00 GMT\r\n\r\n",
        busy + b"Retry-After: 77\r\n\r\n",
    )

    for seconds in (120, 77):
        with pytest.raises(TargetRefused) as caught:
            over_http(plain_put(server.port))
        assert caught.value.details["retry_after"] == seconds
        assert caught.value.details["again"]


def test_of_an_answer_comes_back_what_the_configuration_lets_through(
    rude: Callable[..., Rude],
) -> None:
    """An id in a header or in the body; the rest stays here, and the body has a limit."""
    body = b'{"id": 42}' + b" " * 3000
    head = b"HTTP/1.1 201 Made\r\nX-Id: 42\r\nX-Secret: no\r\nContent-Type: application/json\r\n"
    answer = head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    server = rude(answer, answer)

    told = over_http(plain_put(server.port, **{"answer-headers": "X-Id", "answer-limit": 1}))
    silent = over_http(plain_put(server.port, **{"answer-limit": 0}))

    assert told.details["header.X-Id"] == "42"
    assert told.details["body"].startswith('{"id": 42}')
    assert len(told.details["body"]) == 1024
    assert "no" not in str(told.details)
    assert "body" not in silent.details


@pytest.mark.parametrize("secure", [False, True])
def test_an_answer_before_the_end_is_heard(nginx: Nginx, *, secure: bool) -> None:
    """A server that did not hear us out has no document, even if it says yes; its no is told."""
    hasty = Hasty(tls=served(nginx) if secure else None)
    where = {"url": f"http{'s' * secure}://localhost:{hasty.port}/a", "ca": nginx.settings()["ca"]}
    try:
        with pytest.raises(TargetUnreachable, match="before it had"):
            over_http(plain_put(0, **where), Large())
        with pytest.raises(DeliveryUnsure, match="before it had"):
            over_http(plain_put(0, **where, method="POST", body="raw"), Large())
        hasty.says = b"413 Too much"
        with pytest.raises(TargetRefused, match="413 Too much"):
            over_http(plain_put(0, **where), Large())
    finally:
        hasty.close()


class Hasty(Rude):
    """A server that answers the first bytes, and hears no more."""

    says = b"201 Made"

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.lines: list[asyncio.StreamWriter] = []
        super().__init__(tls=tls)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % self.says)
        await writer.drain()
        self.lines.append(writer)

    async def _stop(self) -> None:
        await super()._stop()
        for line in self.lines:
            line.transport.abort()


@dataclass(slots=True, kw_only=True)
class Large(Parcel):
    """More than a line takes in unread."""

    size: int | None = 32 << 20

    def open(self, offset: int = 0) -> Any:
        return io.BytesIO(bytes(32 << 20)[offset:])


def test_the_clock_of_a_bucket_is_followed(rude: Callable[..., Rude]) -> None:
    """S3 refuses a signature of another time; it says its own, and one more question is enough."""
    skewed = b"<Error><Code>RequestTimeTooSkewed</Code><Message>Too far</Message></Error>"
    server = rude(
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 403 No\r\nDate: Mon, 01 Jan 2035 10:00:00 GMT\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(skewed), skewed),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
    defaults = {option.name: option.default for option in SPECS["s3"].options}
    own = {"url": f"http://127.0.0.1:{server.port}", "internal": True, "plain": True}
    keys = {"bucket": "papers", "access-key": "a", "secret-key": "b"}
    target = make(SPECS["s3"].factory, {**defaults, **own, **keys}, Target)

    async def wait() -> Any:
        return await target.send(Parcel(), lambda _sent, _state: Noted())  # type: ignore[misc]

    asyncio.run(wait())

    assert b"x-amz-date: 20350101T1000" in server.asked[-1]
