"""Runs sheetfed with one guard switched off: `unguarded.py GUARD …` is `sheetfed …` without it.

Only here, only in this process: the product has no such switch. A test shows for each guard that
an attack then succeeds, so that a guard that fell out of the product would be missed.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import re
import ssl
import sys
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from aiohttp import web

from sheetfed import jobs, pairings, targets
from sheetfed.audit import Audit
from sheetfed.cli import main
from sheetfed.events import LOCAL
from sheetfed.server import app, listen, nonces, ports, ranges, requests
from sheetfed.server.guard import (
    access,
    callers,
    connections,
    cors,
    door,
    fetches,
    headers,
    hosts,
    peers,
    rates,
    refusals,
    strangers,
    visits,
)
from sheetfed.server.guard import origins as asked_from
from sheetfed.server.routes import assets, socket
from sheetfed.server.tokens import Grant, Tokens
from sheetfed.store import ids
from sheetfed.store import log as event_log
from sheetfed.trust import leaf

GUARDS: dict[str, Callable[[], None]] = {}
Off = Callable[[], None]


def guard(name: str) -> Callable[[Off], Off]:
    """Name what switches a guard off."""

    def put(off: Off) -> Off:
        GUARDS[name] = off
        return off

    return put


def nothing(*_: Any, **__: Any) -> None:
    """Do what a guard does that is not there."""


@guard("host")
def _host() -> None:
    hosts.check = nothing


@guard("peer uid")
def _peer() -> None:
    peers.is_ours = lambda *_: True


@guard("origin")
def _origin() -> None:
    made = door.Door.__init__

    def lax(self: door.Door, *words: Any, **options: Any) -> None:
        made(self, *words, **{**options, "approved": lambda _: True})

    door.Door.__init__ = lax  # type: ignore[method-assign]


@guard("origin is whole")
def _origin_is_whole() -> None:
    asked_from.is_web_origin = lambda _: True


@guard("one origin")
def _one_origin() -> None:
    def first(request: web.Request) -> str:
        told = request.headers.get("Origin", "")
        return "" if told == hosts.own_origin(request) else told

    asked_from.foreign = first


@guard("cross-origin reading")
def _reading() -> None:
    def anybody(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        response.headers["Access-Control-Allow-Credentials"] = "true"

    cors.put = anybody


@guard("fetch metadata")
def _metadata() -> None:
    fetches.check = nothing


@guard("content type")
def _content_type() -> None:
    requests._JSON_TYPE = re.compile(".*", re.DOTALL)


@guard("token")
def _token() -> None:
    Tokens.check = lambda _, __: Grant(kind="site", origin="any", owner=LOCAL)
    callers.fits = lambda _, __: True


@guard("token's origin")
def _token_origin() -> None:
    callers.fits = lambda _, __: True


@guard("token's kind")
def _token_kind() -> None:
    def anyhow(grant: Grant | None, foreign: str, **_: bool) -> callers.Caller:
        if grant is None:
            return callers.Caller(kind="stranger", origin=foreign)
        return callers.Caller(kind="site", owner=grant.owner, origin=foreign)

    callers.of_grant = anyhow


@guard("access")
def _access() -> None:
    access.check = nothing


@guard("headers")
def _headers() -> None:
    headers.put = nothing


@guard("our page's policy")
def _policy() -> None:
    assets.PAGE = "default-src * 'unsafe-inline'"


@guard("body size")
def _body_size() -> None:
    read = requests._read
    requests._read = lambda request, _: read(request, 1 << 40)


@guard("body is not packed")
def _packed() -> None:
    body_of = app.body_of

    async def unpacked(request: web.Request, op: Any) -> Any:
        if "Content-Encoding" not in request.headers:
            return await body_of(request, op)
        data = zlib.decompress(await requests._read(request, op.limit), 47)
        return requests.read_json(data, op.body())

    app.body_of = unpacked


@guard("rate")
def _rate() -> None:
    rates.check = nothing


@guard("jobs at once")
def _jobs() -> None:
    visits.Visits.start = lambda *_: nullcontext()  # type: ignore[method-assign]


@guard("who may ask")
def _pending() -> None:
    pairings.PENDING = 1000


@guard("ids")
def _ids() -> None:
    numbers = itertools.count(100_000)

    class Counting:
        """Ids that can be counted through, in the place of `secrets`."""

        token_hex = staticmethod(lambda size: os.urandom(size).hex())

        @staticmethod
        def token_urlsafe(_: int) -> str:
            """Return the next one."""
            return f"{next(numbers):022}"

        @staticmethod
        def token_bytes(size: int) -> bytes:
            """Return the next ones."""
            return b"".join(next(numbers).to_bytes(16, "big") for _ in range(size // 16))

    ids.secrets = Counting  # type: ignore[attr-defined]
    jobs.secrets = Counting  # type: ignore[attr-defined]


@guard("encryption")
def _encryption() -> None:
    from cryptography.hazmat.primitives.ciphers import aead

    class Plain:
        """A cipher that hides nothing and notices nothing."""

        def __init__(self, key: bytes) -> None:
            """Take a key."""

        def encrypt(self, _: bytes, data: bytes, __: bytes) -> bytes:
            return bytes(data) + bytes(16)

        def decrypt(self, _: bytes, data: bytes, __: bytes) -> bytes:
            return bytes(data[:-16])

        def encrypt_into(self, _: bytes, data: bytes, __: bytes, place: memoryview) -> int:
            place[: len(data) + 16] = bytes(data) + bytes(16)
            return len(data) + 16

    aead.AESGCM = Plain  # type: ignore[misc, assignment]


@guard("file mode")
def _file_mode() -> None:
    opened = os.open

    def wide(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        made = flags & os.O_CREAT and "blobs" in str(path)
        return opened(path, flags, 0o644 if made else mode, **options)

    os.umask(0)
    os.open = wide


@guard("owners")
def _owners() -> None:
    told = callers.identify

    def all_local(*words: Any) -> callers.Caller:
        return dataclasses.replace(told(*words), owner=LOCAL)

    callers.identify = all_local


@guard("owners of events")
def _owners_of_events() -> None:
    replay = event_log.replay
    sites = ("https://a.attack.example", "https://b.attack.example", LOCAL)

    def everybodys(connection: Any, after: int, owner: str) -> list[Any]:
        return [event for one in sites for event in replay(connection, after, one) or ()]

    event_log.replay = everybodys  # type: ignore[assignment]


@guard("paths")
def _paths() -> None:
    def believing(_: assets.Assets, path: str) -> assets.Asset:
        file = assets._PACKAGE / path.removeprefix("/app/")
        return assets.Asset(file=file, media_type="text/plain")

    assets.Assets._asked = believing  # type: ignore[method-assign]


@guard("sockets at once")
def _sockets() -> None:
    visits.Visits.stream = lambda *_: nullcontext()  # type: ignore[method-assign]


@guard("a socket's token")
def _socket_token() -> None:
    async def welcome(call: Any, line: web.WebSocketResponse) -> socket.Wish:
        await line.receive()
        caller = callers.Caller(kind="site", owner=LOCAL, origin=call.caller.origin)
        return socket.Wish(caller=caller, token="", topics=socket.topics_of(None), after=0)

    socket._welcome = welcome
    socket._left = lambda *_: 60.0


@guard("a socket's patience")
def _socket_patience() -> None:
    socket.PATIENCE = 1000.0


@guard("a socket's message size")
def _socket_size() -> None:
    socket.LONGEST = 0


@guard("bind")
def _bind() -> None:
    bind = ports._bind
    ports._bind = lambda family, host, port: bind(
        family, host.replace("127.0.0.1", "0.0.0.0"), port
    )


@guard("strangers' connections")
def _strangers() -> None:
    strangers.MOST = 1 << 40
    strangers.PATIENCE = 1000.0


@guard("heads")
def _heads() -> None:
    listen.LINE = 1 << 30


@guard("a nonce is good once")
def _nonce() -> None:
    nonces.Nonces.take = lambda self, text: (  # type: ignore[method-assign]
        self._good.get(nonces._digest(text)) is not None
    )


@guard("revoking ends what is open")
def _revoking() -> None:
    visits.Visits.end = nothing  # type: ignore[method-assign]


@guard("log")
def _log() -> None:
    refusals.LINES = 1 << 40


@guard("log names no sender")
def _log_names() -> None:
    def refused(self: door.Door, request: web.Request, refusal: Any) -> None:
        refusals.log.warning("refused %s %s", refusal.status, request.raw_path)
        self._note(str(request.headers.get("Referer")), str(refusal.status))

    door.Door._refused = refused  # type: ignore[method-assign]
    web_404 = door.Door._enter

    async def telling(self: door.Door, request: web.Request, handler: Any) -> web.StreamResponse:
        refusals.log.warning("%s", request.headers.get("User-Agent"))
        return await web_404(self, request, handler)

    door.Door._enter = telling  # type: ignore[method-assign]


@guard("JSON")
def _json() -> None:
    requests._plain = nothing


@guard("escaping")
def _escaping() -> None:
    of_http = door.problems.of_http

    def echo(error: web.HTTPException) -> web.Response:
        answer = of_http(error)
        answer.content_type = "text/html"
        answer.text = f"<h1>There is no {ASKED[-1]}</h1>"
        return answer

    enter = door.Door._enter

    async def noted(self: door.Door, request: web.Request, handler: Any) -> web.StreamResponse:
        ASKED.append(request.raw_path)
        return await enter(self, request, handler)

    door.problems.of_http = echo
    door.Door._enter = noted  # type: ignore[method-assign]


ASKED: list[str] = []


@guard("names of files")
def _file_names() -> None:
    ranges.attachment = lambda name: f'attachment; filename="{name}"'


@guard("errors")
def _errors() -> None:
    def handle_error(self: connections.Connection, *words: Any, **__: Any) -> web.StreamResponse:
        answer = web.Response(status=400, text=f"Traceback: {words}")
        answer.force_close()
        return answer

    connections.Connection.handle_error = handle_error  # type: ignore[method-assign]


@guard("TLS versions")
def _tls_versions() -> None:
    made = leaf.serving_context

    def old() -> ssl.SSLContext:
        context = made()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        return context

    leaf.serving_context = old


@guard("TLS at all")
def _tls() -> None:
    listen.Listening.open_tls = _plain_twin  # type: ignore[method-assign]


async def _plain_twin(self: listen.Listening, *sockets: Any) -> None:
    await self.open(*sockets)
    (self._config.runtime / "tls-port").write_text(str(sockets[0].getsockname()[1]))


@guard("target names")
def _target_names() -> None:
    def find(self: targets.Targets, _: str, name: str) -> Any:
        spec = self._specs["http"]
        settings = {option.name: option.default for option in spec.options}
        place = targets.Place(
            name="any",
            title="Any",
            protocol="http",
            sites=None,
            type="application/pdf",
            naming="{n}",
            fields=(),
            settings={**settings, "url": name, "internal": True, "plain": True},
            secrets={},
            bandwidth=0,
            at_once=1,
        )
        return place, spec

    targets.Targets.find = find  # type: ignore[method-assign]


@guard("audit")
def _audit() -> None:
    note = Audit.note

    def talkative(self: Audit, who: str, what: str, result: str, **facts: Any) -> None:
        if what != "refuse":
            note(self, who, what, result, **facts)

    Audit.note = talkative  # type: ignore[method-assign]


if __name__ == "__main__":
    GUARDS[sys.argv.pop(1)]()
    main()
