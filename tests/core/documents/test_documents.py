"""Pages are kept as they came, each owner's for themselves."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sheetfed.api.errors import BadRequest, NotFound, Stale, StoreDamaged
from sheetfed.api.model import Box, Mark
from sheetfed.documents import Documents
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow
from sheetfed.store.transfers import Part
from sheetfed.worker.wire import PageBegun, PicturePart

TakeIn = Callable[..., Awaitable[PageRow]]

MARK = Mark(
    kind="barcode",
    value="4006381333931",
    by="barcode",
    box=Box(left=1, top=2, width=3, height=4),
    corners=((1.5, 2), (4, 2), (4, 6), (1.5, 6)),
    details={"format": "EAN-13"},
)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "blobs").iterdir())


async def whole(documents: Documents, page_id: str, owner: str = "me") -> bytes:
    original = await documents.original(owner, page_id)
    try:
        return bytes(await original.read(0, original.size + 1))
    finally:
        await original.close()


async def test_a_page_is_kept_as_it_came(
    documents: Documents, begun: PageBegun, store: Store, folder: Path
) -> None:
    document = await documents.create("me", "Letters")
    listening = store.events.subscribe("me")
    pieces = [random.Random(1).randbytes(size) for size in (300_000, 0, 1, 70_000)]
    incoming = await documents.receive("me", document.id, job="job_1", begun=begun)
    for piece in pieces:
        await incoming.write(piece)
    kept = await incoming.keep(width=100, height=140, marks=[MARK])

    told = (await anext(listening)).data
    await store.close()
    again = await Store.open(folder)
    documents = Documents(again)
    [row] = await documents.pages("me", document.id)
    assert row == kept == await documents.page("me", kept.id)
    assert (row.width, row.height, row.dpi, row.side) == (100, 140, (300.0, 200.0), "front")
    assert (row.size, row.position, row.job, row.marks) == (370_001, 0, "job_1", (MARK,))
    assert await whole(documents, row.id) == b"".join(pieces)
    assert told["change"] == "added"
    assert told["id"] == row.id
    assert told["version"] == 2
    assert (await documents.get("me", document.id)).version == 2
    await again.close()


async def test_ranges_and_pictures_can_be_read(documents: Documents, take_in: TakeIn) -> None:
    document = await documents.create("me")
    data = random.Random(2).randbytes(700_000)
    row = await take_in(documents, document.id, data)

    original = await documents.original("me", row.id)
    assert await original.read(262_100, 300) == data[262_100:262_400]
    assert await original.read(699_999, 100) == data[-1:]
    assert await original.read(700_000, 100) == b""
    await original.close()
    for kind in ("preview", "thumbnail"):
        part = await documents.picture("me", row.id, kind)
        assert part
        assert part.data == kind.encode() + b" of " + data[:20]
        assert (part.kind, part.width, part.height) == (kind, 10, 14)


async def test_nothing_is_there_before_keep_and_nothing_after_drop(
    documents: Documents, begun: PageBegun, folder: Path
) -> None:
    document = await documents.create("me")
    incoming = await documents.receive("me", document.id, job=None, begun=begun)
    await incoming.write(bytes(600_000))

    assert await documents.pages("me", document.id) == []
    await incoming.drop()
    await incoming.drop()
    assert files(folder) == []


async def test_a_page_for_a_document_that_went_is_not_kept(
    documents: Documents, begun: PageBegun, folder: Path
) -> None:
    document = await documents.create("me")
    incoming = await documents.receive("me", document.id, job=None, begun=begun)
    await incoming.write(b"late")
    await documents.delete("me", document.id)

    with pytest.raises(NotFound):
        await incoming.keep(width=1, height=1)
    assert files(folder) == []


@pytest.mark.parametrize("wait", range(0, 30, 3))
async def test_a_cancelled_keep_keeps_the_page_whole_or_not_at_all(
    documents: Documents, begun: PageBegun, folder: Path, wait: int
) -> None:
    document = await documents.create("me")
    incoming = await documents.receive("me", document.id, job=None, begun=begun)
    await incoming.write(b"page" * 1000)
    task = asyncio.create_task(incoming.keep(width=1, height=1))
    await asyncio.sleep(wait / 10_000)
    task.cancel()
    await asyncio.wait([task])
    await incoming.drop()

    await documents.describe("me", document.id, title="after")
    rows = await documents.pages("me", document.id)
    assert [file.name for file in files(folder)] == [row.blob for row in rows]
    for row in rows:
        assert await whole(documents, row.id) == b"page" * 1000


async def test_a_later_picture_takes_the_place_of_the_first(
    documents: Documents, take_in: TakeIn, folder: Path
) -> None:
    document = await documents.create("me")
    row = await take_in(documents, document.id)
    for data in (b"second", b"third"):
        part = PicturePart(kind="thumbnail", media_type="image/webp", width=5, height=6, data=data)
        await documents.keep_picture("me", row.id, part)
        assert await documents.picture("me", row.id, "thumbnail") == part

    assert len(files(folder)) == 2
    preview = await documents.picture("me", row.id, "preview")
    assert preview
    assert preview.data == b"preview of page"
    await documents.remove("me", [row.id])
    assert files(folder) == []


async def test_a_page_without_pictures_has_none(documents: Documents, begun: PageBegun) -> None:
    document = await documents.create("me")
    incoming = await documents.receive("me", document.id, job=None, begun=begun)
    row = await incoming.keep(width=1, height=1)

    assert await documents.picture("me", row.id, "thumbnail") is None
    assert await whole(documents, row.id) == b""


async def test_another_owner_is_told_the_same_as_of_what_never_was(
    documents: Documents, take_in: TakeIn, begun: PageBegun
) -> None:
    """One web page must not learn that another one's document exists."""
    mine = (await documents.create("me")).id
    page = (await take_in(documents, mine)).id
    other = (await documents.create("you")).id
    own = (await take_in(documents, other, owner="you")).id
    part = PicturePart(kind="preview", media_type="image/png", width=1, height=1, data=b"")

    def questions(document: str, page: str) -> list[Awaitable[Any]]:
        return [
            documents.get("you", document),
            documents.pages("you", document),
            documents.page("you", page),
            documents.receive("you", document, job=None, begun=begun),
            documents.describe("you", document, title="x"),
            documents.delete("you", document),
            documents.order("you", document, [page]),
            documents.move("you", document, [page], None),
            documents.swap("you", document, page, page),
            documents.remove("you", [page]),
            documents.remove_from("you", document, [own]),
            documents.remove_from("you", other, [page]),
            documents.move_to("you", [page], other, None),
            documents.move_to("you", [own], document, None),
            documents.move_to("you", [own], other, page),
            documents.copy_to("you", [page], other, None),
            documents.copy_to("you", [own], document, None),
            documents.copy_to("you", [own], other, page),
            documents.duplicate("you", document),
            documents.split("you", document, [Part(first=own)]),
            documents.split("you", other, [Part(first=page)]),
            documents.merge("you", document, [other]),
            documents.merge("you", other, [document]),
            documents.merge("you", other, [], before=page),
            documents.rule("you", document, "reverse"),
            documents.rule("you", other, "reverse", pages=[page]),
            documents.tag("you", document, "all", add=["x"]),
            documents.tag("you", other, [page], add=["x"]),
            documents.part("you", document),
            documents.order("you", other, [page]),
            documents.original("you", page),
            documents.picture("you", page, "preview"),
            documents.keep_picture("you", page, part),
        ]

    for theirs, unknown in zip(questions(mine, page), questions("doc_0", "pg_0"), strict=True):
        with pytest.raises(NotFound) as first:
            await theirs
        with pytest.raises(NotFound) as second:
            await unknown
        told = first.value.message.replace(mine, "doc_0").replace(page, "pg_0")
        assert told == second.value.message

    await documents.delete_all("you")
    assert await documents.list("you") == ([], None)
    assert [row.id for row in (await documents.list("me"))[0]] == [mine]
    assert await whole(documents, page) == b"page"
    assert await documents.pages_of_job("you", "job_1") == []
    assert [row.id for row in await documents.pages_of_job("me", "job_1")] == [page]


