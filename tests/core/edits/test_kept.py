"""Edits are kept with their page: sealed, all or none, and safe at any moment."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sheetfed.api.errors import Conflict, NotFound, Stale
from sheetfed.api.model import PageInfo
from sheetfed.documents import Documents
from sheetfed.store import log
from sheetfed.store.edits import Turn
from sheetfed.store.folder import Store
from sheetfed.store.history import UNEDITED, Done, History
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun

BEGUN = PageBegun(
    number=1,
    media_type="image/png",
    width=10,
    height=10,
    mode=None,
    dpi=(100.0, 100.0),
    side="",
)
SMALLER = PageInfo(width=4, height=5, dpi=(50.0, 50.0))


async def opened(folder: Path) -> tuple[Store, Documents]:
    store = await Store.open(folder)
    return store, Documents(store)


async def page_in(documents: Documents, document: str, *, unstepped: bool = False) -> PageRow:
    incoming = await documents.receive("me", document, job=None, begun=BEGUN, unstepped=unstepped)
    await incoming.write(b"page")
    row = await incoming.keep(width=10, height=10)
    return await documents.page("me", row.id)


def edited(page: PageRow, name: str = "crop") -> dict[str, Turn]:
    done = Done(name=name, options={"text": "a secret word"}, page=SMALLER)
    return {
        page.id: Turn(before=page.history, after=page.history.grown([done], without_last=False))
    }


async def test_an_edited_page_tells_how_it_is_shown(tmp_path: Path) -> None:
    store, documents = await opened(tmp_path / "store")
    document = (await documents.create("me")).id
    page = await page_in(documents, document)

    await documents.edit("me", document, edited(page))
    after = await documents.page("me", page.id)

    assert (page.shown.width, after.shown) == (10, SMALLER)
    assert (after.width, after.height, after.etag) == (10, 10, page.etag)
    assert after.shown_etag != page.shown_etag == page.etag
    events = await store.database.read(lambda c: log.replay(c, 0, "me"))
    assert events
    assert [event.data["change"] for event in events if event.topic == "page"] == [
        "added",
        "edited",
    ]
    await store.close()


async def test_two_tabs_cannot_undo_one_another_s_edits_unseen(tmp_path: Path) -> None:
    """The second one looked at a page that is no longer so."""
    store, documents = await opened(tmp_path / "store")
    document = (await documents.create("me")).id
    page = await page_in(documents, document)
    other = await page_in(documents, document)

    await documents.edit("me", document, edited(page))
    with pytest.raises(Stale):
        await documents.edit("me", document, edited(other) | edited(page, "flip"))

    assert (await documents.page("me", other.id)).history == UNEDITED
    assert [one.name for one in (await documents.page("me", page.id)).history.edits] == ["crop"]
    with pytest.raises(Stale):
        await documents.edit("me", document, edited(other), version=1)
    await store.close()


async def test_a_page_that_is_gone_or_not_ready_is_not_edited(tmp_path: Path) -> None:
    store, documents = await opened(tmp_path / "store")
    document = (await documents.create("me")).id
    page, waiting = (
        await page_in(documents, document),
        await page_in(documents, document, unstepped=True),
    )
    both = edited(page) | edited(waiting)

    with pytest.raises(Conflict):
        await documents.edit("me", document, both)
    await documents.remove("me", [waiting.id])
    with pytest.raises(NotFound):
        await documents.edit("me", document, both)
    with pytest.raises(NotFound):
        await documents.edit("somebody else", document, edited(page))

    assert (await documents.page("me", page.id)).history == UNEDITED
    await store.close()


async def test_edits_move_with_their_page_and_rest_sealed(tmp_path: Path) -> None:
    """Into a private document too, where another key seals them."""
    store, documents = await opened(tmp_path / "store")
    document = (await documents.create("me")).id
    private = (await documents.create("me", private=True)).id
    page = await page_in(documents, document)
    await documents.edit("me", document, edited(page))
    with sqlite3.connect(f"file:{store.path}/store.db?mode=ro", uri=True) as raw:
        dump = repr(raw.execute("SELECT * FROM pages").fetchall())

    await documents.move_to("me", [page.id], private, None)

    moved = await documents.page("me", page.id)
    assert moved.history.in_force[0].options == {"text": "a secret word"}
    assert "secret word" not in dump
    assert "crop" not in dump
    await store.close()


EDITING = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_kept import edited, opened, page_in

async def main():
    store, documents = await opened(Path(sys.argv[1]))
    document = (await documents.create("me")).id
    pages = [await page_in(documents, document) for _ in range(3)]
    print(document, flush=True)
    for number in range(10_000):
        turns = {}
        for page in await documents.pages("me", document):
            turns |= edited(page, f"edit-{number}")
            if page.history.count > 150:
                turns[page.id] = type(turns[page.id])(page.history, page.history.undone(every=True))
        await documents.edit("me", document, turns)
        print(number, flush=True)

asyncio.run(main())
"""


def test_a_kill_loses_no_edit_and_leaves_no_half(tmp_path: Path) -> None:
    """Three pages are edited together again and again: all have it or none has."""
    folder = tmp_path / "store"
    with subprocess.Popen(
        [sys.executable, "-c", EDITING, folder, Path(__file__).parent],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout
        document = child.stdout.readline().strip()
        said = [child.stdout.readline() for _ in range(40)]
        child.kill()
        said += child.stdout.read().splitlines(keepends=True)
    last = int([line for line in said if line.endswith("\n")][-1])

    async def kept() -> list[History]:
        store, documents = await opened(folder)
        pages = await documents.pages("me", document)
        await store.close()
        return [page.history for page in pages]

    histories = asyncio.run(kept())

    assert len(histories) == 3
    assert len({repr(history) for history in histories}) == 1
    assert histories[0].count >= last + 1
