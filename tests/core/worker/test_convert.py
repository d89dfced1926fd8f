"""Codecs and steps in their children."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from sheetfed.api.errors import (
    AddonBroken,
    DriverCrashed,
    DriverLied,
    DriverTimeout,
    NotFound,
    TooLarge,
    Unreadable,
)
from sheetfed.api.model import Mark, Page, PageInfo
from sheetfed.worker.files import Held
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

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


async def test_a_page_that_is_copied_does_not_cross_the_pipe_twice(make: Make) -> None:
    """Its bytes are named: the child of an export writes little where nothing is packed anew."""
    worker = make("Text", "codec")
    pages = [bytes([97 + number]) * 1_000_000 for number in range(4)]

    made, said = await copied(worker, pages, "text/x-copies")

    assert made == b"".join(b"<%b>" % page for page in pages) + pages[0]
    assert said < 1_200_000  # the first page once more, which nobody keeps so long


async def test_what_a_pdf_takes_over_does_not_come_back(tmp_path: Path) -> None:
    """A JPEG is all of a page's bytes, the pixels of a PNG are some of them."""
    noise = Image.effect_noise((600, 600), 90)
    files = []
    for form in ("JPEG", "PNG"):
        out = io.BytesIO()
        noise.save(out, form, quality=95)
        files.append(out.getvalue())
    factory = "sheetfed.builtin.formats.codec:Images"
    worker = Worker(Recipe(kind="codec", name="images", factory=factory), crashes=tmp_path)
    try:
        made, said = await copied(worker, files * 3, "application/pdf")
    finally:
        await worker.close()

    assert made.count(files[0]) == 3
    with pikepdf.open(io.BytesIO(made)) as pdf:
        pixels = [page.obj.Resources.XObject.P.read_bytes() for page in pdf.pages[1::2]]
    assert pixels == [noise.tobytes()] * 3
    assert said < 0.5 * len(made)


async def copied(worker: Worker, files: Sequence[bytes], wanted: str) -> tuple[bytes, int]:
    """Return what is made of pages, and how many bytes the child wrote for it."""
    kinds = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}

    async def pages() -> AsyncIterator[Page]:
        for data in files:
            kind = kinds.get(data[:2], "text/x-line")
            yield Page(data=data, media_type=kind, width=600, height=600)

    made, said = bytearray(), 0
    async for piece in worker.encode(pages(), wanted, {}):
        made += piece
        told = Path(f"/proc/{worker.pid}/io").read_text()
        said = next(int(line[6:]) for line in told.splitlines() if line.startswith("wchar"))
    return bytes(made), said


@pytest.mark.parametrize(
    "named",
    [
        b'"page":0,"offset":0,"length":100000',
        b'"page":1,"offset":0,"length":1',
        b'"page":0,"offset":-1,"length":1',
        b'"page":0,"offset":0,"length":0',
        b'"page":true,"offset":0,"length":1',
    ],
)
async def test_who_names_bytes_that_never_came_lies(make: Make, named: bytes) -> None:
    worker = make("Text", "codec")

    with pytest.raises(DriverLied):
        async for _ in worker.encode(aiter(Paper(b"AGAIN" + named)), "text/x-copies", {}):
            pass


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
