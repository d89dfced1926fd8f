"""A process that is killed at any moment loses no announced page."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
import time
from pathlib import Path

import pytest

from sheetfed.documents import Documents
from sheetfed.store import files, log
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow

sys.path.insert(0, str(Path(__file__).parents[2] / "rigs"))
import lives

RECEIVING = Path(__file__).with_name("receiving.py")
ROUNDS = 16


def kill_while_receiving(folder: Path, seed: str, *, count: int, wait: float) -> dict[str, str]:
    """Kill it a moment after so many announcements, or after its start for none."""
    child = lives.begin(folder, seed, program=RECEIVING, environ=os.environ)
    assert child.stdout
    said = "".join(child.stdout.readline() for _ in range(count and count + 1))
    time.sleep(wait)
    child.kill()
    rest, complaints = child.communicate()
    said += rest
    assert child.returncode == -9, complaints
    lines = said.removeprefix("open\n").splitlines(keepends=True)
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {page: sha256 for page, sha256 in whole}  # noqa: C416 - lists of two words


async def digest(documents: Documents, row: PageRow) -> str:
    original = await documents.original("me", row.id)
    data = await original.read(0, row.size)
    await original.close()
    assert len(data) == row.size
    thumbnail = await documents.picture("me", row.id, "thumbnail")
    assert thumbnail
    assert thumbnail.data == data[:100]
    return hashlib.sha256(data).hexdigest()


async def check(folder: Path, announced: dict[str, str], checked: set[str]) -> None:
    """Open the store and hold it against everything that was ever announced."""
    store = await Store.open(folder)
    documents = Documents(store)
    found = {}
    rows, _ = await documents.list("me", limit=10_000)
    for document in rows:
        kept = await documents.pages("me", document.id)
        assert [row.position for row in kept] == list(range(len(kept)))
        found.update({row.id: row for row in kept})
    assert announced.keys() <= found.keys()
    for page, row in found.items():
        if page not in checked:
            kept_digest = await digest(documents, row)
            assert kept_digest == announced.get(page, kept_digest)
            checked.add(page)
    assert store.blobs.ids() == await store.database.read(files.blobs)
    assert not list((folder / "blobs").glob("*.part"))
    events = await store.database.read(lambda connection: log.replay(connection, 0, "me"))
    assert events is not None
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    added = {event.data["id"] for event in events if event.data["change"] == "added"}
    assert added == found.keys()
    await store.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(5))
def test_a_kill_at_any_moment_loses_no_announced_page(folder: Path, seed: int) -> None:
    """Each store is killed again and again, 80 times in all: what is left over would pile up."""
    chance = random.Random(seed)
    announced: dict[str, str] = {}
    checked: set[str] = set()
    for number in range(ROUNDS):
        count = chance.choice([0, 1, 1, 2, 3, 5])
        wait = chance.uniform(0.05, 0.4) if count == 0 else chance.uniform(0, 0.06)
        print(f"seed {seed}, round {number}: killed {wait:.4f} s after {count} pages")
        announced |= kill_while_receiving(folder, f"{seed} {number}", count=count, wait=wait)
        asyncio.run(check(folder, announced, checked))
    assert len(announced) > ROUNDS
