"""Sites, as the person at this computer decides about them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from sheetfed.api.errors import Conflict, NotFound
from sheetfed.approvals import Site
from sheetfed.events import LOCAL
from sheetfed.origins import is_web_origin
from sheetfed.pairings import Pairing
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, nothing
from sheetfed.server.pairing import HANDSHAKES
from sheetfed.server.table import Call, Op
from sheetfed.server.tokens import TOKENS


async def list_sites(call: Call) -> web.StreamResponse:
    """List what was decided, and what waits to be decided."""
    approvals = call.service.approvals
    scanning = {job.owner: job.device for job in call.service.jobs.scanning()}
    answer: shapes.sites.Sites = {
        "items": [_site(site, scanning.get(site.origin)) for site in approvals.all()],
        "pending": [
            _pending(pairing, approvals.pairings.seconds_left(pairing))
            for pairing in approvals.pairings.pending()
        ],
    }
    return json_answer(answer)


async def decide(call: Call) -> web.StreamResponse:
    """Approve or block a site in every browser of this account."""
    wish: shapes.sites.SiteDecision = call.body
    approvals = call.service.approvals
    if wish.state == "approved":
        await approvals.approve(wish.origin)
        _note(call, "approve", wish.origin)
        return nothing()
    async with _ending(call, wish.origin):
        await approvals.block(wish.origin)
        _note(call, "block", wish.origin)
    return nothing()


async def revoke(call: Call) -> web.StreamResponse:
    """Forget what was decided about a site, or about all, and what only it could see."""
    query: shapes.sites.SiteQuery = call.query
    approvals = call.service.approvals
    if query.origin is not None:
        async with _ending(call, query.origin):
            await approvals.revoke(query.origin)
            _note(call, "revoke", query.origin)
        return await _bereaved(call, [query.origin])
    async with _ending(call, *(site.origin for site in approvals.all())):
        gone = await approvals.revoke_all()
        await call.request.app[HANDSHAKES].forget()
        for origin in gone:
            _note(call, "revoke", origin)
    return await _bereaved(call, gone)


async def approve_pairing(call: Call) -> web.StreamResponse:
    """Approve the browser of a site that shows this code."""
    wish: shapes.sites.ApprovePairing = call.body
    pairing = await call.service.approvals.approve_pairing(call.part("pairing_id"), wish.code)
    _note(call, "approve", pairing.origin)
    return json_answer(_pending(pairing, 0))


async def block_pairing(call: Call) -> web.StreamResponse:
    """Block the site that asks."""
    approvals = call.service.approvals
    pairing_id = call.part("pairing_id")
    async with _ending(call, approvals.pairings.still_pending(pairing_id).origin):
        pairing = await approvals.block_pairing(pairing_id)
        _note(call, "block", pairing.origin)
    return json_answer(_pending(pairing, 0))


def _site(site: Site, scanning: str | None) -> shapes.sites.Site:
    return {
        "origin": site.origin,
        "display": site.origin,
        "state": site.state,
        "keys": site.keys,
        "approved": site.decided if site.state != "blocked" else None,
        "first_used": site.first_used,
        "last_used": site.last_used,
        "from": site.decided_by,
        "scanning": scanning,
    }


def _pending(pairing: Pairing, seconds: int) -> shapes.sites.PendingSite:
    return {
        "id": pairing.id,
        "origin": pairing.origin,
        "display": pairing.origin,
        "code": pairing.code,
        "expires_in": seconds,
    }


@asynccontextmanager
async def _ending(call: Call, *origins: str) -> AsyncIterator[None]:
    """End at once what sites hold that may not ask any more: tokens, streams, jobs, deliveries.

    That they may not holds from the first moment, also where it cannot be written down.
    """
    try:
        yield
    finally:
        approved = call.service.approvals.approved
        gone = [origin for origin in origins if is_web_origin(origin) and not approved(origin)]
        for origin in gone:
            call.request.app[TOKENS].revoke(origin)
        service = call.service
        for origin in gone:
            service.devices.holds.end_all(origin)
        await asyncio.gather(
            *(service.jobs.cancel_all(origin) for origin in gone),
            *(service.deliveries.cancel_all(origin) for origin in gone),
        )


async def _bereaved(call: Call, origins: Iterable[str]) -> web.StreamResponse:
    """Delete the documents of sites that are gone, unless the person wants them kept."""
    answer: shapes.sites.Revoked = {"documents": 0}
    for origin in origins if call.query.documents == "delete" else ():
        number = await call.service.documents.delete_all(origin)
        if number:
            call.service.audit.note(LOCAL, "delete", "done", site=origin, documents=number)
        answer["documents"] += number
    return json_answer(answer)


def _note(call: Call, what: str, origin: str) -> None:
    call.service.audit.note(LOCAL, what, "done", site=origin)


OPS = (
    Op(
        method="GET",
        path="/v1/sites",
        id="list_sites",
        summary="Sites that were approved or blocked, and those that ask",
        handler=list_sites,
        access="person",
        answer=lambda: shapes.sites.Sites,
    ),
    Op(
        method="POST",
        path="/v1/sites",
        id="decide_site",
        summary="Approve or block a site in every browser",
        handler=decide,
        access="person",
        body=lambda: shapes.sites.SiteDecision,
        status=204,
        errors=(Conflict,),
    ),
    Op(
        method="DELETE",
        path="/v1/sites",
        id="revoke_site",
        summary="Forget what was decided about a site, or about all, and its documents",
        handler=revoke,
        access="person",
        query=lambda: shapes.sites.SiteQuery,
        answer=lambda: shapes.sites.Revoked,
        errors=(NotFound, Conflict),
    ),
    Op(
        method="POST",
        path="/v1/pairings/{pairing_id}/approve",
        id="approve_pairing",
        summary="Approve the site that shows this code",
        handler=approve_pairing,
        access="person",
        body=lambda: shapes.sites.ApprovePairing,
        answer=lambda: shapes.sites.PendingSite,
        errors=(NotFound, Conflict),
    ),
    Op(
        method="POST",
        path="/v1/pairings/{pairing_id}/block",
        id="block_pairing",
        summary="Block the site that asks",
        handler=block_pairing,
        access="person",
        answer=lambda: shapes.sites.PendingSite,
        errors=(NotFound, Conflict),
    ),
)
