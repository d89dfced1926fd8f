"""Pages of documents: listed, ordered, moved, copied, tagged."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from sheetfed.api.errors import BadRequest, DiskFull, NotFound
from sheetfed.ledger import rule_of
from sheetfed.server import shapes
from sheetfed.server.answers import head_json, json_answer, page_json
from sheetfed.server.table import Call, Op
from sheetfed.server.versions import change_of_document, tell, version_wanted
from sheetfed.store.documents import head_of
from sheetfed.store.transfers import Part


async def order_pages(call: Call) -> web.StreamResponse:
    """Put a document's pages in another order."""
    body: shapes.documents.Order = call.body
    wanted, version = call.part("document_id"), await version_wanted(call)
    row = await call.service.documents.order(call.owner, wanted, body.pages, version=version)
    return await tell(call, row)


async def move_pages(call: Call) -> web.StreamResponse:
    """Put pages, of this document or others, before another one or at the end."""
    body: shapes.documents.Move = call.body
    wanted, version = call.part("document_id"), await version_wanted(call)
    row = await call.service.documents.move_to(
        call.owner, body.pages, wanted, body.before, version=version
    )
    return await tell(call, row)


async def copy_pages(call: Call) -> web.StreamResponse:
    """Put copies of pages, of this document or others, before another one or at the end."""
    body: shapes.documents.Copy = call.body
    wanted, version = call.part("document_id"), await version_wanted(call)
    row = await call.service.documents.copy_to(
        call.owner, body.pages, wanted, body.before, version=version
    )
    return await tell(call, row)


async def arrange_pages(call: Call) -> web.StreamResponse:
    """Put pages in the order that a rule makes."""
    body: shapes.documents.Arrangement = call.body
    row = await call.service.documents.rule(
        call.owner,
        call.part("document_id"),
        body.rule,
        pages=body.pages,
        fronts=body.fronts,
        version=await version_wanted(call),
    )
    return await tell(call, row)


async def swap_pages(call: Call) -> web.StreamResponse:
    """Put two pages in each other's place."""
    body: shapes.documents.Swap = call.body
    wanted, version = call.part("document_id"), await version_wanted(call)
    row = await call.service.documents.swap(call.owner, wanted, body.a, body.b, version=version)
    return await tell(call, row)


async def remove_pages(call: Call) -> web.StreamResponse:
    """Delete pages of a document, all or none."""
    body: shapes.documents.Remove = call.body
    documents, wanted = call.service.documents, call.part("document_id")
    version = await version_wanted(call)
    row, gone = await documents.remove_from(call.owner, wanted, body.pages, version=version)
    call.service.audit.note(call.owner, "delete", "done", document=wanted, pages=gone)
    return await tell(call, row)


async def tag_pages(call: Call) -> web.StreamResponse:
    """Give tags to pages, and take others away."""
    body: shapes.documents.Retag = call.body
    row = await call.service.documents.tag(
        call.owner,
        call.part("document_id"),
        body.pages,
        having=body.having,
        add=body.add,
        remove=body.remove,
        version=await version_wanted(call),
    )
    return await tell(call, row)


async def split_document(call: Call) -> web.StreamResponse:
    """Part a document at pages."""
    body: shapes.documents.Split = call.body
    documents, wanted = call.service.documents, call.part("document_id")
    version = await version_wanted(call)
    parts = [Part(first=part.first, title=part.title) for part in body.parts]
    made = await documents.split(call.owner, wanted, parts, version=version)
    return json_answer({"items": [head_json(head_of(row)) for row in made]})


async def separate_document(call: Call) -> web.StreamResponse:
    """Part a document by what is marked on its pages."""
    body: shapes.separation.Separation = call.body
    rule = rule_of(asdict(body))
    assert rule
    documents, wanted = call.service.documents, call.part("document_id")
    version = await version_wanted(call)
    made, gone = await documents.separate(call.owner, wanted, rule, version=version)
    if gone:
        call.service.audit.note(call.owner, "delete", "done", document=wanted, pages=gone)
    return json_answer({"items": [head_json(head_of(row)) for row in made]})


async def merge_documents(call: Call) -> web.StreamResponse:
    """Move all pages of other documents into this one, and delete those."""
    body: shapes.documents.Merge = call.body
    service, wanted = call.service, call.part("document_id")
    row = await service.documents.merge(
        call.owner,
        wanted,
        body.documents,
        body.before,
        rule=body.rule,
        busy=service.jobs.documents_in_use(),
        version=await version_wanted(call),
    )
    for document in body.documents:
        service.audit.note(call.owner, "delete", "done", document=document, reason="merged")
    return await tell(call, row)


