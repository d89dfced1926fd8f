"""How long documents live, and how many pages an owner may have."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sheetfed.api.errors import Conflict, DiskFull, NotFound, QuotaReached
from sheetfed.api.model import Mark
from sheetfed.audit import Audit
from sheetfed.chain import lines_of
from sheetfed.documents import Documents
from sheetfed.keeping import Keeping, Quota
from sheetfed.retention import GRACE, Retention
from sheetfed.store import log, room
from sheetfed.store.clock import Moment
from sheetfed.store.database import SQL
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun

TakeIn = Callable[..., Awaitable[PageRow]]

DAY = 86_400.0
YEAR = 365 * DAY


class Clocks:
    """A computer's clocks, set by hand."""

    def __init__(self) -> None:
        self.at = Moment(wall=1_800_000_000.0, running=1000.0, boot="first")

    def __call__(self) -> Moment:
        return self.at

    def run(self, seconds: float) -> None:
        """Let time pass while the computer runs."""
        at = self.at
        self.at = replace(at, wall=at.wall + seconds, running=at.running + seconds)

    def set_date(self, seconds: float) -> None:
        """Move the date only."""
        self.at = replace(self.at, wall=self.at.wall + seconds)

    def restart(self, seconds: float) -> None:
        """Switch the computer off for some time."""
        wall = self.at.wall + seconds
        self.at = Moment(wall=wall, running=5.0, boot=f"boot at {wall}")


class House:
    """A store whose service is started and stopped."""

    def __init__(self, folder: Path, clocks: Clocks, seconds: float | None) -> None:
        self.folder = folder
        self.clocks = clocks
        self.seconds = seconds
        self.busy: set[str] = set()

    async def open(self) -> Documents:
        self.store = await Store.open(self.folder / "store", key="file", moment=self.clocks)
        self.documents = Documents(self.store, Keeping(retention=self.seconds))
        self.audit = Audit(self.folder / "audit")
        self.retention = Retention(
            self.documents, seconds=self.seconds, audit=self.audit, busy=lambda: self.busy
        )
        await self.retention.start(self.store.hidden)
        return self.documents

    async def close(self) -> None:
        await self.retention.close()
        self.audit.close()
        await self.store.close()

    async def ids(self) -> list[str]:
        rows, _ = await self.documents.list("me")
        return [row.id for row in rows]


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def house(tmp_path: Path, clocks: Clocks) -> House:
    return House(tmp_path, clocks, DAY)


def traces(folder: Path, marker: bytes) -> list[str]:
    """Return the files that hold the marker."""
    return [
        str(file) for file in folder.rglob("*") if file.is_file() and marker in file.read_bytes()
    ]


# --- words


async def test_no_word_of_a_document_is_on_the_disk(
    documents: Documents, store: Store, begun: PageBegun, folder: Path
) -> None:
    """Titles and barcodes say as much about a person as the page does."""
    document = await documents.create("me", "MARKER in a title")
    await documents.describe("me", document.id, title="MARKER in another title")
    incoming = await documents.receive("me", document.id, job=None, begun=begun)
    await incoming.write(b"MARKER on a page" * 1000)
    mark = Mark(kind="barcode", value="MARKER in a barcode", by="test")
    page = await incoming.keep(width=1, height=1, marks=[mark])

    assert traces(folder, b"MARKER") == []
    assert (await documents.get("me", document.id)).title == "MARKER in another title"
    assert (await documents.page("me", page.id)).marks == (mark,)
    await store.close()
    assert traces(folder, b"MARKER") == []


async def test_words_of_an_older_store_are_sealed_when_it_is_opened(folder: Path) -> None:
    """It was written before words were sealed; nothing of it may stay behind."""
    await (await Store.open(folder, key="file")).close()
    (folder / "store.db").unlink()
    old = sqlite3.connect(folder / "store.db")
    old.executescript((SQL / "001_start.sql").read_text())
    old.executescript((SQL / "002_sites.sql").read_text())
    old.execute("PRAGMA user_version = 2")
    old.execute(
        "INSERT INTO documents (id, owner, title, created, changed)"
        " VALUES ('doc_1', 'me', 'MARKER', 1, 1)"
    )
    old.execute(
        "INSERT INTO events (topic, data, at, owner)"
        """ VALUES ('document', '{"title":"MARKER"}', 1, 'me')"""
    )
    old.commit()
    old.close()
    (folder / "store.db").chmod(0o600)

    store = await Store.open(folder)
    events = await store.database.read(lambda connection: log.replay(connection, 0, "me"))
    title = (await Documents(store).get("me", "doc_1")).title
    await store.close()

    assert title == "MARKER"
    assert events
    assert events[0].data == {"title": "MARKER"}
    assert traces(folder, b"MARKER") == []


