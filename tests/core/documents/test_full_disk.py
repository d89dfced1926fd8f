"""A full disk costs at most the page that does not fit, and only until there is room again."""

from __future__ import annotations

import os
import random
import resource
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from sheetfed.api.errors import DiskFull
from sheetfed.api.model import Page, PageInfo
from sheetfed.documents import Documents
from sheetfed.store import blobs, files, room
from sheetfed.store.edits import Turn
from sheetfed.store.folder import Store
from sheetfed.store.history import Done
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun

TakeIn = Callable[..., Awaitable[PageRow]]

SIZE = 16 << 20
PAGE = 1_500_000
A_PAGE = PageInfo(width=1, height=1)
LEVELS = [
    *(0, 4096, 12_288, 40_960, 100_000, 262_144, 700_000, 1_490_000, 1_540_000, 2_000_000),
    *range(192_512, 240_000, 8192),  # the page's last chunk fits, its row does not
]


class SmallDisk:
    """A folder on a disk of 16 MiB that can be filled up to some bytes, and freed again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, leave: int) -> None:
        """Leave so many bytes, to whole pages of 4 KiB."""
        self.free()
        found = os.statvfs(self.folder)
        spare = found.f_bavail * found.f_frsize - leave
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            os.posix_fallocate(filler.fileno(), 0, max(spare, 1))

    def free(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)


class ShortFiles(SmallDisk):
    """Where nothing can be mounted: no file of this process may grow beyond some bytes."""

    def fill(self, leave: int) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (leave, hard))

    def free(self) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.fixture(params=["tmpfs", "short files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    if request.param == "tmpfs" and mounted(tmp_path):
        yield SmallDisk(tmp_path)
        subprocess.run(["umount", "--lazy", tmp_path], check=True)
        return
    short = ShortFiles(tmp_path)
    yield short
    short.free()


def mounted(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "none", folder]
    return os.getuid() == 0 and subprocess.run(command, check=False).returncode == 0


@pytest_asyncio.fixture
async def store(disk: SmallDisk) -> AsyncIterator[Store]:
    store = await Store.open(disk.folder / "store")
    yield store
    disk.free()
    await store.close()


async def whole(documents: Documents, page: PageRow) -> bytes:
    original = await documents.original("me", page.id)
    data = await original.read(0, page.size)
    await original.close()
    return data


async def check(store: Store, document: str, kept: dict[str, bytes]) -> None:
    """Hold the store against what was announced: all of it, and nothing else."""
    documents = Documents(store)
    rows = await documents.pages("me", document)
    assert [row.id for row in rows] == list(kept)
    for row in rows:
        assert await whole(documents, row) == kept[row.id]
    known = {row.blob for row in rows}
    assert {file.name for file in (store.path / "blobs").iterdir()} == known
    assert await store.database.read(files.blobs) == known


@pytest.mark.parametrize("reserve", ["with reserve", "without"])
@pytest.mark.parametrize("moment", ["before", "begun", "written"])
async def test_a_page_that_does_not_fit_is_refused_whole(
    disk: SmallDisk,
    begun: PageBegun,
    moment: str,
    reserve: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The disk fills up before, while and after a page is written, at every level.

    Without the reserve for the database it is hit at its worst, too.
    """
    if reserve == "without":
        monkeypatch.setattr(blobs, "RESERVE", 0)
        monkeypatch.setattr(room, "RESERVE", 0)
    store = await Store.open(disk.folder / "store")
    documents = Documents(store)
    document = (await documents.create("me")).id
    kept: dict[str, bytes] = {}
    refused = 0

    async def attempt(data: bytes, leave: int | None) -> None:
        if leave is not None and moment == "before":
            disk.fill(leave)
        incoming = await documents.receive("me", document, job=None, begun=begun)
        try:
            if leave is not None and moment == "begun":
                disk.fill(leave)
            for start in range(0, len(data), 400_000):
                await incoming.write(data[start : start + 400_000])
            if leave is not None and moment == "written":
                disk.fill(leave)
            row = await incoming.keep(width=1, height=1)
            kept[row.id] = data
        finally:
            await incoming.drop()

    for leave in LEVELS:
        try:
            await attempt(random.Random(leave).randbytes(PAGE), leave)
        except DiskFull:
            refused += 1
        await check(store, document, kept)
        disk.free()
        await check(store, document, kept)
        await attempt(b"there is room again", None)
        await check(store, document, kept)
        if len(kept) % 4 == 0:  # room for the next ones
            first = next(iter(kept))
            await documents.remove("me", [first])
            kept.pop(first)

    await store.close()
    store = await Store.open(disk.folder / "store")
    await check(store, document, kept)
    await store.close()
    assert refused >= 3


@pytest.mark.parametrize("leave", [0, 4096, 8192, 16_384, 32_768, 65_536])
async def test_changes_on_a_full_disk_are_refused_whole(
    disk: SmallDisk, store: Store, take_in: TakeIn, leave: int
) -> None:
    documents = Documents(store)
    document = (await documents.create("me", "before")).id
    kept = [(await take_in(documents, document)).id for _ in range(2)]
    last = store.events.last
    disk.fill(leave)
    title, order, refused = "before", list(kept), 0

    for number in range(60):
        try:
            await documents.describe("me", document, title=f"title {number}")
            title = f"title {number}"
            await documents.order("me", document, order[::-1])
            order.reverse()
        except DiskFull:
            refused += 1
        row = await documents.get("me", document)
        assert (row.title, list(row.pages)) == (title, order)
        assert store.events.last == last + row.version - 3

    assert refused or leave
    disk.free()
    await documents.describe("me", document, title="after")
    assert (await documents.get("me", document)).title == "after"


