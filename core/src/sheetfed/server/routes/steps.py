"""Steps that pages can take."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from sheetfed.api.errors import AddonMissing, BadSettings, NotFound, TooMany
from sheetfed.rounds import round_data
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, options_json
from sheetfed.server.table import ORDERS, Call, Op


async def list_steps(call: Call) -> web.StreamResponse:
    """List the steps that installed addons bring."""
    items: list[shapes.steps.Step] = [
        {"name": spec.name, "title": spec.title, "options": options_json(spec.options)}
        for spec in call.service.steps.offered()
    ]
    return json_answer({"items": items})


async def start_round(call: Call) -> web.StreamResponse:
    """Have pages of a document take steps."""
    body: shapes.steps.NewRound = call.body
    wishes = [asdict(step) for step in body.steps]
    one = await call.service.rounds.start(call.owner, call.part("document_id"), wishes, body.pages)
    headers = {"Location": f"/v1/rounds/{one.id}"}
    return json_answer(round_data(one), status=202, headers=headers)


async def get_round(call: Call) -> web.StreamResponse:
    """Return a round."""
    return json_answer(round_data(await call.service.rounds.get(call.owner, call.part("round_id"))))


async def cancel_round(call: Call) -> web.StreamResponse:
    """Stop a round."""
    rounds, wanted = call.service.rounds, call.part("round_id")
    return json_answer(round_data(await rounds.cancel(call.owner, wanted)))


OPS = (
    Op(
        method="GET",
        path="/v1/steps",
        id="list_steps",
        summary="The steps that pages can take in a job",
        handler=list_steps,
        answer=lambda: shapes.steps.Steps,
    ),
    Op(
        method="POST",
        path="/v1/documents/{document_id}/steps",
        id="start_round",
        summary="Have pages of a document take steps now; answers at once",
        handler=start_round,
        body=lambda: shapes.steps.NewRound,
        limit=ORDERS,
        status=202,
        answer=lambda: shapes.steps.Round,
        errors=(NotFound, AddonMissing, BadSettings, TooMany),
    ),
    Op(
        method="GET",
        path="/v1/rounds/{round_id}",
        id="get_round",
        summary="A round of steps: how far it is",
        handler=get_round,
        answer=lambda: shapes.steps.Round,
        errors=(NotFound,),
    ),
    Op(
        method="DELETE",
        path="/v1/rounds/{round_id}",
        id="stop_round",
        summary="Stop a round; pages that are through keep their marks",
        handler=cancel_round,
        answer=lambda: shapes.steps.Round,
        errors=(NotFound,),
    ),
)
