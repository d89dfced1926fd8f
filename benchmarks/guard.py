"""What the guard costs: the same handler with it and without, in turns.

CPU of the serving process alone; the client is another process. Prints milliseconds a request.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from sheetfed.config import load
from sheetfed.server.app import make_app
from sheetfed.server.guard import rates
from sheetfed.server.listen import listen
from sheetfed.server.tokens import TOKENS
from sheetfed.service import Service

GOAL = 0.3
SITE = "https://scan.example"
CLIENT = """
import http.client, sys
port, number, fresh, *lines = sys.argv[1:]
headers = dict(line.split(": ", 1) for line in lines)
connection = http.client.HTTPConnection("127.0.0.1", int(port))
for _ in range(int(number)):
    connection.request("GET", "/measured", headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    if int(fresh):
        connection.close()
"""


async def measured(request: web.Request) -> web.Response:
    """Answer as briefly as an answer can be."""
    del request
    return web.Response(text="{}", content_type="application/json")


async def cost(port: int, number: int, *lines: str, fresh: bool = False) -> float:
    """Return the milliseconds of CPU that a request costs us."""
    begun = time.process_time()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, str(port), str(number), str(int(fresh)), *lines
    )
    assert await process.wait() == 0
    return (time.process_time() - begun) / number * 1e3


async def main() -> None:
    """Measure in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--turns", type=int, default=7)
    asked = parser.parse_args()
    bare = web.Application()
    bare.router.add_get("/measured", measured)
    runner = web.AppRunner(bare)
    await runner.setup()
    assert runner.server
    loop = asyncio.get_running_loop()
    connection = partial(RequestHandler, runner.server, loop=loop, access_log=None)
    server = await loop.create_server(connection, "127.0.0.1", 0)
    without = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        config = replace(load(home=Path(home), environ={}), port=0)
        service = await Service.start(config)
        app = make_app(service)
        rates.RATES["control"] = rates.Rate(second=1e6, burst=1e6)  # still counted, never too many
        app.router.add_get("/measured", measured)
        listening = await listen(app, config, tcp=True)
        await service.approvals.approve(SITE)
        tokens = app[TOKENS]
        script = f"Authorization: Bearer {tokens.issue_local(None).text}"
        site = f"Authorization: Bearer {tokens.issue_local(SITE).text}"
        assert listening.port
        kinds = {
            "a script": (script,),
            "a site": (
                site,
                f"Origin: {SITE}",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Mode: cors",
            ),
        }
        for fresh in (False, True):
            for name, lines in kinds.items():
                pairs = [
                    (
                        await cost(without, asked.requests, *lines, fresh=fresh),
                        await cost(listening.port, asked.requests, *lines, fresh=fresh),
                    )
                    for _ in range(asked.turns)
                ]
                plain, guarded = (statistics.median(times) for times in zip(*pairs, strict=True))
                how = "a connection for each" if fresh else "one connection"
                said = "ok" if guarded - plain < GOAL else "too much"
                print(
                    f"{name}, {how}: {plain:.3f} ms without, {guarded:.3f} ms with, "
                    f"guard {guarded - plain:.3f} ms ({said}, goal {GOAL})"
                )
        await listening.close()
        await service.close()
    server.close()
    await runner.cleanup()


asyncio.run(main())
