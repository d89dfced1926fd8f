"""A child of one question that dies leaves where it was in the log, and a cause that is told."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sheetfed.api.errors import KeyUnavailable, TrustBroken
from sheetfed.store import vault
from sheetfed.trust import authority, certificate, chromium
from sheetfed.trust.databases import Account
from sheetfed.trust.stores import read_root


def strike(module: str, library: str = "") -> int:
    """End the child of ours that runs a module with a fault, once it waits or has a library."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for child in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for pid in map(int, child.read_text().split()):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if module.encode() in words:
                    if library not in Path(f"/proc/{pid}/maps").read_text():
                        continue
                    time.sleep(0 if library else 1)
                    os.kill(pid, signal.SIGSEGV)
                    return pid
        time.sleep(0.002)
    raise AssertionError(f"no child runs {module}")


@pytest.fixture
def struck(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.ERROR)
    return caplog


def test_a_keyring_that_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, struck: pytest.LogCaptureFixture
) -> None:
    with socket.socket(socket.AF_UNIX) as silent, ThreadPoolExecutor(1) as thread:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        striking = thread.submit(strike, "sheetfed.store.vault_child")

        with pytest.raises(KeyUnavailable, match="it was ended by SIGSEGV"):
            vault.get("a name", patience=30)

        striking.result()
    assert "sheetfed.store.vault_child: it was ended by SIGSEGV" in struck.text
    assert "Fatal Python error: Segmentation fault" in struck.text
    assert "in _answer" in struck.text


def test_a_list_of_certificates_that_crashes_nss(
    tmp_path: Path, struck: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "home").mkdir()
    authority.make(tmp_path / "trust")
    root = read_root(tmp_path / "trust")
    (database,) = chromium.databases(Account(home=tmp_path / "home"))
    database.install(root)
    held = sqlite3.connect(database.folder / "cert9.db", isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")

    with ThreadPoolExecutor(1) as thread:
        striking = thread.submit(strike, "sheetfed.trust.nss")
        found = database.status(root)
        striking.result()

    held.close()
    assert "it was ended by SIGSEGV" in found.text
    assert "Fatal Python error: Segmentation fault" in struck.text
    assert "trust/nss.py" in struck.text


async def test_a_maker_of_certificates_that_crashes(
    tmp_path: Path, struck: pytest.LogCaptureFixture
) -> None:
    striking = asyncio.create_task(asyncio.to_thread(strike, "sheetfed.trust.authority", "_rust"))

    with pytest.raises(TrustBroken, match="it was ended by SIGSEGV"):
        await certificate.work("make", tmp_path / "trust")

    await striking
    assert "Fatal Python error: Segmentation fault" in struck.text
    assert "trust/authority.py" in struck.text
    assert not (tmp_path / "trust").exists()