async def list_pages(call: Call) -> web.StreamResponse:
    """List pages of a document, piece by piece."""
    query: shapes.parts.TaggedQuery = call.query
    row, pages, rest = await call.service.documents.part(
        call.owner, call.part("document_id"), limit=query.limit, after=query.cursor, tag=query.tag
    )
    items = [await page_json(call.service.edits, call.owner, page) for page in pages]
    return json_answer({"items": items, "next": rest, "version": row.version})


async def list_tags(call: Call) -> web.StreamResponse:
    """List tags, each with how much has it."""
    return await _tell_tags(call)


async def rename_tag(call: Call) -> web.StreamResponse:
    """Give a tag another name wherever it is, or take it away."""
    body: shapes.documents.TagRename = call.body
    await call.service.documents.rename_tag(call.owner, body.tag, body.to)
    return await _tell_tags(call)


async def _tell_tags(call: Call) -> web.Response:
    found = await call.service.documents.tags(call.owner)
    items = [
        {"tag": tag, "documents": use.documents, "pages": use.pages} for tag, use in found.items()
    ]
    return json_answer({"items": items})


OPS = (
    Op(
        method="GET",
        path="/v1/documents/{document_id}/pages",
        id="list_pages",
        summary="Pages of a document in their order, piece by piece",
        handler=list_pages,
        query=lambda: shapes.parts.TaggedQuery,
        answer=lambda: shapes.documents.Pages,
        errors=(NotFound,),
    ),
    change_of_document(
        "PUT",
        "/order",
        "order_pages",
        order_pages,
        summary="Put the pages in another order",
        body=lambda: shapes.documents.Order,
    ),
    change_of_document(
        "POST",
        "/move",
        "move_pages",
        move_pages,
        summary="Put pages, of this document or others, before another one or at the end",
        body=lambda: shapes.documents.Move,
    ),
    change_of_document(
        "POST",
        "/copy",
        "copy_pages",
        copy_pages,
        summary="Put copies of pages, of this document or others, before another one or at the end",
        body=lambda: shapes.documents.Copy,
    ),
    change_of_document(
        "POST",
        "/arrange",
        "arrange_pages",
        arrange_pages,
        summary="Reverse pages, or put fronts and backs together or apart",
        body=lambda: shapes.documents.Arrangement,
    ),
    change_of_document(
        "POST",
        "/swap",
        "swap_pages",
        swap_pages,
        summary="Put two pages in each other's place",
        body=lambda: shapes.documents.Swap,
    ),
    change_of_document(
        "POST",
        "/remove",
        "remove_pages",
        remove_pages,
        summary="Delete pages, all or none",
        body=lambda: shapes.documents.Remove,
    ),
    change_of_document(
        "POST",
        "/tag",
        "tag_pages",
        tag_pages,
        summary="Give tags to pages, and take others away",
        body=lambda: shapes.documents.Retag,
    ),
    change_of_document(
        "POST",
        "/split",
        "split_document",
        split_document,
        summary="Part a document at pages; new documents begin there",
        body=lambda: shapes.documents.Split,
        answer=lambda: shapes.documents.Parts,
    ),
    change_of_document(
        "POST",
        "/separate",
        "separate_document",
        separate_document,
        summary="Part a document where a code, a patch or a blank page is, or every so many pages",
        body=lambda: shapes.separation.Separation,
        answer=lambda: shapes.documents.Parts,
    ),
    change_of_document(
        "POST",
        "/merge",
        "merge_documents",
        merge_documents,
        summary="Move all pages of other documents into this one, and delete those",
        body=lambda: shapes.documents.Merge,
    ),
    Op(
        method="GET",
        path="/v1/tags",
        id="list_tags",
        summary="Tags in use",
        handler=list_tags,
        answer=lambda: shapes.documents.TagUses,
    ),
    Op(
        method="POST",
        path="/v1/tags",
        id="rename_tag",
        summary="Give a tag another name in all documents and on all pages, or take it away",
        handler=rename_tag,
        body=lambda: shapes.documents.TagRename,
        answer=lambda: shapes.documents.TagUses,
        errors=(BadRequest, NotFound, DiskFull),
    ),
)
