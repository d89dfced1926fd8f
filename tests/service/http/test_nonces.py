"""What opens our own page works once, and nothing of it is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sheetfed.server.nonces import Nonces

ADDRESS = "http://127.0.0.1:18910"


async def test_a_nonce_is_good_once_and_in_time(tmp_path: Path) -> None:
    now = 1000.0
    nonces = Nonces(tmp_path, clock=lambda: now)
    used, late = nonces.issue(seconds=60), nonces.issue(seconds=60)

    assert nonces.take(used)
    assert not nonces.take(used)
    now += 61
    assert not nonces.take(late)
    assert not nonces.take("\ud800")


async def test_the_file_goes_with_its_nonce(tmp_path: Path) -> None:
    nonces = Nonces(tmp_path)
    nonce, file = nonces.issue_file(ADDRESS, seconds=60)
    page, mode = file.read_text(), file.stat().st_mode & 0o777

    nonces.take(nonce)

    assert f"{ADDRESS}/open#nonce={nonce}" in page
    assert mode == 0o600
    assert not file.exists()


async def test_the_file_goes_when_nobody_came(tmp_path: Path) -> None:
    nonces = Nonces(tmp_path)
    nonce, file = nonces.issue_file(ADDRESS, seconds=0.05)

    await asyncio.sleep(0.15)

    assert not file.exists()
    assert not nonces.take(nonce)


async def test_the_file_goes_with_the_service(tmp_path: Path) -> None:
    """Also when it was killed: the next one sweeps."""
    stopped, killed = Nonces(tmp_path), Nonces(tmp_path)
    stopped.issue_file(ADDRESS, seconds=60)
    stopped.close()
    assert left(tmp_path) == []
    killed.issue_file(ADDRESS, seconds=60)

    Nonces(tmp_path).sweep()

    assert left(tmp_path) == []
    killed.close()


async def test_an_address_cannot_break_out_of_the_page(tmp_path: Path) -> None:
    nonces = Nonces(tmp_path)

    _, file = nonces.issue_file('http://x"><script>alert(1)</script>', seconds=60)

    assert "<script>" not in file.read_text()
    nonces.close()


def left(folder: Path) -> list[Path]:
    """Return the files that are there."""
    return [*folder.iterdir()]
