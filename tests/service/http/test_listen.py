"""Where the service listens, and how it stops."""

from __future__ import annotations

import asyncio
import socket
import stat
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from face import Face

from sheetfed.api.errors import PortTaken
from sheetfed.config import Config, prepare
from sheetfed.server import handed, ports
from sheetfed.server.app import make_app
from sheetfed.server.guard import connections, peers, strangers
from sheetfed.server.listen import Listening, listen
from sheetfed.service import Service

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from spare import free_port

OTHER = 4711


@asynccontextmanager
async def running(config: Config, *, tcp: bool = True) -> AsyncIterator[tuple[Service, Listening]]:
    """Run a service that a test can set up by itself."""
    service = await Service.start(config)
    try:
        listening = await listen(make_app(service), config, tcp=tcp)
        try:
            yield service, listening
        finally:
            await listening.close()
    finally:
        await service.close()


def listeners() -> set[tuple[str, int]]:
    """Return address and port of every TCP socket that this process listens on."""
    handles = Path("/proc/self/fd")
    own = {str(handle.readlink()) for handle in handles.iterdir() if handle.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and f"socket:[{parts[9]}]" in own:
                address, port = parts[1].split(":")
                found.add((address, int(port, 16)))
    return found


async def test_only_loopback_is_listened_on(face: Face) -> None:
    """R1 (M02): nothing that another machine could reach."""
    loopback = {"0100007F", "00000000000000000000000001000000"}

    found = {address for address, port in listeners() if port == face.port}

    assert found
    assert found <= loopback


async def test_both_families_of_loopback_answer(face: Face) -> None:
    """`localhost` may mean either; nobody else must be able to take the other one."""
    for host in ("127.0.0.1", "[::1]", "localhost"):
        async with face.client.get(f"http://{host}:{face.port}/livez") as answer:
            assert answer.status == 200


async def test_the_port_stands_in_a_file_that_only_we_read(face: Face, config: Config) -> None:
    file = config.runtime / "port"

    assert file.read_text() == f"{face.port}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_local_tool_uses_the_socket(face: Face, config: Config) -> None:
    """The socket is nobody else's, and serves what the port serves."""
    mode = config.socket.stat().st_mode
    connector = aiohttp.UnixConnector(path=str(config.socket))

    async with aiohttp.ClientSession(connector=connector) as tool:
        async with tool.get("http://localhost/v1/service") as answer:
            assert answer.status == 200
        async with tool.get("http://evil.example/v1/service") as answer:
            assert answer.status == 421
        async with tool.get("http://localhost/livez", headers={"Origin": "http://x"}) as answer:
            assert answer.status == 403

    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(config.runtime.stat().st_mode) == 0o700


async def test_without_tcp_only_the_socket_is_open(config: Config) -> None:
    """The command line scans so where no service runs."""
    before = listeners()
    async with running(config, tcp=False) as (_, listening):
        assert listening.port is None
        assert listening.address is None
        assert config.socket.exists()
        assert listeners() == before


async def test_a_socket_left_behind_is_replaced(config: Config) -> None:
    """After kill -9 the file is still there."""
    prepare(config)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(config.socket))
    dead.close()

    async with running(config, tcp=False):
        connector = aiohttp.UnixConnector(path=str(config.socket))
        async with (
            aiohttp.ClientSession(connector=connector) as tool,
            tool.get("http://localhost/livez") as answer,
        ):
            assert answer.status == 200

    assert not config.socket.exists()


async def test_a_socket_that_answers_is_left_alone(face: Face, config: Config) -> None:
    """Two services of one runtime folder: the second says so and takes nothing away."""
    with pytest.raises(PortTaken, match="answers"):
        await listen(make_app(face.service), config, tcp=False)

    connector = aiohttp.UnixConnector(path=str(config.socket))
    async with (
        aiohttp.ClientSession(connector=connector) as tool,
        tool.get("http://localhost/livez") as answer,
    ):
        assert answer.status == 200


