"""A request, read once: who asks, for what, with which words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from sheetfed.api.contracts import Client
from sheetfed.api.errors import TooMany
from sheetfed_dwt import values
from sheetfed_dwt.faults import invalid

Method = Literal["GET", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request and the service in its caller's name."""

    request: web.Request
    client: Client

    @property
    def whose(self) -> str:
        """The origin of the page that asks, "" for a program; the guard has looked at it."""
        return self.request.headers.get("Origin", "")

    @property
    def base(self) -> str:
        """The address of the interface, as this caller reached it."""
        return f"{self.request.scheme}://{self.request.host}/api"

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    def query(self, name: str, usual: str = "") -> str:
        """Return a word of the query; an empty one is none. Raises Fault for one too many."""
        given = self.request.query.getall(name, [])
        if len(given) > 1:
            raise invalid(f"{name} is given twice.")
        return (given[0] if given else "") or usual

    def password(self, *names: str) -> str:
        """Return the first password among headers. Raises Fault for one that is too long."""
        given = next(
            (self.request.headers[name] for name in names if name in self.request.headers), ""
        )
        return values.text(given, "The password", most=LONGEST_PASSWORD)

    async def body(self) -> dict[str, Any]:
        """Return the JSON that was sent, told by its content; nothing is {}. Raises Fault."""
        data = await self.request.read()
        return values.mapping(values.parsed(data), "The body") if data.strip() else {}

    def is_gone(self) -> bool:
        """Tell whether nobody waits for the answer any more."""
        return self.request.transport is None or self.request.transport.is_closing()


BREATH, LONG = 0.1, 10.0
"""Seconds after which is asked again what a busy site had no room for, and for how long."""


async def insist(client: Client, method: str, path: str, **more: Any) -> Any:
    """Ask what must not be left half done; again for a while where its site has asked too much."""
    until = time.monotonic() + LONG
    while True:
        try:
            return await client.ask(method, path, **more)
        except TooMany:
            if time.monotonic() >= until:
                raise
            await asyncio.sleep(BREATH)


LONGEST_PASSWORD = 32

Handler = Callable[[Asked], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A call that is answered."""

    method: Method
    path: str
    handler: Handler
