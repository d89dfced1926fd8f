"""HTTP as all protocols on top of it need it.

Redirects are not followed, no proxy is taken from the environment, no cookie is kept, what comes
back is bounded in bytes and in time.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from sheetfed.api.errors import BadConfig, SheetfedError, TargetRefused, TargetUnreachable
from sheetfed.api.model import Settings, Value
from sheetfed_uploader import tls
from sheetfed_uploader.addresses import allowed, check_host, reason
from sheetfed_uploader.aside import aside
from sheetfed_uploader.options import lines

PIECE = 256 << 10
STALLED = 30.0
"""Seconds without a byte moving after which a connection is given up."""

UNSENT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
"""The system's option for how much may wait to be sent; Windows has none."""

MOST_ANSWER = 1 << 20
"""Bytes of an answer that are read, whatever the configuration allows to pass on."""

LATER = frozenset({408, 425, 429, 502, 503, 504, 507})
"""Answers after which it may go better: nothing was taken, or a gateway spoke for the server."""

NOT_TAKEN = frozenset({408, 425, 429, 503, 507})
"""Those after which nothing was taken for sure."""

NEVER = frozenset({501, 505})
"""Those that are the same at every try: the server does not know how."""

_clock: ContextVar[asyncio.Timeout] = ContextVar("clock")
"""When the request is given up that a task is busy with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said, as far as it was read."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def words(self) -> str:
        """The server's own words, on one line."""
        text = self.body[:2000].decode(errors="replace")
        if "html" in self.headers.get("Content-Type", ""):
            text = re.sub(r"<[^>]*>", " ", text)
        text = "".join(c if c.isprintable() else " " for c in text)
        return re.sub(r"\s+", " ", text).strip()[:300]


class Web:
    """One session with one server."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession, context: Any) -> None:
        self.settings = settings
        self.session = session
        self._context = context

    def moved(self, seconds: float = 0.0) -> None:
        """Note that a byte moved; the next one has so many seconds."""
        clock = _clock.get()
        clock.reschedule(asyncio.get_running_loop().time() + (seconds or STALLED))

    async def ask(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        limit: int = MOST_ANSWER,
    ) -> Answer:
        """Ask once and return the answer. Raises TargetUnreachable, TargetRefused."""
        settings = self.settings
        check_address(url, settings)
        try:
            async with asyncio.timeout(STALLED) as clock:
                _clock.set(clock)  # aiohttp copies it to where it writes the body
                async with self.session.request(
                    method,
                    url,
                    headers=headers,
                    data=data,
                    allow_redirects=False,
                    ssl=self._context,
                    proxy=str(settings.get("proxy") or "") or None,
                ) as answer:
                    return await self._answer(answer, limit)
        except aiohttp.ClientConnectorCertificateError as error:
            words = getattr(error.certificate_error, "verify_message", "") or error
            raise TargetUnreachable(f"The server's certificate is not trusted: {words}") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _Refused):
                raise error.os_error.refusal from error
            words = reason(error.os_error)
            raise TargetUnreachable(f"The server cannot be reached: {words}") from error
        except TimeoutError as error:
            raise TargetUnreachable("The server let the connection stall") from error
        except aiohttp.ClientHttpProxyError as error:
            words = f"{error.status} {error.message}".rstrip()
            raise TargetUnreachable(f"The proxy lets nobody through: {words}") from error
        except aiohttp.ClientResponseError as error:  # its own words show the address, all of it
            words = error.message.partition("\n")[0].rstrip(":") or "it cannot be read"
            raise TargetUnreachable(
                f"The server's answer is no HTTP: {words}", broke=True
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            words = str(error) or type(error).__name__
            raise TargetUnreachable(f"The connection broke: {words}", broke=True) from error

    async def _answer(self, answer: aiohttp.ClientResponse, limit: int) -> Answer:
        self.moved()
        body = bytearray()
        while len(body) <= limit:
            piece = await answer.content.read(limit + 1 - len(body))
            if not piece:
                break
            body += piece
        if len(body) > limit:
            answer.close()  # the rest is not waited for
        return Answer(
            status=answer.status,
            reason=answer.reason or "",
            headers=answer.headers,
            body=bytes(body[:limit]),
        )


@asynccontextmanager
async def opened(settings: Settings, *, thin: bool = False) -> AsyncIterator[Web]:
    """Give a session. Raises BadConfig where a file of the configuration cannot be used.

    Where it is `thin`, little waits in the system: who watches whether bytes move sees each go.
    """
    # To read all authorities takes longer than a small document on its way.
    context = await asyncio.to_thread(_context, settings) if _encrypted(settings) else True
    internal = bool(settings.get("internal")) or bool(settings.get("proxy"))
    made: list[socket.socket] = []

    def line(address: Any) -> socket.socket:
        made.append(socket.socket(*address[:3]))
        if thin and UNSENT:
            made[-1].setsockopt(socket.IPPROTO_TCP, UNSENT, PIECE)
        return made[-1]

    connector = aiohttp.TCPConnector(resolver=_Resolver(internal=internal), socket_factory=line)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=STALLED)
    own = {"User-Agent": "sheetfed", "Accept-Encoding": "identity"}
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={**own, **credentials(settings), **named_headers(settings)},
        auto_decompress=False,
        trust_env=False,
    ) as session:
        try:
            yield Web(settings, session, context)
        finally:
            await session.close()
            await _cut(made)


def credentials(settings: Settings) -> dict[str, str]:
    """Return the headers that say who asks."""
    if token := settings.get("token"):
        scheme = str(settings.get("token-scheme") or "")
        return {str(settings.get("token-header") or "Authorization"): f"{scheme} {token}".strip()}
    if user := settings.get("user"):
        pair = f"{user}:{settings.get('password') or ''}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def named_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of the configuration."""
    pairs = (line.partition(":") for line in lines(settings.get("headers")))
    return {name.strip(): value.strip() for name, _, value in pairs}


