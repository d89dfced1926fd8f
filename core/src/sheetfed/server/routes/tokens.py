"""Tokens for the person at this computer."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import DiskFull, NotAllowed
from sheetfed.events import LOCAL
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer
from sheetfed.server.guard.access import unknown
from sheetfed.server.nonces import NONCES
from sheetfed.server.table import Call, Op
from sheetfed.server.tokens import TOKENS, Token


async def new_nonce(call: Call) -> web.StreamResponse:
    """Give a tool what opens our own page once."""
    wish: shapes.tokens.NewNonce = call.body
    nonces = call.request.app[NONCES]
    if wish.page is None:
        nonce, file = nonces.issue(seconds=wish.lasts), None
    else:
        nonce, file = nonces.issue_file(wish.page, seconds=wish.lasts)
    call.service.devices.foresee()  # a page that opens asks for them first
    answer: shapes.tokens.Nonce = {"nonce": nonce, "file": str(file) if file else None}
    return json_answer(answer, status=201)


async def new_page_token(call: Call) -> web.StreamResponse:
    """Give our own page a token for its nonce."""
    wish: shapes.tokens.NewPageToken = call.body
    if not call.request.app[NONCES].take(wish.nonce):
        call.service.audit.note(LOCAL, "token", "refused", kind="page")
        raise unknown()
    token = await call.request.app[TOKENS].issue_page()
    call.service.audit.note(LOCAL, "token", "done", kind="page")
    return token_answer(token)


async def new_local_token(call: Call) -> web.StreamResponse:
    """Give a tool a token for a script, or to act as an approved site."""
    wish: shapes.tokens.NewLocalToken = call.body
    if wish.origin is not None and not call.service.approvals.approved(wish.origin):
        raise NotAllowed(
            "This site is not approved", advice="Approve it with `sheetfed sites approve`."
        )
    token = call.request.app[TOKENS].issue_local(wish.origin)
    call.service.audit.note(LOCAL, "token", "done", kind="local", site=wish.origin)
    return token_answer(token)


def token_answer(token: Token) -> web.StreamResponse:
    """Return the answer that hands a token out."""
    answer: shapes.tokens.Token = {"token": token.text, "expires_in": token.expires_in}
    return json_answer(answer, status=201)


OPS = (
    Op(
        method="POST",
        path="/v1/page-nonces",
        id="new_nonce",
        summary="What opens our own page once; for local tools",
        handler=new_nonce,
        access="tool",
        body=lambda: shapes.tokens.NewNonce,
        status=201,
        answer=lambda: shapes.tokens.Nonce,
        errors=(DiskFull,),
    ),
    Op(
        method="POST",
        path="/v1/page-tokens",
        id="new_page_token",
        summary="A token for our own page",
        handler=new_page_token,
        access="own",
        body=lambda: shapes.tokens.NewPageToken,
        status=201,
        answer=lambda: shapes.tokens.Token,
        errors=(DiskFull,),
    ),
    Op(
        method="POST",
        path="/v1/local-tokens",
        id="new_local_token",
        summary="A token for a script; for local tools",
        handler=new_local_token,
        access="tool",
        body=lambda: shapes.tokens.NewLocalToken,
        status=201,
        answer=lambda: shapes.tokens.Token,
    ),
)