async def test_the_newest_documents_come_first_in_pieces(documents: Documents) -> None:
    made = [(await documents.create("me", str(number))).id for number in range(7)]
    await documents.create("you")

    found: list[str] = []
    after = None
    while True:
        rows, after = await documents.list("me", limit=3, after=after)
        found += [row.id for row in rows]
        await documents.create("me", "made while reading")
        if after is None:
            break

    assert found == made[::-1]


@pytest.mark.parametrize("cursor", ["", "1", "=====", "é", "A" * 200, "doc_0", "\0", "_" * 11])
async def test_a_made_up_cursor_is_refused(documents: Documents, cursor: str) -> None:
    with pytest.raises(BadRequest):
        await documents.list("me", after=cursor)


async def test_a_change_of_an_older_version_is_stale(documents: Documents, take_in: TakeIn) -> None:
    document = await documents.create("me")
    pages = [(await take_in(documents, document.id)).id for _ in range(3)]
    version = (await documents.get("me", document.id)).version
    assert version == 4
    assert (await documents.describe("me", document.id, title="new", version=version)).version == 5

    for change in (
        documents.describe("me", document.id, title="newer", version=version),
        documents.order("me", document.id, pages[::-1], version=version),
        documents.move("me", document.id, pages[:1], None, version=version),
        documents.swap("me", document.id, *pages[:2], version=version),
        documents.remove_from("me", document.id, pages[:1], version=version),
    ):
        with pytest.raises(Stale):
            await change
    row = await documents.get("me", document.id)
    assert (row.title, list(row.pages), row.version) == ("new", pages, 5)


