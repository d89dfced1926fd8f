"""Events over a WebSocket: who gets them, and how it ends."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType
from face import Face, opened

from sheetfed.config import Config
from sheetfed.server import tokens as tokens_room
from sheetfed.server.routes import socket as socket_room
from sheetfed.server.tokens import TOKENS

SITE = "https://scan.example"
PLACE = "/v1/events/socket"


@asynccontextmanager
async def connected(
    face: Face, origin: str = SITE, **options: Any
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession(base_url=f"http://{face.host}/") as page,
        page.ws_connect(PLACE, headers={"Origin": origin}, **options) as line,
    ):
        yield line


async def closed_with(line: aiohttp.ClientWebSocketResponse) -> int | None:
    message = await line.receive(timeout=5)
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED), message
    return line.close_code


async def handshake(face: Face, *lines: str) -> int:
    """Return the status of an upgrade with these lines."""
    head = [
        f"GET {PLACE} HTTP/1.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *lines,
    ]
    return (await face.raw("\r\n".join([*head, "\r\n"]))).status


async def test_a_site_hears_what_is_its_own(face: Face) -> None:
    """R4, R13: and nothing of the person or of another site."""
    site = await face.site(SITE)
    async with connected(face) as line:
        await line.send_json({"token": site.token, "topics": ["document"]})
        ready = await line.receive_json(timeout=5)

        await face.service.documents.create("local", title="mine")
        await face.service.documents.create("https://other.example", title="theirs")
        await face.service.documents.create(SITE, title="its own")
        told = await line.receive_json(timeout=5)

    assert ready == {"number": ready["number"], "topic": "ready", "data": {}}
    assert told["topic"] == "document"
    assert told["data"]["title"] == "its own"
    assert told["number"] > ready["number"]


async def test_our_own_page_may_use_a_socket_too(face: Face) -> None:
    """Chromium sends no Fetch Metadata with a WebSocket: our own Origin stands for it."""
    token = (await face.app[TOKENS].issue_page()).text
    async with connected(face, f"http://{face.host}") as line:
        await line.send_json({"token": token})

        assert (await line.receive_json(timeout=5))["topic"] == "ready"


async def test_what_was_missed_is_sent_first(face: Face) -> None:
    site = await face.site(SITE)
    before = face.service.events.last
    await face.service.documents.create(SITE, title="while away")
    async with connected(face) as line:
        await line.send_json({"token": site.token, "after": before})

        messages = [await line.receive_json(timeout=5) for _ in range(2)]

    assert [message["topic"] for message in messages] == ["ready", "document"]
    assert messages[1]["number"] == before + 1


@pytest.mark.parametrize(
    "lines",
    [
        ("Host: {host}",),
        ("Host: {host}", "Origin: null"),
        ("Host: {host}", "Origin: https://evil.example"),
        ("Host: {host}", "Origin: https://scan.example.evil.example"),
        ("Host: {host}", "Origin: https://scan.example", "Origin: https://scan.example"),
    ],
)
async def test_a_handshake_needs_the_origin_of_a_page(face: Face, lines: tuple[str, ...]) -> None:
    """R4 (W01, W02)."""
    await face.site(SITE)

    assert await handshake(face, *(line.format(host=face.host) for line in lines)) == 403


async def test_a_rebound_name_gets_no_socket(face: Face) -> None:
    """R2 (W02, B06): Firefox lets a WebSocket through, so that the Host is all there is."""
    host = f"rebind.example:{face.port}"

    assert await handshake(face, f"Host: {host}", f"Origin: http://{host}") == 421


@pytest.mark.parametrize(
    "first",
    [
        {"token": "wrong"},
        {"token": ""},
        {},
        {"token": "TOKEN", "topics": ["nothing"]},
        {"token": "TOKEN", "more": 1},
        {"token": "TOKEN", "after": -1},
        {"token": ["TOKEN"]},
        [],
        "not JSON",
        b"\x00\x01",
    ],
)
async def test_a_wrong_first_message_closes_the_socket(face: Face, first: Any) -> None:
    """R4, R18 (W03): nothing is sent before."""
    site = await face.site(SITE)
    async with connected(face) as line:
        if isinstance(first, bytes):
            await line.send_bytes(first)
        else:
            text = first if isinstance(first, str) else json.dumps(first)
            await line.send_str(text.replace("TOKEN", site.token))

        assert await closed_with(line) == 1008


async def test_a_token_is_good_for_its_own_origin_only(face: Face) -> None:
    """R4 (W04): neither another site's nor a script's token opens a site's socket."""
    await face.site(SITE)
    other = await face.site("https://other.example")
    for token in (other.token, face.bearer.removeprefix("Bearer ")):
        async with connected(face) as line:
            await line.send_json({"token": token})

            assert await closed_with(line) == 1008