async def test_the_key_of_a_deleted_document_is_nowhere(
    documents: Documents, store: Store, take_in: TakeIn, folder: Path
) -> None:
    """A page file that was copied before stays noise for whoever gets the database later."""
    document = (await documents.create("me")).id
    page = (await take_in(documents, document)).id
    with sqlite3.connect(folder / "store.db") as reader:
        keys = [bytes(key) for (key,) in reader.execute("SELECT sealed FROM keys")]
        keys += [bytes(key) for (key,) in reader.execute("SELECT key FROM pages")]
    reader.close()
    assert all(traces(folder, key) for key in keys)

    await documents.delete("me", document)

    assert [traces(folder, key) for key in keys] == [[], []]
    with pytest.raises(NotFound):
        await documents.page("me", page)


async def test_a_file_that_cannot_be_deleted_keeps_nothing_else(
    documents: Documents, take_in: TakeIn, folder: Path
) -> None:
    """On Windows whoever reads a file holds it; here a folder with its name stands for that."""
    document = (await documents.create("me")).id
    await take_in(documents, document)
    held = next((folder / "blobs").iterdir())
    held.unlink()
    held.mkdir()
    await take_in(documents, document)
    with sqlite3.connect(folder / "store.db") as reader:
        keys = [bytes(key) for (key,) in reader.execute("SELECT sealed FROM keys")]
    reader.close()

    await documents.delete("me", document)

    assert list((folder / "blobs").iterdir()) == [held]
    assert [traces(folder, key) for key in keys] == [[]]


# --- private


async def test_a_private_document_dies_with_its_service(house: House, take_in: TakeIn) -> None:
    documents = await house.open()
    private = await documents.create("me", "secret", private=True)
    kept = await documents.create("me", "kept")
    page = await take_in(documents, private.id)
    await take_in(documents, kept.id)
    await house.close()

    documents = await house.open()
    assert await house.ids() == [kept.id]
    with pytest.raises(NotFound):
        await documents.page("me", page.id)
    assert len(list((house.folder / "store" / "blobs").iterdir())) == 1
    await house.close()


async def test_a_private_document_is_told_as_one(documents: Documents, take_in: TakeIn) -> None:
    private = await documents.create("me", "secret", private=True)
    await take_in(documents, private.id)
    found = await documents.get("me", private.id)

    assert (found.title, found.private) == ("secret", True)
    assert (await documents.original("me", found.pages[0])).size == 4


async def test_a_private_page_cannot_become_a_kept_one(
    documents: Documents, take_in: TakeIn
) -> None:
    """Its key would be on the disk after all; the other way round it is let go of."""
    private = await documents.create("me", private=True)
    kept = await documents.create("me")
    secret = await take_in(documents, private.id, b"secret")
    plain = await take_in(documents, kept.id, b"plain")

    with pytest.raises(Conflict, match="private"):
        await documents.move_to("me", [secret.id], kept.id, None)
    await documents.move_to("me", [plain.id], private.id, None)

    assert (await documents.get("me", private.id)).pages == (secret.id, plain.id)
    original = await documents.original("me", plain.id)
    assert await original.read(0, 10) == b"plain"
    await original.close()


async def test_without_retention_every_document_is_private(tmp_path: Path, clocks: Clocks) -> None:
    house = House(tmp_path, clocks, 0.0)
    documents = await house.open()

    document = await documents.create("me")

    assert document.private
    await house.close()
    await house.open()
    assert await house.ids() == []
    await house.close()


async def test_what_was_kept_goes_when_nothing_is_to_be_retained(
    house: House, clocks: Clocks
) -> None:
    await (await house.open()).create("me")
    await house.close()
    house.seconds = 0.0

    await house.open()

    assert await house.ids() == []
    await house.close()


# --- retention


async def test_a_document_ends_when_nobody_used_it_for_a_day(house: House, clocks: Clocks) -> None:
    documents = await house.open()
    unused = (await documents.create("me")).id
    used = (await documents.create("me")).id
    clocks.run(DAY * 0.6)
    await documents.get("me", used)
    await house.retention.sweep()
    clocks.run(DAY * 0.6)

    await house.retention.sweep()

    assert await house.ids() == [used]
    with pytest.raises(NotFound):
        await documents.get("me", unused)
    await house.close()
    (told,) = [line for line in lines_of(house.folder / "audit") if line["what"] == "delete"]
    assert (told["who"], told["reason"], told["documents"]) == ("service", "retention", 1)


