"""Whatever is done to the order of pages, a plain list agrees."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sheetfed.documents import Documents
from sheetfed.store.folder import Store
from sheetfed.worker.wire import PageBegun

BEGUN = PageBegun(
    number=1, media_type="image/png", width=1, height=1, mode=None, dpi=(0.0, 0.0), side=""
)


class Orders(RuleBasedStateMachine):
    """Two documents, and what they should hold as lists of pages and their bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, list[str]] = {}
        self.bytes: dict[str, bytes] = {}
        self.versions: dict[str, int] = {}

    @initialize()
    def start(self) -> None:
        self.open()
        for _ in range(2):
            row = self.runner.run(self.documents.create("me"))
            self.model[row.id] = []

    def open(self) -> None:
        self.store = self.runner.run(Store.open(self.folder / "store"))
        self.documents = Documents(self.store)

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @rule(which=st.integers(0, 1), size=st.integers(0, 300))
    def add(self, which: int, size: int) -> None:
        document = list(self.model)[which]
        data = bytes([len(self.bytes) % 256]) * size

        async def add() -> str:
            incoming = await self.documents.receive("me", document, job=None, begun=BEGUN)
            await incoming.write(data)
            return (await incoming.keep(width=1, height=1)).id

        page = self.runner.run(add())
        self.model[document].append(page)
        self.bytes[page] = data

    @precondition(lambda self: any(self.model.values()))
    @rule(which=st.integers(0, 1), chance=st.randoms(use_true_random=False))
    def order(self, which: int, chance: object) -> None:
        document = list(self.model)[which]
        chance.shuffle(self.model[document])  # type: ignore[attr-defined]
        self.runner.run(self.documents.order("me", document, self.model[document]))

    @precondition(lambda self: any(self.model.values()))
    @rule(data=st.data(), which=st.integers(0, 1))
    def move(self, data: st.DataObject, which: int) -> None:
        document = list(self.model)[which]
        now = self.model[document]
        moved = data.draw(some(now))
        rest = [page for page in now if page not in moved]
        before = data.draw(st.sampled_from([None, *rest]))
        self.runner.run(self.documents.move("me", document, moved, before))
        place = len(rest) if before is None else rest.index(before)
        self.model[document] = [*rest[:place], *moved, *rest[place:]]

    @precondition(lambda self: any(self.model.values()))
    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        document = data.draw(st.sampled_from([key for key, now in self.model.items() if now]))
        now = self.model[document]
        a, b = (data.draw(st.integers(0, len(now) - 1)) for _ in range(2))
        self.runner.run(self.documents.swap("me", document, now[a], now[b]))
        now[a], now[b] = now[b], now[a]

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        removed = data.draw(some([page for now in self.model.values() for page in now]))
        self.runner.run(self.documents.remove("me", removed))
        for document, now in self.model.items():
            self.model[document] = [page for page in now if page not in removed]

    @rule(data=st.data(), which=st.integers(0, 1))
    def move_to(self, data: st.DataObject, which: int) -> None:
        target = list(self.model)[which]
        moved = data.draw(some([page for now in self.model.values() for page in now]))
        for document, now in self.model.items():
            self.model[document] = [page for page in now if page not in moved]
        rest = self.model[target]
        before = data.draw(st.sampled_from([None, *rest]))
        self.runner.run(self.documents.move_to("me", moved, target, before))
        place = len(rest) if before is None else rest.index(before)
        self.model[target] = [*rest[:place], *moved, *rest[place:]]

    @rule()
    def restart(self) -> None:
        self.runner.run(self.store.close())
        self.open()

    @invariant()
    def the_lists_agree(self) -> None:
        for document, now in self.model.items():
            row = self.runner.run(self.documents.get("me", document))
            pages = self.runner.run(self.documents.pages("me", document))
            assert list(row.pages) == [page.id for page in pages] == now
            assert [page.position for page in pages] == list(range(len(now)))
            assert row.version >= self.versions.get(document, 1)
            self.versions[document] = row.version

    @invariant()
    def every_page_holds_its_bytes(self) -> None:
        kept = [page for now in self.model.values() for page in now]
        for page in kept:
            assert self.runner.run(self.read(page)) == self.bytes[page]
        if self.model:
            assert len(self.store.blobs.ids()) == len(kept)

    async def read(self, page: str) -> bytes:
        original = await self.documents.original("me", page)
        data = await original.read(0, 1000)
        await original.close()
        return data


def some(pages: list[str]) -> st.SearchStrategy[list[str]]:
    """Some of the pages, in any order."""
    if not pages:
        return st.just([])
    return st.lists(st.sampled_from(pages), unique=True, max_size=4)


Orders.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestOrders = Orders.TestCase
