"""What every codec must prove."""

from __future__ import annotations

import asyncio
import io
import random
import zlib
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import BinaryIO

import pytest

from sheetfed.api.contracts import Codec
from sheetfed.api.errors import AddonMissing, SheetfedError, TooLarge, Unreadable
from sheetfed.api.model import Box, Origin, Page, PageInfo, Settings
from sheetfed.testing.factory import make
from sheetfed.testing.pages import check_dpi, check_page, check_part, drawn_page
from sheetfed.worker.files import Held
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

MANY = frozenset({"application/pdf", "image/tiff"})
"""Types that hold more than one page."""


class CodecContract:
    """Inherit it, override `factory`, and `examples` and `writes` for what it reads and writes."""

    @pytest.fixture
    def factory(self) -> str:
        """Return the codec's class as `module:Class`."""
        raise NotImplementedError("override the fixture `factory`")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return what the class is made with."""
        return {}

    @pytest.fixture
    def examples(self) -> Mapping[str, bytes]:
        """Return a file for each media type that is read."""
        return {}

    @pytest.fixture
    def writes(self) -> Collection[str]:
        """Return the media types that are written."""
        return ()

    @pytest.fixture
    def many(self, writes: Collection[str]) -> Collection[str]:
        """Return those of them that hold more than one page."""
        return MANY.intersection(writes)

    @pytest.fixture
    def copies(self) -> Collection[str]:
        """Return the media types whose pages are taken over as they stand, see `CodecSpec`."""
        return ()

    @pytest.fixture
    def passes(self) -> Mapping[str, bytes]:
        """Return a file for each media type of which the beginning is enough, see `CodecSpec`."""
        return {}

    @pytest.fixture
    def codec(self, factory: str, settings: Settings) -> Codec:
        """Return the codec."""
        return make(factory, settings, Codec)

    def test_it_does_something(
        self, examples: Mapping[str, bytes], writes: Collection[str]
    ) -> None:
        """Without examples and types the other tests would prove nothing."""
        assert examples or writes, "override `examples` or `writes`"

    def test_it_draws_what_it_reads(self, codec: Codec, examples: Mapping[str, bytes]) -> None:
        """Every page has the size that was told before."""
        for data in examples.values():
            book = codec.open(io.BytesIO(data), {})
            assert book.count >= 1
            for index in range(book.count):
                info = book.info(index)
                check_dpi(info.dpi)
                page = book.page(index)
                check_page(page)
                assert (page.width, page.height) == (info.width, info.height)
            book.close()

    def test_a_small_drawing_keeps_its_shape(
        self, codec: Codec, examples: Mapping[str, bytes]
    ) -> None:
        """Thumbnails are drawn so."""
        for data in examples.values():
            book = codec.open(io.BytesIO(data), {})
            info = book.info(0)
            page = book.page(0, width=24, height=24)
            check_page(page)
            assert max(page.width, page.height) <= 24
            scale = max(info.width, info.height) / max(page.width, page.height)
            assert abs(page.width - info.width / scale) <= 1
            assert abs(page.height - info.height / scale) <= 1
            book.close()

    def test_a_region_is_that_part_of_the_page(
        self, codec: Codec, examples: Mapping[str, bytes]
    ) -> None:
        """Whoever looks closely at a page asks for no more of it."""
        for data in examples.values():
            book = codec.open(io.BytesIO(data), {})
            info = book.info(0)
            region = Box(left=info.width // 4, top=info.height // 4, width=info.width // 2,
                         height=info.height // 2)  # fmt: skip
            whole, part = book.page(0), book.page(0, region=region)
            small = book.page(0, width=8, height=8, region=region)
            book.close()
            check_page(part)
            check_page(small)
            assert (part.width, part.height) == (region.width, region.height)
            assert max(small.width, small.height) <= 8
            check_part(whole, part, region)

    def test_pages_are_copied_out_of_the_file_they_came_in(
        self,
        codec: Codec,
        examples: Mapping[str, bytes],
        writes: Collection[str],
        copies: Collection[str],
    ) -> None:
        """They come without data, and leave at the size they have."""
        for media_type, kind in product(writes, copies):
            book = codec.open(io.BytesIO(examples[kind]), {})
            info = book.info(0)
            book.close()
            origin = Origin(file="there", index=0, media_type=kind)
            page = Page(data=b"", media_type=kind, width=info.width, height=info.height,
                        dpi=info.dpi, origin=origin)  # fmt: skip
            out = _Sink()
            codec.encode(iter([page]), out, media_type, {}, Shelf({"there": examples[kind]}))
            assert out.getvalue(), f"nothing was written as {media_type}"
            if media_type in examples:
                again = codec.open(io.BytesIO(out.getvalue()), {})
                found = again.info(0)
                again.close()
                assert (found.width, found.height) == (info.width, info.height), media_type

    def test_the_beginning_of_a_page_that_is_passed_on_is_enough(
        self,
        codec: Codec,
        examples: Mapping[str, bytes],
        writes: Collection[str],
        passes: Mapping[str, bytes],
    ) -> None:
        """However little it tells, the file shows what it shows of the page whole."""
        for media_type, (kind, data) in product(writes, passes.items()):
            origin = Origin(file="there", index=0, media_type=kind)
            whole = Page(data=data, media_type=kind, width=0, height=0, dpi=(100, 100))
            begun = [replace(whole, data=data[:known], origin=origin) for known in (4, 700)]
            made = []
            for page in (whole, *begun):
                out = _Sink()
                codec.encode(iter([page]), out, media_type, {}, Shelf({"there": data}))
                made.append(out.getvalue())
            assert all(made), f"nothing was written as {media_type}"
            if media_type in examples:
                books = [codec.open(io.BytesIO(one), {}) for one in made]
                shown = [(book.count, book.page(0).data) for book in books]
                assert shown[0] == shown[1] == shown[2], media_type
                for book in books:
                    book.close()

    def test_a_book_closes_twice(self, codec: Codec, examples: Mapping[str, bytes]) -> None:
        """Whoever cleans up need not know who did so before."""
        for data in examples.values():
            book = codec.open(io.BytesIO(data), {})
            book.close()
            book.close()

    def test_garbage_is_unreadable(self, codec: Codec) -> None:
        """Files come from anywhere."""
        chance = random.Random(1)  # noqa: S311
        for data in (b"", b"\0", b"no picture", chance.randbytes(5000)):
            assert _is_unreadable(codec, data), f"{data[:20]!r} was read"

    def test_a_file_that_was_cut_is_unreadable(
        self, codec: Codec, examples: Mapping[str, bytes]
    ) -> None:
        """A download that broke off is no document."""
        for media_type, data in examples.items():
            for length in (len(data) // 2, 12):
                words = f"{length} of {len(data)} bytes of {media_type} were read"
                assert _is_unreadable(codec, data[:length]), words

    def test_damage_raises_only_typed_errors(
        self, codec: Codec, examples: Mapping[str, bytes]
    ) -> None:
        """A file that was made to do harm is one more file that cannot be read."""
        chance = random.Random(2)  # noqa: S311
        for data in examples.values():
            for _ in range(20):
                broken = bytearray(data)
                for _ in range(8):
                    broken[chance.randrange(len(broken))] = chance.randrange(256)
                try:
                    _draw_all(codec, bytes(broken))
                except (Unreadable, TooLarge, AddonMissing):
                    continue

    def test_what_it_writes_it_reads_back(
        self,
        codec: Codec,
        examples: Mapping[str, bytes],
        writes: Collection[str],
        many: Collection[str],
    ) -> None:
        """Every page is there, in order, at its size."""
        for media_type in writes:
            sizes = [(40 + 10 * n, 60) for n in range(3 if media_type in many else 1)]
            out = _Sink()
            codec.encode(
                iter([drawn_page(*size) for size in sizes]), out, media_type, {}, Shelf({})
            )
            assert out.getvalue(), f"nothing was written as {media_type}"
            if media_type in examples:
                book = codec.open(io.BytesIO(out.getvalue()), {})
                infos = [book.info(index) for index in range(book.count)]
                book.close()
                assert [(info.width, info.height) for info in infos] == sizes, media_type

    def test_it_writes_as_pages_come(self, codec: Codec, many: Collection[str]) -> None:
        """A document may have more pages than memory."""
        for media_type in many:
            out = _Sink()
            before: list[int] = []

            def pages(out: _Sink = out, before: list[int] = before) -> Iterator[Page]:
                for _ in range(4):
                    before.append(out.tally)
                    yield drawn_page(200, 200)

            codec.encode(pages(), out, media_type, {}, Shelf({}))
            assert before[3] > before[1], f"{media_type} is held back until its end"

    def test_it_works_behind_the_worker(
        self,
        factory: str,
        settings: Settings,
        examples: Mapping[str, bytes],
        writes: Collection[str],
        tmp_path: Path,
    ) -> None:
        """In a process of its own, and garbage does not end it."""

        async def use() -> None:
            recipe = Recipe(kind="codec", name="contract", factory=factory, settings=settings)
            worker = Worker(recipe, crashes=tmp_path)
            try:
                for data in examples.values():
                    infos: list[PageInfo] = await worker.info(Held(data))
                    assert infos
                with pytest.raises(SheetfedError) as caught:
                    await worker.info(Held(b"garbage"))
                assert isinstance(caught.value, Unreadable)
                for media_type in writes:
                    async with aclosing(worker.encode(_one_page(), media_type, {})) as blocks:
                        assert b"".join([block async for block in blocks])
            finally:
                await worker.close()

        asyncio.run(use())


class Shelf:
    """Files to copy pages from."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._check = 0

    def open(self, file: str) -> BinaryIO:
        """Open one of them."""
        return io.BytesIO(self._files[file])

    def copy(self, file: str, stream: BinaryIO) -> None:
        """Write one of them."""
        stream.write(self._files[file])
        self._check = zlib.crc32(self._files[file], self._check)

    def check(self) -> int:
        """Return the CRC-32 of all that was copied."""
        return self._check


class _Sink(io.BytesIO):
    """A pipe: it takes bytes, and cannot go back."""

    tally = 0

    def write(self, data: object) -> int:
        """Take the bytes."""
        count = super().write(data)  # type: ignore[arg-type]
        self.tally += count
        return count

    def seekable(self) -> bool:
        """Say that it cannot seek."""
        return False

    def seek(self, *_: object) -> int:
        """Refuse, as a pipe does."""
        raise io.UnsupportedOperation("a stream that is written cannot seek")

    def tell(self) -> int:
        """Refuse, as a pipe does."""
        raise io.UnsupportedOperation("a stream that is written does not know its place")


def _is_unreadable(codec: Codec, data: bytes) -> bool:
    try:
        _draw_all(codec, data)
    except Unreadable:
        return True
    return False


def _draw_all(codec: Codec, data: bytes) -> None:
    book = codec.open(io.BytesIO(data), {})
    try:
        for index in range(book.count):
            book.info(index)
            book.page(index, width=64, height=64)
    finally:
        book.close()


async def _one_page() -> AsyncIterator[Page]:
    yield drawn_page()
