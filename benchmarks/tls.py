"""What TLS costs: start, and the transfer of a large page beside the plain port.

Usage: python benchmarks/tls.py [--rounds 15] [--megabytes 20]

Prints: processor time from start to the first answer without TLS, and with a certificate that is
already there; then, for one page, how long it takes over the plain port and over TLS, in turns,
with new connections, and the service's own processor time for each.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import secrets
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
from running import Running

from sheetfed.config import load
from sheetfed.events import LOCAL
from sheetfed.service import Service
from sheetfed.worker.wire import PageBegun

PIECE = 256 * 1024
TLS = {"SHEETFED_TLS": "true"}
"""What `Running` leaves out unless asked."""


async def page_of(home: Path, megabytes: int) -> str:
    """Put a page that does not pack into the store and return its id."""
    service = await Service.start(load(home=home, environ={}))
    try:
        document = await service.documents.create(LOCAL)
        begun = PageBegun(
            number=1,
            media_type="image/jpeg",
            width=1,
            height=1,
            mode=None,
            dpi=(300.0, 300.0),
            side="",
        )
        incoming = await service.documents.receive(LOCAL, document.id, job=None, begun=begun)
        for _ in range(megabytes):
            await incoming.write(secrets.token_bytes(1_000_000))
        return (await incoming.keep(width=1, height=1, marks=())).id
    finally:
        await service.close()


def fetch(connection: http.client.HTTPConnection, path: str, bearer: str) -> float:
    """Read all of an answer and return the seconds from request to last byte."""
    buffer = bytearray(PIECE)
    connection.connect()
    begin = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": bearer})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    while answer.readinto(buffer):
        pass
    took = time.perf_counter() - begin
    connection.close()
    return took


def spent(pid: int) -> float:
    """Return the processor time of a process in ms."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def transfers(home: Path, *, rounds: int, megabytes: int) -> None:
    """Fetch one page over both ports, in turns."""
    page = asyncio.run(page_of(home, megabytes))
    with Running(home, environ=TLS, program=True) as service:
        while not (
            load(home=home).runtime / "tls-port"
        ).exists():  # the first start makes the authority
            time.sleep(0.05)
        trusts = ssl.create_default_context(cafile=home / "trust/root.pem")
        ways: dict[str, Callable[[], http.client.HTTPConnection]] = {
            "plain": lambda: http.client.HTTPConnection("127.0.0.1", service.port),
            "TLS": lambda: http.client.HTTPSConnection(
                "127.0.0.1", service.port + 1, context=trusts
            ),
        }
        took: dict[str, list[float]] = {way: [] for way in ways}
        cost: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, connect in ways.items():
                before = spent(service.process.pid)
                bearer = service.headers["Authorization"]
                took[way].append(fetch(connect(), f"/v1/pages/{page}/image", bearer))
                cost[way].append(spent(service.process.pid) - before)
    for way in ways:
        median, least = statistics.median(took[way]), min(took[way])
        print(
            f"{way}: median {median * 1000:.0f} ms, least {least * 1000:.0f} ms "
            f"({megabytes / least:.0f} MB/s); service {statistics.median(cost[way]):.0f} ms"
        )
    median = statistics.median(took["TLS"]) / statistics.median(took["plain"])
    least = min(took["TLS"]) / min(took["plain"])
    print(f"TLS takes {median:.2f} times as long (median), {least:.2f} (least)")


def starts(home: Path, rounds: int) -> None:
    """Start it in turns with and without TLS; the certificate is there."""
    costs: dict[str, list[float]] = {"false": [], "true": []}
    with Running(home, environ=TLS, program=True):
        pass  # makes the authority
    for _ in range(rounds):
        for wanted, spents in costs.items():
            with Running(home, environ={"SHEETFED_TLS": wanted}, program=True) as service:
                spents.append(spent(service.process.pid))
    without, with_tls = (min(costs[wanted]) for wanted in ("false", "true"))
    print(
        f"start: {without:.0f} ms without TLS, {with_tls:.0f} ms with it (least); medians "
        f"{statistics.median(costs['false']):.0f} and {statistics.median(costs['true']):.0f}"
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--megabytes", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        transfers(home, rounds=asked.rounds, megabytes=asked.megabytes)
        starts(home, asked.rounds)


if __name__ == "__main__":
    main()
