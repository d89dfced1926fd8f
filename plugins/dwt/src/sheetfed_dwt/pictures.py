"""Pictures and files on their way to a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed_dwt.asking import Asked
from sheetfed_dwt.faults import invalid

PNG, JPEG, TIFF, PDF = "image/png", "image/jpeg", "image/tiff", "application/pdf"


class Bytes:
    """Bytes of which the first are there: what cannot be drawn was told by then."""

    def __init__(self, first: bytes, rest: AsyncIterator[bytes], media_type: str) -> None:
        self._first = first
        self._rest = rest
        self._media_type = media_type

    async def send(self, asked: Asked) -> web.StreamResponse:
        """Send them; where they end too early, so does the connection."""
        response = web.StreamResponse(headers={"Content-Type": self._media_type})
        await response.prepare(asked.request)
        try:
            await response.write(self._first)
            async for piece in self._rest:
                await response.write(piece)
            await response.write_eof()
        except SheetfedError:
            if asked.request.transport:
                asked.request.transport.abort()
        finally:
            await aclose(self._rest)
        return response


async def opened(
    asked: Asked,
    method: str,
    path: str,
    media_type: str,
    *,
    query: Mapping[str, str | int] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Bytes:
    """Ask for bytes of ours. Raises SheetfedError before anything is sent."""
    pieces = asked.client.stream(method, path, query=query or {}, body=body)
    try:
        first = await anext(pieces, b"")
    except BaseException:
        await aclose(pieces)
        raise
    return Bytes(first, pieces, media_type)


async def of_page(asked: Asked, page: str, media_type: str, **query: str | int) -> Bytes:
    """Draw a page of ours."""
    path = f"/v1/pages/{page}/image"
    return await opened(asked, "GET", path, media_type, query={"type": media_type, **query})


def kind(said: str, *, usual: str = PNG, more: tuple[str, ...] = ()) -> str:
    """Return the media type that is asked for. Raises Fault."""
    found = said.strip().lower() or usual
    found = JPEG if found == "image/jpg" else found
    if found not in (PNG, JPEG, *more):
        raise invalid(f"type must be one of {', '.join((PNG, JPEG, *more))}.")
    return found


async def aclose(pieces: AsyncIterator[bytes]) -> None:
    """End a stream that may not have been read to its end."""
    close = getattr(pieces, "aclose", None)
    if close:
        await close()