def check_address(url: URL, settings: Settings) -> None:
    """Refuse what the configuration does not allow. Raises TargetRefused."""
    if url.scheme not in ("http", "https") or not url.host:
        raise TargetRefused("The target's address is no http or https URL")
    if url.scheme == "http" and not (settings.get("plain") and settings.get("internal")):
        raise TargetRefused(
            "The target's address has no TLS",
            advice="Use https, or set `plain` and `internal` for a target in your own network.",
        )
    if not settings.get("proxy"):
        check_host(url.host, internal=bool(settings.get("internal")))


def failure(answer: Answer, *, twice: bool = False) -> SheetfedError | None:
    """Return the error that an answer stands for; None for a good one.

    Where a request may be made `twice`, a fault of the server's is one that may pass.
    """
    if 200 <= answer.status < 300:
        return None
    if 300 <= answer.status < 400:
        return TargetRefused("The server answered with a redirect, which is not followed")
    words = f": {answer.words}" if answer.words else ""
    told = f"The server answered {answer.status} {answer.reason}".rstrip() + words
    later = answer.status in LATER or (
        twice and answer.status >= 500 and answer.status not in NEVER
    )
    return TargetRefused(told, http_status=answer.status, again=later, **_rest(answer))


def receipt_details(answer: Answer, settings: Settings) -> dict[str, Value]:
    """Return what of an answer the configuration lets through."""
    limit = int(str(settings.get("answer-limit") or 0)) << 10
    details: dict[str, Value] = {"status": answer.status}
    for name in lines(settings.get("answer-headers")):
        if name in answer.headers:
            details[f"header.{name}"] = answer.headers[name][:4000]
    if limit and answer.body:
        details["body"] = answer.body[:limit].decode(errors="replace")
        details["type"] = answer.headers.get("Content-Type", "")[:200]
    return details


def place_of(url: URL) -> str:
    """Return an address as a person may read it: without what could be a secret."""
    return str(url.with_query(None).with_fragment(None).with_user(None))


def _rest(answer: Answer) -> dict[str, Any]:
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return {"retry_after": int(asked[:9])}
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - seldom needed

    try:
        until = parsedate_to_datetime(asked).timestamp()
        now = parsedate_to_datetime(answer.headers["Date"]).timestamp()  # its clock, not ours
    except (ValueError, TypeError, KeyError):
        return {}
    return {"retry_after": max(0.0, until - now)}


def _encrypted(settings: Settings) -> bool:
    """Return whether any line may have TLS: nobody is led from one without it to one with it."""
    plain = str(settings.get("url") or "").startswith("http://")
    return not plain or str(settings.get("proxy") or "").startswith("https:")


def _context(settings: Settings) -> ssl.SSLContext:
    # A line within the line to a proxy is the loop's to encrypt.
    nested = str(settings.get("proxy") or "").startswith("https:")
    make = ssl.create_default_context if nested else tls.Context.of_client
    try:
        context = make(cafile=str(settings.get("ca") or "") or None)
        if certificate := settings.get("certificate"):
            context.load_cert_chain(str(certificate), str(settings.get("key") or "") or None)
    except (OSError, ssl.SSLError) as error:
        raise BadConfig(f"A certificate of the target cannot be read: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _cut(lines: Iterable[socket.socket]) -> None:
    """Let nothing wait for a server to take what is given up."""
    for line in lines:
        with suppress(OSError):  # most are closed
            line.shutdown(socket.SHUT_RDWR)
    for _ in range(100):  # until the loop has seen that
        if all(line.fileno() < 0 for line in lines):
            return
        await asyncio.sleep(0.01)


class _Refused(OSError):
    """An address that no target may have, on its way through aiohttp."""

    def __init__(self, refusal: TargetRefused) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class _Resolver(AbstractResolver):
    """Resolves a name and leaves out addresses that no target may have."""

    def __init__(self, *, internal: bool) -> None:
        self._internal = internal

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        """Return the addresses to connect to. A name server may be silent for long."""
        rows = await aside(lambda: _looked_up(host, port, family))
        try:
            good = set(allowed((str(row[4][0]) for row in rows), internal=self._internal))
        except TargetRefused as refusal:
            raise _Refused(refusal) from refusal
        return [
            ResolveResult(
                hostname=host,
                host=str(row[4][0]),
                port=int(row[4][1]),
                family=row[0],
                proto=row[2],
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for row in rows
            if row[4][0] in good
        ]

    async def close(self) -> None:
        """Let go of nothing."""


def _looked_up(host: str, port: int, family: int) -> list[Any]:
    # On Windows a host without a network has no name of its own where that is said.
    flags = 0 if sys.platform == "win32" else socket.AI_ADDRCONFIG
    return socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=flags)
