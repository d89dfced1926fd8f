"""Files become documents: told by content, sealed whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from sheetfed.api.errors import (
    BadRequest,
    DriverCrashed,
    DriverLied,
    DriverTimeout,
    SheetfedError,
    Unreadable,
)
from sheetfed.api.model import Page, PageInfo, Settings
from sheetfed.documents import Documents
from sheetfed.documents.importing import Foreseen, IncomingFile
from sheetfed.imaging import BEGINNING, Imaging
from sheetfed.store.documents import DocumentRow
from sheetfed.store.labels import tags_of
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureKind
from sheetfed.wholeness import whole
from sheetfed.worker.files import File, Held
from sheetfed.worker.wire import PREVIEW, THUMBNAIL, PicturePart

MOST_PAGES = 2000
"""Pages that one file may hold."""

SMALL: Mapping[PictureKind, int] = {"preview": PREVIEW, "thumbnail": THUMBNAIL}
"""Pictures that are kept of a page, each made of the one before, and their longer sides."""

HIGHEST_DPI = 20_000
"""No paper is scanned finer; whoever says so does not know."""

AHEAD = 2.0
"""Seconds for which pages wait to be written down until the first of them is drawn, mostly 0.02."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretaste:
    """What is known of a file of many pages before any of them is kept, or ever will be."""

    pages: int
    first: Page
    """A small picture of the first one."""


Tasting = Callable[[Foretaste], None]
"""Is told before the pages are kept; not at all where the first is not drawn by then."""


