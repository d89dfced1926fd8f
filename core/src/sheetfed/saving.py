"""Documents become files: pages out, through the codecs."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Mark, Origin, Page, Settings
from sheetfed.documents import Documents
from sheetfed.documents.reading import Original
from sheetfed.edits import Edits
from sheetfed.imaging import Imaging
from sheetfed.store.documents import DocumentRow, words_of
from sheetfed.store.pages import PageRow
from sheetfed.worker.files import PIECE, Begun, Data, File

PLAIN = frozenset({"image/jpeg", "image/png"})
"""What every codec that writes pages takes."""

AHEAD = 2
"""Pages that are made ready while one is written; one is drawn for each processor."""

OPEN = 6
"""Files that pages are copied from and that stay open: more than there are pages on their way."""

BEGINNING = 64 * 1024
"""Bytes of a page that a codec is given that passes the rest on."""

AT_HAND = 2 * PIECE
"""Bytes of such a page that are read before its turn: of most pages all."""

Told = Callable[[int], None]
"""Hears how many pages of a file are written."""


def silent(pages: int) -> None:
    """Tell nobody."""


class Saving:
    """Writes pages that are kept as files of any type that some codec writes."""

    def __init__(self, documents: Documents, imaging: Imaging, edits: Edits) -> None:
        self._documents = documents
        self._imaging = imaging
        self._edits = edits

    def words(self, document: DocumentRow, media_type: str) -> dict[str, str]:
        """Return what a document says of itself and a file of this type has room for."""
        can = {option.name for option in self._imaging.format(media_type).writing}
        return {name: value for name, value in words_of(document).items() if name in can}

    async def file(
        self,
        owner: str,
        rows: Sequence[PageRow],
        media_type: str,
        options: Settings,
        told: Told = silent,
    ) -> AsyncGenerator[Data, None]:
        """Yield a file made of the pages, in this order; `told` hears how many are written.

        Raises UnsupportedType, AddonMissing, BadSettings, NotFound, Unreadable, StoreDamaged.
        """
        sources = _Sources(self._documents, owner, rows)
        try:
            async with (
                aclosing(self._ahead(owner, rows, media_type, told, sources)) as pages,
                aclosing(self._imaging.export(pages, media_type, options, sources.open)) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        finally:
            await sources.close()

    async def zipped(
        self,
        owner: str,
        rows: Sequence[PageRow],
        media_type: str,
        options: Settings,
        told: Told = silent,
    ) -> AsyncGenerator[Data, None]:
        """Yield a ZIP file with a file for each of the pages. Raises as `file` does."""
        endings = self._imaging.format(media_type).endings
        ending = f".{endings[0]}" if endings else ""
        sink = _Sink()
        with zipfile.ZipFile(sink, "w") as archive:  # stored: pictures are packed already
            for number, row in enumerate(rows, 1):
                about = zipfile.ZipInfo(f"page-{number:0{len(str(len(rows)))}}{ending}")
                with archive.open(about, "w", force_zip64=True) as one:
                    async with aclosing(self.file(owner, [row], media_type, options)) as pieces:
                        async for piece in pieces:
                            one.write(piece)
                            yield sink.taken()
                told(number)
        yield sink.taken()

    async def _ahead(
        self,
        owner: str,
        rows: Sequence[PageRow],
        media_type: str,
        told: Told,
        sources: _Sources,
    ) -> AsyncGenerator[Page, None]:
        """Yield the pages in order; the next ones are made ready meanwhile."""
        ready: list[asyncio.Task[Page]] = []
        coming = iter(rows)
        written = 0
        try:
            while True:
                while len(ready) <= AHEAD and (row := next(coming, None)):
                    making = self._marked(owner, row, media_type, sources)
                    ready.append(asyncio.create_task(making))
                if not ready:
                    return
                yield await ready.pop(0)
                written += 1  # the codec asks for the next one
                told(written)
        finally:
            for task in ready:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*ready, return_exceptions=True)

    async def _marked(self, owner: str, row: PageRow, media_type: str, sources: _Sources) -> Page:
        """Return a page with all that is marked on it, its tags too."""
        page = await self._page(owner, row, media_type, sources)
        tags = (Mark(kind="tag", value=tag, by="person") for tag in row.tags)
        return replace(page, marks=(*row.shown_marks, *tags))

    async def _page(self, owner: str, row: PageRow, media_type: str, sources: _Sources) -> Page:
        """Return a page as the codec of that type takes it: to copy, as it stands, or drawn."""
        if row.history.count:
            return await self._edits.shown(owner, row)
        if row.media_type in self._imaging.copies(media_type):
            return _unread(row, b"")
        takes = self._imaging.takes(media_type) | PLAIN
        if row.media_type in takes and not self._imaging.holds_many(row.media_type):
            if row.media_type in self._imaging.passes(media_type) and row.size > BEGINNING:
                begun = await sources.begin(row.blob)
                return _unread(row, bytes(begun.first[:BEGINNING]))
            return await self._documents.loaded(owner, row)
        return await self._drawn(owner, row, takes)

    async def _drawn(self, owner: str, row: PageRow, takes: frozenset[str]) -> Page:
        original = await self._documents.original(owner, row.id)
        try:
            page = await self._imaging.draw(
                original,
                row.media_type,
                row.blob_index,
                as_type=None,
                name=row.blob,
                options=row.reading,
                document=row.document,
            )
        finally:
            await original.close()
        if page.media_type in takes:
            return page
        return await self._imaging.converted(page, "image/png")


class _Sink(io.RawIOBase):
    """What an archive is written to, and taken from at once."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes."""
        self._data += data
        return len(data)

    def taken(self) -> bytes:
        """Return what came since the last time."""
        data, self._data = bytes(self._data), bytearray()
        return data


class _Sources:
    """The files that pages of an export are in; the last ones stay open."""

    def __init__(self, documents: Documents, owner: str, rows: Sequence[PageRow]) -> None:
        self._documents = documents
        self._owner = owner
        self._pages = {row.blob: row.id for row in rows}
        self._open: dict[str, asyncio.Task[Original]] = {}
        self._begun: dict[str, Begun] = {}

    async def begin(self, file: str) -> Begun:
        """Open a file and read its beginning, which then waits for whoever writes it on."""
        source = await self.open(file)
        if not isinstance(source, Begun):
            source = self._begun[file] = Begun(source, await source.read(0, AT_HAND))
        return source

    async def open(self, file: str) -> File:
        """Open the file of an origin."""
        opening = self._open.pop(file, None)
        if opening is None:
            found = self._documents.original(self._owner, self._pages[file])
            opening = asyncio.create_task(found)
        self._open[file] = opening
        while len(self._open) > OPEN:
            await self._let_go(next(iter(self._open)))
        original = await asyncio.shield(opening)
        return self._begun.get(file, original)

    async def close(self) -> None:
        """Let go of all."""
        while self._open:
            await self._let_go(next(iter(self._open)))

    async def _let_go(self, file: str) -> None:
        opening = self._open.pop(file)
        self._begun.pop(file, None)
        with suppress(SheetfedError):  # whoever wanted it has been told
            await (await opening).close()


def _unread(row: PageRow, beginning: bytes) -> Page:
    """Return a page that stands in a file, with no more of its data than this."""
    return Page(
        data=beginning,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        dpi=row.dpi,
        side=row.side,
        marks=row.marks,
        origin=Origin(
            file=row.blob, index=row.blob_index, media_type=row.media_type, options=row.reading
        ),
    )
