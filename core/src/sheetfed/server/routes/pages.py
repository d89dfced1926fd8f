"""Pages: what is known of them, their bytes, their pictures."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Coroutine
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    BadRequest,
    Conflict,
    DiskFull,
    DriverCrashed,
    DriverTimeout,
    NotFound,
    PasswordNeeded,
    Stale,
    StoreDamaged,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.edits import check_bare
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, nothing
from sheetfed.server.pictures import WHOLE, Picture, Pictures, Region, Wish
from sheetfed.server.ranges import Content, matches, send
from sheetfed.server.table import Call, Op
from sheetfed.server.versions import page_wanted, tell_page
from sheetfed.store.history import UNEDITED
from sheetfed.store.pages import PageRow
from sheetfed.wording import contents, search

PULSE = 0.2
"""Seconds between two looks at whether somebody still waits for a picture."""

_NUMBER = r"([0-9]{1,6}(?:\.[0-9]{1,3})?)"
_REGION = re.compile(",".join([_NUMBER] * 4))

PICTURES = web.AppKey("PICTURES", Pictures)


async def get_page(call: Call) -> web.StreamResponse:
    """Return what is known of a page."""
    return await tell_page(
        call, await call.service.documents.page(call.owner, call.part("page_id"))
    )


async def delete_page(call: Call) -> web.StreamResponse:
    """Delete a page."""
    page = await page_wanted(call)
    shown = None if call.request.if_match is None else page.shown_etag
    for row in await call.service.documents.remove(call.owner, [page.id], shown=shown):
        call.service.audit.note(call.owner, "delete", "done", document=row.id, pages=1)
    return nothing()


async def get_contents(call: Call) -> web.StreamResponse:
    """Return what a page's file knows of it: the words on it, its fonts, pictures and links."""
    row = await call.service.documents.page(call.owner, call.part("page_id"))
    call.service.audit.note(call.owner, "view", "done", document=row.document)
    check_bare(row)
    service = call.service
    seen = await contents(service.documents, service.imaging, call.owner, row)
    return json_answer({"items": [asdict(mark) for mark in seen]})


async def find_text(call: Call) -> web.StreamResponse:
    """Return where words stand in a document, as far as one question looks."""
    query: shapes.pages.FindQuery = call.query
    service, document = call.service, call.part("document_id")
    found, unread, rest = await search(
        service.documents, service.imaging, call.owner, document, query.find, after=query.cursor
    )
    service.audit.note(call.owner, "view", "done", document=document)
    items = [asdict(one) for one in found]
    return json_answer({"items": items, "unread": unread, "next": rest})


async def get_image(call: Call) -> web.StreamResponse:
    """Return a page's bytes as they were kept, or a picture of it."""
    query: shapes.pages.ImageQuery = call.query
    row = await call.service.documents.page(call.owner, call.part("page_id"))
    call.service.audit.note(call.owner, "view", "done", document=row.document)
    wish = Wish(
        width=query.width,
        height=query.height,
        region=None if query.region is None else _region(query.region),
        type=query.type,
        quality=query.quality,
        edited=query.edited and row.history.count > 0,
    )
    if not query.edited:
        check_bare(row)
    base = row.standing if wish.edited else replace(row, history=UNEDITED)
    whole = replace(wish, type=None, edited=False) == WHOLE
    if whole and not base.history.count and wish.type in (None, base.media_type):
        return await _file(call, base, row.shown_etag if wish.edited else row.etag)
    return await _picture(call, row, wish)


def _region(text: str) -> Region:
    """Return left, top, width and height. Raises BadRequest."""
    found = _REGION.fullmatch(text)
    if found is None:
        detail = "is left,top,width,height in pixels"
        fault = {"pointer": "/region", "detail": detail, "where": "query"}
        raise BadRequest("The query is not understood", errors=[fault])
    left, top, width, height = (float(number) for number in found.groups())
    return left, top, width, height


async def _file(call: Call, row: PageRow, etag: str) -> web.StreamResponse:
    """Send what a page begins with, piece by piece: its own file, or what took its place."""
    original = await call.service.documents.file_of(call.owner, row)
    try:
        content = Content(
            size=original.size,
            media_type=row.media_type,
            etag=etag,
            name=_name(call, row, row.media_type),
            read=original.read,
        )
        return await send(call.request, content)
    finally:
        await original.close()


async def _picture(call: Call, row: PageRow, wish: Wish) -> web.StreamResponse:
    looks = row.shown_etag if wish.edited else row.etag
    absent = call.service.edits.missing(row) if wish.edited else []
    etag = hashlib.sha256(repr((looks, wish, absent)).encode()).hexdigest()[:32]
    if matches(call.request, etag):
        return web.Response(status=304, headers={"ETag": f'"{etag}"'})
    drawing = call.request.app[PICTURES].picture(call.owner, row, wish)
    picture = await _while_wanted(call.request, drawing)
    if picture is None:
        return web.Response(status=499)  # which nobody reads

    async def read(begin: int, length: int) -> bytes:
        return picture.data[begin : begin + length]

    content = Content(
        size=len(picture.data),
        media_type=picture.media_type,
        etag=etag,
        name=_name(call, row, picture.media_type),
        read=read,
    )
    return await send(call.request, content)


async def _while_wanted(
    request: web.Request, drawing: Coroutine[Any, Any, Picture]
) -> Picture | None:
    """Return the picture, or stop drawing and return None once the client is gone."""
    task = asyncio.create_task(drawing)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=PULSE)
            if request.transport is None or request.transport.is_closing():
                return None
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _name(call: Call, row: PageRow, media_type: str) -> str:
    endings = call.service.imaging.format(media_type).endings
    return f"page-{row.position + 1}{f'.{endings[0]}' if endings else ''}"


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
        headers=("If-Match",),
        status=204,
        errors=(NotFound, Stale, DiskFull),
    ),
    Op(
        method="GET",
        path="/v1/pages/{page_id}/contents",
        id="get_contents",
        summary="What the file of a page knows of it: words with boxes, fonts, pictures, links",
        handler=get_contents,
        answer=lambda: shapes.pages.Contents,
        errors=(
            NotFound,
            Conflict,
            Unreadable,
            PasswordNeeded,
            TooLarge,
            StoreDamaged,
            AddonMissing,
            AddonBroken,
            DriverCrashed,
            DriverTimeout,
        ),
    ),
    Op(
        method="GET",
        path="/v1/documents/{document_id}/text",
        id="find_text",
        summary="Where words stand in a document: pages and boxes, some pages at a time",
        handler=find_text,
        query=lambda: shapes.pages.FindQuery,
        answer=lambda: shapes.pages.Findings,
        errors=(NotFound,),
    ),
    Op(
        method="GET",
        path="/v1/pages/{page_id}/image",
        id="get_image",
        summary="A page as it is saved, or a picture of it or of a part as large as asked",
        handler=get_image,
        query=lambda: shapes.pages.ImageQuery,
        headers=("Range", "If-Range", "If-None-Match"),
        media=("image/jpeg", "image/png", "image/tiff", "image/bmp", "application/octet-stream"),
        files="shown",
        also=(206, 304),
        errors=(
            NotFound,
            Conflict,
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
