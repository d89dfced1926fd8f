"""Connections: whose they are, and what is said to nonsense."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from sheetfed.api.errors import BadRequest, NotAllowed, SheetfedError
from sheetfed.server import problems
from sheetfed.server.guard import peers, strangers
from sheetfed.server.guard.headers import HEADERS
from sheetfed.server.guard.refusals import Refusals
from sheetfed.server.problems import Refusal

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds in which the first request of a connection must be there: browsers open some ahead."""

REST = 120.0
"""Seconds in which each further one must be there, whole; a browser opens another line then."""


class Connection(RequestHandler):
    """A connection that knows its account, and answers nonsense with a problem."""

    def __init__(
        self,
        server: web.Server,
        *,
        refusals: Refusals,
        others: Collection[peers.Account],
        **options: Any,
    ) -> None:
        super().__init__(server, keepalive_timeout=REST, **options)
        self._others = others
        self.is_ours = False
        self._first: asyncio.TimerHandle | None = None
        self.waiting: set[asyncio.Task[Any]] = set()
        self._refusals = refusals

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look whose the other end is, before a byte of it is read."""
        super().connection_made(transport)
        connected, local = transport.get_extra_info("socket"), peers.is_local(transport)
        if connected is None:
            self.is_ours = local  # a pipe of Windows opens for this account alone
            return
        self.is_ours = strangers.was_ours(connected.fileno()) or peers.is_ours(
            connected, () if local else self._others
        )
        if self.is_ours:
            self._first = self._loop.call_later(PATIENCE, self._end_unless_asked)
            return
        assert isinstance(transport, asyncio.WriteTransport)
        if local:
            self._refusals.note(403, "the socket is another account's")
            transport.abort()
        else:
            self._loop.call_later(strangers.PATIENCE, transport.abort)

    def _end_unless_asked(self) -> None:
        """End a connection whose first request is not there; aiohttp would wait for ever."""
        if self.transport:
            self.transport.abort()

    def asked(self) -> None:
        """Note that a request is there; aiohttp looks at the clock for those that follow."""
        if self._first:
            self._first.cancel()
            self._first = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """End what only waits for more to send; aiohttp would notice with the next write."""
        super().connection_lost(exc)
        if self._first:
            self._first.cancel()
        for task in self.waiting:
            task.cancel()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be parsed, and what nobody foresaw."""
        del message
        if isinstance(exc, ConnectionError):  # the client left
            raise exc
        if isinstance(exc, HttpProcessingError):
            self._refusals.note(400, "not HTTP")
            error: SheetfedError = BadRequest("This is not HTTP")
            status = 400
        else:
            log.error("a request failed", exc_info=exc)
            error = SheetfedError("Something went wrong inside the service")
        if request.writer.output_size > 0:
            raise ConnectionError("half an answer is out already")
        answer = problems.answer(error, status=status, headers={**HEADERS, "Server": "sheetfed"})
        answer.force_close()
        return answer


def check(request: web.Request) -> None:
    """Refuse another account of this computer, whatever it knows. Raises Refusal."""
    connection = request.protocol
    if not (isinstance(connection, Connection) and connection.is_ours):
        raise Refusal(403, NotAllowed("This account may not use this service"))
    connection.asked()


@contextmanager
def waiting(request: web.Request) -> Iterator[None]:
    """Let the block be cancelled when its client leaves."""
    task, connection = asyncio.current_task(), request.protocol
    if task is None or not isinstance(connection, Connection):
        yield
        return
    connection.waiting.add(task)
    try:
        yield
    finally:
        connection.waiting.discard(task)
