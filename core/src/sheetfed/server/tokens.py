"""Tokens: what they open, for how long, for whom."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed.events import LOCAL
from sheetfed.server.fleeting import Fleeting
from sheetfed.store import sites
from sheetfed.store.clock import running
from sheetfed.store.database import Database

SHORT = 15 * 60
"""Seconds that a token of a site, a script or a test lives."""

TAB = 12 * 3600
"""Seconds that a token of our own page lives after its last use."""

PER_SITE = 64
"""So many tokens a site may have at once; a further one ends its oldest."""

_KEEP_EVERY = 600.0
"""Seconds after which the last uses of our pages' tokens are written down."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is handed out, once."""

    text: str
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token opens; with an origin it needs exactly that Origin, else none."""

    kind: Literal["site", "local", "page"]
    origin: str | None
    owner: str


class Tokens:
    """The tokens that are good now. Only their hashes are held."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = running,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._now = now
        self._grants: Fleeting[bytes, Grant] = Fleeting(clock)
        self._used: dict[bytes, float] = {}
        self._listeners: list[Callable[[str], None]] = []

    def issue_site(self, origin: str) -> Token:
        """Return a token for an approved site that proved its key."""
        mine = self._grants.keys(lambda grant: grant.origin == origin and grant.kind == "site")
        for digest in mine[: max(0, len(mine) - PER_SITE + 1)]:
            self._grants.take(digest)
        return self._issue(Grant(kind="site", origin=origin, owner=origin), SHORT)

    def issue_local(self, origin: str | None) -> Token:
        """Return a token for the person at this computer, or to act as an approved site."""
        return self._issue(Grant(kind="local", origin=origin, owner=origin or LOCAL), SHORT)

    def issue_inside(self) -> Token:
        """Return a token for what is done for our own page inside the service."""
        return self._issue(Grant(kind="page", origin=None, owner=LOCAL), SHORT)

    async def issue_page(self) -> Token:
        """Return a token for a tab with our own page; it outlives a restart. Raises DiskFull."""
        token = self._issue(Grant(kind="page", origin=None, owner=LOCAL), TAB)
        digest, now = _digest(token.text), self._now()
        await self._database.write(lambda db: sites.add_page_token(db, digest, now + TAB, now))
        return token

    def check(self, text: str) -> Grant | None:
        """Return what a token opens, None where it opens nothing (any more)."""
        digest = _digest(text)
        grant = self._grants.get(digest)
        if grant and grant.kind == "page":
            self._grants.put(digest, grant, seconds=TAB)
            self._used[digest] = self._now() + TAB
        return grant

    def left(self, text: str) -> float:
        """Return for how many seconds a token is good; to ask is no use of it."""
        return self._grants.left(_digest(text))

    def revoke(self, origin: str) -> None:
        """End every token of an origin, and tell those who hold something open for it."""
        for digest in self._grants.keys(lambda grant: grant.origin == origin):
            self._grants.take(digest)
        for told in self._listeners:
            told(origin)

    def on_revoke(self, callback: Callable[[str], None]) -> None:
        """Call this with each origin whose tokens end before their time."""
        self._listeners.append(callback)

    async def restore(self) -> None:
        """Take up the tokens of our pages where the last run left them."""
        now = self._now()
        for digest, expires in await self._database.read(sites.page_tokens):
            left = min(expires - now, TAB)  # a clock set back gives nobody more than a fresh start
            if left > 0:
                grant = Grant(kind="page", origin=None, owner=LOCAL)
                self._grants.put(digest, grant, seconds=left)

    async def keep(self) -> None:
        """Write down until when used tokens of our pages live."""
        used, self._used = self._used, {}
        if used:
            await self._database.tidy(lambda db: sites.extend_page_tokens(db, used))

    def _issue(self, grant: Grant, seconds: int) -> Token:
        token = Token(text=secrets.token_urlsafe(32), expires_in=seconds)
        self._grants.put(_digest(token.text), grant, seconds=seconds)
        return token


TOKENS = web.AppKey("TOKENS", Tokens)


async def keep_tokens(app: web.Application) -> AsyncIterator[None]:
    """Keep an application's tokens through a restart: aiohttp runs this around its life."""
    tokens = app[TOKENS]
    await tokens.restore()
    keeping = asyncio.create_task(_keep(tokens))
    yield
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await _keep_now(tokens)


async def _keep(tokens: Tokens) -> None:
    while True:
        await asyncio.sleep(_KEEP_EVERY)
        await _keep_now(tokens)


async def _keep_now(tokens: Tokens) -> None:
    try:
        await tokens.keep()
    except SheetfedError as error:  # a tab has to be opened again at worst
        log.warning("the last uses of our pages were not kept: %s", error)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
