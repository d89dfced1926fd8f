"""What happens, as a stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from aiohttp import web

from sheetfed.api.errors import BadRequest
from sheetfed.events import Topic
from sheetfed.server import shapes
from sheetfed.server.guard import connections
from sheetfed.server.guard.door import DOOR
from sheetfed.server.stream import follow, left_to
from sheetfed.server.table import Call, Op

TOPICS = frozenset(get_args(Topic))


async def get_events(call: Call) -> web.StreamResponse:
    """Send events until the client leaves."""
    query: shapes.events.EventsQuery = call.query
    topics = topics_of(query.topics.split(",") if query.topics else None)
    with call.request.app[DOOR].visits.stream(call.caller), connections.waiting(call.request):
        return await follow(call.request, call.service, call.owner, topics, left=left_to(call))


def topics_of(names: Iterable[str] | None) -> frozenset[str]:
    """Return the topics that are wanted, all where nothing is said. Raises BadRequest."""
    topics = TOPICS if names is None else frozenset(names)
    if not topics <= TOPICS:
        detail = f"are {', '.join(sorted(TOPICS))}"
        fault = {"pointer": "/topics", "detail": detail, "where": "query"}
        raise BadRequest("There is no such topic", errors=[fault])
    return topics


OPS = (
    Op(
        method="GET",
        path="/v1/events",
        id="get_events",
        summary="What happens from now on, or from the last event that was seen",
        handler=get_events,
        query=lambda: shapes.events.EventsQuery,
        headers=("Last-Event-ID",),
        media=("text/event-stream",),
        head=False,
    ),
)
