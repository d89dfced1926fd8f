"""What happens, over a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http import WSMessage, WSMsgType

from sheetfed.api.errors import BadRequest, SheetfedError
from sheetfed.server import shapes
from sheetfed.server.guard import callers
from sheetfed.server.guard.callers import Caller
from sheetfed.server.guard.door import DOOR
from sheetfed.server.problems import Refusal
from sheetfed.server.requests import read_json
from sheetfed.server.routes.events import topics_of
from sheetfed.server.stream import STALLED, Left, news
from sheetfed.server.table import Call, Op
from sheetfed.server.tokens import TOKENS

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds in which the first message must come."""

LONGEST = 64 << 10
"""Bytes that a message may have."""

BEAT = 20.0
"""Seconds between pings."""

RENEWALS = 1.0
"""Seconds between two messages of a page that are heard."""

POLICY = 1008
LEAVING = 1001
"""Why a socket is closed, as the protocol numbers it; aiohttp adds 1002 and 1009."""


@dataclass(slots=True, kw_only=True)
class Wish:
    """Who listens, to what, and with which token."""

    caller: Caller
    token: str
    topics: Collection[str]
    after: int | None


async def open_socket(call: Call) -> web.StreamResponse:
    """Send events to a page until one of us leaves."""
    visits = call.request.app[DOOR].visits
    socket = web.WebSocketResponse(
        compress=False, max_msg_size=LONGEST, heartbeat=BEAT, timeout=1.0
    )
    with visits.stream(call.caller):
        if not socket.can_prepare(call.request):
            raise Refusal(
                426, BadRequest("This is for WebSockets"), headers={"Upgrade": "websocket"}
            )
        await socket.prepare(call.request)
        try:
            wish = await _welcome(call, socket)
        except (Refusal, SheetfedError, TimeoutError):
            await socket.close(code=POLICY)
            return socket
        revoked = asyncio.Event()
        with visits.of(wish.caller, revoked.set):
            await _converse(call, socket, wish, revoked)
    return socket


async def _welcome(call: Call, socket: web.WebSocketResponse) -> Wish:
    """Read the first message.

    Raises TimeoutError where it does not come in time, Refusal or BadRequest where it is wrong.
    """
    async with asyncio.timeout(PATIENCE):
        greeting = await _message(socket, shapes.events.Greeting)
    return Wish(
        caller=_caller(call, greeting.token),
        token=greeting.token,
        topics=topics_of(greeting.topics),
        after=greeting.after,
    )


async def _message(socket: web.WebSocketResponse, kind: type[T]) -> T:
    """Read a message. Raises Refusal or BadRequest where it is not of this kind."""
    message: WSMessage = await socket.receive()
    if message.type is not WSMsgType.TEXT:
        raise BadRequest("The message is no text")
    told: T = read_json(message.data.encode(errors="surrogatepass"), kind)
    return told


def _caller(call: Call, token: str) -> Caller:
    """Return who uses a token. Raises BadRequest where it is not good from this page."""
    origin = call.caller.origin
    grant = call.request.app[TOKENS].check(token)
    caller = callers.of_grant(grant, origin, is_page=not origin, is_script=False)
    if caller.kind == "stranger":
        raise BadRequest("The token is not valid")
    return caller


async def _converse(
    call: Call, socket: web.WebSocketResponse, wish: Wish, revoked: asyncio.Event
) -> None:
    """Send until the page leaves or says what is wrong, its token ends, or nothing more comes."""
    left = partial(_left, call, wish)
    sending = asyncio.create_task(_send(call, socket, wish, left))
    others = (asyncio.create_task(_hear(call, socket, wish)), asyncio.create_task(revoked.wait()))
    tasks: tuple[asyncio.Task[Any], ...] = (sending, *others)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if any(other.done() for other in others):
            await socket.close(code=POLICY)
        elif left():
            await socket.close(code=LEAVING)
        else:
            await socket.close(code=POLICY, message=b"token expired")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(call: Call, socket: web.WebSocketResponse, wish: Wish) -> None:
    """Take new tokens until the page leaves or says something else."""
    while True:
        try:
            renewal = await _message(socket, shapes.events.Renewal)
            if _caller(call, renewal.token) != wish.caller:
                return
        except (Refusal, SheetfedError):
            return
        wish.token = renewal.token
        await asyncio.sleep(RENEWALS)


def _left(call: Call, wish: Wish) -> float:
    return call.request.app[TOKENS].left(wish.token)


async def _send(call: Call, socket: web.WebSocketResponse, wish: Wish, left: Left) -> None:
    following = news(call.service, wish.caller.owner, wish.topics, wish.after, left=left)
    async with aclosing(following) as coming:
        async for told in coming:
            if told is None:  # the heartbeat gives the signs of life
                continue
            message = {"number": told.number, "topic": told.topic, "data": told.data}
            try:
                async with asyncio.timeout(STALLED):
                    await socket.send_str(json.dumps(message, separators=(",", ":")))
            except (TimeoutError, ConnectionError):
                if call.request.transport:
                    call.request.transport.abort()
                return


OPS = (
    Op(
        method="GET",
        path="/v1/events/socket",
        id="open_socket",
        summary="The same events over a WebSocket; the token comes as the first message",
        handler=open_socket,
        access="socket",
        rate="control",
        status=101,
        media=(),
        head=False,
    ),
)
