"""The certificate that a running service shows."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from evil import sign_for

from sheetfed.api.errors import TrustBroken
from sheetfed.trust import authority, certificate, places
from sheetfed.trust.certificate import Certificate

DAY = 86400


def ago(**length: float) -> datetime:
    """Return a moment in the past."""
    return datetime.now(UTC) - timedelta(**length)


@asynccontextmanager
async def serving(shown: Certificate) -> AsyncIterator[int]:
    """Echo lines over TLS and yield the port."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=shown.context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


class Caller:
    """One open connection, which checks what it is shown."""

    def __init__(self, folder: Path, port: int) -> None:
        self._trusts = ssl.create_default_context(cafile=folder / places.ROOT)
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._trusts
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    @property
    def serial(self) -> str:
        """The number of the leaf that was shown."""
        found = self._writer.get_extra_info("peercert")
        return str(found["serialNumber"])

    async def says(self, word: bytes) -> bytes:
        """Return what comes back."""
        self._writer.write(word + b"\n")
        return await self._reader.readline()


async def test_the_first_start_makes_everything(tmp_path: Path) -> None:
    shown = await Certificate.open(tmp_path / "home" / "trust")

    async with serving(shown) as port, Caller(tmp_path / "home" / "trust", port) as caller:
        assert await caller.says(b"there") == b"there\n"


async def test_a_leaf_is_renewed_while_a_connection_lives_on(folder: Path) -> None:
    """R35: nobody restarts anything, and no stream is cut."""
    now = datetime.now(UTC).timestamp()
    shown = await Certificate.open(folder, clock=lambda: now)

    async with serving(shown) as port, Caller(folder, port) as before:
        await shown.look()
        async with Caller(folder, port) as between:
            assert between.serial == before.serial
        now += 21 * DAY
        await shown.look()
        async with Caller(folder, port) as after:
            assert after.serial != before.serial
        assert await before.says(b"still") == b"still\n"


@pytest.mark.parametrize(
    "made", [ago(days=40), ago(days=730), ago(days=-730)], ids=["expired", "behind", "ahead"]
)
async def test_a_leaf_of_another_time_is_renewed_at_start(
    tmp_path: Path, made: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """The computer was off for months, or its clock was two years off; the log says so."""
    folder = tmp_path / "trust"
    authority.make(folder, now=made)
    root = (folder / places.ROOT).read_bytes()

    with caplog.at_level(logging.INFO):
        shown = await Certificate.open(folder)

    assert not shown.life.is_due(datetime.now(UTC).timestamp())
    assert (folder / places.ROOT).read_bytes() == root
    assert "not good at the time that this computer's clock shows" in caplog.text


async def test_a_clock_that_is_set_back_makes_a_new_leaf(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.now(UTC).timestamp()
    shown = await Certificate.open(folder, clock=lambda: now)
    before = (folder / places.LEAF).read_bytes()

    now -= 730 * DAY
    await shown.look()

    assert (folder / places.LEAF).read_bytes() != before
    assert "set back" in caplog.text


async def test_a_renewal_that_does_not_help_is_not_tried_all_the_time(folder: Path) -> None:
    """A clock of our own that nobody shares must not keep a child busy for ever."""
    shown = await Certificate.open(folder, clock=lambda: 0.0)
    first = (folder / places.LEAF).read_bytes()

    await shown.look()
    await shown.look()

    assert (folder / places.LEAF).read_bytes() == first


async def test_what_another_process_renewed_is_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sheetfed trust` may act while the service runs."""
    monkeypatch.setattr(certificate, "CHECK", 0.05)
    shown = await Certificate.open(folder)
    watch = asyncio.create_task(shown.keep_fresh())

    async with serving(shown) as port:
        async with Caller(folder, port) as caller:
            before = caller.serial
        authority.renew(folder)
        for _ in range(100):
            await asyncio.sleep(0.05)
            async with Caller(folder, port) as caller:
                if caller.serial != before:
                    break
        else:
            pytest.fail("the old leaf is still shown")

    watch.cancel()


@pytest.mark.parametrize("text", [b"", b"-----BEGIN", b"\0" * 5000], ids=["empty", "cut", "zeros"])
async def test_a_damaged_leaf_is_made_anew(folder: Path, text: bytes) -> None:
    """Nobody has to know: the root stays."""
    root = (folder / places.ROOT).read_bytes()
    (folder / places.LEAF).write_bytes(text)

    await Certificate.open(folder)

    assert (folder / places.ROOT).read_bytes() == root


async def test_a_missing_leaf_is_made_anew(folder: Path) -> None:
    (folder / places.LEAF).unlink()

    assert await Certificate.open(folder)


async def test_a_leaf_with_other_names_is_never_shown(folder: Path) -> None:
    """The file was replaced: by a mistake, or by a thief."""
    sign_for("x.localhost", folder=folder)

    shown = await Certificate.open(folder)

    async with serving(shown) as port, Caller(folder, port) as caller:
        assert await caller.says(b"there") == b"there\n"


@pytest.mark.parametrize("name", [places.ROOT, places.ISSUER])
@pytest.mark.parametrize("text", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
async def test_a_damaged_authority_is_told_and_never_replaced(
    folder: Path, name: str, text: bytes | None
) -> None:
    """Browsers trust the root that was installed: a new one would not help, and hide the loss."""
    (folder / places.LEAF).unlink()
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(text)
    before = contents(folder)

    with pytest.raises(TrustBroken) as caught:
        await Certificate.open(folder)

    assert "trust remove" in caught.value.details["advice"]
    assert contents(folder) == before


async def test_an_issuer_of_another_authority_is_told(folder: Path, tmp_path: Path) -> None:
    """A backup was put back, half of it."""
    authority.make(tmp_path / "other")
    (tmp_path / "other" / places.ISSUER).replace(folder / places.ISSUER)
    (folder / places.LEAF).unlink()

    with pytest.raises(TrustBroken, match="damaged"):
        await Certificate.open(folder)


@pytest.mark.parametrize("name", ["", places.ROOT, places.ISSUER, places.LEAF])
async def test_a_key_that_others_may_read_is_not_used(folder: Path, name: str) -> None:
    (folder / name).chmod(0o744)

    with pytest.raises(TrustBroken, match="mode 744") as caught:
        await Certificate.open(folder)

    assert "chmod" in caught.value.details["advice"]


def test_a_link_is_no_authority(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")

    with pytest.raises(TrustBroken, match="not what it should be"):
        asyncio.run(Certificate.open(folder))


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The child's own words reach the person."""
    (tmp_path / "file").touch()

    with pytest.raises((TrustBroken, OSError), match="file"):
        await Certificate.open(tmp_path / "file" / "trust")


def test_no_half_authority_is_taken_for_one(tmp_path: Path) -> None:
    """Power went while it was made: the folder has another name until it is whole."""
    (tmp_path / "trust-abc.new").mkdir()

    authority.make(tmp_path / "trust")

    assert places.clear(tmp_path / "trust")
    assert [*tmp_path.iterdir()] == []
