"""The calls that look at a page."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from sheetfed_dwt import codes, subject, values
from sheetfed_dwt.asking import Asked, Route, insist
from sheetfed_dwt.faults import UNKNOWN, Fault
from sheetfed_dwt.jobs import Jobs
from sheetfed_dwt.sources import Source

BLOCKS = (("minBlockHeight", 20), ("maxBlockHeight", 30))

EVERY = 0.05
"""Seconds between two looks at whether a page is through."""


class Processing:
    """Answers them."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.routes = (
            Route(method="POST", path="/api/process/read-barcode", handler=self.read_barcode),
            Route(method="POST", path="/api/process/check-blank", handler=self.check_blank),
        )

    async def read_barcode(self, asked: Asked) -> web.StreamResponse:
        """Tell the codes on pages."""
        async with subject.given(asked, self._jobs, codes.options_for) as (source, options):
            return web.json_response(codes.results(await _marks(asked, source, "barcode", options)))

    async def check_blank(self, asked: Asked) -> web.StreamResponse:
        """Tell whether a page is blank, as our own step sees it; heights of blocks mean nothing."""
        async with subject.given(asked, self._jobs, _check_blocks) as (source, _):
            marks = await _marks(asked, source, "blank", {})
        return web.json_response({"result": any(mark["kind"] == "blank" for mark in marks)})


def _check_blocks(said: Any) -> None:
    """Raise Fault where a height of blocks is none."""
    settings = values.mapping(said, "settings")
    for name, usual in BLOCKS:
        values.whole(settings.get(name, usual), name, low=1)


async def _marks(
    asked: Asked, source: Source, step: str, options: dict[str, Any]
) -> list[dict[str, Any]]:
    """Have pages take a step, and return what it marked. Raises Fault, SheetfedError."""
    wish = {"steps": [{"name": step, "options": options}], "pages": source.pages}
    path = f"/v1/documents/{source.document}/steps"
    going = await asked.client.ask("POST", path, body=wish)
    while going["state"] == "running":
        await asyncio.sleep(EVERY)
        going = await insist(asked.client, "GET", f"/v1/rounds/{going['id']}")
    errors = [problem["error"] for problem in going["problems"]]
    errors += [going["error"]] if going["error"] else []
    if errors:
        raise Fault(500, UNKNOWN, errors[0]["detail"], cause=errors[0]["code"])
    pages = [await insist(asked.client, "GET", f"/v1/pages/{page}") for page in source.pages]
    return [mark for page in pages for mark in page["marks"] if mark["by"] == step]
