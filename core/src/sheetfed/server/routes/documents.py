"""Documents: listed, arranged, deleted, saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict

from aiohttp import web

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    BadRequest,
    BadSettings,
    Conflict,
    DiskFull,
    DriverCrashed,
    DriverTimeout,
    NotFound,
    QuotaReached,
    Stale,
    StoreDamaged,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.api.model import Value
from sheetfed.events import Event
from sheetfed.server import shapes
from sheetfed.server.answers import head_json, json_answer, nothing
from sheetfed.server.ranges import matches, send_stream
from sheetfed.server.table import ORDERS, Call, Op
from sheetfed.server.versions import change_of_document, tell, version_wanted
from sheetfed.store.pages import PageRow

ZIP = "application/zip"

PACE = 0.2
"""Seconds between two events that tell how far a file is."""

_FILES = (
    "application/pdf",
    "image/tiff",
    "image/jpeg",
    "image/png",
    "image/bmp",
    "image/webp",
    "image/jp2",
    "image/x-portable-anymap",
    ZIP,
    "application/octet-stream",
)
_FILE_ERRORS = (
    NotFound,
    Conflict,
    BadSettings,
    UnsupportedType,
    Unreadable,
    TooLarge,
    StoreDamaged,
    AddonMissing,
    AddonBroken,
    DriverCrashed,
    DriverTimeout,
)


async def list_documents(call: Call) -> web.StreamResponse:
    """List documents, the newest first."""
    query: shapes.parts.TaggedQuery = call.query
    rows, rest = await call.service.documents.list(
        call.owner, limit=query.limit, after=query.cursor, tag=query.tag
    )
    return json_answer({"items": [head_json(row) for row in rows], "next": rest})


async def create_document(call: Call) -> web.StreamResponse:
    """Make a document, empty or as a copy of another."""
    body: shapes.documents.NewDocument = call.body
    documents = call.service.documents
    if body.copy_of is None:
        row = await documents.create(call.owner, title=body.title, private=body.private)
    else:
        row = await documents.duplicate(
            call.owner, body.copy_of, title=body.title, pages=body.pages, private=body.private
        )
    answer = await tell(call, row, status=201)
    answer.headers["Location"] = f"/v1/documents/{row.id}"
    return answer


async def delete_documents(call: Call) -> web.StreamResponse:
    """Delete every document."""
    await call.service.documents.delete_all(call.owner)
    call.service.audit.note(call.owner, "delete", "done", documents="all")
    return nothing()


async def get_document(call: Call) -> web.StreamResponse:
    """Return a document and its pages."""
    row = await call.service.documents.get(call.owner, call.part("document_id"))
    if matches(call.request, str(row.version)):
        return web.Response(status=304, headers={"ETag": f'"{row.version}"'})
    return await tell(call, row)


async def describe_document(call: Call) -> web.StreamResponse:
    """Give a document another title, other tags or other info."""
    body: shapes.documents.Wording = call.body
    info = {} if body.info is None else asdict(body.info)
    row = await call.service.documents.describe(
        call.owner,
        call.part("document_id"),
        title=body.title,
        tags=body.tags,
        info={name: value for name, value in info.items() if value is not None},
        version=await version_wanted(call),
    )
    return await tell(call, row)


async def delete_document(call: Call) -> web.StreamResponse:
    """Delete a document with its pages."""
    wanted = call.part("document_id")
    await call.service.documents.delete(call.owner, wanted, version=await version_wanted(call))
    call.service.audit.note(call.owner, "delete", "done", document=wanted)
    return nothing()


async def save_document(call: Call) -> web.StreamResponse:
    """Write a document as a file."""
    query: shapes.documents.FileQuery = call.query
    wish = shapes.documents.FileWish(
        type=query.type,
        pages=None if query.pages is None else tuple(query.pages.split(",")),
        compression=query.compression,
        quality=query.quality,
        zip=query.zip,
    )
    return await _send(call, wish)


async def save_pages(call: Call) -> web.StreamResponse:
    """Write pages of a document as a file; a query has no room for thousands of them."""
    return await _send(call, call.body)


async def _send(call: Call, wish: shapes.documents.FileWish) -> web.StreamResponse:
    """Write a file page by page."""
    service = call.service
    row = await service.documents.get(call.owner, call.part("document_id"))
    pages = _chosen(await service.documents.pages(call.owner, row.id), wish.pages)
    if wish.after is not None:
        pages = [*await service.documents.pages(call.owner, wish.after), *pages]
    service.imaging.check_writes(wish.type)
    known = service.imaging.format(wish.type)
    if not known.gathers and len(pages) > 1 and not wish.zip:
        raise BadRequest(f"{wish.type} holds one page; name one with `pages`, or ask for `zip`")
    asked: dict[str, Value] = {"compression": wish.compression, "quality": wish.quality}
    said: dict[str, Value] = {name: value for name, value in asked.items() if value is not None}
    words = service.saving.words(row, wish.type)
    said |= wish.options or {}
    service.imaging.check_asked(wish.type, said)
    options: dict[str, Value] = {**words, **said}
    service.audit.note(
        call.owner, "save", "done", document=row.id, pages=len(pages), type=wish.type
    )
    ending = f".{known.endings[0]}" if known.endings else ""
    name = row.title.strip() or "document"
    make = service.saving.zipped if wish.zip else service.saving.file
    told = _telling(call, row.id, wish.type, len(pages))
    async with aclosing(make(call.owner, pages, wish.type, options, told)) as pieces:
        return await send_stream(
            call.request,
            pieces,
            media_type=ZIP if wish.zip else wish.type,
            name=f"{name}{'.zip' if wish.zip else ending}",
            pages=len(pages),
        )


def _telling(call: Call, document: str, media_type: str, pages: int) -> Callable[[int], None]:
    """Return what tells the caller's events how far a file is, a few times a second."""
    last = 0.0

    def told(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PACE and done < pages:
            return
        last = now
        data = {"document": document, "type": media_type, "pages": pages, "done": done}
        event = Event(number=0, topic="file", data=data, at=time.time(), owner=call.owner)
        call.service.events.publish([event])

    return told


def _chosen(pages: Sequence[PageRow], named: Sequence[str] | None) -> list[PageRow]:
    chosen = [*pages]
    if named is not None:
        known = {page.id: page for page in pages}
        if any(name not in known for name in named):
            raise NotFound("There is no such page in the document")
        chosen = [known[name] for name in named]
    if not chosen:
        raise Conflict("The document has no pages yet")
    return chosen


OPS = (
    Op(
        method="GET",
        path="/v1/documents",
        id="list_documents",
        summary="Documents, the newest first",
        handler=list_documents,
        query=lambda: shapes.parts.TaggedQuery,
        answer=lambda: shapes.documents.Documents,
    ),
    Op(
        method="POST",
        path="/v1/documents",
        id="create_document",
        summary="Make a document, empty or as a copy of another",
        handler=create_document,
        body=lambda: shapes.documents.NewDocument,
        status=201,
        answer=lambda: shapes.documents.Document,
        errors=(NotFound, DiskFull, QuotaReached),
    ),
    Op(
        method="DELETE",
        path="/v1/documents",
        id="delete_documents",
        summary="Delete every document",
        handler=delete_documents,
        status=204,
        errors=(DiskFull,),
    ),
    Op(
        method="GET",
        path="/v1/documents/{document_id}",
        id="get_document",
        summary="A document and its pages",
        handler=get_document,
        headers=("If-None-Match",),
        answer=lambda: shapes.documents.Document,
        also=(304,),
        errors=(NotFound,),
    ),
    change_of_document(
        "PATCH",
        "",
        "describe_document",
        describe_document,
        summary="Give another title, other tags or other info",
        body=lambda: shapes.documents.Wording,
    ),
    Op(
        method="DELETE",
        path="/v1/documents/{document_id}",
        id="delete_document",
        summary="Delete a document with its pages",
        handler=delete_document,
        headers=("If-Match",),
        status=204,
        errors=(NotFound, Stale, DiskFull),
    ),
    Op(
        method="GET",
        path="/v1/documents/{document_id}/file",
        id="save_document",
        summary="The document as a file",
        handler=save_document,
        rate="control",
        query=lambda: shapes.documents.FileQuery,
        media=_FILES,
        files="written",
        errors=_FILE_ERRORS,
    ),
    Op(
        method="POST",
        path="/v1/documents/{document_id}/file",
        id="save_pages",
        summary="The document, or any number of its pages, as a file",
        handler=save_pages,
        body=lambda: shapes.documents.FileWish,
        limit=ORDERS,
        media=_FILES,
        files="written",
        errors=_FILE_ERRORS,
    ),
)
