"""The event stream: nothing missed, nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from face import Face

from sheetfed.events import LOCAL, Event
from sheetfed.server import stream as stream_room
from sheetfed.server import tokens as tokens_room
from sheetfed.server.tokens import TOKENS


class Heard:
    """Reads blocks of a stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def block(self) -> dict[str, str]:
        """Return the next block's fields; a comment is under the empty name."""
        fields: dict[str, str] = {}
        while line := (await asyncio.wait_for(self.answer.content.readline(), 10)).decode():
            if line == "\n":
                break
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        return fields

    async def event(self, *names: str) -> tuple[int | None, str, Any]:
        """Return number, name and data of the next event (of these names)."""
        while fields := await self.block():
            if "event" in fields and (not names or fields["event"] in names):
                number = int(fields["id"]) if "id" in fields else None
                return number, fields["event"], json.loads(fields["data"])
        raise AssertionError("the stream ended")


@asynccontextmanager
async def listening(face: Face, query: str = "", last: int | None = None) -> AsyncIterator[Heard]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with face.client.get(f"/v1/events{query}", headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Heard(answer)


async def test_what_happens_is_told_with_its_number(face: Face) -> None:
    async with listening(face) as heard:
        first, name, _ = await heard.event()
        document = await face.document((40, 60), title="Letter")

        created = await heard.event("document")
        added = await heard.event("page")

    assert name == "ready"
    assert first is not None
    assert created[0] is not None
    assert added[0] is not None
    assert first < created[0] < added[0]
    assert created[2]["id"] == document.id
    assert added[2]["change"] == "added"
    assert added[2]["id"] == document.pages[0]


async def test_a_client_that_comes_back_gets_what_it_missed(face: Face) -> None:
    """And then what is new, each once and in order."""
    async with listening(face) as heard:
        last, *_ = await heard.event()
    missed = await face.document((40, 60))

    async with listening(face, last=last) as heard:
        fresh = await face.document((40, 60))
        seen = [await heard.event("page", "document") for _ in range(4)]
        while seen[-1][2]["id"] != fresh.pages[0]:
            seen.append(await heard.event("page", "document"))

    numbers = [number for number, *_ in seen]
    assert numbers == sorted(set(numbers))  # type: ignore[type-var]
    named = [data["id"] for _, _, data in seen]
    assert named.index(missed.id) < named.index(missed.pages[0]) < named.index(fresh.id)


@pytest.mark.parametrize("last", [10**9, 10**14])
async def test_a_number_from_another_life_is_answered_with_reset(face: Face, last: int) -> None:
    """The client then reads everything afresh and goes on from there."""
    async with listening(face, last=last) as heard:
        number, name, _ = await heard.event()
        document = await face.document()
        _, _, data = await heard.event("document")

    assert name == "reset"
    assert number == 0
    assert data["id"] == document.id


async def test_forgotten_events_are_answered_with_reset(face: Face) -> None:
    document = await face.document((40, 60), (40, 60))
    await face.service.database.write(
        lambda connection: connection.execute("DELETE FROM events WHERE number < 3")
    )

    async with listening(face, last=1) as heard:
        _, name, _ = await heard.event()

    assert name == "reset"
    assert document.pages


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "٣", "9" * 16])
async def test_what_is_no_number_is_a_bad_request(face: Face, last: str) -> None:
    async with face.client.get("/v1/events", headers={"Last-Event-ID": last}) as answer:
        assert answer.status == 422
        assert (await answer.json(content_type=None))["errors"][0]["where"] == "header"


async def test_only_the_topics_asked_for_are_told(face: Face) -> None:
    async with listening(face, "?topics=page,job") as heard:
        await face.document((40, 60))
        await face.document((40, 60))
        names = [(await heard.event())[1] for _ in range(3)]

    assert names == ["ready", "page", "page"]


async def test_an_unknown_topic_is_a_bad_request(face: Face) -> None:
    status, _, body = await face.get("/v1/events?topics=page,gossip")

    assert status == 422
    assert json.loads(body)["errors"][0]["pointer"] == "/topics"


