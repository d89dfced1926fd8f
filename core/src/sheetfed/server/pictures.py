"""Pictures of pages: kept ones where they do, else drawn."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from sheetfed.service import Service
from sheetfed.store.pages import PageRow
from sheetfed.store.pictures import PictureKind
from sheetfed.worker.files import Held

MEMORY = 8 << 20
"""Bytes of pictures that are remembered."""

KINDS: tuple[PictureKind, ...] = ("thumbnail", "preview")
"""The kept pictures, the smallest first."""

DEFAULT_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of a page."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How large a picture is wanted, and its type; None where it does not matter."""

    width: int | None
    height: int | None
    type: str | None


class Pictures:
    """Finds or draws pictures, and remembers the last ones."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last: OrderedDict[tuple[str, Wish], Picture] = OrderedDict()

    async def picture(self, owner: str, page: PageRow, wish: Wish) -> Picture:
        """Return a picture of the page.

        A kept picture is given as it is to all who ask for no more than a thumbnail. Raises
        UnsupportedType, Unreadable, StoreDamaged.
        """
        key = (page.etag, wish)
        known = self._last.get(key)
        if known is not None:
            self._last.move_to_end(key)
            return known
        width, height = _fitting(page, wish)
        for kind in KINDS:
            kept = await self._service.documents.picture(owner, page.id, kind)
            if kept is None or width > kept.width or height > kept.height:
                continue
            same_type = wish.type in (None, kept.media_type)
            if same_type and (kind == "thumbnail" or width == kept.width):
                found = Picture(media_type=kept.media_type, data=kept.data)
            else:
                found = await self._draw(page, wish, kept.data, kept.media_type, index=0)
            return self._remember(key, found)
        data = await self._original(owner, page)
        drawn = await self._draw(page, wish, data, page.media_type, index=page.blob_index)
        return self._remember(key, drawn)

    async def _draw(
        self, page: PageRow, wish: Wish, data: bytes, media_type: str, *, index: int
    ) -> Picture:
        drawn = await self._service.imaging.draw(
            Held(data),
            media_type,
            index,
            width=wish.width,
            height=wish.height,
            as_type=wish.type or DEFAULT_TYPE,
            document=page.document,
        )
        return Picture(media_type=drawn.media_type, data=drawn.data)

    def _remember(self, key: tuple[str, Wish], picture: Picture) -> Picture:
        self._last[key] = picture
        held = sum(len(known.data) for known in self._last.values())
        while held > MEMORY:
            _, oldest = self._last.popitem(last=False)
            held -= len(oldest.data)
        return picture

    async def _original(self, owner: str, page: PageRow) -> bytes:
        original = await self._service.documents.original(owner, page.id)
        try:
            return await original.read(0, original.size)
        finally:
            await original.close()


def _fitting(page: PageRow, wish: Wish) -> tuple[int, int]:
    """Return the size of the largest picture that fits the wish and is not larger than the page."""
    scale = min(
        1.0,
        (wish.width or page.width) / max(1, page.width),
        (wish.height or page.height) / max(1, page.height),
    )
    return max(1, round(page.width * scale)), max(1, round(page.height * scale))
