"""What a running service costs, and how soon it answers while it scans.

Usage: python benchmarks/service.py [--sheets 50 500]

Prints: processor time from start to the first answer and idle memory, and what a word of the
command line costs; then, for a batch of scanned colour pages that runs flat out, pages a second
from the question to the last page, the start of the child included; and for one more, of which
somebody sees 60 thumbnails a second, how long they take, how long after a page's last row its event
arrives, and the memory of all our processes together (proportional set size, so that shared pages
count once).
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from paper import scanner, stack

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/service"))
from running import PROGRAM, Running

STARTS = 15


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that it started; threads come and go meanwhile."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from family(int(child))


def proportional(pid: int) -> float:
    """Return the memory of a process and its children in MB."""
    total = 0
    for member in family(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def resident(pid: int) -> float:
    """Return the resident memory of one process in MB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def spent(pid: int) -> float:
    """Return the processor time of a process in ms."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def compiled(folder: Path) -> dict[str, str]:
    """Return an environment in which Python keeps what it compiled, as an installed one does."""
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    return {**os.environ, **kept}


def answers(service: Running) -> bool:
    """Ask what needs no token; to get one would import what checks requests."""
    try:
        return service.get("/readyz").status == 200
    except OSError:
        return False


def starts(folder: Path) -> None:
    """Start it again and again, and let it rest.

    What a first start compiles, later ones find, wherever Python may write; so it does not count.
    """
    environ = compiled(folder)
    costs, rest = [], []
    for number in range(STARTS + 1):
        service = Running(folder / f"start{number}", environ=environ, program=True)
        try:
            while not answers(service):
                time.sleep(0.01)
            costs.append(spent(service.process.pid))
            time.sleep(0.5)
            rest.append(resident(service.process.pid))
        finally:
            service.stop()
    costs.pop(0)
    print(
        f"start to first answer: cpu min {min(costs):.0f} ms, median "
        f"{statistics.median(costs):.0f} ms; idle {statistics.median(rest):.1f} MB"
    )


class Watch(threading.Thread):
    """Asks for thumbnails, hears events, and looks at memory while a batch runs."""

    def __init__(self, service: Running) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.known: list[str] = []
        self.heard: list[float] = []
        self.took: list[float] = []
        self.memory: list[float] = []
        self.over = threading.Event()
        self.helpers = [
            threading.Thread(target=work, daemon=True) for work in (self.listen, self.ask)
        ]

    def run(self) -> None:
        """Look at memory."""
        for helper in self.helpers:
            helper.start()
        while not self.over.wait(0.1):
            self.memory.append(proportional(self.service.process.pid))

    def listen(self) -> None:
        """Note when each page is announced."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port)
        connection.request("GET", "/v1/events?topics=page", headers=self.service.headers)
        response = connection.getresponse()
        while line := response.readline():
            if line.startswith(b"data: "):
                page: dict[str, Any] = json.loads(line[6:])
                if page.get("change") == "added":
                    self.heard.append(time.clock_gettime(time.CLOCK_MONOTONIC))
                    self.known.append(page["id"])

    def ask(self) -> None:
        """Ask for a known thumbnail, 60 a second."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port)
        number = 0
        while not self.over.wait(1 / 60):
            if self.known:
                number += 1
                page = self.known[(number * 7919) % len(self.known)]
                begun = time.perf_counter()
                path = f"/v1/pages/{page}/image?width=240&height=240"
                connection.request("GET", path, headers=self.service.headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                self.took.append((time.perf_counter() - begun) * 1e3)


def words(folder: Path) -> None:
    """Ask as a person does at a shell, while a service runs."""
    home = folder / "words"
    told = []
    with Running(home, program=True):
        for asked in (["--version"], ["--help"], ["devices"]):
            costs = []
            for _ in range(STARTS):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(
                    [PROGRAM, "--home", home, *asked],
                    env=compiled(folder),
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
                costs.append((user + system) * 1e3)
            told.append(f"{asked[0]} {min(costs):.0f} ms")
    print(f"the command line, cpu min: {', '.join(told)}")


def scanned(service: Running, form: str, sheets: int) -> float:
    """Scan a batch; return its seconds."""
    begun = time.perf_counter()
    answer = service.post(
        "/v1/jobs",
        {
            "device": "sane:rig:a",
            "settings": {"source": "duplex", "mode": "color", "resolution": 300},
            "keep": {"form": form, "quality": 85},
        },
    )
    job = service.settled(answer.json["id"], limit=600)
    wall = time.perf_counter() - begun
    assert job["state"] == "done", job
    assert job["pages"] == sheets, job
    return wall


def batch(folder: Path, env: dict[str, str], paper: str, form: str, sheets: int) -> None:
    """Scan two batches, each with a service of its own, and print what was seen."""
    ends = folder / "rig/a.ends"
    home = folder / f"home-{paper}-{form}-{sheets}"
    with Running(home / "alone", environ=env, program=True) as service:
        alone_wall = scanned(service, form, sheets)
    ends.write_text("")
    with Running(home / "watched", environ=env, program=True) as service:
        watch = Watch(service)
        watch.start()
        time.sleep(0.3)
        wall = scanned(service, form, sheets)
        time.sleep(0.3)
        watch.over.set()
        watch.join()
        alone = resident(service.process.pid)
    last_rows = [float(line) for line in ends.read_text().split()]
    late = [(heard - row) * 1e3 for heard, row in zip(watch.heard, last_rows, strict=False)]
    took = sorted(watch.took)
    print(
        f"{paper:6} {form:9} {sheets:4} sheets: {sheets / alone_wall:5.1f} pages/s, watched "
        f"{sheets / wall:.1f}; "
        f"thumbnail p50 {took[len(took) // 2]:.1f} p99 {took[int(len(took) * 0.99)]:.1f} ms "
        f"({len(took)}); event after last row p50 {statistics.median(late):.0f} "
        f"p99 {sorted(late)[int(len(late) * 0.99)]:.0f} ms; memory {max(watch.memory):.0f} MB, "
        f"then the service alone {alone:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sheets", type=int, nargs="*", default=[50])
    ask.add_argument("--only", default="")
    given = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="sheetfed-bench-") as name:
        folder = Path(name)
        env = {**os.environ, **scanner(folder / "rig")}
        if not given.only:
            starts(folder)
            words(folder)
        for paper, noise in (("clean", 0.0), ("noisy", 2.8)):
            most = stack(folder / paper, sheets=max(given.sheets), noise=noise)
            for sheets in given.sheets:
                pages = folder / f"{paper}-{sheets}"
                pages.mkdir()
                for number in range(1, sheets + 1):
                    (pages / f"page{number:02d}.ppm").symlink_to(most / f"page{number:02d}.ppm")
                (folder / "rig/devices").write_text(f"a|Rig|One|{pages}\n")
                for form in ("lossless", "jpeg"):
                    if given.only in f"{paper}-{form}":
                        batch(folder, env, paper, form, sheets)


if __name__ == "__main__":
    main()
