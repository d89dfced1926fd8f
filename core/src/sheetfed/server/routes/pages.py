"""Pages: what is known of them, their bytes, their pictures."""

from __future__ import annotations

import hashlib
import mimetypes

from aiohttp import web

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    DiskFull,
    DriverCrashed,
    DriverTimeout,
    NotFound,
    StoreDamaged,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, nothing
from sheetfed.server.pictures import Pictures, Wish
from sheetfed.server.ranges import Content, matches, send
from sheetfed.server.table import Call, Op
from sheetfed.store.pages import PageRow, page_data

PICTURES = web.AppKey("PICTURES", Pictures)


async def get_page(call: Call) -> web.StreamResponse:
    """Return what is known of a page."""
    row = await call.service.documents.page(call.owner, call.part("page_id"))
    return json_answer(page_data(row))


async def delete_page(call: Call) -> web.StreamResponse:
    """Delete a page."""
    page = call.part("page_id")
    for row in await call.service.documents.remove(call.owner, [page]):
        call.service.audit.note(call.owner, "delete", "done", document=row.id, pages=1)
    return nothing()


async def get_image(call: Call) -> web.StreamResponse:
    """Return a page's bytes as they were kept, or a picture of it."""
    query: shapes.pages.ImageQuery = call.query
    row = await call.service.documents.page(call.owner, call.part("page_id"))
    call.service.audit.note(call.owner, "view", "done", document=row.document)
    if query.width is None and query.height is None and query.type in (None, row.media_type):
        return await _original(call, row)
    return await _picture(call, row, Wish(width=query.width, height=query.height, type=query.type))


async def _original(call: Call, row: PageRow) -> web.StreamResponse:
    original = await call.service.documents.original(call.owner, row.id)
    try:
        content = Content(
            size=original.size,
            media_type=row.media_type,
            etag=row.etag,
            name=_name(row, row.media_type),
            read=original.read,
        )
        return await send(call.request, content)
    finally:
        await original.close()


async def _picture(call: Call, row: PageRow, wish: Wish) -> web.StreamResponse:
    etag = hashlib.sha256(repr((row.etag, wish)).encode()).hexdigest()[:32]
    if matches(call.request, etag):
        return web.Response(status=304, headers={"ETag": f'"{etag}"'})
    picture = await call.request.app[PICTURES].picture(call.owner, row, wish)

    async def read(begin: int, length: int) -> bytes:
        return picture.data[begin : begin + length]

    content = Content(
        size=len(picture.data),
        media_type=picture.media_type,
        etag=etag,
        name=_name(row, picture.media_type),
        read=read,
    )
    return await send(call.request, content)


def _name(row: PageRow, media_type: str) -> str:
    return f"page-{row.position + 1}{mimetypes.guess_extension(media_type) or ''}"


OPS = (
    Op(
        method="GET",
        path="/v1/pages/{page_id}",
        id="get_page",
        summary="What is known of a page",
        handler=get_page,
        answer=lambda: shapes.pages.Page,
        errors=(NotFound,),
    ),
    Op(
        method="DELETE",
        path="/v1/pages/{page_id}",
        id="delete_page",
        summary="Delete a page",
        handler=delete_page,
        status=204,
        errors=(NotFound, DiskFull),
    ),
    Op(
        method="GET",
        path="/v1/pages/{page_id}/image",
        id="get_image",
        summary="A page's bytes as they were kept, or a picture of it as large as asked",
        handler=get_image,
        query=lambda: shapes.pages.ImageQuery,
        headers=("Range", "If-Range", "If-None-Match"),
        media=("image/jpeg", "image/png", "image/tiff", "image/bmp", "application/octet-stream"),
        also=(206, 304),
        errors=(
            NotFound,
            UnsupportedType,
            Unreadable,
            TooLarge,
            StoreDamaged,
            AddonMissing,
            AddonBroken,
            DriverCrashed,
            DriverTimeout,
        ),
    ),
)