async def test_looking_at_a_page_is_use(house: House, clocks: Clocks, take_in: TakeIn) -> None:
    documents = await house.open()
    document = (await documents.create("me")).id
    page = await take_in(documents, document)
    for _ in range(4):
        clocks.run(DAY * 0.9)
        await documents.picture("me", page.id, "preview")
        await house.retention.sweep()

    assert await house.ids() == [document]
    await house.close()


async def test_use_counts_though_it_could_not_be_written_down_at_once(
    house: House, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sheetfed.store.database.PATIENCE", 0.05)
    documents = await house.open()
    document = (await documents.create("me")).id
    clocks.run(DAY * 0.6)
    await documents.get("me", document)
    other = sqlite3.connect(house.folder / "store" / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await house.retention.sweep()
    other.close()
    await house.retention.sweep()
    clocks.run(DAY * 0.6)

    await house.retention.sweep()

    assert await house.ids() == [document]
    await house.close()


async def test_the_document_of_a_running_job_stays(house: House, clocks: Clocks) -> None:
    documents = await house.open()
    document = (await documents.create("me")).id
    house.busy = {document}
    clocks.run(DAY * 3)
    await house.retention.sweep()
    assert await house.ids() == [document]

    house.busy = set()
    clocks.run(DAY * 0.5)
    await house.retention.sweep()
    assert await house.ids() == [document]
    await house.close()


async def test_documents_are_kept_for_ever_where_that_is_asked(
    tmp_path: Path, clocks: Clocks
) -> None:
    house = House(tmp_path, clocks, None)
    document = (await (await house.open()).create("me")).id
    await house.close()
    clocks.restart(10 * YEAR)

    await house.open()

    assert await house.ids() == [document]
    await house.close()


@pytest.mark.parametrize("jump", [2 * YEAR, -2 * YEAR])
async def test_a_date_that_jumps_while_the_service_runs_ends_nothing(
    house: House, clocks: Clocks, jump: float
) -> None:
    documents = await house.open()
    document = (await documents.create("me")).id
    clocks.set_date(jump)

    await house.retention.sweep()
    assert await house.ids() == [document]

    clocks.run(DAY * 1.1)
    await house.retention.sweep()
    assert await house.ids() == []
    await house.close()


@pytest.mark.parametrize("jump", [2 * YEAR, -2 * YEAR])
async def test_a_date_that_jumps_between_two_services_ends_nothing(
    house: House, clocks: Clocks, jump: float
) -> None:
    document = (await (await house.open()).create("me")).id
    await house.close()
    clocks.set_date(jump)

    await house.open()

    assert await house.ids() == [document]
    await house.close()


async def test_a_job_is_forgotten_after_its_document(house: House, clocks: Clocks) -> None:
    """What was asked for tells as much as the pages did."""
    documents = await house.open()
    kept = (await documents.create("me")).id
    made = clocks.at.wall
    ended = [("gone", "doc_x", made), ("kept", kept, made), ("late", "doc_x", made + DAY)]

    def add(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT INTO jobs (id, owner, state, request, document, created, changed)"
            " VALUES (?, 'me', 'failed', '', ?, 0, ?)",
            ended,
        )

    await house.store.database.write(add)
    clocks.run(DAY + 1)
    house.busy = {kept}
    await house.retention.sweep()

    rows = await house.store.database.read(
        lambda connection: connection.execute("SELECT id FROM jobs ORDER BY rowid").fetchall()
    )
    assert [name for (name,) in rows] == ["kept", "late"]
    await house.close()


@pytest.mark.parametrize("off", [2 * YEAR, 3 * DAY])
async def test_a_restart_leaves_some_time_whatever_the_date_says(
    house: House, clocks: Clocks, off: float
) -> None:
    """Two years off the shelf, or a dead battery: nobody can tell. Neither ends all at once."""
    document = (await (await house.open()).create("me")).id
    await house.close()
    clocks.restart(off)

    await house.open()
    clocks.run(DAY * GRACE * 0.5)
    await house.retention.sweep()
    assert await house.ids() == [document]

    clocks.run(DAY * GRACE)
    await house.retention.sweep()
    assert await house.ids() == []
    await house.close()


async def test_a_second_is_a_second(tmp_path: Path) -> None:
    """With the computer's own clocks."""
    store = await Store.open(tmp_path / "store", key="file")
    documents = Documents(store, Keeping(retention=1.0))
    audit = Audit(tmp_path / "audit")
    retention = Retention(documents, seconds=1.0, audit=audit, busy=set)
    await retention.start(0.0)
    listening = store.events.subscribe("me")
    document = (await documents.create("me")).id

    changes = [(await anext(listening)).data["change"] for _ in range(2)]

    assert changes == ["created", "deleted"]
    with pytest.raises(NotFound):
        await documents.get("me", document)
    await retention.close()
    audit.close()
    await store.close()


# --- quota


async def test_each_owner_has_a_quota_of_pages(store: Store, take_in: TakeIn) -> None:
    documents = Documents(store, Keeping(quota=Quota(pages=2)))
    mine = (await documents.create("me")).id
    yours = (await documents.create("https://you.example")).id
    for _ in range(2):
        await take_in(documents, mine)

    with pytest.raises(QuotaReached, match="2 of 2 pages"):
        await take_in(documents, mine)
    await take_in(documents, yours, owner="https://you.example")

    (first, _) = (await documents.get("me", mine)).pages
    await documents.remove("me", [first])
    await take_in(documents, mine)


async def test_pages_on_their_way_count(store: Store, begun: PageBegun, take_in: TakeIn) -> None:
    """Two scans at once must not get past the quota together."""
    documents = Documents(store, Keeping(quota=Quota(pages=1)))
    document = (await documents.create("me")).id
    coming = await documents.receive("me", document, job=None, begun=begun)

    with pytest.raises(QuotaReached):
        await documents.receive("me", document, job=None, begun=begun)
    await coming.drop()
    await coming.drop()

    await take_in(documents, document)
    with pytest.raises(QuotaReached):
        await take_in(documents, document)


async def test_each_owner_has_a_quota_of_bytes(store: Store, take_in: TakeIn) -> None:
    documents = Documents(store, Keeping(quota=Quota(mib=1)))
    document = (await documents.create("me")).id
    await take_in(documents, document, os.urandom(1_100_000))

    with pytest.raises(QuotaReached, match="1 of 1 MiB"):
        await take_in(documents, document)


@pytest.mark.parametrize("quota", [Quota(total_pages=2), Quota(total_mib=1)])
async def test_all_owners_share_one_quota(store: Store, take_in: TakeIn, quota: Quota) -> None:
    documents = Documents(store, Keeping(quota=quota))
    for owner in ("me", "https://you.example"):
        document = (await documents.create(owner)).id
        await take_in(documents, document, os.urandom(600_000), owner=owner)

    with pytest.raises(QuotaReached, match="The store has"):
        await take_in(documents, document, owner="https://you.example")


async def test_a_large_disk_stops_long_before_it_is_full(
    documents: Documents, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other programs of the person need room as well."""
    document = (await documents.create("me")).id
    real = os.statvfs("/")
    free = room.LOW // real.f_frsize

    def large_disk(left: int) -> os.statvfs_result:
        values = list(real)
        values[2], values[4] = 1 << 30, left  # blocks, and those that are free for anybody
        return os.statvfs_result(values)

    monkeypatch.setattr(os, "statvfs", lambda _: large_disk(free - 1))
    with pytest.raises(DiskFull, match="256 MiB"):
        await take_in(documents, document)

    monkeypatch.setattr(os, "statvfs", lambda _: large_disk(free))
    await take_in(documents, document)


async def test_a_disk_that_fills_up_is_told_before_it_stops(
    documents: Documents, store: Store, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, to everybody; and again when there is room, which deleting may make."""
    document = (await documents.create("me")).id
    real = os.statvfs("/")
    listening = store.events.subscribe("https://you.example")

    def leave(mib: int) -> None:
        values = list(real)
        values[2], values[4] = 1 << 30, (mib << 20) // real.f_frsize
        monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(values))

    leave(1024)
    await take_in(documents, document)
    leave(1023)
    page = await take_in(documents, document)
    await take_in(documents, document)
    assert (await documents.free()).low
    leave(2000)
    await documents.remove("me", [page.id])

    told = [(await anext(listening)).data for _ in range(2)]
    assert told == [
        {"low_disk": True, "free_bytes": 1023 << 20},
        {"low_disk": False, "free_bytes": 2000 << 20},
    ]
