"""Two tabs and a scanner change one document at once: no page is lost, no change undone unseen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from face import Face, jpeg

from sheetfed.events import LOCAL, Subscription

BYTES = {"Content-Type": "application/octet-stream"}
TABS = 3
CHANGES = 21
SHEETS = 12

Order = list[str]
Makes = Callable[[Order], Sequence[str | None]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change that the service took: at which version, and what it has to make of the order.

    Copies have ids that nobody knows before; `copied` says how many stand where `None` does.
    """

    version: int
    name: str
    makes: Makes


@dataclass(kw_only=True)
class Tab:
    """One page of the browser. It looks again only where it has to, or by chance."""

    face: Face
    document: str
    chance: random.Random
    taken: list[Change] = field(default_factory=list)
    stale: int = 0

    async def work(self) -> None:
        """Change the document again and again, as it was seen last; where that is old, look."""
        seen = await self._look()
        for number in range(CHANGES):
            if self.chance.random() < 0.3:
                seen = await self._look()
            while not (told := await self._change(number, seen)):
                seen = await self._look()
            seen = told

    async def _change(self, number: int, seen: Any) -> Any:
        """Try one change; return the document as it is then, None where what was seen is old."""
        pages = [page["id"] for page in seen["pages"]]
        if len(pages) < 4:  # most of them were split off just now
            return None
        name, place, body, makes = self._idea(number, pages)
        status, told = await self._send(place, body, seen["version"])
        if status == 412:
            self.stale += 1
            return None
        assert status == 200, told
        self.taken.append(Change(version=seen["version"], name=name, makes=makes))
        if name != "split":
            return told
        await self._bring_back([item["id"] for item in told["items"][1:]])
        return await self._look()

    def _idea(self, number: int, pages: Order) -> tuple[str, str, Any, Makes]:
        """Return what to do next: its name, place and body, and what it makes of an order."""
        some = self.chance.sample(pages, self.chance.randint(1, 3))
        rest = [page for page in pages if page not in some]
        at = self.chance.randrange(len(rest))
        place, first = pages.index(rest[at]), self.chance.randrange(2, len(pages))
        mixed = self.chance.sample(pages, len(pages))
        swapped = {mixed[0]: mixed[1], mixed[1]: mixed[0]}
        there = {"pages": some, "before": rest[at]}
        new: list[str | None] = [None] * len(some)
        ideas: list[tuple[str, str, Any, Makes]] = [
            ("order", "/order", {"pages": mixed}, lambda _: mixed),
            ("move", "/move", there, lambda _: [*rest[:at], *some, *rest[at:]]),
            (
                "swap",
                "/swap",
                {"a": mixed[0], "b": mixed[1]},
                lambda now: [swapped.get(page, page) for page in now],
            ),
            ("copy", "/copy", there, lambda now: [*now[:place], *new, *now[place:]]),
            (
                "remove",
                "/remove",
                {"pages": some[:1]},
                lambda now: [page for page in now if page != some[0]],
            ),
            ("reverse", "/arrange", {"rule": "reverse"}, lambda now: now[::-1]),
            ("split", "/split", {"parts": [{"first": pages[first]}]}, lambda now: now[:first]),
        ]
        return ideas[number % len(ideas)]

    async def _bring_back(self, documents: Order) -> None:
        """Merge what was split off, at whatever version the document is."""
        while True:
            seen = await self._look()
            status, _ = await self._send("/merge", {"documents": documents}, seen["version"])
            if status == 200:
                return
            assert status == 412

    async def _look(self) -> Any:
        _, seen = await self.face.send("GET", f"/v1/documents/{self.document}")
        return seen

    async def _send(self, place: str, body: Any, version: int) -> tuple[int, Any]:
        method = "PUT" if place == "/order" else "POST"
        path = f"/v1/documents/{self.document}{place}"
        return await self.face.send(method, path, body, If_Match=f'"{version}"')


@dataclass(kw_only=True)
class History:
    """What the events say that the document was, version by version."""

    listening: Subscription
    document: str
    orders: dict[int, Order]
    removed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)

    async def write(self) -> None:
        """Follow the events until the subscription ends."""
        async for event in self.listening:
            data = event.data
            if event.topic == "document" and data["id"] == self.document:
                self.orders[data["version"]] = list(data["pages"])
            elif event.topic == "page" and data["change"] == "removed":
                self.removed.add(data["id"])
            elif event.topic == "page" and data["change"] == "added":
                self.added.add(data["id"])
                if "version" in data:  # a scanned page; copies are told with their document
                    before = self.orders[data["version"] - 1]
                    self.orders[data["version"]] = [*before, data["id"]]


