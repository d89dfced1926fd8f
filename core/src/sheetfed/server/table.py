"""One row an operation: it routes, checks and documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed.service import Service

CONTROL = 64 << 10
"""Bytes that a request's body may have."""

ORDERS = 1 << 20
"""Bytes that an order of pages may have."""

SERVICE = web.AppKey("SERVICE", Service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was checked: `query` and `body` are what the operation's row says."""

    request: web.Request
    service: Service
    owner: str
    query: Any
    body: Any

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]


Answering = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation: where it is, what it takes, what it answers, how it may fail."""

    method: str
    path: str
    id: str
    summary: str
    handler: Answering
    query: type | None = None
    body: type | None = None
    limit: int = CONTROL
    headers: tuple[str, ...] = ()
    status: int = 200
    answer: Any = None
    media: tuple[str, ...] = ("application/json",)
    also: tuple[int, ...] = ()
    errors: tuple[type[SheetfedError], ...] = ()
    head: bool = True

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it answers."""
        return ("GET", "HEAD") if self.method == "GET" and self.head else (self.method,)
