"""Edits: listed, done to pages, undone, done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

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
    PasswordNeeded,
    QuotaReached,
    SheetfedError,
    Stale,
    StoreDamaged,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, options_json
from sheetfed.server.guard import connections
from sheetfed.server.requests import upload_of
from sheetfed.server.table import ORDERS, Answering, Call, Op, Shape
from sheetfed.server.versions import (
    change_of_document,
    page_wanted,
    tell,
    tell_page,
    version_wanted,
)
from sheetfed.store import order
from sheetfed.store.order import Chosen
from sheetfed.store.pages import PageRow
from sheetfed.worker.wire import Deed

_ERRORS: tuple[type[SheetfedError], ...] = (
    BadSettings,
    TooLarge,
    Unreadable,
    UnsupportedType,
    StoreDamaged,
    AddonMissing,
    AddonBroken,
    DriverCrashed,
    DriverTimeout,
)
_FILE_ERRORS = (*_ERRORS, PasswordNeeded)


async def list_edits(call: Call) -> web.StreamResponse:
    """List the edits that installed addons bring."""
    items: list[shapes.edits.EditOffer] = [
        {
            "name": spec.name,
            "title": spec.title,
            "options": options_json(spec.options),
            "hides": spec.hides,
        }
        for spec in call.service.edits.offered()
    ]
    return json_answer({"items": items})


async def edit_page(call: Call) -> web.StreamResponse:
    """Edit a page."""
    body: shapes.edits.Editing = call.body
    page = await page_wanted(call)
    deeds = _deeds(call, body.edits)
    await call.service.edits.add(
        call.owner, page.document, [page], deeds, replace_last=body.replace
    )
    return await _changed(call)


async def replace_image(call: Call) -> web.StreamResponse:
    """Have the picture of a file take the place of a page."""
    page = await page_wanted(call)
    async with aclosing(upload_of(call.request)) as pieces:
        with connections.waiting(call.request):
            await call.service.importing.replace(call.owner, page, pieces)
    call.service.audit.note(call.owner, "import", "done", document=page.document, pages=1)
    return await _changed(call)


async def undo_page(call: Call) -> web.StreamResponse:
    """Take back the last edit of a page, or all."""
    body: shapes.edits.Turning = call.body
    page = await page_wanted(call)
    await call.service.edits.undo(call.owner, page.document, [page], every=body.all)
    return await _changed(call)


async def redo_page(call: Call) -> web.StreamResponse:
    """Do again what was taken back on a page."""
    body: shapes.edits.Turning = call.body
    page = await page_wanted(call)
    await call.service.edits.redo(call.owner, page.document, [page], every=body.all)
    return await _changed(call)


async def edit_pages(call: Call) -> web.StreamResponse:
    """Edit pages of a document, all or none."""
    body: shapes.edits.EditingMany = call.body
    document, version = call.part("document_id"), await version_wanted(call)
    pages = await _chosen(call, body.pages)
    row = await call.service.edits.add(
        call.owner,
        document,
        pages,
        _deeds(call, body.edits),
        replace_last=body.replace,
        version=version,
    )
    return await tell(call, row)


async def undo_pages(call: Call) -> web.StreamResponse:
    """Take back the last edit of each of a document's pages, or all."""
    body: shapes.edits.TurningMany = call.body
    document, version = call.part("document_id"), await version_wanted(call)
    pages = await _chosen(call, body.pages)
    row = await call.service.edits.undo(
        call.owner, document, pages, every=body.all, version=version
    )
    return await tell(call, row)


async def redo_pages(call: Call) -> web.StreamResponse:
    """Do again what was taken back on each of a document's pages."""
    body: shapes.edits.TurningMany = call.body
    document, version = call.part("document_id"), await version_wanted(call)
    pages = await _chosen(call, body.pages)
    row = await call.service.edits.redo(
        call.owner, document, pages, every=body.all, version=version
    )
    return await tell(call, row)


def _deeds(call: Call, wishes: Sequence[shapes.edits.EditWish]) -> tuple[Deed, ...]:
    asked: list[Mapping[str, Any]] = [asdict(wish) for wish in wishes]
    return call.service.edits.checked(asked)


async def _changed(call: Call) -> web.Response:
    return await tell_page(
        call, await call.service.documents.page(call.owner, call.part("page_id"))
    )


async def _chosen(call: Call, chosen: Chosen) -> list[PageRow]:
    """Return pages of the document. Raises NotFound, BadRequest, Conflict."""
    pages = await call.service.documents.pages(call.owner, call.part("document_id"))
    known = {page.id: page for page in pages}
    found = [known[name] for name in order.chosen([*known], chosen)]
    if not found:
        raise Conflict("The document has no such pages")
    return found


def _change_of_page(place: str, op_id: str, handler: Answering, *, summary: str, body: Shape) -> Op:
    return Op(
        method="POST",
        path=f"/v1/pages/{{page_id}}/{place}",
        id=op_id,
        summary=summary,
        handler=handler,
        body=body,
        limit=ORDERS,
        headers=("If-Match",),
        answer=lambda: shapes.pages.Page,
        errors=(NotFound, Conflict, Stale, DiskFull, *_ERRORS),
    )


OPS = (
    Op(
        method="GET",
        path="/v1/edits",
        id="list_edits",
        summary="What can be done to pages",
        handler=list_edits,
        answer=lambda: shapes.edits.EditOffers,
    ),
    _change_of_page(
        "edits",
        "edit_page",
        edit_page,
        summary="Edit a page; the original stays",
        body=lambda: shapes.edits.Editing,
    ),
    Op(
        method="PUT",
        path="/v1/pages/{page_id}/image",
        id="replace_image",
        summary="Have the picture of a file take the page's place; an edit, so that it is undone",
        handler=replace_image,
        upload=True,
        files="read",
        headers=("If-Match",),
        answer=lambda: shapes.pages.Page,
        errors=(NotFound, Conflict, Stale, BadRequest, QuotaReached, DiskFull, *_FILE_ERRORS),
    ),
    _change_of_page(
        "undo",
        "undo_page",
        undo_page,
        summary="Take back the last edit of a page, or all",
        body=lambda: shapes.edits.Turning,
    ),
    _change_of_page(
        "redo",
        "redo_page",
        redo_page,
        summary="Do again what was taken back on a page",
        body=lambda: shapes.edits.Turning,
    ),
    change_of_document(
        "POST",
        "/edits",
        "edit_pages",
        edit_pages,
        summary="Edit pages of a document, all or none",
        body=lambda: shapes.edits.EditingMany,
        errors=_ERRORS,
    ),
    change_of_document(
        "POST",
        "/undo",
        "undo_pages",
        undo_pages,
        summary="Take back the last edit of each page, or all",
        body=lambda: shapes.edits.TurningMany,
    ),
    change_of_document(
        "POST",
        "/redo",
        "redo_pages",
        redo_pages,
        summary="Do again what was taken back on each page",
        body=lambda: shapes.edits.TurningMany,
    ),
)