@pytest.mark.parametrize("seed", range(3))
async def test_changes_at_once_lose_no_page_and_undo_nothing_unseen(face: Face, seed: int) -> None:
    """Every change that was taken did what it says to the very order that its tab had seen.

    The events are the witness: they tell each version of the document.
    """
    start = await face.document(*[(40, 60)] * 6)
    tabs = [
        Tab(face=face, document=start.id, chance=random.Random(f"{seed} {number}"))
        for number in range(TABS)
    ]
    history = History(
        listening=face.service.events.subscribe(LOCAL),
        document=start.id,
        orders={start.version: list(start.pages)},
        added=set(start.pages),
    )
    writing = asyncio.create_task(history.write())

    async def scan() -> None:
        for _ in range(SHEETS):
            await face.page(start.id, (40, 60))

    await asyncio.gather(scan(), *(tab.work() for tab in tabs))
    end = await face.service.documents.get(LOCAL, start.id)
    async with asyncio.timeout(10):
        while max(history.orders) < end.version:  # noqa: ASYNC110 - events come when they come
            await asyncio.sleep(0.01)
    history.listening.close()
    await writing

    for change in (change for tab in tabs for change in tab.taken):
        before = history.orders[change.version]
        expected = change.makes(before)
        if list(expected) == before:  # that is no change, and no version
            continue
        after = history.orders[change.version + 1]
        assert len(after) == len(expected), change.name
        for page, wanted in zip(after, expected, strict=True):
            assert page == wanted if wanted else page not in before, change.name
    assert history.orders[end.version] == list(end.pages)
    assert set(end.pages) == history.added - history.removed
    assert len(set(end.pages)) == len(end.pages)
    assert len((await face.service.documents.list(LOCAL))[0]) == 1
    assert sum(tab.stale for tab in tabs) >= TABS
    assert all(len(tab.taken) == CHANGES for tab in tabs)
    for page in await face.service.documents.pages(LOCAL, start.id):
        assert len(await face.original(page)) == page.size


async def test_nothing_is_deleted_or_added_by_who_saw_something_older(face: Face) -> None:
    """One tab adds a page and edits another; what the other tab saw is not what it deletes."""
    document = await face.document((40, 60), (41, 60))
    place, page = f"/v1/documents/{document.id}", f"/v1/pages/{document.pages[0]}"
    _, seen = await face.send("GET", page)
    await face.page(document.id)
    await face.send("POST", f"{page}/edits", {"edits": [{"name": "invert"}]})
    old, looks = f'"{document.version}"', f'"{seen["etag"]}"'

    page_kept, told_of_page = await face.send("DELETE", page, If_Match=looks)
    refused, told_of_file = await add(face, place, old)
    kept, told = await face.send("DELETE", place, If_Match=old)
    now = await face.service.documents.get(LOCAL, document.id)
    _, fresh = await face.send("GET", page)
    page_gone, _ = await face.send("DELETE", page, If_Match=f'"{fresh["etag"]}"')
    left = (await face.service.documents.get(LOCAL, document.id)).version
    added, _ = await add(face, place, f'"{left}"')
    gone, _ = await face.send("DELETE", place, If_Match=f'"{left + 1}"')

    assert (kept, page_kept, refused) == (412, 412, 412)
    assert [one["code"] for one in (told, told_of_page, told_of_file)] == ["stale"] * 3
    assert len(now.pages) == 3
    assert (page_gone, added, gone) == (204, 201, 204)


async def test_a_file_that_takes_long_is_not_added_to_what_changed_meanwhile(face: Face) -> None:
    document = await face.document((40, 60))
    place = f"/v1/documents/{document.id}"
    data = jpeg((50, 50))

    async def slowly() -> AsyncIterator[bytes]:
        yield data[:20]
        await face.page(document.id)
        yield data[20:]

    status, told = await add(face, place, f'"{document.version}"', slowly())

    now = await face.service.documents.get(LOCAL, document.id)
    assert (status, told["code"], len(now.pages)) == (412, "stale", 2)


async def add(
    face: Face, place: str, version: str, data: bytes | AsyncIterator[bytes] | None = None
) -> tuple[int, Any]:
    """Put the page of a file into a document that is at this version."""
    async with face.client.post(
        f"{place}/pages", data=data or jpeg((50, 50)), headers={**BYTES, "If-Match": version}
    ) as answer:
        return answer.status, await answer.json()