async def test_a_silent_socket_is_closed(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4 (W05): pings do not count as an answer."""
    monkeypatch.setattr(socket_room, "PATIENCE", 0.3)
    await face.site(SITE)
    async with connected(face) as line:
        for _ in range(4):
            await line.ping()
            await asyncio.sleep(0.05)

        async with asyncio.timeout(2):
            assert await closed_with(line) == 1008


@pytest.mark.parametrize(
    "more", ['{"token":"TOKEN","topics":["job"]}', '{"token":"OTHER"}', '{"token":"x"}', "{}", "x"]
)
async def test_who_says_more_than_a_new_token_is_closed(face: Face, more: str) -> None:
    """R18: after the first message only we speak."""
    site, other = await face.site(SITE), await face.site("https://other.example")
    async with connected(face) as line:
        await line.send_json({"token": site.token})
        await line.receive_json(timeout=5)
        await line.send_str(more.replace("TOKEN", site.token).replace("OTHER", other.token))

        assert await closed_with(line) == 1008


async def test_a_socket_ends_with_its_token(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """R12: a page that lost its key hears no more than a quarter of an hour."""
    await face.service.approvals.approve(SITE)
    monkeypatch.setattr(tokens_room, "SHORT", 0.5)
    token = face.app[TOKENS].issue_local(SITE).text
    async with connected(face) as line:
        await line.send_json({"token": token})
        await line.receive_json(timeout=5)

        message = await line.receive(timeout=5)

    assert (message.type, message.data, message.extra) == (
        WSMsgType.CLOSE,
        1008,
        "token expired",
    )


async def test_a_new_token_keeps_a_socket_open(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_room, "SHORT", 0.5)
    first = await face.site(SITE)
    monkeypatch.setattr(tokens_room, "SHORT", 60)
    second = await face.site(SITE)
    async with connected(face) as line:
        await line.send_json({"token": first.token})
        await line.receive_json(timeout=5)
        await line.send_json({"token": second.token})
        await asyncio.sleep(1)

        await face.service.documents.create(SITE)
        assert (await line.receive_json(timeout=5))["topic"] == "document"


async def test_a_long_message_is_not_taken(face: Face) -> None:
    """R18 (W06): told by its length before it is read, or counted over its fragments."""
    await face.site(SITE)
    async with connected(face) as line:
        await line.send_str("x" * (socket_room.LONGEST + 1))
        assert await closed_with(line) == 1009
    async with connected(face) as line:
        for _ in range(70):
            await line._writer.send_frame(b"x" * 1000, WSMsgType.CONTINUATION)
            if line.closed:
                break
        assert await closed_with(line) in (1002, 1009)


async def test_nothing_is_compressed(face: Face) -> None:
    """R18 (W07): what is small on the wire stays small."""
    await face.site(SITE)
    async with connected(face, compress=15) as line:
        assert not line.compress


async def test_a_revoked_site_s_sockets_and_streams_end_at_once(face: Face) -> None:
    """R14 (L03): within a second; others stay open."""
    site, other = await face.site(SITE), await face.site("https://other.example")
    async with (
        connected(face) as line,
        connected(face, "https://other.example") as untouched,
        site.client.get("/v1/events") as stream,
    ):
        for each, token in ((line, site.token), (untouched, other.token)):
            await each.send_json({"token": token})
            await each.receive_json(timeout=5)
        await stream.content.readline()

        face.app[TOKENS].revoke(SITE)

        async with asyncio.timeout(1):
            assert await closed_with(line) == 1008
            with pytest.raises(aiohttp.ClientPayloadError):
                await stream.read()
        await face.service.documents.create("https://other.example")
        assert (await untouched.receive_json(timeout=5))["topic"] == "document"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/sites", {"origin": SITE, "state": "blocked"}),
        ("DELETE", f"/v1/sites?origin={SITE}", None),
        ("DELETE", "/v1/sites", None),
    ],
)
async def test_a_site_is_cut_off_though_that_cannot_be_written_down(
    config: Config, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    """R14: a full or busy disk must leave no stream open and no token good for later."""
    monkeypatch.setattr("sheetfed.store.database.PATIENCE", 0.05)
    async with opened(config) as face:
        site = await face.site(SITE)
        stream = await site.client.get("/v1/events")
        assert stream.status == 200
        local = aiohttp.UnixConnector(path=str(face.service.config.socket))
        with closing(sqlite3.connect(config.store / "store.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with aiohttp.ClientSession("http://localhost", connector=local) as tool:
                refused = await tool.request(method, path, json=body)

        assert refused.status == 409  # another program holds the store's database
        async with asyncio.timeout(2):
            with suppress(aiohttp.ClientError):
                await stream.read()
        await face.service.approvals.approve(SITE)
        assert (await site.client.get("/v1/devices")).status == 401


async def test_a_site_has_eight_streams_at_most(face: Face) -> None:
    """R17 (W09): streams and sockets together, and no other site has fewer for it."""
    site, other = await face.site(SITE), await face.site("https://other.example")
    streams = [await site.client.get("/v1/events") for _ in range(4)]
    lines = [connected(face) for _ in range(4)]
    for line in lines:
        await line.__aenter__()
    try:
        async with site.client.get("/v1/events") as ninth:
            assert ninth.status == 429
            assert ninth.headers["Retry-After"] == "5"
        assert await handshake(face, f"Host: {face.host}", f"Origin: {SITE}") == 429
        async with other.client.get("/v1/events") as first:
            assert first.status == 200
        streams.pop().close()
        await asyncio.sleep(0.1)
        async with site.client.get("/v1/events") as again:
            assert again.status == 200
    finally:
        for line in lines:
            await line.__aexit__(None, None, None)
        for stream in streams:
            stream.close()


async def test_without_an_upgrade_there_is_no_socket(face: Face) -> None:
    site = await face.site(SITE)

    async with site.client.get(PLACE) as answer:
        assert answer.status == 426
        assert answer.headers["Upgrade"] == "websocket"


async def test_the_service_says_goodbye_when_it_stops(face: Face) -> None:
    site = await face.site(SITE)
    async with connected(face) as line:
        await line.send_json({"token": site.token})
        await line.receive_json(timeout=5)

        closing = asyncio.create_task(face.listening.close())

        assert await closed_with(line) == 1001
        await closing


async def test_a_page_that_left_without_a_word_is_forgotten(face: Face) -> None:
    """Its place among the eight is free again."""
    site = await face.site(SITE)
    async with connected(face) as line:
        await line.send_json({"token": site.token})
        await line.receive_json(timeout=5)
        connection = line.get_extra_info("socket")
        connection.shutdown(sockets.SHUT_RDWR)
        await asyncio.sleep(0.2)

        assert not face.app[socket_room.DOOR].visits._streams
