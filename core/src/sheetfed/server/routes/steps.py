"""Steps that pages can take."""

from __future__ import annotations

from aiohttp import web

from sheetfed.server import shapes
from sheetfed.server.answers import json_answer, options_json
from sheetfed.server.table import Call, Op


async def list_steps(call: Call) -> web.StreamResponse:
    """List the steps that installed addons bring."""
    items: list[shapes.steps.Step] = [
        {"name": spec.name, "title": spec.title, "options": options_json(spec.options)}
        for spec in call.service.steps.offered()
    ]
    return json_answer({"items": items})


OPS = (
    Op(
        method="GET",
        path="/v1/steps",
        id="list_steps",
        summary="The steps that pages can take in a job",
        handler=list_steps,
        answer=lambda: shapes.steps.Steps,
    ),
)
