"""The key by which sites know this service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sheetfed.server.pairing import Handshakes
from sheetfed.store import sites
from sheetfed.store.folder import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A new store."""
    store = await Store.open(tmp_path / "store", key="file")
    yield store
    await store.close()


async def test_a_deleted_key_is_not_kept_by_who_is_just_reading_it(store: Store) -> None:
    """Sites would be shown a key that is not the one they get after the next start."""
    old = await Handshakes(store.database, store.master).public()
    handshakes = Handshakes(store.database, store.master)
    free = threading.Event()
    busy = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(busy)
    busy.submit(free.wait, 10)
    reading = asyncio.create_task(handshakes.public())
    await store.database.read(sites.service_key)
    await store.database.tidy(sites.delete_sites)
    forgetting = asyncio.create_task(handshakes.forget())
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(reading, forgetting)

    assert await handshakes.public() != old
