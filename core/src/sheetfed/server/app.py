"""The table of operations as an application."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from sheetfed.api.errors import BadRequest
from sheetfed.server import problems
from sheetfed.server.guard.door import CALLER, DOOR, Door
from sheetfed.server.inside import Inside
from sheetfed.server.nonces import NONCES, Nonces, sweep_nonces
from sheetfed.server.pairing import HANDSHAKES, Handshakes
from sheetfed.server.pictures import Pictures
from sheetfed.server.requests import body_of, query_of
from sheetfed.server.routes import (
    about,
    arranging,
    assets,
    deliveries,
    devices,
    documents,
    edits,
    events,
    figures,
    findings,
    formats,
    jobs,
    pages,
    pairing,
    preview,
    sites,
    socket,
    steps,
    tokens,
)
from sheetfed.server.routes.docs import document_op
from sheetfed.server.table import ORDERS, SERVICE, Call, Op
from sheetfed.server.tokens import TOKENS, Tokens, keep_tokens
from sheetfed.server.webapps import WEBAPPS, WebApps
from sheetfed.service import Service

OPS: tuple[Op, ...] = (
    *about.OPS,
    *findings.OPS,
    *figures.OPS,
    *devices.OPS,
    *preview.OPS,
    *jobs.OPS,
    *deliveries.OPS,
    *steps.OPS,
    *documents.OPS,
    *arranging.OPS,
    *pages.OPS,
    *formats.OPS,
    *edits.OPS,
    *events.OPS,
    *socket.OPS,
    *pairing.OPS,
    *sites.OPS,
    *tokens.OPS,
    document_op(lambda: OPS),
)
"""Every operation."""


def make_app(service: Service) -> web.Application:
    """Return the application that answers for a service."""
    held = Tokens(service.database)
    door = Door(
        held,
        approved=service.approvals.approved,
        note=lambda who, result: service.audit.note(who, "refuse", result),
    )
    app = web.Application(middlewares=[door.guard], client_max_size=ORDERS)
    app[SERVICE] = service
    app[TOKENS] = held
    app[NONCES] = Nonces(service.config.runtime)
    app[HANDSHAKES] = Handshakes(service.database, service.master)
    app[DOOR] = door
    app[pages.PICTURES] = Pictures(service)
    for op in OPS:
        for method in op.methods:
            route = app.router.add_route(method, op.path, _answering(op), expect_handler=_wait)
            door.rule(route, op.access, rate=op.counts)
    assets.mount(app)
    inside = Inside(service.config, held)
    app[WEBAPPS] = WebApps(service, door, inside)
    app[WEBAPPS].mount(app)
    app.cleanup_ctx.extend((keep_tokens, sweep_nonces, inside.life))
    app.on_response_prepare.extend((_tell_expectation, door.dress))
    app.on_shutdown.append(_leave)
    return app


def _answering(op: Op) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        call = Call(
            request=request,
            service=request.app[SERVICE],
            caller=request[CALLER],
            query=query_of(request, op.query() if op.query else None),
            body=await body_of(request, op),
        )
        return await op.handler(call)

    return answer


async def _wait(request: web.Request) -> None:
    """Say "100 Continue" only once the body is wanted; see `requests`."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        raise web.HTTPExpectationFailed


async def _tell_expectation(request: web.Request, response: web.StreamResponse) -> None:
    """Make a problem of what aiohttp refuses before it asks any middleware."""
    del request
    if isinstance(response, web.HTTPExpectationFailed):
        told = problems.answer(BadRequest("Expect can only be 100-continue"), status=417)
        response.body = told.body
        response.headers.update(told.headers)
        response.headers["Content-Length"] = str(told.content_length)


async def _leave(app: web.Application) -> None:
    """End event streams, previews and long polls: aiohttp would wait for them."""
    await app[pages.PICTURES].close()
    app[SERVICE].devices.end_looks()
    app[SERVICE].events.close()
    app[SERVICE].approvals.close()