async def test_what_changes_nothing_is_no_new_version(
    documents: Documents, take_in: TakeIn
) -> None:
    document = await documents.create("me", "title")
    pages = [(await take_in(documents, document.id)).id for _ in range(2)]

    await documents.describe("me", document.id, title="title")
    await documents.order("me", document.id, pages)
    await documents.move("me", document.id, pages, None)
    await documents.swap("me", document.id, pages[0], pages[0])
    await documents.move_to("me", pages, document.id, None)

    assert (await documents.get("me", document.id)).version == 3


async def test_wrong_orders_are_refused_whole(documents: Documents, take_in: TakeIn) -> None:
    document = (await documents.create("me")).id
    a, b, c = [(await take_in(documents, document)).id for _ in range(3)]
    elsewhere = (await take_in(documents, (await documents.create("me")).id)).id

    for bad in (
        documents.order("me", document, [a, b]),
        documents.order("me", document, [a, b, b]),
        documents.order("me", document, [a, b, c, c]),
        documents.move("me", document, [a, a], None),
        documents.move("me", document, [a, b], b),
        documents.move_to("me", [elsewhere, elsewhere], document, None),
        documents.remove("me", [a, a]),
    ):
        with pytest.raises(BadRequest):
            await bad
    for unknown in (
        documents.order("me", document, [a, b, elsewhere]),
        documents.move("me", document, [elsewhere], None),
        documents.move("me", document, [a], elsewhere),
        documents.swap("me", document, a, elsewhere),
        documents.remove("me", [a, "pg_0"]),
        documents.remove_from("me", document, [a, elsewhere]),
        documents.move_to("me", [elsewhere], document, "pg_0"),
    ):
        with pytest.raises(NotFound):
            await unknown
    assert (await documents.get("me", document)).pages == (a, b, c)


async def test_events_tell_what_changed(
    documents: Documents, take_in: TakeIn, store: Store
) -> None:
    one = (await documents.create("me", "one")).id
    two = (await documents.create("me", "two")).id
    a, b, c = [(await take_in(documents, one)).id for _ in range(3)]
    listening = store.events.subscribe("me")

    await documents.move("me", one, [c], a)
    await documents.move_to("me", [a], two, None)
    await documents.remove("me", [b])
    await documents.delete("me", one)
    listening.close()

    told = [
        (event.topic, event.data["change"], event.data["id"], event.data.get("pages"))
        async for event in listening
    ]
    assert told == [
        ("document", "changed", one, [c, a, b]),
        ("page", "moved", a, None),
        ("document", "changed", one, [c, b]),
        ("document", "changed", two, [a]),
        ("page", "removed", b, None),
        ("document", "changed", one, [c]),
        ("document", "deleted", one, None),
    ]


