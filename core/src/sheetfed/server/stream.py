"""Events in their order, from where a client stopped."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from sheetfed.api.errors import BadRequest
from sheetfed.events import Event, Subscription
from sheetfed.server.guard import callers
from sheetfed.server.table import Call
from sheetfed.server.tokens import TOKENS
from sheetfed.service import Service
from sheetfed.store import log as event_log

PING = 15.0
"""Seconds after which a silent stream gives a sign of life."""

STALLED = 20.0
"""Seconds in which a client must take an event; then it is cut off and may come back."""

Left = Callable[[], float]
"""Returns for how many seconds somebody may still listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a client is told. The number is None where there is nothing to come back to."""

    topic: str
    data: Mapping[str, Any]
    number: int | None


def left_to(call: Call) -> Left:
    """Return what tells how long the caller may listen: as long as their token is good."""
    if call.caller.kind == "tool":
        return lambda: math.inf
    return partial(call.request.app[TOKENS].left, callers.bearer(call.request))


async def news(
    service: Service, owner: str, topics: Collection[str], after: int | None, *, left: Left
) -> AsyncGenerator[Told | None, None]:
    """Give what happens to an owner, at first what came after a number; None after a silence.

    "ready" comes before what happens from now on, and "reset" where that number is too old. It ends
    where the service stops, a reader is too slow, or no time is left.
    """
    subscription = service.events.subscribe(owner)
    try:
        newest = service.events.last
        missed: list[Event] | None = []
        if after is not None:
            missed = await service.database.read(
                lambda connection: event_log.replay(connection, after, owner)
            )
        if missed is None:
            yield Told(topic="reset", data={}, number=newest)
        yield Told(topic="ready", data={}, number=newest if after is None else None)
        for event in missed or ():
            if event.topic in topics:
                yield _told(event)
        seen = missed[-1].number if missed else 0
        async with aclosing(_live(subscription, left)) as live:
            async for coming in live:
                if coming is None:
                    yield None
                elif coming.topic in topics and not 0 < coming.number <= seen:
                    yield _told(coming)
    finally:
        subscription.close()


async def follow(
    request: web.Request, service: Service, owner: str, topics: Collection[str], *, left: Left
) -> web.StreamResponse:
    """Send the owner's events until the client leaves or sleeps, or there are no more."""
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    try:
        following = news(service, owner, topics, _last_seen(request), left=left)
        async with aclosing(following) as coming:
            async for told in coming:
                if not response.prepared:
                    await response.prepare(request)
                async with asyncio.timeout(STALLED):
                    await response.write(_block(told))
    except TimeoutError:
        if request.transport:
            request.transport.abort()
    return response


async def _live(subscription: Subscription, left: Left) -> AsyncGenerator[Event | None, None]:
    """Give each event, and None after every silence, while time is left."""
    coming = asyncio.ensure_future(anext(subscription, None))
    try:
        while (rest := left()) > 0:
            await asyncio.wait({coming}, timeout=min(PING, rest))
            if not coming.done():
                yield None
                continue
            event = coming.result()
            if event is None:
                return
            coming = asyncio.ensure_future(anext(subscription, None))
            yield event
    finally:
        coming.cancel()


def _told(event: Event) -> Told:
    return Told(topic=event.topic, data=event.data, number=event.number or None)


def _block(told: Told | None) -> bytes:
    if told is None:
        return b": ping\n\n"
    head = "" if told.number is None else f"id: {told.number}\n"
    data = json.dumps(told.data, separators=(",", ":"))
    return f"{head}event: {told.topic}\ndata: {data}\n\n".encode()


def _last_seen(request: web.Request) -> int | None:
    given = request.headers.get("Last-Event-ID", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 15):
        fault = {"pointer": "/Last-Event-ID", "detail": "is no number", "where": "header"}
        raise BadRequest("Last-Event-ID is no number of an event", errors=[fault])
    return int(given)
