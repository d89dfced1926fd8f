"""The same service over TLS: who is refused, and what goes on without it."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import stat
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from face import Face, opened

from sheetfed.api.errors import PortTaken
from sheetfed.config import Config
from sheetfed.server import listen as listen_room
from sheetfed.server import ports
from sheetfed.trust import places
from sheetfed.trust.report import Row, status

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
from spare import free_port

NAMES = ("127.0.0.1", "[::1]", "localhost")


def knowing(config: Config) -> ssl.SSLContext:
    """Return what a browser has after `sheetfed trust install`."""
    return ssl.create_default_context(cafile=config.trust / places.ROOT)


def tls_port(face: Face) -> int:
    """Return where TLS is served."""
    address = face.listening.tls_address
    assert address
    return int(address.rpartition(":")[2])


def rows(config: Config) -> Mapping[str, Row]:
    """Return what doctor says, for somebody without browsers."""
    found = status(config.trust, config.runtime, home=config.home, environ={})
    return {row.name: row for row in found}


def modes_of(config: Config) -> dict[str, int]:
    """Return the mode of each file that names a port."""
    return {
        name: stat.S_IMODE((config.runtime / name).stat().st_mode)
        for name in ("port", places.PORT, places.FAULT)
        if (config.runtime / name).exists()
    }


@pytest.fixture
def config(config: Config) -> Config:
    """A configuration on any free port, with TLS beside it."""
    return replace(config, tls=True)


async def test_all_names_of_loopback_show_the_same_chain(face: Face, config: Config) -> None:
    async with aiohttp.ClientSession() as client:
        for name in NAMES:
            address = f"https://{name}:{tls_port(face)}/"
            async with client.get(address, ssl=knowing(config)) as answer:
                assert answer.status == 200
                assert "sheetfed" in await answer.text()


async def test_the_guard_stands_before_tls_as_well(face: Face, config: Config) -> None:
    """R2: the certificate is no reason to trust the Host that somebody sends."""
    address = f"https://127.0.0.1:{tls_port(face)}/livez"
    async with aiohttp.ClientSession() as client:
        for host in ("evil.example", f"127.0.0.1:{face.port}"):
            asked = client.get(address, ssl=knowing(config), headers={"Host": host})
            async with asked as answer:
                assert answer.status == 421


async def test_a_wrong_name_is_no_match(face: Face, config: Config) -> None:
    """M06: what a rebound name leads to."""
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        await asyncio.open_connection(
            "127.0.0.1", tls_port(face), ssl=knowing(config), server_hostname="evil.example"
        )


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_tls_is_refused(face: Face) -> None:
    """M06. The same client is welcome with TLS 1.2, so that it is the version that is refused."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.set_ciphers("ALL:@SECLEVEL=0")
    spoken = {}

    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2):
        client.minimum_version = client.maximum_version = version
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", tls_port(face), ssl=client)
        except (ssl.SSLError, ConnectionError):
            spoken[version.name] = False
        else:
            spoken[version.name] = True
            writer.close()
            await writer.wait_closed()

    assert spoken == {"TLSv1": False, "TLSv1_1": False, "TLSv1_2": True}


async def test_plain_http_on_the_tls_port_gets_no_answer(face: Face) -> None:
    """M07."""
    reader, writer = await asyncio.open_connection("127.0.0.1", tls_port(face))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")

    said = await reader.read()

    assert b"HTTP" not in said
    assert len(said) <= 16  # an alert of TLS, at most
    writer.close()


async def test_who_never_finishes_the_handshake_is_cut_off(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen_room, "HANDSHAKE", 0.2)
    async with opened(config) as face:
        reader, writer = await asyncio.open_connection("127.0.0.1", tls_port(face))

        assert await asyncio.wait_for(reader.read(), 5) == b""

        writer.close()


async def test_doctor_says_where_tls_is_served(face: Face, config: Config) -> None:
    found = rows(config)

    assert found["TLS certificate"].state == "ok"
    assert found["TLS port"].state == "ok"
    assert str(tls_port(face)) in found["TLS port"].text


async def test_a_broken_authority_leaves_the_plain_port(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever needs to scan can; the log and doctor say what is wrong."""
    async with opened(config):
        pass
    issuer = config.trust / places.ISSUER
    issuer.unlink()

    with caplog.at_level(logging.ERROR):
        async with opened(config) as face:
            assert face.listening.tls_address is None
            async with face.client.get("/livez") as answer:
                assert answer.status == 200
            told = rows(config)

    assert str(issuer) in caplog.text
    assert told["TLS certificate"].state == "broken"
    assert told["TLS port"].state == "broken"
    assert str(issuer) in told["TLS port"].text
    assert "TLS port" not in rows(config)  # after the stop there is nothing to say


async def test_tls_can_be_switched_off(config: Config) -> None:
    async with opened(replace(config, tls=False)) as face:
        assert face.listening.tls_address is None
        assert not config.trust.exists()


async def test_the_twin_of_a_port_is_the_next_one(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that knows the plain port knows the other."""
    monkeypatch.setattr(ports, "PORTS", (free_port(), free_port()))

    async with opened(replace(config, port=None)) as face:
        assert tls_port(face) == face.port + 1


async def test_a_taken_twin_is_an_error_that_names_it(config: Config) -> None:
    """R35: never another port silently. L13."""
    port = free_port() + 1
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(PortTaken, match=str(port)):
            await opened(replace(config, tls_port=port)).__aenter__()
        with pytest.raises(PortTaken, match=str(port)):
            await opened(replace(config, port=port - 1)).__aenter__()

    assert not (config.runtime / "port").exists()
    assert not (config.runtime / places.PORT).exists()


def test_the_last_port_has_no_twin(config: Config) -> None:
    with pytest.raises(PortTaken, match="65535") as caught:
        ports.bind(replace(config, port=65535))

    assert "tls_port" in caught.value.details["advice"]


async def test_the_files_that_name_the_port_go_with_it(config: Config) -> None:
    async with opened(config):
        modes = modes_of(config)

    assert modes == {"port": 0o600, places.PORT: 0o600}
    assert modes_of(config) == {}