async def test_a_moved_page_outlives_the_document_it_came_from(
    documents: Documents, take_in: TakeIn
) -> None:
    """Its key was sealed with that document's, and that one is destroyed."""
    one, two = [(await documents.create("me")).id for _ in range(2)]
    row = await take_in(documents, one, b"moved")
    stays = await take_in(documents, two, b"stays")

    await documents.move_to("me", [row.id], two, stays.id)
    await documents.delete("me", one)

    assert (await documents.get("me", two)).pages == (row.id, stays.id)
    assert await whole(documents, row.id) == b"moved"
    part = await documents.picture("me", row.id, "thumbnail")
    assert part
    assert part.data == b"thumbnail of moved"


async def test_a_deleted_document_leaves_no_file_and_no_key(
    documents: Documents, take_in: TakeIn, store: Store, folder: Path
) -> None:
    document = (await documents.create("me", "a secret title")).id
    page = await take_in(documents, document)
    [(sealed,), (page_key,)] = await store.database.read(
        lambda connection: [
            tuple(connection.execute("SELECT sealed FROM keys").fetchone()),
            tuple(connection.execute("SELECT key FROM pages").fetchone()),
        ]
    )
    assert sealed in everything(folder)

    await documents.delete("me", document)

    assert files(folder) == []
    assert sealed not in everything(folder)
    assert page_key not in everything(folder)
    for gone in (documents.get("me", document), documents.original("me", page.id)):
        with pytest.raises(NotFound):
            await gone
    assert (await documents.usage()).pages == 0


async def test_a_removed_page_can_be_read_to_its_end(documents: Documents, take_in: TakeIn) -> None:
    """A download that runs while somebody tidies up must not break."""
    document = (await documents.create("me")).id
    data = random.Random(3).randbytes(900_000)
    row = await take_in(documents, document, data)
    original = await documents.original("me", row.id)
    head = await original.read(0, 1000)

    await documents.remove("me", [row.id])

    assert bytes(head) + await original.read(1000, 900_000) == data
    await original.close()


async def test_a_page_removed_while_it_is_opened_is_gone_not_damaged(
    documents: Documents, take_in: TakeIn
) -> None:
    document = (await documents.create("me")).id
    rows = [await take_in(documents, document) for _ in range(30)]

    async def look_again_and_again(row: PageRow) -> None:
        while True:
            await documents.picture("me", row.id, "thumbnail")
            await (await documents.original("me", row.id)).close()

    async def look(row: PageRow) -> None:
        with pytest.raises(NotFound):
            await look_again_and_again(row)

    for row in rows:
        looking = [asyncio.create_task(look(row)) for _ in range(3)]
        await asyncio.sleep(0.001)
        await documents.remove("me", [row.id])
        await asyncio.gather(*looking)


async def test_usage_counts_pages_and_bytes(documents: Documents, take_in: TakeIn) -> None:
    document = (await documents.create("me")).id
    await take_in(documents, document, b"x" * 1000)
    await take_in(documents, (await documents.create("you")).id, b"y" * 10, owner="you")

    usage = await documents.usage()

    pictures = 2 * len("preview of thumbnail of ") + 2 * (20 + 10)
    assert (usage.pages, usage.bytes) == (2, 1010 + pictures)


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "missing", "swap"])
async def test_a_damaged_page_is_named_and_the_others_stay(
    documents: Documents, take_in: TakeIn, folder: Path, damage: str
) -> None:
    document = (await documents.create("me")).id
    row, other = [await take_in(documents, document, text * 9) for text in (b"one", b"two")]

    break_file(folder / "blobs" / row.blob, folder / "blobs" / other.blob, damage)

    with pytest.raises(StoreDamaged):
        await whole(documents, row.id)
    with pytest.raises(StoreDamaged):
        await documents.picture("me", row.id, "thumbnail")
    if damage != "swap":
        assert await whole(documents, other.id) == b"two" * 9
    await documents.remove("me", [row.id])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pages SET document = (SELECT id FROM documents WHERE owner = 'you')",
        "UPDATE documents SET owner = 'you'",
        "UPDATE keys SET sealed = (SELECT sealed FROM keys ORDER BY document DESC LIMIT 1)",
        "UPDATE keys SET sealed = x'00'",
        "UPDATE pages SET key = zeroblob(60)",
        "UPDATE pages SET size = 1000000",
        "UPDATE pages SET blob = '../master'",
    ],
)
async def test_a_changed_database_opens_no_page_to_another(
    documents: Documents, take_in: TakeIn, store: Store, change: str
) -> None:
    """Whoever can write the database still cannot give one owner's page to another."""
    mine, yours = (await documents.create("me")).id, (await documents.create("you")).id
    if mine > yours:  # the key that takes the other's place must be the other document's
        await documents.delete("me", mine)
        while mine > yours:
            mine = (await documents.create("me")).id
    row = await take_in(documents, mine, b"mine")
    await store.database.write(lambda connection: connection.execute(change))

    for owner in ("you", "me"):
        with pytest.raises((StoreDamaged, NotFound)):
            await documents.original(owner, row.id)


