"""One row an operation: it routes, checks and documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed.server.guard.access import Access
from sheetfed.server.guard.callers import Caller
from sheetfed.server.guard.rates import Kind
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
    caller: Caller
    query: Any
    body: Any

    @property
    def owner(self) -> str:
        """Whose documents, jobs and events this request is about."""
        return self.caller.owner

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]


Answering = Callable[[Call], Awaitable[web.StreamResponse]]

Shape = Callable[[], type]
"""Returns the type of a JSON; called when there is one to check or to describe, see `shapes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation: where it is, what it takes, what it answers, how it may fail."""

    method: str
    path: str
    id: str
    summary: str
    handler: Answering
    access: Access = "owner"
    rate: Kind | None = None
    query: Shape | None = None
    body: Shape | None = None
    upload: bool = False
    """The body is a file of any type and size; the handler reads it as it comes."""
    limit: int = CONTROL
    headers: tuple[str, ...] = ()
    status: int = 200
    answer: Shape | None = None
    media: tuple[str, ...] = ("application/json",)
    files: Literal["read", "written", "shown"] | None = None
    """What addons bring passes, too: what they read as the upload, what they write, or both, as the
    answer."""
    also: tuple[int, ...] = ()
    errors: tuple[type[SheetfedError], ...] = ()
    head: bool = True

    @property
    def counts(self) -> Kind:
        """How requests of a site are counted."""
        return self.rate or ("reading" if self.method == "GET" else "control")

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it answers."""
        return ("GET", "HEAD") if self.method == "GET" and self.head else (self.method,)
