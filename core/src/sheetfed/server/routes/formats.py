"""Formats: which there are, and files of them taken in."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import aclosing

from aiohttp import web

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    BadRequest,
    BadSettings,
    DiskFull,
    DriverCrashed,
    DriverTimeout,
    NotFound,
    PasswordNeeded,
    QuotaReached,
    Stale,
    StoreDamaged,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.api.model import Settings
from sheetfed.events import Event
from sheetfed.importing import Foretaste, Tasting
from sheetfed.server import shapes
from sheetfed.server.answers import format_json, json_answer
from sheetfed.server.guard import connections
from sheetfed.server.requests import upload_of
from sheetfed.server.table import Call, Op
from sheetfed.server.versions import NewPages, version_wanted
from sheetfed.store.pages import page_data

_ERRORS = (
    NotFound,
    BadSettings,
    UnsupportedType,
    Unreadable,
    PasswordNeeded,
    TooLarge,
    AddonMissing,
    AddonBroken,
    DriverCrashed,
    DriverTimeout,
    DiskFull,
    QuotaReached,
    StoreDamaged,
)


async def list_formats(call: Call) -> web.StreamResponse:
    """List what is read and written, and by whom."""
    items = [format_json(known) for known in call.service.imaging.formats()]
    return json_answer({"items": items})


async def import_pages(call: Call) -> web.StreamResponse:
    """Put the pages of a file into a document."""
    query: shapes.formats.ImportQuery = call.query
    document = (await call.service.documents.get(call.owner, call.part("document_id"))).id
    version = await version_wanted(call)
    async with aclosing(upload_of(call.request)) as pieces:
        with connections.waiting(call.request):
            row, rows = await call.service.importing.file(
                call.owner,
                document,
                pieces,
                before=query.before,
                tags=_tags(query),
                options=_options(query),
                tasting=_telling(call, query.watch),
                version=version,
            )
    call.service.audit.note(call.owner, "import", "done", document=row.id, pages=len(rows))
    return json_answer(
        {"document": row.id, "version": row.version, "pages": [page_data(page) for page in rows]},
        status=201,
        headers={"ETag": f'"{row.version}"'},
    )


async def import_document(call: Call) -> web.StreamResponse:
    """Make a document of a file; where that fails there is none."""
    query: shapes.formats.ImportDocumentQuery = call.query
    options, private, told = _options(query), query.private, NewPages(call)
    async with aclosing(upload_of(call.request)) as pieces:
        with connections.waiting(call.request):
            row, rows = await call.service.importing.document(
                call.owner,
                pieces,
                title=query.title,
                private=private,
                tags=_tags(query),
                options=options,
                foreseen=told.foresee,
                tasting=_telling(call, query.watch),
            )
    call.service.audit.note(call.owner, "import", "done", document=row.id, pages=len(rows))
    return await told.tell(row)


def _telling(call: Call, watch: str | None) -> Tasting | None:
    """Return what tells the caller's events of a file before its pages are there."""
    if watch is None:
        return None

    def told(known: Foretaste) -> None:
        first = known.first
        picture = {
            "type": first.media_type,
            "width": first.width,
            "height": first.height,
            "data": b64encode(first.data).decode(),
        }
        data = {"watch": watch, "pages": known.pages, "picture": picture}
        event = Event(number=0, topic="file", data=data, at=time.time(), owner=call.owner)
        call.service.events.publish([event])

    return told


def _tags(query: shapes.formats.ImportQuery | shapes.formats.ImportDocumentQuery) -> Sequence[str]:
    """Return the tags of what comes in. Raises BadRequest."""
    try:
        found = [] if query.tags is None else json.loads(query.tags)
    except ValueError as error:
        raise BadRequest("`tags` is not JSON") from error
    if not isinstance(found, list) or not all(isinstance(tag, str) for tag in found):
        raise BadRequest("`tags` is no list of words")
    return found


def _options(query: shapes.formats.ImportQuery | shapes.formats.ImportDocumentQuery) -> Settings:
    """Return what the file is to be opened with. Raises BadRequest."""
    found = {}
    if query.options is not None:
        try:
            found = json.loads(query.options)
        except ValueError as error:
            raise BadRequest("`options` is not JSON") from error
        plain = (bool, int, float, str, type(None))
        if not isinstance(found, dict) or not all(isinstance(v, plain) for v in found.values()):
            raise BadRequest("`options` is no object of names and plain values")
    if query.password is not None:
        found["password"] = query.password
    return found


OPS = (
    Op(
        method="GET",
        path="/v1/formats",
        id="list_formats",
        summary="The formats that files are read and written in",
        handler=list_formats,
        answer=lambda: shapes.formats.Formats,
    ),
    Op(
        method="POST",
        path="/v1/documents/{document_id}/pages",
        id="import_pages",
        summary="Put the pages of a file into a document",
        handler=import_pages,
        query=lambda: shapes.formats.ImportQuery,
        upload=True,
        files="read",
        status=201,
        headers=("If-Match",),
        answer=lambda: shapes.formats.Imported,
        errors=(Stale, *_ERRORS),
    ),
    Op(
        method="POST",
        path="/v1/imports",
        id="import_document",
        summary="Make a document of a file",
        handler=import_document,
        query=lambda: shapes.formats.ImportDocumentQuery,
        upload=True,
        files="read",
        status=201,
        answer=lambda: shapes.documents.Document,
        errors=_ERRORS,
    ),
)