class Importing:
    """Takes in files of every type that a codec reads."""

    def __init__(self, documents: Documents, imaging: Imaging) -> None:
        self._documents = documents
        self._imaging = imaging

    async def file(
        self,
        owner: str,
        document_id: str,
        pieces: AsyncIterable[bytes],
        *,
        before: str | None = None,
        tags: Sequence[str] = (),
        options: Settings,
        tasting: Tasting | None = None,
        version: int | None = None,
    ) -> tuple[DocumentRow, Sequence[PageRow]]:
        """Put the pages of a file into a document, before one of its pages or at the end.

        All of them, or the document is as it was. Each has the tags from the beginning. Returns it
        as it is then, and the pages. Raises NotFound, BadRequest, UnsupportedType, AddonMissing,
        Unreadable, TooLarge, BadSettings, QuotaReached, DiskFull, Stale.
        """
        if before is not None:
            await self._documents.place_of(owner, document_id, before)
        known = tags_of(tags)
        incoming = await self._documents.take_file(owner, document_id)
        return await self._taken(
            owner,
            document_id,
            incoming,
            pieces,
            options,
            tags=known,
            before=before,
            tasting=tasting,
            version=version,
        )

    async def document(
        self,
        owner: str,
        pieces: AsyncIterable[bytes],
        *,
        title: str = "",
        private: bool = False,
        tags: Sequence[str] = (),
        options: Settings,
        foreseen: Foreseen | None = None,
        tasting: Tasting | None = None,
    ) -> tuple[DocumentRow, Sequence[PageRow]]:
        """Make a document of a file; it is there once its pages are, and not a moment earlier.

        What is `foreseen` may never be. Raises what `file` raises.
        """
        known = tags_of(tags)
        made = self._documents.sketch(owner, title, private=private)
        incoming = await self._documents.take_file(owner, made.id, sketch=made)
        return await self._taken(
            owner,
            made.id,
            incoming,
            pieces,
            options,
            tags=known,
            foreseen=foreseen,
            tasting=tasting,
        )

    async def replace(self, owner: str, page: PageRow, pieces: AsyncIterable[bytes]) -> DocumentRow:
        """Have the one page of a file take the place of a page, as an edit that can be undone.

        Raises as `file` does, BadRequest where the file holds more pages, Conflict, and Stale where
        the page was edited meanwhile.
        """
        incoming = await self._documents.take_picture(owner, page.id)
        try:
            media_type = await self._received(incoming, pieces)
            await incoming.seal()
            infos, _ = await self._seen(incoming, media_type, {}, page.document)
            if len(infos) > 1:
                raise BadRequest(f"The file holds {len(infos)} pages; one can take a page's place")
            return await whole(incoming.put(page, infos[0], media_type))
        finally:
            await incoming.drop()

    async def _taken(
        self,
        owner: str,
        document_id: str,
        incoming: IncomingFile,
        pieces: AsyncIterable[bytes],
        options: Settings,
        *,
        tags: tuple[str, ...],
        before: str | None = None,
        foreseen: Foreseen | None = None,
        tasting: Tasting | None = None,
        version: int | None = None,
    ) -> tuple[DocumentRow, Sequence[PageRow]]:
        try:
            media_type = await self._received(incoming, pieces)
            reading = self._imaging.reading(media_type, options)
            await incoming.seal()
            infos, pictures = await self._seen(incoming, media_type, reading, document_id)
            async with self._tasted(
                incoming, media_type, reading, document_id, len(infos), tasting=tasting
            ):
                document, rows = await whole(
                    incoming.keep(
                        infos,
                        media_type,
                        reading,
                        tags=tags,
                        before=before,
                        version=version,
                        foreseen=foreseen,
                    )
                )
        finally:
            await incoming.drop()
        for picture in pictures:
            with suppress(SheetfedError):  # a picture can be made again
                await self._documents.keep_picture(owner, rows[0].id, picture)
        return document, rows

    async def _received(self, incoming: IncomingFile, pieces: AsyncIterable[bytes]) -> str:
        """Take the file in and return its type, which is told before much of it has come."""
        beginning, media_type = b"", ""
        async for piece in pieces:
            if len(beginning) < BEGINNING:
                beginning += piece[:BEGINNING]
            if len(beginning) >= BEGINNING and not media_type:
                media_type = self._imaging.type_of(beginning)
            await incoming.write(piece)
        return media_type or self._imaging.type_of(beginning)

    async def _seen(
        self, file: IncomingFile, media_type: str, reading: Settings, document: str
    ) -> tuple[list[PageInfo], list[PicturePart]]:
        """Return what the file says of its pages; a single one is drawn, so that it is sound.

        Its pictures are kept, for it is looked at soon, and may take a second to unpack again. A
        file at which its codec dies, or works without an end, is one that cannot be read.
        """
        try:
            return await self._looked_at(file, media_type, reading, document)
        except (DriverCrashed, DriverTimeout) as error:
            if "crash" not in error.details:  # it did not come to that
                raise
            raise Unreadable(f"The file was given up: {error.message}") from error

    async def _looked_at(
        self, file: IncomingFile, media_type: str, reading: Settings, document: str
    ) -> tuple[list[PageInfo], list[PicturePart]]:
        infos = await self._imaging.info(
            file, media_type, name=file.blob, options=reading, document=document
        )
        if not 0 < len(infos) <= MOST_PAGES or any(
            info.width < 1 or info.height < 1 for info in infos
        ):
            raise DriverLied(f"{len(infos)} pages, or one without pixels")
        infos = [_believed(info) for info in infos]
        if len(infos) > 1:
            return infos, []
        found: list[PicturePart] = []
        drawn: tuple[File, str, str] = (file, media_type, file.blob)
        for kind, longest in SMALL.items():
            source, its_type, name = drawn
            small = await self._imaging.draw(
                source,
                its_type,
                0,
                as_type="image/jpeg",
                width=longest,
                height=longest,
                name=name,
                options=reading if source is file else {},
                document=document,
            )
            if small.width == infos[0].width:
                continue  # as large as the page, and no longer without loss
            found.append(
                PicturePart(
                    kind=kind,
                    media_type=small.media_type,
                    width=small.width,
                    height=small.height,
                    data=small.data,
                )
            )
            drawn = Held(small.data), small.media_type, ""
        return infos, found

    @asynccontextmanager
    async def _tasted(
        self,
        file: IncomingFile,
        media_type: str,
        reading: Settings,
        document: str,
        count: int,
        *,
        tasting: Tasting | None,
    ) -> AsyncIterator[None]:
        """Draw the first of many pages for whoever waits, until the block ends."""
        if tasting is None or count == 1:
            yield
            return

        async def taste() -> None:
            with suppress(SheetfedError):  # whoever looks at the page is told
                first = await self._imaging.draw(
                    file,
                    media_type,
                    0,
                    as_type="image/jpeg",
                    width=THUMBNAIL,
                    height=THUMBNAIL,
                    name=file.blob,
                    options=reading,
                    document=document,
                )
                tasting(Foretaste(pages=count, first=first))

        drawing = asyncio.create_task(taste())
        try:
            await asyncio.wait([drawing], timeout=AHEAD)
            yield
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)


def _believed(info: PageInfo) -> PageInfo:
    """Return what is known of a page, without a resolution that no paper has."""
    known = all(1 <= value <= HIGHEST_DPI for value in info.dpi)
    return info if known else replace(info, dpi=(0.0, 0.0))