async def test_what_is_kept_can_be_deleted_when_pages_no_longer_fit(
    store: Store, documents: Documents, disk: SmallDisk, take_in: TakeIn
) -> None:
    """Otherwise the advice to free some space could not be followed in the browser."""
    document = (await documents.create("me")).id
    if isinstance(disk, ShortFiles):
        disk.fill(PAGE - 1)
    kept = []
    with suppress(DiskFull):
        for _ in range(30):
            kept.append(await take_in(documents, document, bytes(PAGE - len(kept) * 10_000)))
    assert len(kept) < 30

    await documents.describe("me", document, title="still works")
    for page in kept:
        await documents.remove("me", [page.id])
    await documents.delete("me", document)

    disk.free()
    document = (await documents.create("me")).id
    await take_in(documents, document, bytes(PAGE))


@pytest.mark.parametrize("leave", [*range(0, 80_000, 8192), 120_000, 200_000])
async def test_a_store_that_cannot_open_for_want_of_room_opens_later(
    disk: SmallDisk, leave: int
) -> None:
    """No half key, no half database: the first start may hit a full disk anywhere."""
    disk.fill(leave)
    try:
        store = await Store.open(disk.folder / "store")
        try:
            await Documents(store).create("me")
        finally:
            await store.close()
    except DiskFull:
        pass
    disk.free()

    store = await Store.open(disk.folder / "store")
    await Documents(store).create("me")
    await store.close()


@pytest.mark.parametrize("leave", [0, 4096, 20_480, 36_864, 65_536])
async def test_a_store_with_pages_opens_again_after_the_disk_was_full(
    disk: SmallDisk, take_in: TakeIn, leave: int
) -> None:
    store = await Store.open(disk.folder / "store")
    documents = Documents(store)
    document = (await documents.create("me")).id
    row = await take_in(documents, document, b"kept")
    await store.close()

    disk.fill(leave)
    with suppress(DiskFull):
        await (await Store.open(disk.folder / "store")).close()
    disk.free()

    store = await Store.open(disk.folder / "store")
    assert await whole(Documents(store), row) == b"kept"
    await store.close()


@pytest.mark.parametrize("moment", ["before", "begun", "sealed"])
async def test_a_file_that_does_not_fit_is_refused_whole(
    disk: SmallDisk, store: Store, moment: str
) -> None:
    """An import: both of its pages are there, or the document is as it was."""
    documents = Documents(store)
    document = (await documents.create("me")).id
    kept: dict[str, bytes] = {}
    refused = 0

    async def attempt(data: bytes, leave: int) -> None:
        if moment == "before":
            disk.fill(leave)
        incoming = await documents.take_file("me", document)
        try:
            if moment == "begun":
                disk.fill(leave)
            for start in range(0, len(data), 400_000):
                await incoming.write(data[start : start + 400_000])
            await incoming.seal()
            if moment == "sealed":
                disk.fill(leave)
            _, rows = await incoming.keep([A_PAGE, A_PAGE], "image/tiff", {})
            kept.update({row.id: data for row in rows})
        finally:
            await incoming.drop()

    for leave in LEVELS:
        version = (await documents.get("me", document)).version
        try:
            await attempt(random.Random(leave).randbytes(PAGE), leave)
        except DiskFull:
            refused += 1
            assert (await documents.get("me", document)).version == version
        await check(store, document, kept)
        disk.free()
        await check(store, document, kept)
        if kept:
            await documents.remove("me", [*kept])
            kept.clear()

    assert refused >= 3


@pytest.mark.parametrize("what", ["edit", "stamp", "replace"])
async def test_an_edit_that_does_not_fit_leaves_the_page_as_it_was(
    disk: SmallDisk, store: Store, take_in: TakeIn, what: str
) -> None:
    """And no file of what was to be on it, or in its place."""
    documents = Documents(store)
    document = (await documents.create("me")).id
    page = (await take_in(documents, document, b"a page")).id
    data = random.Random(1).randbytes(400_000)
    refused = 0

    async def attempt() -> None:
        row = await documents.page("me", page)
        if what == "replace":
            incoming = await documents.take_picture("me", page)
            try:
                await incoming.write(data)
                await incoming.seal()
                await incoming.put(row, A_PAGE, "image/png")
            finally:
                await incoming.drop()
            return
        options = {"text": "x" * 2000}
        if what == "stamp":
            stamp = Page(data=data, media_type="image/png", width=1, height=1)
            await documents.keep_stamp("me", page, "stamp-1", stamp)
            options = {"picture": "stamp-1"}
        done = Done(name=what, options=options, page=A_PAGE)
        after = row.history.grown([done], without_last=row.history.count > 0)
        await documents.edit("me", document, {page: Turn(before=row.history, after=after)})

    for leave in (*LEVELS, *range(0, 60_000, 4096)):
        before = await documents.page("me", page)
        disk.fill(leave)
        try:
            await attempt()
        except DiskFull:
            refused += 1
            assert await documents.page("me", page) == before
        disk.free()
        known = await store.database.read(files.blobs)
        assert {file.name for file in (store.path / "blobs").iterdir()} == known
        assert await whole(documents, before) == b"a page"

    assert refused
    await attempt()
    assert (await documents.page("me", page)).history.count >= 1
