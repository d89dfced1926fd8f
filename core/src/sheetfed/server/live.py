"""Live pictures as one answer that goes on."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Frame
from sheetfed.server.problems import dump, problem_json
from sheetfed.server.stream import Left
from sheetfed.worker.wire import to_json

BOUNDARY = "sheetfed-frame"

STALLED = 20.0
"""Seconds in which a client must take a part; then it is cut off."""

UNDER_WAY = 256 * 1024
"""Bytes that may be on their way to a client: what waits there is old when it arrives."""


async def play(
    request: web.Request, frames: AsyncGenerator[Frame, None], *, owner: str, left: Left
) -> web.StreamResponse:
    """Send pictures until the client leaves, no time is left or the camera fails.

    What fails before the first picture is raised; later it is told as the last part.
    """
    response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.headers["Content-Type"] = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
    try:
        try:
            async with aclosing(frames):
                async for frame in frames:
                    if not response.prepared:
                        _hurry(request)
                        await response.prepare(request)
                    if left() <= 0:
                        break
                    async with asyncio.timeout(STALLED):
                        await response.write(_part("image/jpeg", frame.data, facts(frame)))
        except SheetfedError as error:
            if not response.prepared:
                raise
            problem = dump(problem_json(error, owner=owner))
            async with asyncio.timeout(STALLED):
                await response.write(_part("application/problem+json", problem, {}))
    except TimeoutError:
        if request.transport:
            request.transport.abort()
    return response


def facts(frame: Frame) -> dict[str, str]:
    """Return the headers that say what is known of a live picture."""
    marks = json.dumps([to_json(mark) for mark in frame.marks], separators=(",", ":"))
    return {
        "Sheetfed-Size": f"{frame.width}x{frame.height}",
        "Sheetfed-Time": f"{frame.time:.3f}",
        "Sheetfed-Marks": marks,
    }


def _part(kind: str, data: bytes, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{lines}\r\n"
    return head.encode() + data + b"\r\n"


def _hurry(request: web.Request) -> None:
    """Let no more than a few pictures wait on the way."""
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNDER_WAY)
