"""The event stream, numbered, from where a client stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from sheetfed.api.errors import BadRequest
from sheetfed.events import Event, Subscription
from sheetfed.service import Service
from sheetfed.store import log as event_log

PING = 15.0
"""Seconds after which a silent stream gives a sign of life."""

STALLED = 20.0
"""Seconds in which a client must take an event; then it is cut off and may come back."""


async def follow(
    request: web.Request, service: Service, owner: str, topics: Collection[str]
) -> web.StreamResponse:
    """Send the owner's events until the client leaves, sleeps or the service stops."""
    after = _last_seen(request)
    subscription = service.events.subscribe(owner)
    try:
        newest = service.events.last
        missed: list[Event] | None = []
        if after is not None:
            missed = await service.database.read(
                lambda connection: event_log.replay(connection, after, owner)
            )
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        if missed is None:
            await _write(response, _block("reset", {}, newest))
        await _write(response, _block("ready", {}, newest if after is None else None))
        for event in missed or ():
            await _tell(response, event, topics)
        told = missed[-1].number if missed else 0
        await _live(response, subscription, told, topics)
    except TimeoutError:
        if request.transport:
            request.transport.abort()
    finally:
        subscription.close()
    return response


async def _live(
    response: web.StreamResponse, subscription: Subscription, told: int, topics: Collection[str]
) -> None:
    coming = asyncio.ensure_future(anext(subscription, None))
    try:
        while True:
            await asyncio.wait({coming}, timeout=PING)
            if not coming.done():
                await _write(response, b": ping\n\n")
                continue
            event = coming.result()
            if event is None:
                return
            if not 0 < event.number <= told:
                await _tell(response, event, topics)
            coming = asyncio.ensure_future(anext(subscription, None))
    finally:
        coming.cancel()


async def _tell(response: web.StreamResponse, event: Event, topics: Collection[str]) -> None:
    if event.topic in topics:
        await _write(response, _block(event.topic, event.data, event.number or None))


async def _write(response: web.StreamResponse, block: bytes) -> None:
    async with asyncio.timeout(STALLED):
        await response.write(block)


def _block(name: str, data: Mapping[str, Any], number: int | None) -> bytes:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def _last_seen(request: web.Request) -> int | None:
    given = request.headers.get("Last-Event-ID", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 15):
        fault = {"pointer": "/Last-Event-ID", "detail": "is no number", "where": "header"}
        raise BadRequest("Last-Event-ID is no number of an event", errors=[fault])
    return int(given)
