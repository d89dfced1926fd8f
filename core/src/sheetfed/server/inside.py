"""Asks this very service, in the name of an addon's caller."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from sheetfed.api.contracts import NO_QUERY, Query
from sheetfed.api.errors import NotAllowed, ServiceGone, SheetfedError, from_json
from sheetfed.config import Config
from sheetfed.server.guard.callers import Caller
from sheetfed.server.tokens import Tokens

PIECE = 1 << 18
"""Bytes that are passed on together."""

SPARE = 60.0
"""Seconds that a token must still be good for."""

PATIENCE = 120.0
"""Seconds for an answer: opening a device and drawing a page have shorter limits of their own."""


class Inside:
    """A client of the service that comes in by the local socket, past no guard.

    A request stays its caller's: it carries a token that opens what is theirs and no more, bound to
    the origin of a site, so that all that holds for a caller holds for what an addon does for them.
    """

    def __init__(self, config: Config, tokens: Tokens) -> None:
        self._config = config
        self._tokens = tokens
        self._held: dict[Caller, str] = {}
        self._line: aiohttp.ClientSession | None = None

    def of(self, caller: Caller) -> InsideClient:
        """Return the service as this caller may use it."""
        return InsideClient(self, caller)

    def headers(self, caller: Caller) -> dict[str, str]:
        """Return what a request in this caller's name carries. Raises NotAllowed for a stranger."""
        if caller.kind == "stranger":  # an app may look at what the guard let through to a 404
            raise NotAllowed("Nobody known asks")
        if caller.kind == "tool":
            return {}
        token = self._held.get(caller, "")
        if self._tokens.left(token) < SPARE:
            token = self._held[caller] = self._issue(caller)
        headers = {"Authorization": f"Bearer {token}"}
        if caller.kind == "page":
            return {**headers, "Sec-Fetch-Site": "same-origin"}
        return {**headers, "Origin": caller.origin} if caller.origin else headers

    def _issue(self, caller: Caller) -> str:
        if caller.kind == "page":
            return self._tokens.issue_inside().text
        return self._tokens.issue_local(caller.origin or None).text

    async def life(self, app: web.Application) -> AsyncIterator[None]:
        """Let go of the line when the application ends: aiohttp runs this around its life."""
        del app
        yield
        if self._line:
            await self._line.close()

    def line(self) -> aiohttp.ClientSession:
        """Return the line to the service, made when it is first used."""
        if self._line is None:
            self._line = aiohttp.ClientSession(
                base_url="http://localhost/",
                connector=_connector(str(self._config.socket)),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=PATIENCE),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._line


class InsideClient:
    """The service in one caller's name."""

    def __init__(self, inside: Inside, caller: Caller) -> None:
        self._inside = inside
        self._caller = caller

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: Mapping[str, Any] | None = None,
        file: bytes | None = None,
    ) -> Any:
        """Return the JSON that is answered, None where nothing is."""
        async with self._answer(method, path, query, body, file) as answer:
            data = await answer.read()
        return json.loads(data) if data else None

    async def stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the bytes that are answered, piece by piece."""
        async with self._answer(method, path, query, body) as answer:
            async for piece in answer.content.iter_chunked(PIECE):
                yield piece

    @asynccontextmanager
    async def _answer(
        self,
        method: str,
        path: str,
        query: Query,
        body: Mapping[str, Any] | None,
        file: bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        asked = self._inside.line().request(
            method,
            path,
            params=query,
            json=body,
            data=file,
            headers=self._inside.headers(self._caller),
            allow_redirects=False,
        )
        try:
            async with asked as answer:
                if answer.status >= 400:
                    raise await _error(answer)
                yield answer
        except (aiohttp.ClientError, TimeoutError) as error:  # it stops at this very moment
            raise ServiceGone from error


def _connector(path: str) -> aiohttp.BaseConnector:
    return aiohttp.NamedPipeConnector(path) if os.name == "nt" else aiohttp.UnixConnector(path)


async def _error(answer: aiohttp.ClientResponse) -> SheetfedError:
    """Return the error that an answer stands for."""
    problem = await answer.json(content_type=None)
    return from_json({**problem, "message": problem.get("detail", "")})
