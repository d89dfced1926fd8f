"""Pictures of pages: kept ones where they do, else drawn."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from sheetfed.api.errors import BadRequest, SheetfedError
from sheetfed.api.model import Page, PageInfo
from sheetfed.edits import SAVED_QUALITY, original_of
from sheetfed.server.glances import Glances
from sheetfed.service import Service
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureKind
from sheetfed.worker.files import Held
from sheetfed.worker.wire import THUMBNAIL, PicturePart, Wanted

MEMORY = 8 << 20
"""Bytes of pictures that are remembered."""

KINDS: tuple[PictureKind, ...] = ("thumbnail", "preview")
"""The kept pictures, the smallest first."""

NEARLY = 0.6
"""A picture that is not much smaller than a thumbnail is given as one."""

WAITING = 16
"""Pictures that may wait for the disk after they were given."""

DEFAULT_TYPE = "image/jpeg"
QUALITY = 88

Region = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of a page."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How large a picture is wanted, of which part, and its type; None where it does not matter."""

    width: int | None = None
    height: int | None = None
    region: Region | None = None
    type: str | None = None
    quality: int | None = None
    edited: bool = False


WHOLE = Wish()
"""The page as it came."""


class Pictures:
    """Finds or draws pictures, and remembers the last ones."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._glances = Glances(service.edits)
        self._last: OrderedDict[tuple[str, Wish], Picture] = OrderedDict()
        self._keeping: set[asyncio.Task[None]] = set()

    async def picture(self, owner: str, page: PageRow, wish: Wish) -> Picture:
        """Return a picture of the page.

        A kept picture is given as it is to all who ask for no more than a thumbnail. Raises
        UnsupportedType, Unreadable, StoreDamaged, and BadRequest where the region is not on it.
        """
        if max(wish.width or 0, wish.height or 0) > THUMBNAIL and not wish.region:
            self._glances.look(owner, page, edited=wish.edited)
        key = (page.shown_etag if wish.edited else page.etag, wish)
        known = self._last.get(key)
        if known is not None:
            self._last.move_to_end(key)
            return known
        if wish.edited or wish.region or wish.quality:
            await self._glances.over(page)
            return self._remember(key, await self._seen(owner, page, wish))
        width, height = _fitting(page, wish)
        for kind in KINDS:
            kept = await self._service.documents.picture(owner, page.id, kind)
            if kept is None or width > kept.width or height > kept.height:
                continue
            same_type = wish.type in (None, kept.media_type)
            if same_type and (kind == "thumbnail" or width == kept.width):
                found = Picture(media_type=kept.media_type, data=kept.data)
            else:
                found = await self._smaller(page, wish, kept)
            return self._remember(key, found)
        small = NEARLY * THUMBNAIL <= max(width, height) <= THUMBNAIL
        if small and wish.type in (None, DEFAULT_TYPE):
            return self._remember(key, await self._thumbnail(owner, page))
        return self._remember(key, await self._drawn(owner, page, wish))

    async def close(self) -> None:
        """Prepare nothing more; return once the disk has what was given."""
        self._glances.close()
        await asyncio.gather(*self._keeping)

    async def _thumbnail(self, owner: str, page: PageRow) -> Picture:
        """Return a picture of a page that came without one, as of files of many pages.

        It is kept for the next time, for which nobody has to wait now.
        """
        box = Wish(width=THUMBNAIL, height=THUMBNAIL, type=DEFAULT_TYPE)
        drawn = await self._page(owner, page, box)
        if drawn.width < page.width:
            part = PicturePart(
                kind="thumbnail",
                media_type=drawn.media_type,
                width=drawn.width,
                height=drawn.height,
                data=drawn.data,
            )
            keeping = asyncio.create_task(self._kept(owner, page, part))
            self._keeping.add(keeping)
            keeping.add_done_callback(self._keeping.discard)
            if len(self._keeping) > WAITING:
                await asyncio.wait(self._keeping, return_when=asyncio.FIRST_COMPLETED)
        return Picture(media_type=drawn.media_type, data=drawn.data)

    async def _kept(self, owner: str, page: PageRow, part: PicturePart) -> None:
        with suppress(SheetfedError):  # it can be drawn again
            await self._service.documents.keep_picture(owner, page.id, part)

    async def _seen(self, owner: str, page: PageRow, wish: Wish) -> Picture:
        """Return what is seen through the edits, or of a part, or at another quality."""
        edits = self._service.edits
        size = (await edits.settled(owner, page)).shown if wish.edited else original_of(page)
        whole = not (wish.region or wish.width or wish.height or wish.quality)
        base = page.standing if wish.edited else page
        wanted = Wanted(
            region=None if wish.region is None else _inside(wish.region, size),
            width=wish.width,
            height=wish.height,
            media_type=wish.type or _natural(base, wish),
            quality=wish.quality or (SAVED_QUALITY if whole else QUALITY),
            as_came=whole and wish.type in (None, DEFAULT_TYPE),
        )
        drawn = await edits.picture(owner, page, wanted, edited=wish.edited)
        return Picture(media_type=drawn.media_type, data=drawn.data)

    async def _smaller(self, page: PageRow, wish: Wish, kept: PicturePart) -> Picture:
        """Return a picture made of a kept one."""
        drawn = await self._service.imaging.draw(
            Held(kept.data),
            kept.media_type,
            0,
            width=wish.width,
            height=wish.height,
            as_type=wish.type or DEFAULT_TYPE,
            document=page.document,
        )
        return Picture(media_type=drawn.media_type, data=drawn.data)

    async def _drawn(self, owner: str, page: PageRow, wish: Wish) -> Picture:
        drawn = await self._page(owner, page, wish)
        return Picture(media_type=drawn.media_type, data=drawn.data)

    async def _page(self, owner: str, page: PageRow, wish: Wish) -> Page:
        """Return a picture drawn out of the file, of which no more is read than it needs."""
        original = await self._service.documents.original(owner, page.id)
        try:
            return await self._service.imaging.draw(
                original,
                page.media_type,
                page.blob_index,
                width=wish.width,
                height=wish.height,
                as_type=wish.type or DEFAULT_TYPE,
                name=page.blob,
                options=page.reading,
                document=page.document,
            )
        finally:
            await original.close()

    def _remember(self, key: tuple[str, Wish], picture: Picture) -> Picture:
        self._last[key] = picture
        held = sum(len(known.data) for known in self._last.values())
        while held > MEMORY:
            _, oldest = self._last.popitem(last=False)
            held -= len(oldest.data)
        return picture


def _fitting(page: PageRow, wish: Wish) -> tuple[int, int]:
    """Return the size of the largest picture that fits the wish and is not larger than the page."""
    scale = min(
        1.0,
        (wish.width or page.width) / max(1, page.width),
        (wish.height or page.height) / max(1, page.height),
    )
    return max(1, round(page.width * scale)), max(1, round(page.height * scale))


def _natural(page: PageRow, wish: Wish) -> str | None:
    """Return the type of a picture that nobody asked a type of: a whole page loses nothing."""
    small = wish.width or wish.height or wish.region
    return DEFAULT_TYPE if small or page.media_type == DEFAULT_TYPE else None


def _inside(region: Region, page: PageInfo) -> Region:
    """Return what of a region lies on the page. Raises BadRequest where nothing does."""
    left, top, width, height = region
    right, bottom = min(left + width, page.width), min(top + height, page.height)
    if right <= left or bottom <= top:
        detail = f"lies outside the page of {page.width} x {page.height} pixels"
        fault = {"pointer": "/region", "detail": detail, "where": "query"}
        raise BadRequest("The region is not on the page", errors=[fault])
    return left, top, right - left, bottom - top
