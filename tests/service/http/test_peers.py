"""Whose a connection is: another account of the same computer gets nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import pytest
from face import Face

from sheetfed.config import Config
from sheetfed.server.guard import peers

NOBODY = 65534
TALK = 'exec 3<>/dev/tcp/127.0.0.1/{port}; printf "{request}" >&3; cat <&3'


@contextmanager
def accepted(family: int, host: str) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give a connection's two ends: the client's and ours."""
    with (
        socket.create_server((host, 0), family=family) as server,
        socket.create_connection(server.getsockname()[:2]) as client,
    ):
        connected, _ = server.accept()
        with connected:
            yield client, connected


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How to run a program as another account; without root, it is us who are another one."""
    if os.getuid() == peers.ROOT:
        return {"user": NOBODY, "group": NOBODY}
    monkeypatch.setattr(os, "getuid", lambda: NOBODY)
    return {}


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_system_tells_the_account_in_either_way(family: int, host: str) -> None:
    """R8: the kernel's answer and its list say the same."""
    with accepted(family, host) as (_, connected):
        here, there = connected.getsockname()[:2], connected.getpeername()[:2]

        assert peers._asked(family, here, there) == os.getuid()
        assert peers._listed(family, here, there) == os.getuid()


def test_a_client_of_both_families_is_known_too() -> None:
    """R8: some programs reach 127.0.0.1 through a socket for IPv6."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:127.0.0.1", server.getsockname()[1]))
        connected, _ = server.accept()
        with connected:
            assert peers.uid_of(connected) == os.getuid()


def test_a_client_that_hung_up_is_nobody() -> None:
    """R8: a closed socket says that it is root's, so that its word is not taken."""
    with accepted(socket.AF_INET, "127.0.0.1") as (client, connected):
        here, there = connected.getsockname()[:2], connected.getpeername()[:2]
        client.close()

        assert peers.uid_of(connected) is None
        assert peers._listed(socket.AF_INET, here, there) is None
        assert not peers.is_ours(connected)


def test_where_the_kernel_is_not_asked_its_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """R8: some containers forbid the question."""

    def forbidden(*_: object) -> int:
        raise OSError(errno.EPERM, "forbidden")

    monkeypatch.setattr(peers, "_asked", forbidden)
    with accepted(socket.AF_INET, "127.0.0.1") as (_, connected):
        assert peers.uid_of(connected) == os.getuid()


def test_an_account_that_cannot_be_told_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """R8: deny by default."""

    def broken(*_: object) -> int:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(peers, "_asked", broken)
    with accepted(socket.AF_INET, "127.0.0.1") as (_, connected):
        assert peers.uid_of(connected) is None
        assert not peers.is_ours(connected)


async def test_another_account_is_refused_with_the_right_token(
    face: Face, other: dict[str, int]
) -> None:
    """R8 (M01): also where nothing but the page is asked for."""
    for path in ("/v1/documents", "/", "/.well-known/sheetfed"):
        head = face.head("GET", path).replace("\r\n", r"\r\n")
        script = TALK.format(port=face.port, request=rf"{head}Connection: close\r\n\r\n")

        done = await asyncio.to_thread(
            subprocess.run, ["bash", "-c", script], capture_output=True, text=True, **other
        )

        assert done.stdout.startswith("HTTP/1.1 403 "), done


async def test_a_tool_of_another_account_is_hung_up_on(
    face: Face, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R9 (L02): were the socket's mode ever wrong, its peer is still looked at."""
    monkeypatch.setattr(peers, "uid_of", lambda _: NOBODY + 1)
    connector = aiohttp.UnixConnector(path=str(config.socket))

    async with aiohttp.ClientSession(connector=connector) as tool:
        with pytest.raises(aiohttp.ClientConnectionError):
            await tool.get("http://localhost/livez")


async def test_another_account_cannot_open_the_socket(
    face: Face, config: Config, other: dict[str, int]
) -> None:
    """R9 (L02)."""
    assert config.socket.stat().st_mode & 0o077 == 0
    assert config.runtime.stat().st_mode & 0o077 == 0
    script = f"test -w {config.socket} && id -u"

    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", script], capture_output=True, text=True, **other
    )

    assert done.stdout.strip() in ("", str(os.geteuid()))
