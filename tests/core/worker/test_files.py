"""Files of any size, read through the pipe piece by piece."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from PIL import Image

from sheetfed.api.errors import DriverLied, NotFound, StoreDamaged
from sheetfed.api.model import Box, Origin, Page, PageInfo
from sheetfed.worker.files import PIECE, Begun, Held, pieces
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import MOST, Recipe

RIGS = Path(__file__).parents[2] / "rigs"
STRIDE = 1_000_000


class Long:
    """A file of half a gigabyte that nobody holds; it counts what is read of it."""

    size = 500 * STRIDE

    def __init__(self) -> None:
        self.read_bytes = 0

    async def read(self, offset: int, length: int) -> bytes:
        self.read_bytes += length
        length = min(length, self.size - offset)
        first = offset // STRIDE
        text = b"".join(
            b"page %05d" % page + bytes(STRIDE - 10)
            for page in range(first, first + length // STRIDE + 2)
        )
        return text[offset - first * STRIDE :][:length]


class Broken:
    """A file that the store has lost a part of."""

    size = 10 * STRIDE

    async def read(self, offset: int, length: int) -> bytes:
        raise StoreDamaged(f"nothing at {offset} to {offset + length}")


@pytest.fixture
async def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setenv("PYTHONPATH", str(RIGS), prepend=os.pathsep)
    recipe = Recipe(kind="codec", name="reader", factory="reader:Reader")
    worker = Worker(recipe, crashes=tmp_path)
    yield worker
    await worker.close()


def origin(file: str, index: int) -> Page:
    place = Origin(file=file, index=index, media_type="text/x-places")
    return Page(data=b"", media_type="text/x-places", width=10, height=1, origin=place)


async def test_a_page_of_a_large_file_is_read_without_the_others(worker: Worker) -> None:
    """Or every thumbnail of a long PDF would move half a gigabyte."""
    file = Long()

    page = await worker.draw(file, 321, name="long")

    assert page.data == b"page 00321"
    assert file.read_bytes < 2 * STRIDE


async def test_a_file_with_a_name_stays_open(worker: Worker) -> None:
    """The codec tells in the height how often it has opened a file."""
    file = Long()

    first = await worker.draw(file, 1, name="long")
    again = await worker.draw(file, 1, name="long", region=Box(left=5, top=0, width=5, height=1))
    read = file.read_bytes
    unnamed = await worker.draw(Held(b"x" * STRIDE), 0)
    other = await worker.draw(file, 1, name="long", options={"height": 77})

    assert (first.height, again.height, unnamed.height, other.height) == (1, 1, 2, 77)
    assert again.data == b"00001"
    assert read < 2 * STRIDE  # the second time nothing was asked for again


async def test_pages_are_copied_out_of_the_files_they_came_in(worker: Worker) -> None:
    """An untouched page is written as it stands, and no page crosses that nobody wants."""
    files = {"a": Long(), "b": Long()}

    async def pages() -> AsyncIterator[Page]:
        yield origin("a", 3)
        yield Page(data=b"|drawn|", media_type="text/x-ten", width=7, height=1)
        yield origin("b", 499)

    async def opened(name: str) -> Long:
        return files[name]

    pieces = [piece async for piece in worker.encode(pages(), "text/x-ten", {}, opened)]

    assert b"".join(pieces) == b"page 00003|drawn|page 00499"


async def test_a_jpeg_goes_into_a_pdf_without_passing_through_the_child(tmp_path: Path) -> None:
    """Each of its bytes is read once, and stands there as it is."""
    stream = io.BytesIO()
    Image.effect_noise((1200, 1600), 60).save(stream, "JPEG", quality=95)
    data, reads = stream.getvalue(), list[tuple[int, int]]()

    class Counted(Held):
        async def read(self, offset: int, length: int) -> bytes:
            reads.append((offset, len(self.data[offset : offset + length])))
            return await super().read(offset, length)

    async def pages() -> AsyncIterator[Page]:
        for file in ("a", "b"):
            place = Origin(file=file, index=0, media_type="image/jpeg")
            yield Page(data=data[:2000], media_type="image/jpeg", width=0, height=0, origin=place)

    async def opened(name: str) -> Held:
        assert name in {"a", "b"}
        return Counted(data)

    recipe = Recipe(kind="codec", name="images", factory="sheetfed.builtin.formats.codec:Images")
    worker = Worker(recipe, crashes=tmp_path)
    written = worker.encode(pages(), "application/pdf", {}, opened)
    pdf = b"".join([piece async for piece in written])
    await worker.close()

    assert pdf.count(data) == 2
    assert sum(length for _, length in reads) == 2 * len(data)


async def test_a_codec_opens_no_file_that_it_was_not_given_a_page_of(worker: Worker) -> None:
    """A file that has taken the codec over must not get at what else is kept."""

    async def pages() -> AsyncIterator[Page]:
        yield origin("a", 3)

    async def opened(name: str) -> Long:
        assert name == "a"
        return Long()

    with pytest.raises(NotFound):
        async for _ in worker.encode(pages(), "text/x-ten", {"file": "secret"}, opened):
            pass


@pytest.mark.parametrize(
    "wish",
    [
        '"file":"other","offset":0,"length":9',
        '"file":"","offset":-1,"length":9',
        f'"file":"","offset":0,"length":{MOST + 1}',
        '"file":7,"offset":0,"length":9',
    ],
)
async def test_who_asks_for_what_nobody_offered_lies(
    wish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shelf is in the child, so its parent checks for itself."""
    monkeypatch.setenv("PYTHONPATH", str(RIGS), prepend=os.pathsep)
    recipe = Recipe(kind="codec", name="thief", factory="thief:Thief", settings={"wish": wish})
    worker = Worker(recipe, crashes=tmp_path)
    try:
        with pytest.raises(DriverLied):
            await worker.info(Held(b"mine"))
    finally:
        await worker.close()


async def test_a_file_that_cannot_be_read_says_so_itself(worker: Worker) -> None:
    """And the child goes on with the next one."""
    with pytest.raises(StoreDamaged):
        await worker.draw(Broken(), 0)

    assert await worker.info(Held(b"x" * STRIDE)) == [PageInfo(width=10, height=1)]


@pytest.mark.parametrize("known", [0, 10, PIECE, 3 * PIECE + 7])
async def test_a_file_that_is_begun_is_the_same_file(known: int) -> None:
    """From whatever place somebody reads, behind what is at hand, across its end and at the end."""
    data = os.urandom(2 * PIECE + 500)
    file = Begun(Held(data), data[:known])

    whole = b"".join([piece async for piece in pieces(file)])

    assert whole == data
    for offset, length in ((0, 4), (5, 10), (PIECE - 3, 9), (2 * PIECE, 1000), (len(data), 5)):
        assert bytes(await file.read(offset, length)) == data[offset : offset + length]


async def test_the_next_piece_is_read_while_one_is_made_use_of() -> None:
    """Who writes a file to a disk would else wait for each piece of it."""
    file = Long()
    async with aclosing(pieces(file)) as coming:
        first = await anext(coming)

        assert len(first) == PIECE
        assert file.read_bytes == 2 * PIECE


async def test_who_leaves_a_file_that_breaks_hears_nothing_of_what_was_not_asked_for() -> None:
    """The next piece was read ahead, and cannot be; the first one was fine."""
    file = Begun(Broken(), bytes(PIECE))

    async with aclosing(pieces(file)) as coming:
        assert len(await anext(coming)) == PIECE

    with pytest.raises(StoreDamaged):
        [piece async for piece in pieces(file)]
