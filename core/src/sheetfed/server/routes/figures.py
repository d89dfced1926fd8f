"""How much there is of everything, in numbers."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from pathlib import Path

from aiohttp import web

from sheetfed.api.errors import StoreGone
from sheetfed.events import LOCAL
from sheetfed.server import shapes
from sheetfed.server.answers import json_answer
from sheetfed.server.table import Call, Op

_BORN = time.time()

JOBS = ("waiting", "scanning", "paused", "done", "failed", "cancelled")


async def figures(call: Call) -> web.StreamResponse:
    """Count: everybody's for the person at this computer, a site's own for a site."""
    service, owner = call.service, None if call.owner == LOCAL else call.owner
    usage = await service.documents.usage(owner)
    free = await service.documents.free()
    jobs = await service.database.read(lambda row: _by_state(row, "jobs", owner))
    deliveries = await service.database.read(lambda row: _by_state(row, "deliveries", owner))
    home = owner is None
    answer: shapes.figures.Figures = {
        "jobs": dict.fromkeys(JOBS, 0) | jobs,
        "deliveries": deliveries,
        "pages": usage.pages,
        "bytes": usage.bytes,
        "free_bytes": free.bytes,
        "workers": len(await asyncio.to_thread(_children)) if home else 0,
        "crashes": await asyncio.to_thread(_records, service.config.crashes) if home else 0,
        "addons": _addons(call) if home else {},
        "started": _BORN if home else 0.0,
    }
    return json_answer(answer)


def _by_state(connection: sqlite3.Connection, table: str, owner: str | None) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT state, COUNT(*) FROM {table} WHERE ? IS NULL OR owner = ? GROUP BY state",  # noqa: S608 - our names
        (owner, owner),
    )
    return dict(tuple(row) for row in rows)


def _addons(call: Call) -> dict[str, int]:
    states: dict[str, int] = {}
    for row in call.service.addons.rows:
        states[row.state] = states.get(row.state, 0) + 1
    return states


def _children() -> list[str]:
    """Return our children that live: workers, as far as the system tells."""
    found: list[str] = []
    for task in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        try:
            found += task.read_text().split()
        except OSError:
            continue
    return found


def _records(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.json"))


OPS = (
    Op(
        method="GET",
        path="/v1/figures",
        id="figures",
        summary="How much there is of everything, in numbers",
        handler=figures,
        answer=lambda: shapes.figures.Figures,
        errors=(StoreGone,),
    ),
)