async def test_what_passes_has_no_number(face: Face) -> None:
    """Progress is told and forgotten; a client that comes back asks from the last kept event."""
    async with listening(face, "?topics=job") as heard:
        await heard.event("ready")
        data = {"id": "job_x", "done": 0.5}
        face.service.events.publish([Event(number=0, topic="job", data=data, at=0.0, owner=LOCAL)])
        number, _, told = await heard.event("job")

    assert number is None
    assert told == data


async def test_another_owner_s_events_are_not_told(face: Face) -> None:
    """R13."""
    async with listening(face) as heard:
        await heard.event("ready")
        await face.service.documents.create("https://elsewhere.example", title="Secret")
        mine = await face.document()
        _, _, data = await heard.event()

    assert data["id"] == mine.id


async def test_a_silent_stream_gives_signs_of_life(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them neither side would notice that the other is gone."""
    monkeypatch.setattr(stream_room, "PING", 0.05)

    async with listening(face) as heard:
        await heard.event("ready")
        first, second = await heard.block(), await heard.block()

    assert first == second == {"": "ping"}


async def test_a_stream_ends_with_its_token(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """R12: whoever comes back with a new token misses nothing. A local tool has no end."""
    monkeypatch.setattr(tokens_room, "SHORT", 0.5)
    site = await face.site("https://scan.example")
    async with site.client.get("/v1/events") as answer:
        async with asyncio.timeout(5):
            told = await answer.content.read()
    async with site.client.get("/v1/events") as answer:
        assert answer.status == 401

    assert b"event: ready" in told
    connector = aiohttp.UnixConnector(path=str(face.service.config.socket))
    async with (
        aiohttp.ClientSession(base_url="http://localhost/", connector=connector) as tool,
        tool.get("/v1/events") as answer,
    ):
        heard = Heard(answer)
        await heard.event("ready")
        await asyncio.sleep(0.6)
        await face.document()
        assert (await heard.event())[1] == "document"


async def test_our_page_is_not_cut_off_while_it_is_used(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its requests gives its token a fresh start."""
    monkeypatch.setattr(tokens_room, "TAB", 1)
    own = {"Origin": f"http://{face.host}", "Sec-Fetch-Site": "same-origin"}
    own["Authorization"] = f"Bearer {(await face.app[TOKENS].issue_page()).text}"
    async with (
        aiohttp.ClientSession(base_url=f"http://{face.host}/", headers=own) as page,
        page.get("/v1/events") as answer,
    ):
        heard = Heard(answer)
        await heard.event("ready")
        for _ in range(5):
            await asyncio.sleep(0.4)
            async with page.get("/v1/documents") as asked:
                assert asked.status == 200
        await face.document()
        assert (await heard.event())[1] == "document"
        async with asyncio.timeout(5):
            await answer.content.read()


async def test_a_client_that_reads_nothing_is_cut_off(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come back; what it missed is in the database, not in memory."""
    monkeypatch.setattr(stream_room, "STALLED", 0.2)
    sleeper = socket.socket()
    sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sleeper.connect(("127.0.0.1", face.port))
    head = f"GET /v1/events HTTP/1.1\r\nHost: {face.host}\r\nAuthorization: {face.bearer}\r\n\r\n"
    sleeper.sendall(head.encode())
    await asyncio.sleep(0.1)
    data = {"text": "x" * 60_000}

    for _ in range(300):
        face.service.events.publish([Event(number=0, topic="job", data=data, at=0.0, owner=LOCAL)])
        await asyncio.sleep(0)
    await asyncio.sleep(0.6)

    assert received_before_the_end(sleeper) < 300 * 60_000


def received_before_the_end(client: socket.socket) -> int:
    """Count what comes until the other side is gone."""
    client.settimeout(5)
    received = 0
    with contextlib.closing(client), contextlib.suppress(ConnectionResetError):
        while block := client.recv(1 << 20):
            received += len(block)
    return received
