"""A server that shows our chain, or whatever stands in its place.

    python shop.py FOLDER

A process of its own: a browser leaves connections half open, and they are to end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web

from sheetfed.trust import leaf

HOSTS = ("127.0.0.1", "[::1]", "localhost")
EVERYTHING = """async () => {
  const said = await (await fetch("/word")).text();
  const echo = await new Promise((done, fail) => {
    const socket = new WebSocket(`wss://${location.host}/socket`);
    socket.onopen = () => socket.send("there");
    socket.onmessage = (event) => done(event.data);
    socket.onerror = () => fail(new Error("the socket failed"));
  });
  return [document.title, said, echo];
}"""
WORKS = ["Page", "word", "there"]


class Shop:
    """A page, a word and an echo on one port of both loopbacks, over TLS with a given chain."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


async def main(folder: Path) -> None:
    """Serve, and say on which port, until killed."""
    context = leaf.serving_context()
    leaf.show(context, folder)
    app = web.Application()
    app.router.add_get("/", _saying("<!doctype html><title>Page</title><p>Here.", "text/html"))
    app.router.add_get("/word", _saying("word", "text/plain"))
    app.router.add_get("/socket", _echo)
    runner = web.AppRunner(app)
    await runner.setup()
    first = socket.create_server(("127.0.0.1", 0))
    port = first.getsockname()[1]
    for bound in (first, socket.create_server(("::1", port), family=socket.AF_INET6)):
        await web.SockSite(runner, bound, ssl_context=context).start()
    print(port, flush=True)
    await asyncio.Event().wait()


def _saying(text: str, kind: str) -> Any:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind)

    return answer


async def _echo(request: web.Request) -> web.WebSocketResponse:
    wire = web.WebSocketResponse()
    await wire.prepare(request)
    with contextlib.suppress(ConnectionError):
        async for message in wire:
            if message.type is aiohttp.WSMsgType.TEXT:
                await wire.send_str(message.data)
    return wire


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
