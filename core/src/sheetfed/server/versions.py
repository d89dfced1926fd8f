"""Changes of documents: the version wanted, and told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web

from sheetfed.api.errors import Conflict, DiskFull, NotFound, QuotaReached, SheetfedError, Stale
from sheetfed.server import shapes
from sheetfed.server.answers import answer_of, document_json, json_answer, page_json
from sheetfed.server.problems import dump
from sheetfed.server.table import ORDERS, Answering, Call, Op, Shape
from sheetfed.store.documents import DocumentRow
from sheetfed.store.pages import PageRow

AT_ONCE = 100
"""Pages told in one turn of the event loop."""


async def tell(call: Call, row: DocumentRow, *, status: int = 200) -> web.Response:
    """Answer with a document as it is now."""
    row, pages = await call.service.documents.whole(call.owner, row.id)
    return _whole(row, await _in_words(call, pages), status=status)


class NewPages:
    """The pages of an answer, put into words while they are made to last."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._words: asyncio.Task[bytes] | None = None

    def foresee(self, pages: Sequence[PageRow]) -> None:
        """Begin to put them into words."""
        self._words = asyncio.create_task(_in_words(self._call, pages))

    async def tell(self, row: DocumentRow) -> web.Response:
        """Answer with the document that was made with them."""
        assert self._words, "they were not foreseen"
        answer = _whole(row, await self._words, status=201)
        answer.headers["Location"] = f"/v1/documents/{row.id}"
        return answer


async def tell_page(call: Call, row: PageRow) -> web.Response:
    """Answer with a page as it is now."""
    told = await page_json(call.service.edits, call.owner, row)
    return json_answer(told, headers={"ETag": f'"{row.shown_etag}"'})


async def version_wanted(call: Call) -> int | None:
    """Return the version that the request insists on. Raises Stale, NotFound."""
    asked = call.request.if_match
    if asked is None:
        return None
    row = await call.service.documents.get(call.owner, call.part("document_id"))
    if any(tag.value == "*" for tag in asked):
        return None
    if not any(tag.value == str(row.version) and not tag.is_weak for tag in asked):
        raise Stale(f"The document is at version {row.version} now", version=row.version)
    return row.version


async def page_wanted(call: Call) -> PageRow:
    """Return the page, at the state that the request insists on. Raises NotFound, Stale."""
    row = await call.service.documents.page(call.owner, call.part("page_id"))
    asked = call.request.if_match
    known = asked is None or any(
        tag.value == "*" or (tag.value == row.shown_etag and not tag.is_weak) for tag in asked
    )
    if not known:
        raise Stale("The page was edited by somebody else meanwhile", etag=row.shown_etag)
    return row


async def _in_words(call: Call, pages: Sequence[PageRow]) -> bytes:
    """Return pages as JSON without brackets; while thousands are told others have turns."""
    parts = []
    for at in range(0, len(pages), AT_ONCE):
        await asyncio.sleep(0)
        some = pages[at : at + AT_ONCE]
        told = [await page_json(call.service.edits, call.owner, page) for page in some]
        parts.append(dump(told)[1:-1])
    return b",".join(parts)


def _whole(row: DocumentRow, pages: bytes, *, status: int) -> web.Response:
    body = b'%s,"pages":[%s]}' % (dump(document_json(row))[:-1], pages)
    return answer_of(body, status=status, headers={"ETag": f'"{row.version}"'})


def change_of_document(
    method: str,
    place: str,
    op_id: str,
    handler: Answering,
    *,
    summary: str,
    body: Shape,
    answer: Shape = lambda: shapes.documents.Document,
    errors: tuple[type[SheetfedError], ...] = (),
) -> Op:
    """Return the row of an operation that changes a document at a version."""
    return Op(
        method=method,
        path=f"/v1/documents/{{document_id}}{place}",
        id=op_id,
        summary=summary,
        handler=handler,
        body=body,
        limit=ORDERS,
        headers=("If-Match",),
        answer=answer,
        errors=(NotFound, Conflict, Stale, DiskFull, QuotaReached, *errors),
    )
