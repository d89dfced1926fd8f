"""An office with two targets that are folders, one in a child and one in the service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sheetfed.api.hooks import TargetSpec
from sheetfed.api.model import Option
from sheetfed.catalogue import package_for
from sheetfed.config import load
from sheetfed.targets import Targets, read

sys.path.insert(0, str(Path(__file__).parents[1] / "jobs"))
from office import ME, Office

RIGS = Path(__file__).parents[2] / "rigs"
FOLDER = (Option(name="folder", title="Folder", kind="text"),)
SPECS = {
    "post": TargetSpec(
        name="post",
        title="Post",
        factory="post:Post",
        options=(*FOLDER, Option(name="password", title="Password", kind="secret")),
        fields=(Option(name="ticket", title="Ticket", kind="secret", default=""),),
    ),
    "async": TargetSpec(
        name="async", title="Post", factory="post:AsyncPost", options=FOLDER, in_service=True
    ),
}


class Bureau(Office):
    """An office that delivers, and can be closed and opened again."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.inbox = home / "inbox"
        self.second = home / "second"
        self.inbox.mkdir()
        self.second.mkdir()
        self.configure(
            f'[targets.inbox]\nprotocol = "post"\nfolder = "{self.inbox}"\nat-once = 1\n'
            'name = "{document}"\nfields.case = { title = "Case", default = "none" }\n'
            f'[targets.second]\nprotocol = "async"\nfolder = "{self.second}"\n'
            'name = "{document} {n:3}"\n'
            f'[targets.shut]\nprotocol = "post"\nfolder = "{self.second}"\n'
            'sites = ["https://shop.example"]\n[targets.cloud]\nprotocol = "http"\n'
        )

    def configure(self, text: str) -> None:
        (self.home / "sheetfed.toml").write_text(text)
        config = load(home=self.home, environ={})
        self.targets = Targets(read(config, SPECS), specs=SPECS, package_for=package_for)

    def mode(self, word: str) -> None:
        (self.inbox / "mode").write_text(word)

    def tries(self) -> int:
        return len((self.inbox / "tries").read_text()) if (self.inbox / "tries").exists() else 0

    async def post(
        self, data: bytes = b"a letter", *, target: str = "inbox", owner: str = ME, **more: Any
    ) -> dict[str, Any]:
        """Send a file."""

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        key = more.pop("key", None)
        asked = {"target": target, "name": "letter.txt", **more}
        row = await self.deliveries.send_file(owner, asked, pieces(), key=key)
        return self.deliveries.data(row)

    async def become(
        self, delivery: dict[str, Any], *states: str, owner: str = ME
    ) -> dict[str, Any]:
        return await self.when(delivery, lambda now: now["state"] in states, owner=owner)

    async def when(
        self,
        delivery: dict[str, Any],
        wanted: Callable[[dict[str, Any]], bool],
        *,
        owner: str = ME,
    ) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not wanted(delivery):
                await asyncio.sleep(0.01)
                delivery = await self.deliveries.get(owner, delivery["id"])
        return delivery

    def files(self) -> list[str]:
        """Return the sealed files that the store has."""
        return sorted(self.store.blobs.ids())


@pytest_asyncio.fixture
async def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bureau]:
    monkeypatch.setenv("PYTHONPATH", str(RIGS))
    monkeypatch.syspath_prepend(str(RIGS))
    (tmp_path / "store").mkdir(mode=0o700)
    made = Bureau(tmp_path)
    await made.open()
    yield made
    await made.close()
