"""Bytes out: whole or a range, never half without a word."""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from sheetfed.api.errors import BadRequest, SheetfedError
from sheetfed.server.guard import connections
from sheetfed.server.problems import Refusal
from sheetfed.worker.files import Data

log = logging.getLogger(__name__)

PIECE = 256 << 10
"""So many bytes are written at once."""

SOON = 2 << 20
"""Bytes of a file that are waited for, so that its length can be told."""

STALLED = 60.0
"""Seconds in which a client must take a piece."""

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Bytes of a known length that can be read from anywhere."""

    size: int
    media_type: str
    etag: str
    name: str
    read: Callable[[int, int], Awaitable[Data]]


async def send(request: web.Request, content: Content) -> web.StreamResponse:
    """Answer with the content, or with the part of it that the request asks for."""
    tag = f'"{content.etag}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": attachment(content.name),
    }
    if matches(request, content.etag):
        return web.Response(status=304, headers=headers)
    begin, end = 0, content.size
    status = 200
    if wanted := _wanted(request, content.size, tag):
        begin, end = wanted
        status = 206
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{content.size}"
    response = web.StreamResponse(status=status, headers=headers)
    response.content_type = content.media_type
    response.content_length = end - begin
    return await _write(request, response, _pieces(content, begin, end))


async def send_stream(
    request: web.Request,
    pieces: AsyncGenerator[Data, None],
    *,
    media_type: str,
    name: str,
    pages: int | None = None,
) -> web.StreamResponse:
    """Answer with bytes whose length is told where the last of them come soon."""
    response = web.StreamResponse(headers={"Content-Disposition": attachment(name)})
    response.content_type = media_type
    if pages is not None:
        response.headers["Sheetfed-Pages"] = str(pages)
    if request.method == "HEAD":
        return response
    with connections.waiting(request):
        begun, whole = await _begun(pieces)
    if whole:
        response.content_length = sum(map(len, begun))
    return await _write(request, response, _cut(_joined(begun, pieces)))


async def _begun(pieces: AsyncGenerator[Data, None]) -> tuple[list[Data], bool]:
    """Return the first pieces, and whether they are all."""
    begun: list[Data] = []
    held = 0
    async for piece in pieces:
        begun.append(piece)
        held += len(piece)
        if held > SOON:
            return begun, False
    return begun, True


async def _joined(
    begun: list[Data], rest: AsyncGenerator[Data, None]
) -> AsyncGenerator[Data, None]:
    while begun:
        yield begun.pop(0)
    async for piece in rest:
        yield piece


def matches(request: web.Request, etag: str) -> bool:
    """Tell whether the client has what the ETag stands for."""
    return any(known.value in (etag, "*") for known in request.if_none_match or ())


def attachment(name: str) -> str:
    """Return the Content-Disposition under which a browser saves, and never shows, the bytes."""
    safe = _safe(name)
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode()
    plain = plain.replace("%", "_").strip() or "document"
    if plain == safe:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _safe(name: str) -> str:
    """Return a name that is a name on every system, without characters that nobody sees."""
    kept = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs"))
    kept = _UNSAFE.sub("_", kept).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if stem and len(ending) < 10:
        return f"{stem[:120].rstrip()}{dot}{ending}"
    return kept[:120] or "document"


def _wanted(request: web.Request, size: int, tag: str) -> tuple[int, int] | None:
    """Return where the wanted bytes begin and end; None, all of them, for what is no one range.

    Raises Refusal, status 416.
    """
    asked = request.headers.get("Range", "")
    found = _RANGE.fullmatch(asked.strip())
    if found is None or request.method != "GET":
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    first, last, tail = found.groups()
    if tail is not None:
        begin, end = max(0, size - int(tail)), size
    else:
        begin, end = int(first), min(size, int(last or size) + 1)
        if last is not None and int(last) < int(first):
            return None
    if begin >= end:
        raise Refusal(
            416,
            BadRequest(f"There are only {size} bytes"),
            {"Content-Range": f"bytes */{size}"},
        )
    return begin, end


async def _pieces(content: Content, begin: int, end: int) -> AsyncGenerator[Data, None]:
    while begin < end:
        piece = await content.read(begin, min(PIECE, end - begin))
        yield piece
        begin += len(piece)


async def _cut(pieces: AsyncIterable[Data]) -> AsyncGenerator[Data, None]:
    async for piece in pieces:
        for begin in range(0, len(piece), PIECE):
            yield piece[begin : begin + PIECE]


async def _write(
    request: web.Request, response: web.StreamResponse, pieces: AsyncGenerator[Data, None]
) -> web.StreamResponse:
    """Write the pieces. An error before the first is a problem; after it, the connection breaks.

    So nobody takes half a file for a whole one.
    """
    if request.method == "HEAD":
        return response
    try:
        piece = await anext(pieces, b"")
        await response.prepare(request)
        while piece:
            async with asyncio.timeout(STALLED):
                await response.write(piece)
            piece = await anext(pieces, b"")
    except (SheetfedError, TimeoutError) as error:
        if not response.prepared:
            raise
        code = error.code if isinstance(error, SheetfedError) else "the client took too long"
        log.warning("an answer broke off: %s", code)
        if request.transport:
            request.transport.abort()
    finally:
        await pieces.aclose()
    return response
