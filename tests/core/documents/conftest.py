"""A store, its documents, and pages to put there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from sheetfed.documents import Documents
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import PageBegun, PicturePart

TakeIn = Callable[..., Awaitable[PageRow]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest_asyncio.fixture
async def store(folder: Path) -> AsyncIterator[Store]:
    store = await Store.open(folder)
    yield store
    await store.close()


@pytest.fixture
def documents(store: Store) -> Documents:
    return Documents(store)


@pytest.fixture
def begun() -> PageBegun:
    return PageBegun(
        number=1,
        media_type="image/png",
        width=100,
        height=None,
        mode="gray",
        dpi=(300.0, 200.0),
        side="front",
    )


@pytest.fixture
def take_in(begun: PageBegun) -> TakeIn:
    """Take in a page: its data, with a preview and a thumbnail told by its first bytes."""

    async def take_in(
        documents: Documents, document: str, data: bytes = b"page", *, owner: str = "me"
    ) -> PageRow:
        incoming = await documents.receive(owner, document, job="job_1", begun=begun)
        try:
            await incoming.write(data)
            await incoming.picture(picture("preview", b"preview of " + data[:20]))
            await incoming.picture(picture("thumbnail", b"thumbnail of " + data[:20]))
            return await incoming.keep(width=100, height=140)
        finally:
            await incoming.drop()

    return take_in


def picture(kind: str, data: bytes) -> PicturePart:
    assert kind in {"preview", "thumbnail"}
    return PicturePart(
        kind="preview" if kind == "preview" else "thumbnail",
        media_type="image/jpeg",
        width=10,
        height=14,
        data=data,
    )
