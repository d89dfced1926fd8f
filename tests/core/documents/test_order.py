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
from sheetfed.store.order import Rule, Which
from sheetfed.store.transfers import Part
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
        self.files: dict[str, int] = {}
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
        self.files[page] = len(self.files)

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

    @rule(data=st.data(), which=st.integers(0, 1))
    def copy_to(self, data: st.DataObject, which: int) -> None:
        target = list(self.model)[which]
        now = self.model[target]
        copied = data.draw(some([page for now in self.model.values() for page in now]))
        before = data.draw(st.sampled_from([None, *now]))
        self.runner.run(self.documents.copy_to("me", copied, target, before))
        pages = self.runner.run(self.documents.get("me", target)).pages
        made = [page for page in pages if page not in now]
        place = len(now) if before is None else now.index(before)
        self.model[target] = [*now[:place], *made, *now[place:]]
        for page, copy in zip(copied, made, strict=True):
            self.bytes[copy], self.files[copy] = self.bytes[page], self.files[page]

    @rule(which=st.integers(0, 1), data=st.data())
    def manual_duplex(self, which: int, data: st.DataObject) -> None:
        document = list(self.model)[which]
        now = self.model[document]
        fronts = data.draw(st.integers(0, len(now)))
        back_to_front = data.draw(st.booleans())
        rule: Rule = "interleave-reversed" if back_to_front else "interleave"
        self.runner.run(self.documents.rule("me", document, rule, fronts=fronts))
        first, then = now[:fronts], now[fronts:]
        if back_to_front:
            then.reverse()
        arranged = []
        while first or then:
            arranged += first[:1] + then[:1]
            del first[:1], then[:1]
        self.model[document] = arranged

    @rule(which=st.integers(0, 1))
    def reverse(self, which: int) -> None:
        document = list(self.model)[which]
        self.runner.run(self.documents.rule("me", document, "reverse"))
        self.model[document].reverse()

    @rule(which=st.integers(0, 1), data=st.data())
    def split_and_merge(self, which: int, data: st.DataObject) -> None:
        document, other = list(self.model)[which], list(self.model)[1 - which]
        now = self.model[document]
        firsts = data.draw(some(now[1:]))
        parts = [Part(first=page) for page in firsts]
        made = self.runner.run(self.documents.split("me", document, parts))
        places = sorted(now.index(page) for page in firsts)
        ranges = zip([0, *places], [*places, len(now)], strict=True)
        assert [list(row.pages) for row in made] == [now[start:end] for start, end in ranges]
        new = [row.id for row in made[1:]]
        self.runner.run(self.documents.merge("me", other, new))
        if places:
            self.model[document] = now[: places[0]]
            self.model[other] += now[places[0] :]

    @rule(which=st.integers(0, 1), places=st.sampled_from(["odd", "even"]))
    def remove_every_other(self, which: int, places: Which) -> None:
        document = list(self.model)[which]
        self.runner.run(self.documents.remove_from("me", document, places))
        self.model[document] = self.model[document][places == "odd" :: 2]

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
            assert len(self.store.blobs.ids()) == len({self.files[page] for page in kept})

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
