"""A document of 2 000 pages: what each change takes, and how long others wait meanwhile.

The client is another process. Prints milliseconds: the answer, the longest pause of the event loop
by the clock (with whatever else the machine does), and its longest turn by the processor.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from sheetfed.config import load
from sheetfed.events import LOCAL
from sheetfed.server.app import make_app
from sheetfed.server.listen import listen
from sheetfed.server.tokens import TOKENS
from sheetfed.service import Service
from sheetfed.worker.pictures import parts
from sheetfed.worker.wire import PageBegun
from verdicts import verdict

GOAL = 100.0
SIZE = (2480, 3508)
VISIBLE = 40
"""Thumbnails that a window shows at once."""

PAUSE = 0.002
CLIENT = """
import http.client, json, sys, time
port, bearer = sys.argv[1:]
connection = http.client.HTTPConnection("127.0.0.1", int(port))
for line in sys.stdin:
    method, path, body = json.loads(line)
    headers = {"Authorization": bearer, "Content-Type": "application/json"}
    begun = time.perf_counter()
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    said = answer.read()
    took = time.perf_counter() - begun
    assert answer.status < 300, said
    is_json = said[:1] in (b"{", b"[")
    print(json.dumps([took, len(said), json.loads(said) if is_json else None]), flush=True)
"""


class Watch:
    """Notes how long the event loop was away, by the clock and by the processor."""

    def __init__(self) -> None:
        self.pause = self.turn = 0.0
        self._task = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            wall, own = time.perf_counter(), time.thread_time()
            await asyncio.sleep(PAUSE)
            now, cost = time.perf_counter(), time.thread_time()
            self.pause = max(self.pause, now - wall - PAUSE)
            self.turn = max(self.turn, cost - own)

    def stop(self) -> tuple[float, float]:
        """Return the longest pause and the longest turn, in milliseconds."""
        self._task.cancel()
        return self.pause * 1e3, self.turn * 1e3


class Client:
    """The other process, one question at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[float, int, Any]:
        """Return the milliseconds that an answer took, its bytes and its JSON."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([method, path, body]).encode() + b"\n")
        took, size, said = json.loads(await self._process.stdout.readline())
        return took * 1e3, size, said


async def filled(service: Service, count: int) -> str:
    """Return a document of so many pages, each with its pictures and a mark of its own words."""
    documents = service.documents
    document = (await documents.create(LOCAL, "Two thousand")).id
    picture = Image.effect_noise(SIZE, 40).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "JPEG")
    begun = PageBegun(
        number=1,
        media_type="image/jpeg",
        width=SIZE[0],
        height=SIZE[1],
        mode=None,
        dpi=(300, 300),
        side="",
    )
    incoming = await documents.receive(LOCAL, document, job=None, begun=begun)
    await incoming.write(file.getvalue())
    for part in parts(picture):
        await incoming.picture(part)
    await incoming.keep(width=SIZE[0], height=SIZE[1])
    await documents.tag(LOCAL, document, "all", add=["paper"])
    pages = (await documents.get(LOCAL, document)).pages
    while len(pages) < count:
        row = await documents.copy_to(LOCAL, pages[: count - len(pages)], document, None)
        pages = row.pages
    return document


async def main() -> None:
    """Measure each operation in turns and print medians, and the worst pause."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--turns", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        config = replace(load(home=Path(home), environ={}), port=0)
        service = await Service.start(config)
        app = make_app(service)
        listening = await listen(app, config, tcp=True)
        gc.freeze()  # as `sheetfed serve` does
        bearer = f"Bearer {app[TOKENS].issue_local(None).text}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CLIENT, str(listening.port), bearer),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 26,
        )
        try:
            document = await filled(service, asked.pages)
            await measure(Client(process), service, document, turns=asked.turns)
        finally:
            process.kill()
            await process.wait()
            await listening.close()
            await service.close()


async def measure(client: Client, service: Service, document: str, *, turns: int) -> None:
    """Ask for each operation in turns."""
    path = f"/v1/documents/{document}"
    found: dict[str, list[tuple[float, float, float, int]]] = {}

    async def timed(name: str, method: str, place: str, body: Any = None) -> Any:
        watch = Watch()
        took, size, said = await client.ask(method, place, body)
        found.setdefault(name, []).append((took, *watch.stop(), size))
        return said

    for turn in range(turns + 1):
        if turn == 1:
            found.clear()  # the first imported what checks requests
        pages = list((await service.documents.get(LOCAL, document)).pages)
        await timed("list documents", "GET", "/v1/documents")
        await timed("read the document", "GET", path)
        await timed("list 100 pages", "GET", f"{path}/pages?limit=100")
        watch, begun = Watch(), time.perf_counter()
        for page in pages[:VISIBLE]:
            _, size, _ = await client.ask("GET", f"/v1/pages/{page}/image?width=177&height=250")
        took = (time.perf_counter() - begun) * 1e3
        found.setdefault(f"{VISIBLE} thumbnails", []).append((took, *watch.stop(), size * VISIBLE))
        await timed("filter by tag", "GET", f"{path}/pages?limit=100&tag=none")
        await timed("order all", "PUT", f"{path}/order", {"pages": pages[::-1]})
        await timed("reverse all", "POST", f"{path}/arrange", {"rule": "reverse"})
        last = {"pages": pages[-1:], "before": pages[0]}
        await timed("move the last to the front", "POST", f"{path}/move", last)
        await timed("tag every other", "POST", f"{path}/tag", {"pages": "odd", "add": ["x"]})
        await timed("untag", "POST", f"{path}/tag", {"remove": ["x"]})
        half = {"parts": [{"first": pages[len(pages) // 2]}]}
        parts = await timed("split in the middle", "POST", f"{path}/split", half)
        other = {"documents": [parts["items"][1]["id"]]}
        await timed("merge again", "POST", f"{path}/merge", other)
        copy = await timed("copy all", "POST", "/v1/documents", {"copy_of": document})
        await timed("delete the copy", "DELETE", f"/v1/documents/{copy['id']}")
    print(f"{'':<28}{'answer':>10}{'pause':>10}{'turn':>10}{'kB':>8}")
    for name, times in found.items():
        took, pause, turn, size = (statistics.median(one) for one in zip(*times, strict=True))
        print(f"{name:<28}{took:>10.1f}{pause:>10.1f}{turn:>10.1f}{size / 1e3:>8.0f}")
    every = [one for times in found.values() for one in times]
    verdict("longest pause of the event loop, by the clock", max(o[1] for o in every), GOAL, "ms")
    verdict("its longest turn, by the processor", max(o[2] for o in every), GOAL, "ms")


asyncio.run(main())