async def test_a_page_is_told_after_the_disk_has_it(folder: Path, begun: PageBegun) -> None:
    """Bytes, name, folder, row, and only then the event: the order that survives a power cut."""
    steps: list[str] = []

    def watch(frame: FrameType, event: str, what: Any) -> None:
        name = what.__name__ if event == "c_call" else frame.f_code.co_name
        caller = frame.f_code.co_name
        if event == "c_call" and name in {"fsync", "rename"}:
            steps.append(name)
        elif event == "c_call" and name == "execute" and caller == "_transact":
            steps.append("transaction")
        elif event == "call" and name == "publish":
            steps.append("told")

    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        store = await Store.open(folder)
        documents = Documents(store)
        document = (await documents.create("me")).id
        incoming = await documents.receive("me", document, job=None, begun=begun)
        await incoming.write(b"page")
        await asyncio.sleep(0)
        steps.clear()
        await incoming.keep(width=1, height=1)
        await asyncio.sleep(0)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    await store.close()

    assert steps == ["fsync", "transaction", "rename", "fsync", "transaction", "told"]


async def test_moving_and_deleting_at_once_loses_no_page(
    documents: Documents, take_in: TakeIn, folder: Path
) -> None:
    one, two = [(await documents.create("me")).id for _ in range(2)]
    texts = {}
    for number in range(30):
        text = b"page %d" % number
        texts[(await take_in(documents, one, text)).id] = text
    ids = list(texts)
    chance = random.Random(5)
    refused = 0

    async def busy() -> None:
        nonlocal refused
        for _ in range(40):
            some = chance.sample(ids, 3)
            before = chance.choice([None, *ids])
            try:
                if chance.random() < 0.5:
                    await documents.move_to("me", some, chance.choice([one, two]), before)
                else:
                    await documents.move("me", chance.choice([one, two]), some, before)
            except (NotFound, BadRequest):
                refused += 1

    async def tidy() -> set[str]:
        gone = chance.sample(ids, 8)
        for page in gone:
            await documents.remove("me", [page])
            await asyncio.sleep(0)
        return set(gone)

    *_, gone = await asyncio.gather(busy(), busy(), tidy())

    left = [page for document in (one, two) for page in await documents.pages("me", document)]
    assert {page.id for page in left} == set(ids) - gone
    assert len(left) == 22
    assert refused < 80
    for document in (one, two):
        rows = await documents.pages("me", document)
        assert [page.position for page in rows] == list(range(len(rows)))
    for page in left:
        assert await whole(documents, page.id) == texts[page.id]
    assert len(files(folder)) == 22


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def break_file(file: Path, other: Path, damage: str) -> None:
    data = file.read_bytes()
    match damage:
        case "flip":
            file.write_bytes(data[:50] + bytes([data[50] ^ 4]) + data[51:])
        case "cut":
            file.write_bytes(data[:-1])
        case "empty":
            file.write_bytes(b"")
        case "missing":
            file.unlink()
        case "swap":
            file.write_bytes(other.read_bytes())
            other.write_bytes(data)


async def test_a_page_that_comes_looks_at_no_page_that_is_there(
    documents: Documents, store: Store, take_in: TakeIn
) -> None:
    """A document may have thousands; each of them would be read twice for every one that comes."""
    document = await documents.create("me", "long")
    await take_in(documents, document.id)
    asked: list[str] = []
    for connection in store.database._connections:
        connection.set_trace_callback(asked.append)

    await take_in(documents, document.id)

    lists = [each for each in asked if each.startswith("SELECT id FROM pages WHERE document")]
    assert any("INSERT INTO pages" in each for each in asked)
    assert lists == []
