"""Pages are copied, documents split and merged: nothing is lost, and nothing is written twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sheetfed.api.errors import BadRequest, Conflict, NotFound, QuotaReached
from sheetfed.documents import Documents
from sheetfed.keeping import Keeping, Quota
from sheetfed.store.folder import Store
from sheetfed.store.labels import Info
from sheetfed.store.pages import PageRow
from sheetfed.store.transfers import Part
from sheetfed.worker.wire import PageBegun

TakeIn = Callable[..., Awaitable[PageRow]]


@pytest.fixture
async def three(documents: Documents, take_in: TakeIn) -> tuple[str, list[str]]:
    """Return a document and its three pages."""
    document = (await documents.create("me", "Letters")).id
    pages = [(await take_in(documents, document, data)).id for data in (b"one", b"two", b"three")]
    return document, pages


async def whole(documents: Documents, page_id: str) -> bytes:
    row = await documents.page("me", page_id)
    return (await documents.loaded("me", row)).data


def blobs(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "blobs").iterdir())


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


# --- copies


async def test_a_copy_shares_the_file_and_outlives_its_original(
    documents: Documents, store: Store, folder: Path, three: tuple[str, list[str]]
) -> None:
    """Megabytes are not read to be written again, and the last one keeps the file."""
    document, (a, b, c) = three
    other = (await documents.create("me")).id
    files = blobs(folder)

    row = await documents.copy_to("me", [b, a], other, None)
    inside = await documents.copy_to("me", [c], document, a)

    assert blobs(folder) == files
    assert [await whole(documents, page) for page in row.pages] == [b"two", b"one"]
    assert [await whole(documents, page) for page in inside.pages] == [
        b"three",
        b"one",
        b"two",
        b"three",
    ]
    copied = await documents.page("me", row.pages[0])
    picture = await documents.picture("me", copied.id, "thumbnail")
    assert picture
    assert picture.data == b"thumbnail of two"
    assert copied.job is None

    await documents.delete("me", document)

    assert [await whole(documents, page) for page in row.pages] == [b"two", b"one"]
    assert len(blobs(folder)) == 2
    await documents.remove("me", row.pages)
    assert blobs(folder) == []


async def test_a_copy_has_a_life_of_its_own(
    documents: Documents, begun: PageBegun, take_in: TakeIn
) -> None:
    """What a step makes of the original does not change the copy, or the other way round."""
    document = (await documents.create("me")).id
    page = (await take_in(documents, document, b"before")).id
    copy = (await documents.copy_to("me", [page], document, None)).pages[1]
    came = await documents.loaded("me", await documents.page("me", page))
    made = type(came)(data=b"after", media_type="image/png", width=1, height=1)

    await documents.put_stepped("me", page, came, [made])

    assert await whole(documents, page) == b"after"
    assert await whole(documents, copy) == b"before"


async def test_a_copy_is_told_as_a_page_that_was_added(
    documents: Documents, store: Store, three: tuple[str, list[str]]
) -> None:
    document, (a, *_) = three
    listening = store.events.subscribe("me")

    row = await documents.copy_to("me", [a], document, a)

    page, changed = (await anext(listening)).data, (await anext(listening)).data
    assert (page["id"], page["change"], page["position"]) == (row.pages[0], "added", 0)
    assert (changed["id"], changed["version"]) == (document, row.version)


async def test_a_document_is_copied_whole(
    documents: Documents, folder: Path, three: tuple[str, list[str]]
) -> None:
    document, (a, b, c) = three
    await documents.describe("me", document, tags=["tax"], info={"author": "Ada"})
    await documents.tag("me", document, [b], add=["signed"])
    files = blobs(folder)

    row = await documents.duplicate("me", document)
    named = await documents.duplicate("me", document, "Another")

    assert (row.title, row.tags, row.info) == ("Letters", ("tax",), Info(author="Ada"))
    assert named.title == "Another"
    assert not {a, b, c} & {*row.pages, *named.pages}
    assert [page.tags for page in await documents.pages("me", row.id)] == [(), ("signed",), ()]
    assert blobs(folder) == files


async def test_private_pages_come_into_no_kept_document(
    documents: Documents, take_in: TakeIn, folder: Path
) -> None:
    """Their keys are in memory only; a copy, a merge or a move must not write them down."""
    kept = (await documents.create("me")).id
    private = (await documents.create("me", private=True)).id
    page = (await take_in(documents, private, b"secret")).id
    own = (await take_in(documents, kept, b"open")).id

    for refused in (
        documents.copy_to("me", [page], kept, None),
        documents.move_to("me", [page], kept, None),
        documents.merge("me", kept, [private]),
    ):
        with pytest.raises(Conflict):
            await refused
    assert (await documents.get("me", kept)).pages == (own,)
    assert (await documents.duplicate("me", private)).private
    assert all(row.private for row in await documents.split("me", private, []))
    copied = await documents.copy_to("me", [own], private, None)
    assert await whole(documents, copied.pages[1]) == b"open"


# --- split and merge


async def test_a_document_is_split_and_merged_again(
    documents: Documents, three: tuple[str, list[str]]
) -> None:
    document, (a, b, c) = three
    await documents.describe("me", document, tags=["tax"])

    rows = await documents.split("me", document, [Part(first=c, title="End"), Part(first=b)])

    assert [row.pages for row in rows] == [(a,), (b,), (c,)]
    assert [row.title for row in rows] == ["Letters", "Letters (2)", "End"]
    assert [row.tags for row in rows] == [("tax",)] * 3
    assert [await whole(documents, page) for page in (a, b, c)] == [b"one", b"two", b"three"]

    merged = await documents.merge("me", rows[2].id, [rows[0].id, rows[1].id], before=c)

    assert merged.pages == (a, b, c)
    for gone in rows[:2]:
        with pytest.raises(NotFound):
            await documents.get("me", gone.id)
    assert [await whole(documents, page) for page in (a, b, c)] == [b"one", b"two", b"three"]


async def test_fronts_and_backs_of_two_documents_become_one(
    documents: Documents, take_in: TakeIn
) -> None:
    """Manual duplex: the backs come last sheet first, because the stack was turned."""
    fronts, backs = [(await documents.create("me")).id for _ in range(2)]
    for number in (1, 2, 3):
        await take_in(documents, fronts, f"{number} front".encode())
    for number in (3, 2, 1):
        await take_in(documents, backs, f"{number} back".encode())

    row = await documents.merge("me", fronts, [backs], rule="interleave-reversed")

    assert [await whole(documents, page) for page in row.pages] == [
        f"{number} {side}".encode() for number in (1, 2, 3) for side in ("front", "back")
    ]
    apart = await documents.rule("me", fronts, "deinterleave-reversed")
    again = await documents.rule("me", fronts, "interleave-reversed")
    assert [await whole(documents, page) for page in apart.pages] == [
        *(f"{number} front".encode() for number in (1, 2, 3)),
        *(f"{number} back".encode() for number in (3, 2, 1)),
    ]
    assert again.pages == row.pages


@pytest.mark.parametrize(
    "change",
    [
        lambda documents, document, _: documents.split("me", document, [Part(first="pg_0")]),
        lambda documents, document, pages: documents.split("me", document, [Part(first=pages[0])]),
        lambda documents, document, pages: documents.split(
            "me", document, [Part(first=pages[1]), Part(first=pages[1])]
        ),
        lambda documents, document, _: documents.merge("me", document, [document]),
        lambda documents, document, _: documents.merge("me", document, ["doc_0"]),
        lambda documents, document, pages: documents.merge(
            "me", document, [], pages[0], rule="interleave"
        ),
        lambda documents, document, _: documents.duplicate("me", document, pages=["pg_0"]),
        lambda documents, document, _: documents.rule("me", document, "interleave", fronts=4),
        lambda documents, document, pages: documents.rule(
            "me", document, "reverse", pages=[pages[0], pages[0]]
        ),
        lambda documents, document, pages: documents.copy_to("me", [pages[0]] * 2, document, None),
        lambda documents, document, pages: documents.copy_to("me", pages, document, "pg_0"),
        lambda documents, document, _: documents.tag("me", document, "all", add=[" "]),
        lambda documents, document, _: documents.tag("me", document, "all", add=["two\nlines"]),
        lambda documents, document, _: documents.describe("me", document, tags=["\x1b[2J"]),
    ],
)
async def test_what_cannot_be_leaves_the_document_as_it_was(
    documents: Documents,
    three: tuple[str, list[str]],
    change: Callable[[Documents, str, list[str]], Awaitable[Any]],
) -> None:
    document, pages = three
    before = await documents.whole("me", document)

    with pytest.raises((BadRequest, NotFound)):
        await change(documents, document, pages)

    assert await documents.whole("me", document) == before
    assert [row.id for row in (await documents.list("me"))[0]] == [document]


async def test_a_document_that_is_scanned_into_is_not_merged_away(
    documents: Documents, three: tuple[str, list[str]]
) -> None:
    """Its job would have no place for the next sheet."""
    document, _ = three
    other = (await documents.create("me")).id

    with pytest.raises(Conflict):
        await documents.merge("me", other, [document], busy={document})


# --- a place for what comes


async def test_a_page_comes_in_before_another_one(
    documents: Documents, begun: PageBegun, three: tuple[str, list[str]]
) -> None:
    """Or at the end, where that one was deleted meanwhile: a sheet that is through is kept."""
    document, (a, b, c) = three
    first, second = [
        await documents.receive("me", document, job=None, begun=begun, before=b) for _ in range(2)
    ]
    x = (await first.keep(width=1, height=1)).id
    y = await second.keep(width=1, height=1)

    assert (await documents.get("me", document)).pages == (a, x, y.id, b, c)
    assert y.position == 2
    late = await documents.receive("me", document, job=None, begun=begun, before=b)
    await documents.remove("me", [b])
    z = (await late.keep(width=1, height=1)).id
    assert (await documents.get("me", document)).pages == (a, x, y.id, c, z)
    assert [page.position for page in await documents.pages("me", document)] == [*range(5)]


# --- tags and info


async def test_tags_are_trimmed_sorted_and_kept_once(
    documents: Documents, three: tuple[str, list[str]]
) -> None:
    document, (a, b, c) = three

    await documents.tag("me", document, "odd", add=["  b ", "a", "a"])
    await documents.tag("me", document, [c], add=["c"], remove=["a"])
    same = await documents.tag("me", document, "even", remove=["a"])
    await documents.describe("me", document, tags=["z"])

    assert [page.tags for page in await documents.pages("me", document)] == [
        ("a", "b"),
        (),
        ("b", "c"),
    ]
    assert same.version == (await documents.get("me", document)).version - 1
    _, tagged, rest = await documents.part("me", document, tag="b", limit=1)
    _, more, end = await documents.part("me", document, tag="b", limit=1, after=rest)
    assert ([row.id for row in tagged], [row.id for row in more], end) == ([a], [c], None)
    used = await documents.tags("me")
    assert {tag: (use.documents, use.pages) for tag, use in used.items()} == {
        "a": (0, 1),
        "b": (0, 2),
        "c": (0, 1),
        "z": (1, 0),
    }
    assert await documents.tags("you") == {}
    assert [row.id for row in (await documents.list("me", tag="z"))[0]] == [document]
    assert (await documents.list("me", tag="b"))[0] == []
    assert b not in {row.id for row in tagged}


async def test_tags_and_info_rest_sealed_and_move_along(
    documents: Documents, store: Store, folder: Path, take_in: TakeIn
) -> None:
    """They say what a page is about, as titles and marks do."""
    document, other = [(await documents.create("me")).id for _ in range(2)]
    page = (await take_in(documents, document)).id
    await documents.tag("me", document, "all", add=["MARKER tag"])
    await documents.describe(
        "me", document, tags=["MARKER too"], info={"fields": {"MARKER": "MARKER"}}
    )

    await documents.move_to("me", [page], other, None)
    await store.close()

    assert b"MARKER" not in everything(folder)
    again = await Store.open(folder)
    documents = Documents(again)
    assert (await documents.page("me", page)).tags == ("MARKER tag",)
    assert (await documents.get("me", document)).info.fields == {"MARKER": "MARKER"}
    await again.close()


# --- limits of a document


@pytest.mark.parametrize(
    ("quota", "named"),
    [(Quota(document_pages=2), "document_pages"), (Quota(document_mib=1), "document_mib")],
)
async def test_a_document_has_limits(
    store: Store, take_in: TakeIn, begun: PageBegun, quota: Quota, named: str
) -> None:
    """Pages that come in, move in and are copied in are held to the same limit."""
    documents = Documents(store, Keeping(quota=quota))
    full, other = [(await documents.create("me")).id for _ in range(2)]
    for document in (full, other):
        for _ in range(2):
            await take_in(documents, document, b"x" * (600 << 10))
    page = (await documents.get("me", other)).pages[0]
    own = (await documents.get("me", full)).pages[0]

    for refused in (
        documents.receive("me", full, job=None, begun=begun),
        documents.move_to("me", [page], full, None),
        documents.copy_to("me", [own], full, None),
        documents.merge("me", full, [other]),
    ):
        with pytest.raises(QuotaReached) as error:
            await refused
        assert error.value.details["quota"] == named
    assert len((await documents.get("me", full)).pages) == 2
    new = (await documents.create("me")).id
    await documents.move_to("me", [page], new, None)  # there is room elsewhere
    await documents.split("me", full, [Part(first=(await documents.get("me", full)).pages[1])])


async def test_copies_count_against_the_quota(store: Store, take_in: TakeIn) -> None:
    """Or a site could fill the database with rows that cost it nothing."""
    documents = Documents(store, Keeping(quota=Quota(pages=3)))
    document = (await documents.create("me")).id
    pages = [(await take_in(documents, document)).id for _ in range(2)]

    with pytest.raises(QuotaReached):
        await documents.copy_to("me", pages, document, None)
    with pytest.raises(QuotaReached):
        await documents.duplicate("me", document)
    await documents.copy_to("me", pages[:1], document, None)

    assert len((await documents.list("me"))[0]) == 1


# --- many pages


async def test_a_change_of_many_pages_is_told_once(
    documents: Documents, store: Store, take_in: TakeIn
) -> None:
    """Two thousand events at once would end every stream that listens."""
    document = (await documents.create("me")).id
    pages = [(await take_in(documents, document)).id]
    while len(pages) < 128:
        row = await documents.copy_to("me", pages, document, None)
        pages = [*row.pages]
    listening = store.events.subscribe("me")

    await documents.tag("me", document, "all", add=["x"])
    copy = await documents.duplicate("me", document)
    await documents.remove("me", pages)
    await documents.remove_from("me", copy.id, "all")

    told = [(await anext(listening)) for _ in range(5)]
    assert [(event.topic, event.data["change"], event.data["id"]) for event in told] == [
        ("document", "changed", document),
        ("document", "created", copy.id),
        ("document", "changed", copy.id),
        ("document", "changed", document),
        ("document", "changed", copy.id),
    ]
