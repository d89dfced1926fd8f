"""What a call looks at: kept pages, or a picture sent along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.multipart import BodyPartReader

from sheetfed_dwt import sources, values
from sheetfed_dwt.asking import Asked, insist
from sheetfed_dwt.faults import INVALID, Fault, invalid
from sheetfed_dwt.jobs import Jobs
from sheetfed_dwt.sources import Source

IN_PARTS = "multipart/form-data"

MOST = {"settings": 64 << 10, "stream": 64 << 20}
"""The parts that are read, and the bytes that each may have."""

PIECE = 1 << 18

T = TypeVar("T")


@asynccontextmanager
async def given(
    asked: Asked, jobs: Jobs, understood: Callable[[Any], T]
) -> AsyncIterator[tuple[Source, T]]:
    """Give the pages, and what the settings are understood as.

    A picture that was sent is a document of its caller's for as long as the block runs, and then
    gone. Raises Fault, SheetfedError.
    """
    if asked.request.content_type != IN_PARTS:
        body = await asked.body()
        wanted = understood(body.get("settings"))
        yield await sources.read(asked, jobs, body.get("source")), wanted
        return
    parts = await _parts(asked.request)
    wanted = understood(_settings(parts.get("settings")))
    if "stream" not in parts:
        raise invalid("There is no part named stream with a picture.")
    made = await asked.client.ask(
        "POST", "/v1/imports", query={"private": "true"}, file=parts["stream"]
    )
    try:
        yield Source(document=made["id"], pages=tuple(page["id"] for page in made["pages"])), wanted
    finally:
        await insist(asked.client, "DELETE", f"/v1/documents/{made['id']}")


def _settings(said: bytes | None) -> Any:
    """Return settings as the other form of the call has them. Raises Fault."""
    if said is None or not said.strip():
        return None
    if said.lstrip()[:1] == b"{":
        return values.parsed(said)
    return said.decode("utf-8", "replace").strip()


async def _parts(request: web.Request) -> dict[str, bytes]:
    """Return the parts that are known. Raises Fault."""
    found: dict[str, bytes] = {}
    try:
        async for part in await request.multipart():
            name = getattr(part, "name", None)
            if not isinstance(part, BodyPartReader) or name not in MOST:
                continue
            if name in found:
                raise invalid(f"{name} is given twice.")
            found[name] = await _read(part, MOST[name])
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise invalid("The body is no form in parts.") from error
    return found


async def _read(part: BodyPartReader, most: int) -> bytes:
    if part.headers.get(hdrs.CONTENT_ENCODING) or part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING):
        raise invalid(f"{part.name} must stand there as it is.")
    data = bytearray()
    while not part.at_eof():
        data += await part.read_chunk(PIECE)
        if len(data) > most:
            raise Fault(413, INVALID, f"{part.name} has more than {most >> 10} KiB.")
    return bytes(data)