async def test_what_cannot_be_replaced_by_a_socket_is_told(config: Config) -> None:
    """The advice must be about the socket; another --port would change nothing."""
    prepare(config)
    config.socket.mkdir()

    with pytest.raises(PortTaken, match=str(config.socket)) as caught:
        await running(config).__aenter__()

    assert "--home" in caught.value.details["advice"]
    assert config.socket.is_dir()
    assert not (config.runtime / "port").exists()


async def test_a_taken_port_is_an_error_that_names_it(config: Config) -> None:
    """R35: never another port silently when one was asked for."""
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]

    with other, pytest.raises(PortTaken, match=str(port)):
        await running(replace(config, port=port)).__aenter__()

    assert not (config.runtime / "port").exists()
    assert not config.socket.exists()


async def test_a_port_taken_in_one_family_is_taken(config: Config) -> None:
    """Else a page that says `localhost` might talk to the other program."""
    other = socket.create_server(("::1", 0), family=socket.AF_INET6)
    port = other.getsockname()[1]

    with other, pytest.raises(PortTaken, match=str(port)):
        await running(replace(config, port=port)).__aenter__()


async def test_the_usual_ports_are_tried_in_order(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = free_port()
    with socket.create_server(("127.0.0.1", 0)) as first:
        monkeypatch.setattr(ports, "PORTS", (first.getsockname()[1], free))

        async with running(replace(config, port=None)) as (_, listening):
            assert listening.port == free


async def test_it_stops_within_a_second_while_streams_are_open(face: Face, config: Config) -> None:
    """A person who presses Ctrl-C does not wait for browsers."""
    streams = [await face.client.get("/v1/events") for _ in range(3)]
    for stream in streams:
        assert (await stream.content.readline()).startswith(b"id:")
    began = time.monotonic()

    await face.listening.close()

    assert time.monotonic() - began < 1.0
    assert not (config.runtime / "port").exists()
    rest = await asyncio.gather(*(stream.content.read() for stream in streams))
    assert all(b"ready" in part for part in rest)


async def test_a_request_whose_head_never_ends_is_cut_off(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P06: half a head holds no connection, the first or a later; who has asked may take a rest."""
    monkeypatch.setattr(connections, "PATIENCE", 0.5)
    half, whole = [await asyncio.open_connection("127.0.0.1", face.port) for _ in range(2)]
    head = face.head("GET", "/livez")
    half[1].write(head[:-10].encode())
    whole[1].write(f"{head}\r\n".encode())
    assert b" 200 " in await whole[0].readline()

    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(half[0].read(), 30) == b""

    whole[1].write(f"{head}\r\n".encode())
    assert b" 200 " in await whole[0].readuntil(b" 200 ")

    monkeypatch.setattr(connections, "REST", 0.5)
    kept = await asyncio.open_connection("127.0.0.1", face.port)
    kept[1].write(f"{head}\r\n{head[:-10]}".encode())
    assert b" 200 " in await kept[0].readline()
    assert await asyncio.wait_for(kept[0].read(), 30)
    for _, writer in (half, whole, kept):
        writer.close()


async def test_a_socket_that_was_handed_over_is_for_this_account_alone(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R9: `accounts` lets others use the port, never the socket, whoever opened it for us."""
    prepare(config)
    bound = strangers.Entrance(socket.AF_UNIX)
    bound.bind(str(config.socket))
    bound.listen()
    bound.settimeout(0)
    monkeypatch.setattr(handed, "take", lambda *_: handed.Handed(local=bound))
    monkeypatch.setattr(peers, "accounts", lambda _: {OTHER})
    monkeypatch.setattr(peers, "uid_of", lambda _: OTHER)
    async with running(config):
        reader, writer = await asyncio.open_unix_connection(str(config.socket))
        writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")

        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 30) == b""

        writer.close()
