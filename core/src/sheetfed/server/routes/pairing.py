"""How a site gets to talk to us."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import (
    DiskFull,
    NotAllowed,
    NotFound,
    SheetfedError,
    StoreDamaged,
    TooMany,
)
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer
from sheetfed.server.guard.access import unknown
from sheetfed.server.guard.rates import too_many
from sheetfed.server.pairing import HANDSHAKES, site_key
from sheetfed.server.problems import Refusal
from sheetfed.server.routes.tokens import token_answer
from sheetfed.server.table import Call, Op
from sheetfed.server.tokens import TOKENS


async def begin(call: Call) -> web.StreamResponse:
    """Take a site's wish to be approved."""
    wish: shapes.sites.NewPairing = call.body
    approvals = call.service.approvals
    key = site_key(wish.key)
    service = await call.request.app[HANDSHAKES].public()
    try:
        pairing = approvals.ask(call.caller.origin, key)
    except TooMany as error:
        raise too_many(error.message, after=error.details["retry_after"]) from error
    answer: shapes.sites.BegunPairing = {
        "id": pairing.id,
        "state": pairing.state,
        "code": pairing.code,
        "expires_in": approvals.pairings.seconds_left(pairing),
        "service": service,
    }
    return json_answer(answer, status=202)


async def follow(call: Call) -> web.StreamResponse:
    """Tell a site what became of its wish, at once or when it is decided."""
    query: shapes.sites.PairingQuery = call.query
    pairings = call.service.approvals.pairings
    pairing = pairings.get(call.part("pairing_id"))
    if pairing.origin != call.caller.origin:
        raise NotFound("There is no such request to be approved")
    pairing = await pairings.wait(pairing.id, query.wait)
    answer: shapes.sites.Pairing = {"id": pairing.id, "state": pairing.state, "code": pairing.code}
    return json_answer(answer)


async def challenge(call: Call) -> web.StreamResponse:
    """Give an approved site what it is to sign."""
    wish: shapes.sites.NewChallenge = call.body
    key = site_key(wish.key)
    if not call.service.approvals.admits(call.caller.origin, key):
        raise NotAllowed("This site is not approved", advice="Ask with POST /v1/pairings.")
    made = await call.request.app[HANDSHAKES].challenge(call.caller.origin, key)
    answer: shapes.sites.Challenge = {
        "challenge": made.challenge,
        "service_id": made.service_id,
        "signature": made.signature,
    }
    return json_answer(answer, status=201)


async def token(call: Call) -> web.StreamResponse:
    """Give an approved site a token for a signed challenge."""
    wish: shapes.sites.NewSiteToken = call.body
    origin, key = call.caller.origin, site_key(wish.key)
    proven = await call.request.app[HANDSHAKES].proves(
        origin, key, challenge=wish.challenge, signature=wish.signature
    )
    try:
        if not proven:
            raise unknown()
        await call.service.approvals.use(origin, key)
    except (Refusal, SheetfedError):
        call.service.audit.note(origin, "token", "refused", kind="site")
        raise
    made = call.request.app[TOKENS].issue_site(origin)
    call.service.audit.note(origin, "token", "done", kind="site")
    return token_answer(made)


OPS = (
    Op(
        method="POST",
        path="/v1/pairings",
        id="pair",
        summary="Ask to be approved; for sites",
        handler=begin,
        access="pairing",
        rate="pairing",
        body=lambda: shapes.sites.NewPairing,
        status=202,
        answer=lambda: shapes.sites.BegunPairing,
        errors=(TooMany, StoreDamaged, DiskFull),
    ),
    Op(
        method="GET",
        path="/v1/pairings/{pairing_id}",
        id="follow_pairing",
        summary="What became of it, at once or when it is decided; for sites",
        handler=follow,
        access="pairing",
        query=lambda: shapes.sites.PairingQuery,
        answer=lambda: shapes.sites.Pairing,
        errors=(NotFound,),
    ),
    Op(
        method="POST",
        path="/v1/challenges",
        id="challenge",
        summary="What an approved site signs",
        handler=challenge,
        access="pairing",
        rate="pairing",
        body=lambda: shapes.sites.NewChallenge,
        status=201,
        answer=lambda: shapes.sites.Challenge,
        errors=(StoreDamaged, DiskFull),
    ),
    Op(
        method="POST",
        path="/v1/tokens",
        id="new_site_token",
        summary="A token for a signed challenge; for sites",
        handler=token,
        access="pairing",
        rate="pairing",
        body=lambda: shapes.sites.NewSiteToken,
        status=201,
        answer=lambda: shapes.tokens.Token,
        errors=(StoreDamaged, DiskFull),
    ),
)
