"""Codecs and steps in their children."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from sheetfed.api.errors import (
    AddonBroken,
    DriverCrashed,
    DriverTimeout,
    NotFound,
    TooLarge,
    Unreadable,
)
from sheetfed.api.model import Mark, Page, PageInfo
from sheetfed.worker.files import Held

Make = Callable[..., Any]


def line(data: bytes) -> Page:
    return Page(data=data, media_type="text/x-line", width=len(data), height=1)


class Paper:
    """Pages for an encoder, counting how many were taken."""

    def __init__(self, *pages: bytes) -> None:
        self.taken = 0
        self._pages = pages

    async def __aiter__(self) -> AsyncIterator[Page]:
        for page in self._pages:
            self.taken += 1
            yield line(page)


async def written(worker: Any, *pages: bytes, **options: Any) -> bytes:
    return b"".join(
        [piece async for piece in worker.encode(aiter(Paper(*pages)), "text/plain", options)]
    )


async def test_a_file_tells_about_its_pages_and_draws_them(make: Make) -> None:
    worker = make("Text", "codec")

    infos = await worker.info(Held(b"one\nthree"))
    page = await worker.draw(Held(b"one\nthree"), 1, width=2, height=None, media_type="text/x-line")
    loud = await worker.draw(
        Held(b"one\nthree"), 1, width=None, height=None, media_type="text/x-loud"
    )

    assert infos == [PageInfo(width=3, height=1), PageInfo(width=5, height=1)]
    assert page == line(b"th")
    assert (loud.data, loud.media_type) == (b"THREE", "text/x-loud")
    with pytest.raises(NotFound):
        await worker.draw(Held(b"one"), 1, width=None, height=None, media_type="text/x-line")


async def test_large_files_go_through(make: Make) -> None:
    text = b"x" * 30_000_000

    worker = make("Text", "codec", deadlines={"codec": 30.0})
    page = await worker.draw(Held(text), 0, width=None, height=None, media_type="text/x-line")

    assert page.data == text


async def test_pages_are_written_in_order(make: Make) -> None:
    worker = make("Text", "codec")

    assert await written(worker, b"a", b"bb", by="!") == b"0 1x1 a!\n1 2x1 bb!\n"
    assert await written(worker) == b""


async def test_a_page_is_fetched_when_it_is_wanted(make: Make) -> None:
    """Or a document of a thousand pages would stand in memory."""
    worker = make("Text", "codec")
    paper = Paper(*[b"x" * 500_000] * 100)

    async with aclosing(worker.encode(aiter(paper), "text/plain", {})) as pieces:
        async for _ in pieces:
            break
    taken = paper.taken

    assert taken < 10
    assert await written(worker, b"a") == b"0 1x1 a\n"


async def test_trouble_with_a_page_reaches_the_caller_unchanged(make: Make) -> None:
    worker = make("Text", "codec")
    await worker.warm()
    pid = worker.pid

    async def pages() -> AsyncIterator[Page]:
        yield line(b"a")
        raise LookupError("the store has lost it")

    with pytest.raises(LookupError):
        async for _ in worker.encode(pages(), "text/plain", {}):
            pass
    with pytest.raises(Unreadable):
        await written(worker, b"a", b"WRONG", b"c")

    assert await written(worker, b"a") == b"0 1x1 a\n"
    assert worker.pid == pid


async def test_damaged_files_have_typed_errors(make: Make) -> None:
    worker = make("Text", "codec", memory=600_000_000)

    with pytest.raises(Unreadable) as unreadable:
        await worker.info(Held(b"\xff" * 10))
    assert unreadable.value.details == {"at": 0}
    with pytest.raises(DriverCrashed):
        await worker.info(Held(b"DIE!"))
    with pytest.raises(DriverTimeout) as silent:
        await worker.info(Held(b"HANG"))
    assert silent.value.details["operation"] == "codec"
    with pytest.raises(TooLarge):
        await worker.info(Held(b"EAT!"))
    with pytest.raises(AddonBroken) as full:
        await worker.info(Held(b"DISK"))
    assert full.value.details["type"] in {"FileNotFoundError", "OSError"}  # boxed, or only limited
    with pytest.raises(DriverCrashed):
        await written(worker, b"a", b"DIE!")
    assert await worker.info(Held(b"a")) == [PageInfo(width=1, height=1)]


async def test_files_that_kill_do_not_lock_out_the_next_file(make: Make) -> None:
    worker = make("Text", "codec", deadlines={"rest": 60.0})

    for _ in range(4):
        with pytest.raises(DriverCrashed) as caught:
            await worker.info(Held(b"DIE!"))
        assert caught.value.details["crash"]["signal"] == "SIGABRT"

    assert await worker.info(Held(b"a"))


async def test_a_step_marks_drops_and_doubles(make: Make) -> None:
    worker = make("Marks", "step")

    pages = await worker.apply(line(b"abc"))

    assert [page.marks for page in pages] == [(Mark(kind="blank", value="no", by="marks"),), ()]
    assert pages[1] == line(b"abc")
    assert await worker.apply(line(b"drop")) == []
    with pytest.raises(AddonBroken, match="no such mark"):
        await worker.apply(line(b"raise"))
    with pytest.raises(DriverCrashed) as caught:
        await worker.apply(line(b"die"))
    assert caught.value.details["operation"] == "step"
